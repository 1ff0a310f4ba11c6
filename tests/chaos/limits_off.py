"""Switches of limits: guessing and spending."""

from tests.chaos.switching import Switch

PAIR = "log-in, by account and address together"
DEVICE = "log-in in a browser that the owner used before"
ATTACKED = "log-in to an account with over 100 failures a day"
ADDRESS, SENDS = "by address alone", "mail by mailbox, SMS by number"
BREAKERS, JOINS, EXPORTS = "the breakers", "joins that fail", "exports"
FAILURES = "codes of an account"

LIMITS, COUNTING = "functions/programme/limits.py", "functions/web/counting.py"
VERIFY = "functions/verify/"
SESSIONS, PHONE = "tests/verify/test_sessions.py", "tests/verify/test_phone.py"
COUNTS = "tests/web/test_counting.py"

SWITCHES = (
    Switch(
        PAIR,
        VERIFY + "sessions.py",
        "    tries = counting.take_try(runtime, backoff, subject)\n",
        "    tries = 1\n",
        (SESSIONS + " -k tries",),
    ),
    Switch(
        PAIR,
        COUNTING,
        'when=missing("limit") if item is None else equals("turn", item["turn"]),',
        "when=None,",
        (COUNTS + " -k at_once",),
    ),
    Switch(
        PAIR,
        LIMITS,
        "    return min(backoff.first << min(tries - backoff.free, 32), backoff.longest)",
        "    return backoff.first",
        (SESSIONS + " -k doubles",),
    ),
    Switch(
        PAIR,
        COUNTING,
        'item["count"] if item is not None and now < item["ends_at"] else 0',
        'item["count"] if item is not None else 0',
        (SESSIONS + " -k forgotten",),
    ),
    Switch(
        DEVICE,
        VERIFY + "devices.py",
        "    return device if hmac.compare_digest(mac.encode(), right.encode()) else None",
        "    return device or None",
        (SESSIONS + " -k device",),
    ),
    Switch(
        DEVICE,
        VERIFY + "devices.py",
        'f"device|{email_mac}|{device}"',
        'f"device|{device}"',
        (SESSIONS + " -k device",),
    ),
    Switch(
        DEVICE,
        VERIFY + "sessions.py",
        "    if device is not None:",
        "    if False:",
        (SESSIONS + " -k owners_browser",),
    ),
    Switch(
        ATTACKED,
        VERIFY + "sessions.py",
        "            counting.count(runtime, LOGIN_BY_ACCOUNT, email_mac)",
        "            pass",
        (SESSIONS + " -k attacked",),
    ),
    Switch(
        ADDRESS,
        LIMITS,
        'Limit("login_address", 2_000, MINUTE, "slow_down")',
        'Limit("login_address", 2_000, HOUR, "too_many")',
        (COUNTS,),
    ),
    Switch(
        ADDRESS,
        LIMITS,
        'Limit("join_address", 6_000, MINUTE, "slow_down")',
        'Limit("join_address", 600, MINUTE, "slow_down")',
        (COUNTS,),
    ),
    Switch(
        ADDRESS,
        "functions/web/endpoints.py",
        "        return forwarded[-hops]",
        "        return forwarded[0]",
        ("tests/web/test_endpoints.py -k trusted_hop",),
    ),
    Switch(
        SENDS,
        COUNTING,
        "    spend(runtime, MAIL_BY_MAILBOX, mailbox)\n",
        "",
        ("tests/verify/test_registration.py -k flooded",),
    ),
    Switch(
        SENDS, VERIFY + "texting.py", "    spend(runtime, SMS_BY_NUMBER, number)\n", "", (COUNTS,)
    ),
    Switch(
        SENDS,
        VERIFY + "texting.py",
        "    if before is not None:\n",
        "    if before is None:\n",
        (COUNTS,),
    ),
    Switch(
        SENDS,
        VERIFY + "texting.py",
        "    spend(runtime, SMS_BY_PREFIX, prefix(number))\n",
        "",
        (PHONE, COUNTS),
    ),
    Switch(
        SENDS,
        VERIFY + "texting.py",
        "    spend(runtime, SMS_BY_ADDRESS, address)\n",
        "",
        (PHONE, COUNTS),
    ),
    Switch(
        SENDS,
        VERIFY + "registration.py",
        "    spend(runtime, REGISTER_BY_ADDRESS, address)\n",
        "",
        ("tests/verify/test_registration.py", COUNTS),
    ),
    Switch(
        SENDS,
        COUNTING,
        "        full = count(runtime, limit, subject) > limit.count\n",
        "        full = reached(runtime, limit, subject)\n",
        (COUNTS,),
    ),
    Switch(
        SENDS,
        COUNTING,
        "        full = reached(runtime, limit, subject)\n    if full:",
        "        full = False\n    if full:",
        (COUNTS,),
    ),
    Switch(
        SENDS,
        COUNTING,
        'add={"count": limit.sample},',
        'add={"count": 1},',
        (COUNTS,),
    ),
    Switch(
        FAILURES,
        COUNTING,
        "    except ApiError:\n        count(runtime, limit, subject)\n        raise",
        "    except ApiError:\n        raise",
        (SESSIONS + " -k address", PHONE),
    ),
    Switch(
        FAILURES,
        VERIFY + "phone.py",
        "    with failures(runtime, CODE_CHECKS, applicant):\n",
        "    if True:\n",
        (PHONE,),
    ),
    Switch(
        PAIR,
        COUNTING,
        "    if tries > 1 or backoff.free == 1:\n",
        "    if False:\n",
        (SESSIONS + " -k right",),
    ),
    Switch(
        BREAKERS,
        VERIFY + "texting.py",
        "    spend_breaker(runtime, SMS_IN_ALL, number)\n",
        "",
        (COUNTS,),
    ),
    Switch(
        BREAKERS,
        COUNTING,
        "    spend_breaker(runtime, MAIL_IN_ALL, mailbox)\n",
        "",
        (COUNTS,),
    ),
    Switch(BREAKERS, VERIFY + "passwords.py", "counting.spend_mail(runtime, ", "str(", (COUNTS,)),
    Switch(
        BREAKERS,
        COUNTING,
        'log.warning("limit %s is reached", limit.name)',
        "pass",
        (COUNTS,),
    ),
    Switch(
        BREAKERS,
        COUNTING,
        'int(runtime.vault.mac("limit", subject), 16) % BREAKER_PARTS',
        "0",
        (COUNTS,),
    ),
    Switch(
        BREAKERS,
        "infra/template.yaml",
        """FilterPattern: '"limit mail_all is reached"'""",
        """FilterPattern: '"limit mail is reached"'""",
        ("tests/infra/test_alarms.py -k breaker",),
    ),
    Switch(
        JOINS,
        "functions/select/joining.py",
        "        failures_if_counted(runtime, JOIN_BY_ACCOUNT, applicant),\n",
        "",
        (COUNTS,),
    ),
    Switch(
        JOINS,
        COUNTING,
        "    except (BotoCoreError, ClientError, Busy) as error:",
        "    except BotoCoreError as error:",
        (COUNTS,),
    ),
    Switch(
        EXPORTS,
        VERIFY + "exporting.py",
        "    spend(runtime, EXPORTS, session.applicant)\n",
        "",
        ("tests/verify/test_leaving.py -k export",),
    ),
)
