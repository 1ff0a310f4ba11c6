"""What an attacker gets for an hour: passwords tried, codes tried, SMS that the programme pays for.

The rules and counters are the real ones, on tables in memory; Argon2 is at its least, since only
how often it is reached counts. The attacker always comes back at the first moment allowed.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator

from functions.cloud.runtime import Runtime
from functions.cloud.tables import Put
from functions.programme.limits import CODE_TRIES, SMS_IN_ALL
from functions.programme.times import DAY, HOUR, MINUTE, SECOND
from functions.verify import phone, sessions
from functions.web.errors import ApiError, TooMany, Unauthorized
from tests.fakes import fake_runtime
from tests.verify.people import CHEAP, EMAIL, join_programme, last_letter

RUPIAH_PER_SMS = 400
OPERATORS = ("811", "812", "813", "821", "852", "857", "878", "896")


def log_in(runtime: Runtime, email: str, address: str, device: str | None = None) -> bool:
    """Whether a wrong password was compared."""
    try:
        sessions.login(runtime, email, "salah", address=address, device=device, cost=CHEAP)
    except Unauthorized:
        return True
    except TooMany:
        return False
    raise AssertionError("the wrong password is right")


def passwords_of_one_account(span: int, addresses: int) -> int:
    """Passwords compared with one account in `span`, each address trying every second."""
    runtime = fake_runtime()
    join_programme(runtime)
    free_at = dict.fromkeys((f"10.0.{n // 250}.{n % 250}" for n in range(addresses)), 0)
    tried, ends = 0, runtime.clock() + span
    while runtime.clock() < ends:
        for address, at in free_at.items():
            if runtime.clock() < at:
                continue
            try:
                sessions.login(runtime, EMAIL, "salah", address=address, cost=CHEAP)
            except Unauthorized:
                tried += 1
            except TooMany as error:
                free_at[address] = runtime.clock() + error.seconds * SECOND
        _move(runtime, SECOND)
    return tried


def passwords_from_one_address(minutes: int = 3) -> float:
    """Passwords compared an hour, when one address tries another account each time."""
    runtime = fake_runtime()
    tried = 0
    for minute in range(minutes):
        for number in range(2_500):
            tried += log_in(runtime, f"orang{minute}.{number}@contoh.id", "203.0.113.9")
        _move(runtime, MINUTE)
    return tried * 60 / minutes


def codes_of_one_number(span: int) -> tuple[int, int]:
    """(codes compared, SMS sent) for one account that guesses at a number it does not hold."""
    runtime = fake_runtime()
    applicant = join_programme(runtime)
    compared = sent = 0
    ends = runtime.clock() + span
    while runtime.clock() < ends:
        sent += _asks(runtime, applicant, "0812-3456-9001", "10.0.0.1")
        for guess in range(CODE_TRIES + 1):
            compared += _compares(runtime, applicant, guess)
        _move(runtime, MINUTE)
    return compared, sent


def sms_of_an_hour(accounts: int) -> int:
    """SMS that a pump gets out of one hour: so many accounts, numbers of eight operators."""
    runtime = fake_runtime()
    made = [_account(runtime, number) for number in range(accounts)]
    sent = number = 0
    for minute in range(60):
        refused = 0
        # A number whose part of the breaker is spent is refused, the next may not be.
        while refused < 64 and number < (minute + 1) * SMS_IN_ALL.count // 20:
            applicant, operator = made[number % accounts], OPERATORS[number % len(OPERATORS)]
            typed = f"+62{operator}{1_000_000 + number * 7 % 8_999_999:07d}"
            if _asks(runtime, applicant, typed, f"10.{minute}.{number % 250}.1"):
                sent, refused = sent + 1, 0
            else:
                refused += 1
            number += 1
        _move(runtime, MINUTE)
    return sent


def lines(accounts: int) -> Iterator[str]:
    """All figures."""
    logging.getLogger("gelombang.limits").setLevel(logging.ERROR)
    for addresses in (1, 100, 1_000):
        hour = passwords_of_one_account(HOUR, addresses)
        yield f"passwords against one account from {addresses} addresses: {hour} in the first hour"
    yield f"passwords from one address: {passwords_from_one_address():,.0f} an hour"
    compared, sent = codes_of_one_number(DAY)
    yield (
        f"codes against one number from one account: {compared} a day after {sent} SMS, "
        f"right by chance {compared / 1e6:.4%}"
    )
    hour = sms_of_an_hour(accounts)
    yield f"SMS of a pump with {accounts} accounts: {hour:,} an hour, Rp {hour * RUPIAH_PER_SMS:,}"


def _asks(runtime: Runtime, applicant: str, number: str, address: str) -> bool:
    try:
        phone.start(runtime, applicant, number, address=address)
    except ApiError:
        return False
    return True


def _compares(runtime: Runtime, applicant: str, guess: int) -> bool:
    right = last_letter(runtime, "phone_code")["parameters"]["code"]
    try:
        phone.confirm(runtime, applicant, f"{(int(right) + 1 + guess) % 10**6:06d}")
    except ApiError as error:
        return error.code == "code_wrong"
    raise AssertionError("the wrong code is right")


def _account(runtime: Runtime, number: int) -> str:
    applicant = f"{number:032x}"
    item = {"applicant": applicant, "language": "id", "revision": 1, "password_hash": ""}
    runtime.tables.write(Put("accounts", item))
    return applicant


def _move(runtime: Runtime, milliseconds: int) -> None:
    runtime.clock.advance(milliseconds)  # type: ignore[attr-defined]
