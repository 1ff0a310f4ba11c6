"""A stage with all of its parts, people who use it, operators, and the weather over it.

What people do goes through the use cases that the HTTP side calls, and is repeated with the same
key until there is an answer, as the site does. Workers may die; messages are carried by chance.
"""

from __future__ import annotations

import copy
import json
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from datetime import date
from functools import cache
from typing import Any
from unittest.mock import patch

from functions.cloud.runtime import Runtime
from functions.cloud.tables import Put, Update
from functions.programme.draw import bls
from functions.programme.times import DAY, MINUTE
from functions.select import aftermath
from functions.select.entries import entry_of
from functions.select.entries import join as join_wave
from functions.select.objections import object_to
from functions.select.turn import StepBlocked, StepUnfinished
from functions.select.withdrawing import withdraw as withdraw_from
from functions.upload.photo.verdict import Verdict
from functions.upload.photos import request_upload
from functions.upload.worker import handle_batch as judge
from functions.verify import (
    confirmation,
    erasure,
    identity,
    leaving,
    phone,
    registration,
    statements,
)
from functions.verify import worker as letters
from functions.web.errors import ApiError
from local.machine import MapFailed
from ops import ledgers, void
from ops.errors import Refused
from tests.fakes import FakeRandom
from tests.faults.carrier import Carrier, failed_ids
from tests.faults.weather import CALM, PASSING, Climate, Weather
from tests.select.world import BEACON_SECRET, World, kk_of
from tests.verify.people import CHEAP, PASSWORD, PROFILE, applicant_of

TRIES = 8
# What makes a person; letters, codes and counts stay behind.
KEPT = ("accounts", "claims", "readiness", "photos")
GOOD = Verdict(True, clean=b"clean copy")
WHY = ("records_wrong", "Two family cards were taken for one.")
# A server's answer that was lost is all that a death in it means to who asked.
CLOUDY = Climate(refused=0.01, lost=0.01, twice=0.02)
STORMY = Climate(refused=0.01, lost=0.01, twice=0.02, short=0.01, killed=0.01)


def nik_of(number: int) -> str:
    """An invented NIK of someone born on 1 January 1990."""
    return f"317101010190{9000 + number:04d}"


@contextmanager
def quick_pairings() -> Iterator[None]:
    """A pairing takes a second in plain Python: the round is compared with the one signed here."""

    def verify(key: Any, message: bytes, signature: bytes) -> bool:
        return bytes(signature) == bls.sign(BEACON_SECRET, message)

    with ExitStack() as patches:
        patches.enter_context(patch.object(bls, "verify", verify))
        for name in ("sign", "public_key", "parse_public_key"):
            patches.enter_context(patch.object(bls, name, remembered(getattr(bls, name))))
        yield


@cache
def remembered(work: Callable[..., Any]) -> Callable[..., Any]:
    """The same, each time for the same argument at once."""
    return cache(work)


@dataclass(frozen=True)
class Snapshot:
    """What is stored in a town of the fakes, and what time it is there."""

    items: Any
    objects: Any
    now: int


class Town:
    """One stage and all that happens in it. `world` brings its ports, in memory or on moto."""

    def __init__(self, seed: int, world: World | None = None):
        self.world = world or World(random=FakeRandom(f"town {seed}"))
        self.calm = self.world.runtime
        self.weather = Weather(seed)
        self.runtime = self.weather.around(self.calm)
        self.carrier = Carrier(
            seed,
            {
                "outbox": lambda r: failed_ids(letters.handle_batch(self.runtime, r)),
                "codes": lambda r: failed_ids(letters.handle_batch(self.runtime, r)),
                "photos": lambda r: failed_ids(judge(self.runtime, self._judge, {"Records": r})),
            },
        )
        self.deaths = 0
        self._keys = 0

    def snapshot(self) -> Snapshot:
        """All that is stored, once nothing is under way."""
        tables: Any = self.calm.tables
        files: Any = self.calm.files
        return Snapshot(*copy.deepcopy((tables.items, files.objects)), self.now)

    def put_back(self, kept: Snapshot) -> None:
        """Have the people of that town, and what they have proved and sent."""
        for table in KEPT:
            for item in kept.items[table].values():
                self.calm.tables.write(Put(table, copy.deepcopy(item)))
        for (bucket, key), versions in kept.objects.items():
            for _, data in versions if bucket == "photos" else ():
                self.calm.files.write(bucket, key, data, content_type="image/jpeg")
        self.world.clock.now = kept.now

    @property
    def now(self) -> int:
        """Milliseconds."""
        return self.world.clock.now

    def key(self) -> str:
        """An idempotency key that was not used before."""
        self._keys += 1
        return f"{self._keys:036d}"

    def asked(self, ask: Callable[[Runtime], Any]) -> Any:
        """The answer to a request, a refusal too; None if there never was one."""
        for _ in range(TRIES):
            try:
                with self.weather.turned(self._without_deaths()):
                    return ask(self.runtime)
            except ApiError as error:
                if error.status not in (429, 503):
                    return error
            except PASSING:
                continue
        return None

    def _without_deaths(self) -> Climate:
        return CALM if self.weather.climate == CALM else CLOUDY

    def surely(self, ask: Callable[[Runtime], Any]) -> Any:
        """The answer, once the weather has calmed down if it must."""
        answer = self.asked(ask)
        if answer is None:
            with self.weather.turned(CALM):
                answer = self.asked(ask)
        return answer

    def register(self, number: int) -> None:
        """Fill in the form, and follow the link of the mail."""
        key = self.key()
        form = registration.Form(f"Orang {'abcdefghij'[number]}", email_of(number), PASSWORD, "id")
        where = {"address": f"203.0.113.{number}"}
        self.surely(lambda r: registration.register(r, form, key=key, cost=CHEAP, **where))
        token = self._latest("confirm_email", email_of(number))["token"]
        self.surely(lambda r: confirmation.by_link(r, token, **where))

    def applicant(self, number: int) -> str | None:
        """The account of a person."""
        return applicant_of(self.calm, email_of(number))

    def prove(self, number: int, step: str) -> None:
        """Do one step towards being ready, all the way. Photos are judged when they are carried."""
        applicant = self.applicant(number)
        assert applicant is not None
        where = {"address": f"203.0.113.{number}"}
        if step == "phone":
            typed = f"0812345690{number:02d}"
            self.surely(lambda r: phone.start(r, applicant, typed, cost=CHEAP, **where))
            code = self._latest("phone_code", f"+62812345690{number:02d}")["code"]
            self.surely(lambda r: phone.confirm(r, applicant, code))
        elif step == "identity":
            said = {"nik": nik_of(number), "kk": kk_of(number // 3), "sex": "male"}
            born = date(1990, 1, 1)
            self.surely(lambda r: identity.put(r, applicant, **said, birth_date=born))
        elif step == "profile":
            self.surely(lambda r: statements.put_profile(r, applicant, PROFILE))
        elif step == "declaration":
            said = {"in_education": False, "official": False, "employment": "unemployed"}
            self.surely(lambda r: statements.put_declaration(r, applicant, **said))
        elif step == "test":
            # The test has a model of its own (tests/verify/test_ability_test.py).
            passed = Update("readiness", {"applicant": applicant}, set={"test": self.now})
            self.calm.tables.write(passed)
        else:
            self._send_photo(applicant, step)

    def _send_photo(self, applicant: str, kind: str) -> None:
        about = {"kind": kind, "size": 9, "content_type": "image/jpeg", "request_key": self.key()}
        form = self.surely(lambda r: request_upload(r, applicant, **about))
        name = f"{applicant}/{form['photo']}"
        for _ in range(2):  # a phone that was not answered posts again
            version = self.calm.files.write("incoming", name, b"a picture", content_type="x/y")
            self.carrier.arrived("incoming", name, version)

    def _judge(self, data: bytes, kind: Any) -> Verdict:
        return GOOD

    def _latest(self, template: str, to: str) -> dict[str, Any]:
        """The parameters of the newest letter to someone."""
        opened = self.calm.vault.open
        for row in sorted(self.calm.tables.scan("outbox"), key=lambda r: -r["created_at"]):
            if row["template"] != template or "to" not in row:
                continue
            if opened("outbox", row["message"], "to", row["to"]) == to:
                return json.loads(opened("outbox", row["message"], "parameters", row["parameters"]))
        raise AssertionError(f"no {template} to {to}")

    def join(self, number: int, wave: int, key: str, skew: int = 0) -> Any:
        """Ask to join, by a server whose clock is `skew` milliseconds ahead."""
        applicant = self.applicant(number) or "nobody"
        return self.asked(
            lambda r: join_wave(replace(r, clock=lambda: self.now + skew), applicant, wave, key)
        )

    def withdraw(self, number: int, wave: int) -> Any:
        """Ask to be taken out."""
        applicant = self.applicant(number) or "nobody"
        return self.asked(lambda r: withdraw_from(r, applicant, wave))

    def object(self, number: int, wave: int, key: str) -> Any:
        """Object to one's record."""
        applicant = self.applicant(number) or "nobody"

        def ask(runtime: Runtime) -> Any:
            item, entry = entry_of(runtime, applicant, wave)
            said = {"reason": "other", "text": "Ini keliru.", "request_key": key}
            return object_to(runtime, item, entry, **said)

        return self.asked(ask)

    def leave(self, number: int) -> Any:
        """Ask for the account to be deleted. Without the code: the second proof has its tests."""
        applicant = self.applicant(number) or "nobody"
        with patch("functions.verify.second_proof.demand", lambda *_: ()):
            return self.surely(lambda r: leaving.ask(r, applicant, PASSWORD, None, cost=CHEAP))

    def exclude(self, number: int) -> None:
        """Put a person on the blacklist."""
        self._operated(lambda r: ledgers.blacklist(r, "sri", nik_of(number), "misuse"))

    def end(self, wave: int) -> bool:
        """Two operators end a wave; whether they could."""
        self._operated(lambda r: void.ask(r, "sri", wave, *WHY))
        self._operated(lambda r: void.confirm(r, self.world.witnesses, "budi", wave))
        return self.wave(wave)["phase"] == "void"

    def _operated(self, command: Callable[[Runtime], Any]) -> None:
        """A command of an operator, repeated when the cloud did not answer."""
        for _ in range(TRIES):
            try:
                with self.weather.turned(self._without_deaths()):
                    command(self.runtime)
            except Refused:
                return
            except PASSING:
                continue
            return

    def wave(self, number: int) -> dict[str, Any]:
        """The wave's item."""
        return self.calm.tables.get("waves", {"wave": number}) or {}

    def tick(self) -> None:
        """The schedule of select, which may die on the way."""
        self._worked(self._tick)

    def _tick(self) -> None:
        self.world.runtime = self.runtime
        try:
            self.world.tick()
        except (StepBlocked, StepUnfinished, MapFailed):
            self.weather.counts["left to the next"] += 1
        finally:
            self.world.runtime = self.calm
        aftermath.tend(self.runtime)

    def tick_letters(self) -> None:
        """The schedule of verify: letters that were missed, and deletions."""
        self._worked(lambda: letters.sweep(self.runtime))
        self._worked(lambda: erasure.run_due(self.runtime))

    def carry(self, batches: int = 5) -> None:
        """Some batches of messages."""
        self.carrier.collect(self.calm.queues)
        for _ in range(batches):
            self._worked(self.carrier.carry)

    def _worked(self, work: Callable[[], Any]) -> None:
        self.deaths += not self.weather.survived(work)

    def finish(self) -> None:
        """Calm weather until every wave is over, told and reported, and every letter is settled."""
        self.weather.climate = CALM
        for _ in range(60):
            self.world.clock.advance(5 * MINUTE)
            self.tick()
            self.tick_letters()
            self.carrier.redrive()
            self.carrier.collect(self.calm.queues)
            self.carrier.carry_all()
            waves = list(self.calm.tables.scan("waves"))
            if all({"reported_at", "void_told_at"} & set(w) for w in waves):
                break
        for _ in range(3):
            self.world.clock.advance(DAY // 8)
            self.tick_letters()
            self.carrier.collect(self.calm.queues)
            self.carrier.carry_all()


def email_of(number: int) -> str:
    """An invented address."""
    return f"orang{number}@contoh.id"
