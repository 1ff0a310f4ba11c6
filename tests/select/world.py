"""A stage in memory with invented, ready applicants, two of three witnesses and its own beacon."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from functools import cache
from typing import Any

from functions.cloud.runtime import Runtime
from functions.cloud.tables import Put
from functions.programme.draw import bls
from functions.programme.draw.beacon import sign_round
from functions.programme.draw.keys import COSIGNATURE, Signer
from functions.programme.draw.notes import cosign, parse_note
from functions.programme.draw.published import (
    BEACON,
    PARAMS,
    RESULT_HEAD,
    RESULTS,
    ROSTER,
    ROSTER_HEAD,
)
from functions.programme.times import HOUR, MINUTE, SECOND
from functions.select import phases, worker
from functions.select.entries import join
from functions.select.folder import read_pins, read_public
from functions.select.turn import Outside
from functions.verify import statements
from local import machine
from local.template import Template
from ops import pins, waves
from tests.fakes import NOON, FakeClock, fake_runtime

BEACON_SECRET = 2026
PERIOD = 3
OPENS_AT = NOON + MINUTE
CLOSES_AT = NOON + HOUR
DRAW_DELAY = 600
MARGIN = 60
FALLBACK_ROUNDS = 40
PUBLIC_FILES = (PARAMS, ROSTER, ROSTER_HEAD, BEACON, RESULTS, RESULT_HEAD)


def nik_of(number: int) -> str:
    """An invented NIK; serials from 9000 are never given out."""
    return f"31710101019{number // 1000}{9000 + number % 1000}"


def kk_of(number: int) -> str:
    """An invented KK number."""
    return f"31710105012{number // 1000}{9000 + number % 1000}"


@dataclass
class FakeWitnesses:
    """Witnesses that sign with the world's clock, each head once, unless they are away."""

    clock: Callable[[], int]
    away: set[str] = field(default_factory=set)
    wrong: set[str] = field(default_factory=set)
    given: dict[tuple[str, bytes], bytes] = field(default_factory=dict)

    signers = tuple(
        Signer(f"witness-{letter}.example", COSIGNATURE, letter.encode() * 32) for letter in "abc"
    )

    def cosign(self, note: bytes) -> list[bytes]:
        text = parse_note(note).text
        return [self._line(w, text) for w in self.signers if w.name not in self.away]

    def _line(self, witness: Signer, text: bytes) -> bytes:
        said = text + b"another line\n" if witness.name in self.wrong else text
        line = cosign(said, witness, self.clock() // SECOND)
        return self.given.setdefault((witness.name, text), line)


@dataclass
class FakeBeacons:
    """Relays of the world's own chain; a round is there when its time has come."""

    clock: Callable[[], int]
    late: bool = False
    wrong_first: bool = False
    only_wrong: bool = False
    asked: int = 0

    def signatures(self, chain: str, beacon_round: int):
        self.asked += 1
        if self.late or self.clock() < (GENESIS + (beacon_round - 1) * PERIOD) * SECOND:
            return
        if self.wrong_first or self.only_wrong:
            yield sign_round(BEACON_SECRET, beacon_round + 1).signature
            yield b"\xff" * 48
        if not self.only_wrong:
            yield sign_round(BEACON_SECRET, beacon_round).signature


GENESIS = NOON // SECOND - 300


@cache
def definition() -> dict[str, Any]:
    """The state machine of the template."""
    given = {"Stage": "test", "Origin": "https://x.example", "MailFrom": "a@b.example"}
    template = Template(given, "123456789012", "ap-southeast-3")
    (found,) = template.of_type("AWS::StepFunctions::StateMachine")
    return json.loads(found.properties["DefinitionString"])


def beacon_pins() -> dict[str, Any]:
    """The world's chain as `pins publish` takes it."""
    return {
        "chain": "9e" * 32,
        "public_key": bls.public_key(BEACON_SECRET).hex(),
        "genesis": GENESIS,
        "period": PERIOD,
    }


def publish_pins(runtime: Runtime, quorum: int = 2) -> bytes:
    """Pins with short times and the fake witnesses."""
    return pins.publish(
        runtime,
        witnesses=[str(witness.verifier) for witness in FakeWitnesses.signers],
        quorum=quorum,
        beacon=beacon_pins(),
        margin_seconds=MARGIN,
        fallback_rounds=FALLBACK_ROUNDS,
        draw_delay_seconds=DRAW_DELAY,
    )


class World:
    """One stage. `clock` moves when told to."""

    def __init__(self, quorum: int = 2, **ports: Any):
        self.clock = FakeClock()
        self.runtime = fake_runtime(clock=self.clock, **ports)
        self.witnesses = FakeWitnesses(self.clock)
        self.beacons = FakeBeacons(self.clock)
        self.outside = Outside(self.witnesses, self.beacons)
        self.people: dict[str, tuple[str, str]] = {}
        self.answers: dict[str, dict[str, Any]] = {}
        publish_pins(self.runtime, quorum)

    @property
    def tables(self):
        return self.runtime.tables

    def create(self, wave: int = 1, **changes: Any) -> None:
        """An announced wave; the clock is then inside it."""
        given: dict[str, Any] = {
            "wave": wave,
            "quota": 3,
            "reserve": 1,
            "opens_at": OPENS_AT,
            "closes_at": CLOSES_AT,
            "shards": 2,
        }
        waves.create(self.runtime, **{**given, **changes})
        self.clock.now = max(self.clock.now, {**given, **changes}["opens_at"])

    def person(self, number: int, *, family: int | None = None, **details: Any) -> str:
        """A ready applicant whose NIK and KK are invented; returns the applicant's id."""
        applicant = f"{number:032x}"
        nik, kk = nik_of(number), kk_of(number if family is None else family)
        write_person(self.runtime, applicant, nik, kk, **details)
        self.people[applicant] = (nik, kk)
        return applicant

    def enter(self, number: int, wave: int = 1, **details: Any) -> str:
        """A person who joins; the answer is kept in `answers`."""
        applicant = self.person(number, **details)
        self.answers[applicant] = self.join(applicant, wave)
        return applicant

    def join(self, applicant: str, wave: int = 1, key: str = "a" * 36) -> dict[str, Any]:
        return join(self.runtime, applicant, wave, key)

    def tick(self) -> None:
        """The schedule, and then what it let the state machine do."""
        try:
            phases.advance_all(self.runtime, self.outside)
        finally:
            self.run_machines()

    def run_machines(self) -> None:
        """Let all waiting runs come to their ends, calling the worker as the machine does."""
        self.runtime.machines.run_all(lambda _, given: machine.run(definition(), given, self.call))

    def call(self, function: str, payload: dict[str, Any]) -> Any:
        """One call of the worker by the machine."""
        handlers = {"on_shard": worker.handle_shard, "on_end": worker.handle_end}
        handle = handlers[payload["command"].removeprefix("functions.select.worker.")]
        return handle(self.runtime, self.outside, payload)

    def wave(self, wave: int = 1) -> dict[str, Any]:
        item = self.tables.get("waves", {"wave": wave})
        assert item is not None
        return item

    def phase(self, wave: int = 1) -> str:
        return self.wave(wave)["phase"]

    def to_close(self) -> None:
        self.clock.now = max(self.clock.now, CLOSES_AT)

    def to_draw(self, wave: int = 1) -> None:
        self.clock.now = max(self.clock.now, self.wave(wave)["draw_at"])

    def finish(self, wave: int = 1) -> None:
        """Close, publish, draw and announce."""
        self.to_close()
        self.tick()
        assert self.phase(wave) == "roster_published"
        self.to_draw(wave)
        self.tick()
        assert self.phase(wave) == "announced"

    def files(self, wave: int = 1) -> dict[str, bytes]:
        """The public folder."""
        return {name: read_public(self.runtime.files, wave, name) for name in PUBLIC_FILES}

    def pins(self) -> bytes:
        return read_pins(self.runtime.files)

    def entries(self, wave: int = 1) -> dict[str, dict[str, Any]]:
        """Entry items by applicant."""
        shards = self.wave(wave)["shards"]
        return {
            entry["applicant"]: entry
            for shard in range(shards)
            for entry in self.tables.query("entries", f"{wave}#{shard}")
        }

    def with_clock(self, clock: Callable[[], int]) -> World:
        """The same stage as seen by a server with another clock."""
        other = copy.copy(self)
        other.runtime = replace(self.runtime, clock=clock)
        return other


def write_person(
    runtime: Runtime,
    applicant: str,
    nik: str,
    kk: str,
    *,
    province: str = "31",
    birth_date: str = "1990-01-01",
    in_education: bool = False,
    official: bool = False,
    **readiness: Any,
) -> None:
    """The account and readiness items of a ready applicant, as verify leaves them."""
    vault, now = runtime.vault, runtime.clock()
    declaration = {"in_education": in_education, "official": official, "employment": "unemployed"}
    profile = {"address": {"province": province}}

    def sealed(name: str, text: str) -> bytes:
        return vault.seal("accounts", applicant, name, text)

    account = {
        "applicant": applicant,
        "nik": sealed("nik", nik),
        "kk": sealed("kk", kk),
        "nik_mac": vault.mac("nik", nik),
        "kk_mac": vault.mac("kk", kk),
        "birth_date": sealed("birth_date", birth_date),
        "language": "id",
        "revision": 1,
    }
    ready = {
        "applicant": applicant,
        **dict.fromkeys(("email", "phone", "identity", "test"), now),
        **statements.kept(runtime, applicant, "profile", profile, now),
        **statements.kept(runtime, applicant, "declaration", declaration, now),
        "ktp": "f" * 32,
        "selfie": "e" * 32,
        "shard": int(vault.mac("shard", kk), 16) >> (256 - 10),
    }
    ready.update(readiness)
    item = {name: value for name, value in ready.items() if value is not None}
    runtime.tables.write(Put("accounts", account))
    runtime.tables.write(Put("readiness", item))
