"""The queue model beside real queues: letters and photos on the local stack, at three seeded loads.

The stack's worker process does the work, from the moto queue to the mail or the verdict. First a
load of its own tells how long a batch and a message take here and now; from these the model (ops/
opening/servers.py) says p50, p99 and the largest backlog of each load before it is worked off. What
the messages are about is written beforehand, and letters are sent beforehand too, with the queue's
delay, so that only the queue and its worker are busy during a load: all calls share one moto.
"""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from statistics import fmean, median

from functions.cloud.clients import Clients
from functions.cloud.outbox import Letter, row
from functions.cloud.runtime import Runtime, runtime_from
from functions.cloud.tables import Put
from functions.programme.times import HOUR, SECOND
from functions.verify import retention
from local.cards.person import invented_person
from local.cards.render import photo_of
from local.clock import FileClock
from local.settings import environment
from local.setup import prepare
from local.worker import PAUSE_SECONDS
from ops.opening.measured import batch_size
from ops.opening.servers import Course, Workers, serve
from tests.bench.waves_on_moto import _worker
from tests.local.stack import running_moto, surroundings

TOLERANCE = 0.25
# Below these a difference is smaller than what a person, or a chart, can tell.
LEAST_SECONDS, LEAST_BACKLOG = 0.1, 3
PATIENCE_SECONDS = 900
# Full batches of a burst, from which it is told what a batch and a message take.
BATCHES = 5
# Seconds that sending a message may take, before the first one of a load arrives.
SENDING = 0.05
# Loads by name: how many of the messages that the worker can do come in a second, and for how long
# (in messages of a batch): a calm hour, a busy one, and a rush that the worker cannot follow.
LOADS = {"calm": 0.4, "busy": 0.7, "rush": 3.0}


@dataclass(frozen=True)
class Queue:
    """One kind of queue of the stack.

    prepare   makes what a message is about, and gives what `send` takes
    send      lets it arrive after so many whole seconds
    ahead     whether it can be sent ahead of its time; else only with 0 seconds
    done      when it was done, in milliseconds; None: not yet
    """

    name: str
    function: str
    messages: int
    prepare: Callable[[Runtime, int], str]
    send: Callable[[Runtime, str, int], None]
    ahead: bool
    done: Callable[[Runtime, str], int | None]


def prepare_letter(runtime: Runtime, number: int) -> str:
    """A row of the outbox that no tick finds, since it is due much later."""
    letter = Letter(
        message=runtime.random(16).hex(), channel="mail", template="confirm_email",
        to=f"warga-{number}@contoh.example", language="id",
        parameters={"code": "123456", "token": f"{'a' * 32}.{'b' * 64}"},
    )  # fmt: skip
    put = row(runtime.vault, letter, runtime.clock())
    later = {**put.item, "due_at": runtime.clock() + HOUR}
    runtime.tables.write(Put("outbox", later, when=put.when))
    return letter.message


def send_letter(runtime: Runtime, message: str, seconds: int) -> None:
    sqs = Clients(runtime.config)("sqs")
    url = sqs.get_queue_url(QueueName=runtime.config.name("outbox"))["QueueUrl"]
    body = json.dumps({"message": message})
    sqs.send_message(QueueUrl=url, MessageBody=body, DelaySeconds=seconds)


def sent_at(runtime: Runtime, message: str) -> int | None:
    return (runtime.tables.get("outbox", {"message": message}) or {}).get("sent_at")


def prepare_photo(runtime: Runtime, number: int) -> str:
    """A photo that is awaited."""
    applicant, photo = runtime.random(16).hex(), runtime.random(16).hex()
    item = {
        "applicant": applicant, "photo": photo, "kind": "ktp", "state": "waiting",
        "size": 1, "content_type": "image/jpeg", "created_at": runtime.clock(),
    }  # fmt: skip
    runtime.tables.write(Put("photos", item))
    return f"{applicant}/{photo}"


_PICTURE: list[bytes] = []


def send_photo(runtime: Runtime, key: str, seconds: int) -> None:
    assert seconds == 0, "what S3 tells is told at once"
    if not _PICTURE:
        _PICTURE.append(photo_of(invented_person(1), 5, "good"))
    runtime.files.write("incoming", key, _PICTURE[0], content_type="image/jpeg")


def decided_at(runtime: Runtime, key: str) -> int | None:
    applicant, photo = key.split("/")
    found = runtime.tables.get("photos", {"applicant": applicant, "photo": photo})
    return (found or {}).get("decided_at")


QUEUES = (
    Queue("letters", "verify_worker", 80, prepare_letter, send_letter, True, sent_at),
    Queue("photos", "upload_worker", 25, prepare_photo, send_photo, False, decided_at),
)


@dataclass(frozen=True)
class Compared:
    """One measure of one load."""

    queue: str
    load: str
    measure: str
    predicted: float
    measured: float
    least: float

    @property
    def off(self) -> float:
        """By what share of the measured value the prediction is off."""
        return abs(self.predicted - self.measured) / max(self.measured, 1e-9)

    @property
    def kept(self) -> bool:
        """Within a quarter, or nearer than matters."""
        return self.off <= TOLERANCE or abs(self.predicted - self.measured) <= self.least

    def told(self) -> str:
        """One line."""
        return (
            f"{'kept  ' if self.kept else 'MISSED'} {self.queue:8} {self.load:5} "
            f"{self.measure:8} predicted {self.predicted:8.2f}  measured {self.measured:8.2f}  "
            f"{self.off:6.1%}"
        )


def compare(seed: int, only: str | None = None) -> Iterator[Compared]:
    """All queues, or only one, at each load, on a stack of their own."""
    with running_moto() as where, surroundings(where):
        runtime = runtime_from(environment(where, os.environ), FileClock(where.clock_file))
        prepare(where)
        # Else the worker's first tick takes the photos here for those of accounts that are gone.
        retention.run_due(runtime)
        with _worker(where) as worker:
            for queue in (queue for queue in QUEUES if only in (None, queue.name)):
                yield from compare_queue(runtime, worker, queue, seed)


def compare_queue(
    runtime: Runtime, worker: subprocess.Popen[bytes], queue: Queue, seed: int
) -> Iterator[Compared]:
    """One queue: before each load it is measured how long a message takes now, alone."""
    chance = random.Random(seed)
    work_off(runtime, queue, *arrive(runtime, queue, [0.0]))
    for load, share in LOADS.items():
        singles = work_off(
            runtime, queue, *arrive(runtime, queue, [0.7 * place for place in range(5)])
        )
        burst = burst_of(runtime, worker, queue)
        workers, gaps = calibrated(singles, burst, batch_size(queue.function))
        rate = workers.batch / (workers.fixed + workers.after + workers.batch * fmean(gaps))
        things, came = arrive(runtime, queue, arrivals(chance, queue.messages, share * rate))
        draws = random.Random(seed + 1)
        predicted = serve(came, workers, partial(draws.choice, gaps))
        measured = work_off(runtime, queue, things, came)
        for share_of in (0.5, 0.99):
            yield Compared(
                queue.name, load, f"p{share_of * 100:.0f} s",
                predicted.quantile(share_of), measured.quantile(share_of), LEAST_SECONDS,
            )  # fmt: skip
        yield Compared(
            queue.name, load, "backlog",
            predicted.largest_backlog(), measured.largest_backlog(), LEAST_BACKLOG,
        )  # fmt: skip


def burst_of(runtime: Runtime, worker: subprocess.Popen[bytes], queue: Queue) -> Course:
    """Full batches, which lie there when the worker looks."""
    with held(worker):
        things, came = arrive(runtime, queue, [0.0] * (BATCHES * batch_size(queue.function)), 0)
    return work_off(runtime, queue, things, came)


@contextmanager
def held(worker: subprocess.Popen[bytes]) -> Iterator[None]:
    """Stop the worker process for a while."""
    worker.send_signal(signal.SIGSTOP)
    try:
        yield
    finally:
        worker.send_signal(signal.SIGCONT)


def arrivals(chance: random.Random, count: int, rate: float) -> list[float]:
    """Times of chance at a rate, ascending; seconds."""
    at, found = 0.0, []
    for _ in range(count):
        at += chance.expovariate(rate)
        found.append(at)
    return found


def arrive(
    runtime: Runtime, queue: Queue, planned: Sequence[float], sending: float = SENDING
) -> tuple[list[str], list[float]]:
    """Let messages arrive at about these times: (what they are about, when they really come, in
    seconds), as they come. Of a queue that allows it all are sent before the first one comes."""
    prepared = [queue.prepare(runtime, number) for number in range(len(planned))]
    begins = runtime.clock() + (sending * len(planned) * SECOND if queue.ahead else 0)
    came = []
    for thing, at in zip(prepared, planned, strict=True):
        ahead = begins / SECOND + at - runtime.clock() / SECOND
        delay = max(0, round(ahead)) if queue.ahead else 0
        if not queue.ahead:
            time.sleep(max(0.0, ahead))
        came.append((runtime.clock() + delay * SECOND, thing))
        queue.send(runtime, thing, delay)
    came.sort()
    return [thing for _, thing in came], [at / SECOND for at, _ in came]


def work_off(runtime: Runtime, queue: Queue, things: list[str], came: list[float]) -> Course:
    """Wait until all of it is done."""
    done = _wait_for(runtime, queue, things)
    return Course(came, [done[thing] / SECOND for thing in things])


def _wait_for(runtime: Runtime, queue: Queue, prepared: list[str]) -> dict[str, int]:
    """Asks for the last ones first, and seldom, so that asking is no load of its own."""
    ends = time.monotonic() + PATIENCE_SECONDS
    done: dict[str, int] = {}
    for thing in reversed(prepared):
        while (at := queue.done(runtime, thing)) is None:
            assert time.monotonic() < ends, f"{queue.name} are never done"
            time.sleep(1)
        done[thing] = at
    return done


def calibrated(singles: Course, burst: Course, batch: int) -> tuple[Workers, list[float]]:
    """(how the queue is worked off, seconds of single messages as they were).

    In a burst all batches are full, so that gaps between two messages tell what a message takes,
    and every `batch`-th one what a batch takes besides.
    """
    ends = sorted(burst.done)
    steps = [(place, ends[place] - ends[place - 1]) for place in range(1, len(ends))]
    within = [gap for place, gap in steps if place % batch]
    between = [gap for place, gap in steps if not place % batch]
    each = fmean(within)
    beside = max(0.0, fmean(between) - each) if between else 0.0
    alone = median(singles.waits) - PAUSE_SECONDS / 2 - each
    fixed = min(max(alone, 0.0), beside)
    workers = Workers(
        batch=batch, fixed=fixed, each=each, after=beside - fixed, pause=PAUSE_SECONDS
    )
    return workers, within
