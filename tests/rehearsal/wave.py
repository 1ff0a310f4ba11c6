"""A wave on the deployed stage: others join too, and from its close on nobody calls anything.

The template's schedules, as the emulator fires them each minute, take it to its end.
"""

from __future__ import annotations

import base64
import json
import subprocess
import sys
import threading
import time
from collections import Counter
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import Any

from werkzeug.middleware.dispatcher import DispatcherMiddleware
from werkzeug.wrappers import Response

import ops.pins
import ops.waves
from functions.cloud.runtime import Runtime
from functions.programme.draw.errors import VerificationError
from functions.programme.draw.proof import verify_proof
from functions.programme.draw.roster import RECORD_SIZE
from functions.programme.times import SECOND, iso, wib_date
from infra.bundle import ROOT
from infra.deploy.stage import Stage
from local import beacon
from local.applicants import invented_people
from local.clock import FileClock
from local.institutions import WITNESSES, Institutions
from local.server import serve
from local.settings import Place
from local.web import witnesses
from tests.journey.crowd import login
from tests.journey.person import kk_of
from tests.rehearsal.emulator import Emulator
from tests.rehearsal.front import TOO_LATE, Front
from tests.rehearsal.journey import Applicant
from tests.rehearsal.report import Wrong, expect, wait_for
from tests.select.world import PUBLIC_FILES

WAVE, QUOTA, RESERVE, SHARDS = 1, 12, 4, 4
OTHERS, FAMILY, FAMILY_LIMIT = 24, 5, 2
# In the words of the mails: what each outcome is told under.
LETTERS = ROOT / "functions" / "verify" / "letters" / "id.json"
# Real seconds. The wave is announced before it opens, and all of them join while it is open.
NOTICE_SECONDS, OPEN_SECONDS = 20, 180
# A schedule fires each minute, and a wave takes some five of its ticks.
DRAW_DELAY_SECONDS, MARGIN_SECONDS, FALLBACK_ROUNDS = 120, 10, 20
RESULT_SECONDS = 1_200
MESSAGE_SECONDS = 300
VERIFIERS = (("-m", "functions.select.draw", "verify"), ("undian/verify.py",))


def serve_institutions(where: Place, runtime: Runtime, institutions: Institutions) -> None:
    """The development beacon and witnesses, at the addresses that the stage is pointed to."""
    clock = FileClock(where.clock_file)
    mounts: Any = {
        "/local/beacon": beacon.create_app(institutions.chain, clock),
        **witnesses(where, runtime, clock, institutions),
    }
    app = DispatcherMiddleware(Response(status=404), mounts)
    threading.Thread(target=serve, args=(app, where.port), daemon=True).start()


def publish_pins(runtime: Runtime, institutions: Institutions) -> str:
    """What the key-keeper does, with times short enough to watch."""
    ops.pins.publish(
        runtime,
        witnesses=[institutions.verifier(name) for name in WITNESSES],
        quorum=len(WITNESSES),
        beacon=institutions.chain.pinned,
        family_limit=FAMILY_LIMIT,
        margin_seconds=MARGIN_SECONDS,
        fallback_rounds=FALLBACK_ROUNDS,
        draw_delay_seconds=DRAW_DELAY_SECONDS,
    )
    return f"{len(WITNESSES)} witnesses, a beacon of {institutions.chain.pinned['period']} seconds"


@dataclass
class Wave:
    """Wave 1 of the stage. `people`: who took the whole journey; `others`: invented, ready
    people, the first FAMILY of one family card; `late`: one more, who comes after the close."""

    runtime: Runtime
    stage: Stage
    front: Front
    emulator: Emulator
    people: list[Applicant]
    folder: Path
    others: list[Applicant] = field(default_factory=list)
    late: list[Applicant] = field(default_factory=list)
    receipts: dict[str, dict[str, Any]] = field(default_factory=dict)

    def create(self) -> str:
        """As `python -m ops wave create` does."""
        opens = self.runtime.clock() + NOTICE_SECONDS * SECOND
        closes = opens + OPEN_SECONDS * SECOND
        ops.waves.create(
            self.runtime,
            wave=WAVE,
            quota=QUOTA,
            reserve=RESERVE,
            opens_at=opens,
            closes_at=closes,
            shards=SHARDS,
        )
        self._gather()
        wait_for(lambda: self.phase() == "open", "the wave to open")
        return f"{QUOTA} places, {RESERVE} on reserve, open until {iso(closes)}"

    def phase(self) -> str:
        """The wave's phase, as anyone sees it; nothing while the machine is too busy to tell."""
        got = self.front.ask("GET", f"/api/select/waves/{WAVE}")
        if got.status in TOO_LATE:
            return ""
        expect(got.status == 200, f"GET waves/{WAVE}: {got.status} {got.data[:200]!r}")
        return str(got.json["phase"])

    def _gather(self) -> None:
        """The others, with sessions, written as the functions would have."""
        found = list(invented_people(OTHERS + 1, wib_date(self.runtime.clock())))
        family = [replace(person, kk=found[0].kk) for person in found[:FAMILY]]
        for number, person in enumerate([*family, *found[FAMILY:]]):
            cookie = login(self.runtime, person).cookie.removeprefix("session=")
            address = f"192.0.2.{100 + number}"
            other = Applicant(self.front, self.emulator, person.email, person.phone, 0, address)
            other.cookies["__Host-session"] = cookie
            (self.others if len(self.others) < OTHERS else self.late).append(other)

    def all_join(self) -> str:
        """Everyone, each over HTTP."""
        for person in (*self.people, *self.others):
            self.receipts[person.email] = person.join(WAVE)
        expect(self.phase() in ("", "open"), "the wave closed while they joined")
        return f"{len(self.receipts)} receipts, {FAMILY} of one family card"

    def refuses_the_late(self) -> str:
        """Whoever comes after the close."""
        wait_for(lambda: self.phase() not in ("", "open"), "the close", 2 * OPEN_SECONDS)
        (late,) = self.late
        path = f"/api/select/waves/{WAVE}/entry"
        got = self.front.ask("POST", path, {"consent": True}, late.cookies, late.address)
        told = f"a join after the close: {got.status} {got.data[:200]!r}"
        expect(got.status == 409 and got.json["error"]["code"] == "wave_closed", told)
        return "409 wave_closed"

    def is_taken_to_its_end(self) -> str:
        """By the schedule alone: this only looks on."""
        began, phases = time.monotonic(), dict[str, float]()

        def over() -> bool:
            phase = self.phase()
            phases.setdefault(phase or "asked", time.monotonic() - began)
            expect(phase != "void", "the wave was ended")
            return phase == "announced"

        try:
            wait_for(over, "the announcement", RESULT_SECONDS)
        except Wrong as error:
            raise Wrong(f"{error}; it stays {list(phases)[-1]}") from error
        return ", ".join(f"{phase} {seconds:.0f} s" for phase, seconds in phases.items())

    def machine_ran(self) -> str:
        """Step Functions did the work on the shards, by calling the deployed worker."""
        states = self.stage.client("stepfunctions")
        arn = self.runtime.config.machine("waves")
        found = states.list_executions(stateMachineArn=arn)["executions"]
        ended = Counter(one["status"] for one in found)
        expect(found and set(ended) == {"SUCCEEDED"}, f"its runs: {dict(ended)}")
        maps = [
            run
            for one in found
            for run in states.list_map_runs(executionArn=one["executionArn"])["mapRuns"]
        ]
        expect(maps, "no Distributed Map among its runs")
        return f"{len(found)} runs, {len(maps)} Distributed Maps over {SHARDS} shards"

    def draw_is_verified(self) -> str:
        """By both programs, on the public files as a reader gets them."""
        folder = self._download()
        roster = (folder / "roster.bin").read_bytes()
        listed = [roster[at : at + 32].hex() for at in range(0, len(roster), RECORD_SIZE)]
        joined = sorted(receipt["commitment"] for receipt in self.receipts.values())
        expect(listed == joined, "the roster is not the list of those with a receipt")
        for program in VERIFIERS:
            code, said = self._verify(program)
            expect(code == 0, f"{program[-1]}: {said}")
        return f"{len(listed)} entries, by the programme's verifier and by the site's verify.py"

    def changed_byte_is_refused(self) -> str:
        """One byte of any file."""
        for name in PUBLIC_FILES:
            path = self.folder / str(WAVE) / name
            before = path.read_bytes()
            middle = len(before) // 2
            path.write_bytes(before[:middle] + bytes([before[middle] ^ 1]) + before[middle + 1 :])
            code, _ = self._verify(VERIFIERS[0])
            path.write_bytes(before)
            expect(code == 1, f"{name} with a changed byte: exit code {code}")
        return f"in each of {len(PUBLIC_FILES)} files"

    def proof_holds(self) -> str:
        """An applicant's own proof opens with their numbers, and bears no change."""
        person, folder = self.people[0], self.folder / str(WAVE)
        proof = person.ask("GET", f"select/entries/{WAVE}/proof")
        files = {name: (folder / name).read_bytes() for name in PUBLIC_FILES}
        pins = (self.folder / "pins.json").read_bytes()
        receipt, nik, kk = self.receipts[person.email], person.card.nik, kk_of(person.card.nik)
        proven = verify_proof(proof, files, pins, receipt, nik, kk)
        chunk = bytearray(base64.b64decode(proof["results_chunk"]))
        chunk[0] ^= 3
        forged = {**proof, "results_chunk": base64.b64encode(chunk).decode()}
        for given, number in ((forged, nik), (proof, nik[:-1] + "0")):
            try:
                verify_proof(given, files, pins, receipt, number, kk)
            except VerificationError:
                continue
            raise Wrong("a forged proof, or another's number, is accepted")
        return f"rank {proven.result.rank}; a changed one and another's number refused"

    def outcomes_are_told(self) -> str:
        """To each of them on the dashboard, by mail and by SMS."""
        found: dict[str, str] = {}
        for person in (*self.people, *self.others):
            person.ask("GET", "verify/me")
            entry = person.ask("GET", f"select/entries/{WAVE}")
            found[person.email] = entry["outcome"]["outcome"]
        counts = Counter(found.values())
        expect(counts["selected"] == QUOTA, f"selected: {counts['selected']} of {QUOTA}")
        family = [found[person.email] for person in self.others[:FAMILY]]
        expect(family.count("selected") <= FAMILY_LIMIT, f"of one family: {family}")
        subjects = json.loads(LETTERS.read_text(encoding="utf-8"))["mail"]
        for person in (*self.people, *self.others):
            subject = subjects[f"outcome_{found[person.email]}"]["subject"]
            name = subject.replace("{{ wave }}", str(WAVE))
            told_of = partial(self._told, person, name)
            wait_for(told_of, f"the mail {name!r} and its SMS", MESSAGE_SECONDS)
        told = ", ".join(f"{count} {outcome}" for outcome, count in sorted(counts.items()))
        return f"{told}; one mail and one SMS each; family: {', '.join(family)}"

    def _told(self, person: Applicant, subject: str) -> bool:
        number = person.phone if person.phone.startswith("+") else "+62" + person.phone[1:]
        mails = [m for m in self.emulator.mails(person.email) if m["Subject"] == subject]
        texts = [t for t in self.emulator.texts(number) if f"gelombang {WAVE}" in t.lower()]
        expect(len(mails) < 2 and len(texts) < 2, f"{subject!r} was told twice")
        return bool(mails and texts)

    def _download(self) -> Path:
        folder = self.folder / str(WAVE)
        folder.mkdir(parents=True, exist_ok=True)
        named = {f"/undian/{WAVE}/{name}": folder / name for name in PUBLIC_FILES}
        named["/undian/pins.json"] = self.folder / "pins.json"
        named["/undian/verify.py"] = self.folder / "undian" / "verify.py"
        for path, file in named.items():
            got = self.front.ask("GET", path)
            expect(got.status == 200, f"{path}: {got.status}")
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(got.data)
        return folder

    def _verify(self, program: tuple[str, ...]) -> tuple[int, str]:
        """Exit code and last words of a verifier, in a process of its own."""
        *how, last = program
        name = str(self.folder / last) if last.endswith(".py") else last
        command = [sys.executable, *how, name, str(self.folder / str(WAVE))]
        command += ["--pins", str(self.folder / "pins.json")]
        done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
        return done.returncode, f"{done.stdout[-300:]}{done.stderr[-300:]}"
