"""Whether the time of an answer tells that an address has an account.

Each route is asked in turn for an address with an account and for one without, in random order,
through verify's whole HTTP side on moto, with Argon2 at production's cost. What is compared is the
processor's time, since a busy machine stretches the clock's; the emulator is in the same process.
"""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np

from functions.cloud.runtime import Runtime
from functions.cloud.tables import Update
from functions.programme.times import DAY, HOUR, MINUTE
from functions.verify import hashing
from tests.verify.browser import Browser
from tests.verify.emulator import emulated
from tests.verify.journey import REGISTRATION
from tests.verify.people import EMAIL, PASSWORD, join_programme

KNOWN, UNKNOWN = EMAIL, "nobody.at.all@contoh.id"
AIM_MILLISECONDS = 5.0
RESAMPLES = 10_000
WARM_UP = 3

Ask = Callable[[Browser, str], None]


@dataclass(frozen=True)
class Compared:
    """Milliseconds: both medians, and the median of the pairs' differences with 95 % bounds."""

    route: str
    known: float
    unknown: float
    difference: float
    low: float
    high: float

    @property
    def kept(self) -> bool:
        return abs(self.difference) <= AIM_MILLISECONDS

    def told(self) -> str:
        return (
            f"{'kept  ' if self.kept else 'MISSED'} {self.route:24} known {self.known:6.1f} ms, "
            f"unknown {self.unknown:6.1f} ms, difference {self.difference:+.2f} ms "
            f"[{self.low:+.2f}, {self.high:+.2f}]"
        )


def register(browser: Browser, email: str) -> None:
    browser.ask("POST", "/accounts", {**REGISTRATION, "email": email}, expect=202)


def resend(browser: Browser, email: str) -> None:
    browser.ask("POST", "/email/resend", {}, expect=202)


def forgot(browser: Browser, email: str) -> None:
    browser.ask("POST", "/password/forgot", {"email": email}, expect=202)


def log_in(browser: Browser, email: str) -> None:
    body = {"email": email, "password": "salah sekali ini"}
    browser.refused("POST", "/sessions", body, status=401)


ROUTES: dict[str, Ask] = {
    "POST accounts": register,
    "POST email/resend": resend,
    "POST password/forgot": forgot,
    "POST sessions": log_in,
}


def measure(pairs: int, seed: int = 1) -> Iterator[Compared]:
    """Each route, `pairs` times for either address."""
    order = random.Random(seed)
    for route, ask in ROUTES.items():
        with emulated() as runtime:
            _with_an_account(runtime)
            times: dict[str, list[float]] = {KNOWN: [], UNKNOWN: []}
            for number in range(WARM_UP + pairs):
                # Neither limits nor pauses of the pair before are to be met.
                runtime.clock.advance(DAY + HOUR)  # type: ignore[attr-defined]
                for email in order.sample((KNOWN, UNKNOWN), 2):
                    browser = Browser(runtime, address=f"198.51.100.{number % 250}")
                    browser._keys = 1_000 * number + (email == KNOWN)
                    if ask is resend:
                        register(browser, email)
                        runtime.clock.advance(2 * MINUTE)  # type: ignore[attr-defined]
                    begun = time.process_time()
                    ask(browser, email)
                    times[email].append(1000 * (time.process_time() - begun))
            yield compared(route, times[KNOWN][WARM_UP:], times[UNKNOWN][WARM_UP:], seed)


def _with_an_account(runtime: Runtime) -> None:
    """Whose password is hashed at production's cost, as nobody's is."""
    applicant = join_programme(runtime)
    stored = {"password_hash": hashing.hashed(PASSWORD)}
    runtime.tables.write(Update("accounts", {"applicant": applicant}, set=stored))


def compared(route: str, known: list[float], unknown: list[float], seed: int) -> Compared:
    """The difference of pairs, with a bootstrap interval of its median."""
    differences = np.array(known) - np.array(unknown)
    drawn = np.random.default_rng(seed).choice(differences, (RESAMPLES, len(differences)))
    low, high = np.quantile(np.median(drawn, axis=1), (0.025, 0.975))
    return Compared(
        route,
        float(np.median(known)),
        float(np.median(unknown)),
        float(np.median(differences)),
        float(low),
        float(high),
    )
