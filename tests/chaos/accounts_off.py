"""Switches of accounts: passwords, sessions, codes and links, what the answers give away."""

from tests.chaos.switching import Switch

PASSWORDS, HASHES = "passwords of 8 signs", "Argon2id"
CHANGES, ENDS = "a change of password, address or number", "reset and change end all sessions"
SESSION, COOKIES = "session: 256 random bits", "`__Host-` cookies"
CODES, LINKS, ENUMERATION = "code of 6 digits", "e-mail token of 256 bit", "Enumeration"

VERIFY, WEB, RULES = "functions/verify/", "functions/web/", "functions/programme/"
SESSIONS = "tests/verify/test_sessions.py"
REGISTRATION = "tests/verify/test_registration.py"
SECOND = "tests/verify/test_second_proof.py"
PHONE = "tests/verify/test_phone.py"
PASSWORD = "tests/programme/test_passwords.py"

SWITCHES = (
    Switch(PASSWORDS, RULES + "passwords.py", "SHORTEST = 8", "SHORTEST = 7", (PASSWORD,)),
    Switch(PASSWORDS, RULES + "passwords.py", "LONGEST = 256", "LONGEST = 63", (PASSWORD,)),
    Switch(
        PASSWORDS,
        RULES + "passwords.py",
        '        return "password_personal"',
        "        return None",
        (PASSWORD,),
    ),
    Switch(
        PASSWORDS,
        RULES + "passwords.py",
        "    if any(word in lower for word in PROGRAMME_WORDS):",
        "    if False:",
        (PASSWORD,),
    ),
    Switch(
        PASSWORDS,
        RULES + "passwords.py",
        "    if _is_common(lower, common):",
        "    if False:",
        (PASSWORD,),
    ),
    Switch(
        PASSWORDS,
        VERIFY + "hashing.py",
        "    return _hasher(cost).hash(canonical(password))",
        "    return _hasher(cost).hash(canonical(password)[:72])",
        ("tests/verify/test_hashing.py",),
    ),
    Switch(
        HASHES,
        VERIFY + "hashing.py",
        "Cost(memory=19 * 1024, passes=2, lanes=1)",
        "Cost(memory=8 * 1024, passes=2, lanes=1)",
        ("tests/verify/test_hashing.py",),
    ),
    Switch(
        HASHES,
        VERIFY + "hashing.py",
        "type=Type.ID",
        "type=Type.I",
        ("tests/verify/test_hashing.py",),
    ),
    Switch(
        "every route stands in the access table",
        WEB + "access.py",
        '    ("GET", "/api/verify/export"): SESSION,',
        '    ("GET", "/api/verify/export"): PUBLIC,',
        ("tests/verify/test_app.py -k session", "tests/attack/test_two_people.py -k export"),
    ),
    Switch(
        CHANGES,
        VERIFY + "second_proof.py",
        '    if "phone" not in account:\n        return ()',
        "    if code is None:\n        return ()",
        (SECOND,),
    ),
    Switch(
        CHANGES,
        VERIFY + "second_proof.py",
        "    return (challenges.use(item, runtime.clock(), runtime.random(16).hex()),)",
        "    return ()",
        (SECOND,),
    ),
    Switch(
        CHANGES,
        VERIFY + "second_proof.py",
        '    if challenges.subject(runtime, item) != accounts.opened(runtime, account, "phone"):',
        "    if False:",
        (SECOND,),
    ),
    Switch(
        CHANGES,
        VERIFY + "accounts.py",
        '    if not hashing.matches(password, account["password_hash"], cost):',
        "    if False:",
        (SESSIONS + " -k password",),
    ),
    Switch(
        CHANGES,
        VERIFY + "phone.py",
        '    if replaced and "allowed_at" not in item:',
        "    if False:",
        (SECOND,),
    ),
    Switch(
        ENDS,
        VERIFY + "passwords.py",
        '    sessions.end_all(runtime, account["applicant"])\n',
        "",
        (SESSIONS + " -k reset",),
    ),
    Switch(
        ENDS,
        VERIFY + "passwords.py",
        "    sessions.end_all(runtime, applicant)\n",
        "",
        (SESSIONS + " -k changing",),
    ),
    Switch(
        ENDS,
        VERIFY + "confirmation.py",
        "    sessions.end_all(runtime, applicant)\n",
        "",
        (SECOND,),
    ),
    Switch(ENDS, VERIFY + "phone.py", "    sessions.end_all(runtime, applicant)\n", "", (SECOND,)),
    Switch(
        ENDS,
        VERIFY + "phone.py",
        '    return [notice("mail"), notice("sms", old)]',
        '    return [notice("mail")]',
        (SECOND,),
    ),
    Switch(
        SESSION,
        VERIFY + "sessions.py",
        "    session, secret = runtime.random(16).hex(), runtime.random(32).hex()",
        "    session, secret = runtime.random(16).hex(), runtime.random(8).hex()",
        (SESSIONS,),
    ),
    Switch(
        SESSION,
        VERIFY + "sessions.py",
        '        "secret_hash": hash_secret(secret),\n        "created_at": now,',
        '        "secret_hash": hash_secret(secret),\n        "secret": secret,\n'
        '        "created_at": now,',
        (SESSIONS + " -k hash",),
    ),
    Switch(
        SESSION,
        WEB + "sessions.py",
        '    if now >= item["seen_at"] + IDLE or now >= item["created_at"] + LIFE:',
        '    if now >= item["created_at"] + LIFE:',
        ("tests/web/test_endpoints.py -k TestSessions",),
    ),
    Switch(
        SESSION,
        WEB + "sessions.py",
        '    if now >= item["seen_at"] + IDLE or now >= item["created_at"] + LIFE:',
        '    if now >= item["seen_at"] + IDLE:',
        ("tests/web/test_endpoints.py -k TestSessions",),
    ),
    Switch(
        SESSION,
        WEB + "sessions.py",
        '    if item is None or not secret_matches(secret, item["secret_hash"]):',
        "    if item is None:",
        ("tests/web/test_endpoints.py -k TestSessions",),
    ),
    Switch(
        SESSION,
        VERIFY + "app.py",
        "        sessions.logout(call.runtime, call.applicant, call.session.session)",
        "        pass",
        ("tests/verify/test_app.py -k logging_out",),
    ),
    Switch(
        SESSION,
        VERIFY + "sessions.py",
        '            Check("accounts", {"applicant": applicant}, when=unchanged),\n',
        "",
        (SESSIONS + " -k began_before",),
    ),
    Switch(
        COOKIES,
        WEB + "endpoints.py",
        "            httponly=True,",
        "            httponly=False,",
        ("tests/web/test_endpoints.py -k cookie",),
    ),
    Switch(
        COOKIES,
        WEB + "endpoints.py",
        '            samesite="Lax",',
        '            samesite="None",',
        ("tests/web/test_endpoints.py -k cookie",),
    ),
    Switch(
        COOKIES,
        WEB + "cookies.py",
        'return f"__Host-{kind}" if secure else kind',
        "return kind",
        ("tests/web/test_endpoints.py -k cookie",),
    ),
    Switch(
        CODES,
        VERIFY + "challenges.py",
        '            less("tries", CODE_TRIES),\n',
        "",
        (PHONE, REGISTRATION, SECOND),
    ),
    Switch(
        CODES,
        VERIFY + "challenges.py",
        '        when=all_of(exists("challenge"), missing("used_at"), greater("expires_at", now)),',
        '        when=all_of(exists("challenge"), greater("expires_at", now)),',
        (REGISTRATION, SECOND),
    ),
    Switch(
        CODES,
        VERIFY + "challenges.py",
        '    if right and subject_mac in (None, item["subject_mac"]):',
        "    if right:",
        (REGISTRATION,),
    ),
    Switch(
        CODES,
        RULES + "tokens.py",
        '    message = f"{challenge}|{purpose}|{subject_mac}".encode()',
        '    message = f"{challenge}".encode()',
        ("tests/programme/test_tokens.py",),
    ),
    Switch(
        CODES,
        VERIFY + "texting.py",
        '    return all_of(*(equals(name, before[name]) for name in ("nonce", "tries", "sends")))',
        '    return all_of(*(equals(name, before[name]) for name in ("nonce", "sends")))',
        (PHONE,),
    ),
    Switch(
        CODES,
        VERIFY + "challenges.py",
        '    "phone": 10 * MINUTE,',
        '    "phone": 60 * MINUTE,',
        (PHONE,),
    ),
    Switch(
        LINKS,
        VERIFY + "challenges.py",
        '    return item if secret_matches(secret, item.get(attribute, "")) else None',
        "    return item",
        (REGISTRATION,),
    ),
    Switch(
        LINKS,
        VERIFY + "challenges.py",
        '    if item is None or item["purpose"] not in purposes:',
        "    if item is None:",
        (SESSIONS + " -k link",),
    ),
    Switch(
        LINKS,
        VERIFY + "challenges.py",
        '    "register": DAY,',
        '    "register": 2 * DAY,',
        (REGISTRATION,),
    ),
    Switch(
        LINKS,
        VERIFY + "passwords.py",
        'equals("email_mac", item["subject_mac"]), at_most("password_at", item["sent_at"])',
        'equals("email_mac", item["subject_mac"])',
        (SESSIONS + " -k link",),
    ),
    Switch(
        "no token, code, password or receipt in a URL's query",
        VERIFY + "writing.py",
        "{PAGES[template]}#{parameters['token']}",
        "{PAGES[template]}?t={parameters['token']}",
        ("tests/verify/test_writing.py",),
    ),
    Switch(
        ENUMERATION,
        VERIFY + "sessions.py",
        '    stored = account["password_hash"] if account else hashing.nobodys_hash(cost)\n'
        "    if not hashing.matches(password, stored, cost) or account is None:",
        '    stored = account["password_hash"] if account else ""\n'
        "    if account is None or not hashing.matches(password, stored, cost):",
        (SESSIONS + " -k unknown", "tests/verify/test_enumeration.py"),
    ),
    Switch(
        ENUMERATION,
        VERIFY + "passwords.py",
        '    post(runtime, letter, Put("challenges", item))',
        '    post(runtime, letter, *([Put("challenges", item)] if account else []))',
        ("tests/verify/test_enumeration.py",),
    ),
    Switch(
        ENUMERATION,
        VERIFY + "registration.py",
        '        template="already_registered" if known else template,',
        "        template=template,",
        (REGISTRATION,),
    ),
    Switch(
        ENUMERATION,
        VERIFY + "identity.py",
        "    contested = holder not in (None, applicant)",
        "    contested = False",
        ("tests/verify/test_identity.py",),
    ),
    Switch(
        ENUMERATION,
        RULES + "holds.py",
        "if hold in held and (hold != CONTESTED or card_shown(readiness))]",
        "if hold in held]",
        ("tests/verify/test_identity.py", "tests/select/test_withdrawing.py"),
    ),
)
