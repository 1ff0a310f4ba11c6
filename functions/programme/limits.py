"""Limits: how often something may be done, in one table.

A limit counts in windows of fixed length: the window's number is part of the
counter's key, so a counter ends with its window and never by the clean-up of the table.
A backoff lets a few tries through, then asks for pauses that double; it ends at a time of its own.
What many share is wide, and is counted by samples: it need not be exact to one, and costs a write
for a few requests only. What belongs to one person, mailbox or number is exact.
"""

from __future__ import annotations

from dataclasses import dataclass

from functions.programme.times import DAY, HOUR, MINUTE, SECOND

# Wrong codes that may be tried against one challenge.
CODE_TRIES = 5
# Accounts that may share one phone number: families do.
ACCOUNTS_PER_PHONE = 4
# Pause before the second, third, … sending of one code; the last one stays.
RESEND_PAUSES = (60 * SECOND, 2 * MINUTE, 5 * MINUTE, 15 * MINUTE, HOUR)


@dataclass(frozen=True)
class Limit:
    """`count` times in `window` milliseconds; one more is answered 429 with `code`.

    `slow_down`: come back within the minute. `too_many`: not before the window ends. One request
    in `sample`, drawn at random, is counted, as so many; all others look whether it is reached.
    """

    name: str
    count: int
    window: int
    code: str
    sample: int = 1


@dataclass(frozen=True)
class Backoff:
    """`free` tries, then a pause of `first` milliseconds that doubles up to `longest`.

    Forgotten after a success, or when nobody has tried for `forgotten` milliseconds.
    """

    name: str
    free: int
    first: int
    longest: int
    forgotten: int


# By address: 5,000 people may share one (mobile carriers), so such a limit is wide, its
# window is a minute, and it only slows. By account, number or mailbox: narrow.
# Standard error of a count by samples: sqrt(count * (sample - 1)), here a tenth and less.
REGISTER_BY_ADDRESS = Limit("register_address", 1_000, MINUTE, "slow_down", sample=4)
# Of log-ins, codes, links and joins only those that fail are counted.
LOGIN_BY_ADDRESS = Limit("login_address", 2_000, MINUTE, "slow_down")
# A person mistyping is let through; a list of passwords is not. A browser in which the owner has
# logged in before has tries of its own (verify/devices.py), so that strangers, even behind the same
# address, cannot hold it up.
LOGIN_BY_PAIR = Backoff("login_pair", 5, 15 * SECOND, 15 * MINUTE, DAY)
LOGIN_BY_DEVICE = Backoff("login_device", 5, 15 * SECOND, 15 * MINUTE, DAY)
# All strange browsers together (NIST SP 800-63B-4, 3.2.2: at most 100 failures). Beyond it nobody
# is locked out, but each strange address has one try before it must pause.
LOGIN_BY_ACCOUNT = Limit("login_account", 100, DAY, "too_many")
LOGIN_WHEN_ATTACKED = Backoff("login_attacked", 1, MINUTE, HOUR, DAY)
PASSWORD_CHECKS = Limit("password_check", 10, 15 * MINUTE, "too_many")

MAIL_BY_MAILBOX = Limit("mail_mailbox", 12, DAY, "too_many")
MAIL_BY_ADDRESS = Limit("mail_address", 1_000, MINUTE, "slow_down")
SMS_BY_NUMBER = Limit("sms_number", 8, DAY, "too_many")
SMS_BY_ACCOUNT = Limit("sms_account", 10, DAY, "too_many")
SMS_BY_ADDRESS = Limit("sms_address", 300, MINUTE, "slow_down", sample=4)
# Pumping shows as many numbers of one operator; honest traffic has all operators.
SMS_BY_PREFIX = Limit("sms_prefix", 20_000, HOUR, "slow_down", sample=16)
# The breakers, for what anyone can ask for: codes, confirmations, links. Results, and letters that
# tell of something done, are not asked for; nothing stops them. At Rp 400 each, Rp 20 million an
# hour for SMS; at Rp 2 each, Rp 1.2 million for mail, and a first hour that is half a million
# people (docs/operate.md tells how to raise them).
SMS_IN_ALL = Limit("sms_all", 50_000, HOUR, "slow_down", sample=16)
MAIL_IN_ALL = Limit("mail_all", 600_000, HOUR, "slow_down", sample=16)
# In so many items is a breaker counted: one gives 3,000 reads a second, and 80,000 people have
# come within a minute.
BREAKER_PARTS = 16

CODE_CHECKS = Limit("code_checks", 20, HOUR, "too_many")
LINK_CHECKS_BY_ADDRESS = Limit("link_address", 2_000, MINUTE, "slow_down")
# A join that fails is tried again by the page itself; at the close a carrier's address has all its
# people.
JOIN_BY_ACCOUNT = Limit("join_account", 20, MINUTE, "slow_down")
JOIN_BY_ADDRESS = Limit("join_address", 6_000, MINUTE, "slow_down")
IDENTITY_CHANGES = Limit("identity", 10, DAY, "too_many")

# An export shows numbers in full: to who has typed the password a short while ago, and seldom.
EXPORTS = Limit("export", 5, DAY, "too_many")
EXPORT_AFTER_LOGIN = 15 * MINUTE

LIMITS = tuple(value for value in list(globals().values()) if isinstance(value, Limit))
BACKOFFS = tuple(value for value in list(globals().values()) if isinstance(value, Backoff))


def pause_after(backoff: Backoff, tries: int) -> int:
    """Milliseconds to wait after so many tries in a row."""
    if tries < backoff.free:
        return 0
    return min(backoff.first << min(tries - backoff.free, 32), backoff.longest)


def resend_at(sent_at: int, sends: int) -> int:
    """When the next sending is allowed, after `sends` sendings with the last at `sent_at`."""
    return sent_at + RESEND_PAUSES[min(sends, len(RESEND_PAUSES)) - 1]


def window_of(limit: Limit, now: int) -> tuple[int, int]:
    """The number of the window in which `now` lies, and the time at which it ends."""
    number = now // limit.window
    return number, (number + 1) * limit.window
