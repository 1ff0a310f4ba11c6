"""The doors that every request passes: API Gateway, Lambda, the tables. Second by second.

Where a door has less room than is asked for, the same share of all is let in. Averages over a
second: what a second's own unevenness needs is allowed for in Lambda (three standard deviations).
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from functions.programme.limits import BREAKER_PARTS, SMS_IN_ALL
from ops.opening.breaks import Breaks
from ops.opening.journey import STEPS, Load
from ops.opening.measured import Cost, Measured
from ops.opening.quotas import quota
from ops.opening.settings import Settings

Floats = NDArray[np.float64]

HTTP = ("verify", "upload", "select")
# Environments that are idle go after some ten minutes; nothing promises more.
IDLE_SECONDS = 600
# Items that all people share: (step, what, how often a second the step can use them). A breaker's
# counter has parts, read by all and written by samples; the gates are 1,024, and a transaction
# takes two units of each.
BREAKER_PART = min(quota("partition_reads"), SMS_IN_ALL.sample * quota("partition_writes"))
SHARED = [
    (next(place for place, step in enumerate(STEPS) if step.name == name), what, often)
    for name, what, often in (
        ("register", "limits mail_all", BREAKER_PARTS * BREAKER_PART),
        ("phone", "limits sms_all", BREAKER_PARTS * BREAKER_PART),
        ("join", "gates", 1_024 * quota("partition_writes") / 2),
    )
]
# Keys of the outbox's index, and the counters of the figures: each a partition at most.
PARTITIONS = {"outbox/unsent": 16, "figures": 16}
# Keys of all other tables spread over as many partitions as a table may have units for.
MANY = 40


class Doors:
    """What the account lets through."""

    def __init__(
        self, settings: Settings, measured: Measured, loads: Mapping[str, Load], breaks: Breaks
    ) -> None:
        self._set, self._breaks = settings, breaks
        per_step = [loads[step.name] for step in STEPS]
        self.requests: Floats = np.array([load.requests for load in per_step])
        self.calls = _matrix(HTTP, [load.calls for load in per_step])
        self.busy = _matrix(HTTP, [load.busy for load in per_step])
        names = {name for load in per_step for name in (*load.writes, *load.reads)}
        self.tables = tuple(sorted(names))
        self.writes = _matrix(self.tables, [load.writes for load in per_step])
        self.reads = _matrix(self.tables, [load.reads for load in per_step])
        partitions = [PARTITIONS.get(t, MANY) for t in self.tables]
        self._caps = {
            "writes": np.array(partitions) * quota("partition_writes"),
            "reads": np.full(len(self.tables), np.inf),
        }
        self._uses = {"busy": self.busy > 0, "writes": self.writes > 0, "reads": self.reads > 0}
        self._everyone = np.ones(len(STEPS))
        self._tokens = settings.door.gateway_burst
        self.warm: Floats = np.array([settings.functions.warm.get(f, 0.0) for f in HTTP])
        self.environments = self.warm.copy()
        self._keys: Floats = np.array([measured.parameter_reads(f) for f in HTTP], dtype=float)
        self.cold_starts = np.zeros(len(HTTP))
        self._growing = {
            "writes": _Growing(len(self.tables), settings.tables.warm_writes, settings.tables.most),
            "reads": _Growing(len(self.tables), settings.tables.warm_reads, settings.tables.most),
        }
        self.in_use = 0.0
        self._asked_calls = np.zeros(len(HTTP))

    def units_of(self, cost: Cost) -> dict[str, Floats]:
        """A message's units, table by table in the order of the doors."""
        return {
            "writes": np.array([cost.writes.get(table, 0.0) for table in self.tables]),
            "reads": np.array([cost.reads.get(table, 0.0) for table in self.tables]),
        }

    def let_in(
        self, at: int, asked: Floats, worker_use: float, worker_units: Mapping[str, Floats]
    ) -> Floats:
        """The share of each step's people that gets through in this second."""
        share = np.full(len(STEPS), self._gateway(at, asked))
        share *= self._functions(at, asked * share, worker_use)
        for kind, matrix in (("writes", self.writes), ("reads", self.reads)):
            share *= self._units(at, kind, matrix, asked * share, worker_units[kind])
        share *= self._shared(at, asked * share)
        return share

    def _gateway(self, at: int, asked: Floats) -> float:
        door = self._set.door
        wanted = float(self.requests @ asked)
        self._tokens = min(
            self._tokens + door.gateway_rate, max(door.gateway_burst, door.gateway_rate)
        )
        got = min(wanted, self._tokens)
        self._tokens -= got
        self._breaks.note("API Gateway", at, wanted - got)
        return got / wanted if wanted > 0 else 1.0

    def _functions(self, at: int, asked: Floats, worker_use: float) -> Floats:
        busy = self.busy @ asked
        self._asked_calls = self.calls @ asked
        needed = busy + 3 * np.sqrt(busy)
        possible = self._grown(at, needed)
        limit = max(self._set.functions.concurrency - worker_use, self._set.functions.reserved)
        rate = quota("lambda_rate_factor") * self._set.functions.concurrency
        calls = float(self._asked_calls.sum())
        total = min(1.0, limit / max(float(needed.sum()), 1e-9), rate / max(calls, 1e-9))
        if total < 1:
            self._breaks.note("Lambda concurrency", at, calls * (1 - total))
        shares = np.minimum(1.0, possible / np.maximum(needed, 1e-9)) * total
        shares = np.where(needed > 0, shares, 1.0)
        self.in_use = float((busy * shares).sum())
        return self._least(shares, "busy")

    def _grown(self, at: int, needed: Floats) -> Floats:
        """Environments of each function after this second's growth."""
        functions = self._set.functions
        wanted = np.maximum(needed - self.environments, 0.0)
        grown = np.minimum(wanted, quota("lambda_growth"))
        self._note_lack("Lambda growth", at, wanted - grown, needed)
        for name, rate in (
            ("SSM reads at cold starts", functions.parameter_rate),
            ("KMS at cold starts", functions.kms_rate),
        ):
            reads = float(self._keys @ grown)
            if reads > rate:
                fewer = grown * (rate / reads)
                self._note_lack(name, at, grown - fewer, needed)
                grown = fewer
        self.cold_starts += grown
        possible = self.environments + grown
        idle = np.maximum(possible - needed, 0.0) / IDLE_SECONDS
        self.environments = np.maximum(possible - idle, self.warm)
        return possible

    def _note_lack(self, name: str, at: int, lack: Floats, needed: Floats) -> None:
        """Environments that are missing, told as the requests that they would have served."""
        short = np.where(needed > 0, lack / np.maximum(needed, 1e-9), 0.0)
        self._breaks.note(name, at, float(short @ self._asked_calls))

    def _units(self, at: int, kind: str, matrix: Floats, asked: Floats, others: Floats) -> Floats:
        wanted = matrix @ asked
        room = np.minimum(self._growing[kind].room(at, wanted + others), self._caps[kind])
        free = np.maximum(room - others, 0.0)
        shares = np.minimum(1.0, free / np.maximum(wanted, 1e-9))
        if shares.min() >= 1:
            return self._everyone
        for place in np.nonzero(shares < 1)[0]:
            turned = float(wanted[place] * (1 - shares[place]) / max(matrix[place].max(), 1e-9))
            self._breaks.note(f"DynamoDB table: {kind} of {self.tables[place]}", at, turned)
        return self._least(shares, kind)

    def _least(self, shares: Floats, kind: str) -> Floats:
        """For each step the least share among the things that it uses."""
        found: Floats = np.where(self._uses[kind], shares[:, None], 1.0).min(axis=0)
        return found

    def _shared(self, at: int, asked: Floats) -> Floats:
        shares = self._everyone
        for place, name, room in SHARED:
            if asked[place] > room:
                self._breaks.note(f"one item of DynamoDB: {name}", at, asked[place] - room)
                shares = shares.copy()
                shares[place] = room / asked[place]
        return shares


class _Growing:
    """Room of tables on demand: what they are warm for, or twice the peak of half an hour ago."""

    def __init__(self, tables: int, warm: float, most: float) -> None:
        self._warm, self._most = min(warm, most), most
        self._peaks: list[Floats] = []
        self._now = np.zeros(tables)
        self._before = np.zeros(tables)

    def room(self, at: int, wanted: Floats) -> Floats:
        """Units that each table takes in this second."""
        minute = at // 60
        if minute > len(self._peaks):
            self._peaks += [self._now.copy()] * (minute - len(self._peaks))
            self._now[:] = 0
            old = minute - int(quota("table_doubling")) // 60
            if old >= 0:
                self._before = np.maximum(self._before, self._peaks[old])
        room = np.minimum(np.maximum(self._warm, 2 * self._before), self._most)
        self._now = np.maximum(self._now, np.minimum(wanted, room))
        return room


def _matrix(names: tuple[str, ...], per_step: list[dict[str, float]]) -> Floats:
    return np.array([[step.get(name, 0.0) for step in per_step] for name in names])
