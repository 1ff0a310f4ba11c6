"""The daily job that deletes what is no longer to be kept (programme/retention.py).

It goes through each table page by page and notes after each how far it is, so a tick goes on where
the last one stopped. Every step may be done twice. The end of a run is recorded in the chain `jobs`
with its counts, also when there was nothing to do: so a day without a run shows.
"""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import datetime

from functions.cloud import chain
from functions.cloud.chain import Act
from functions.cloud.runtime import Runtime
from functions.cloud.tables import (
    ConditionFailed,
    Delete,
    Item,
    Put,
    Update,
    equals,
    missing,
)
from functions.programme import retention as rules
from functions.programme.times import SECOND, WIB
from functions.verify.erasure import WHO, erase_photos

# From this hour in Jakarta; few people are awake. It takes minutes: by the second it must be done.
BEGINS = 2
ENDS_BY = 6
PAGE = 500
# Of each tick; the worker lives for a minute.
TIME = 25 * SECOND
MOST_PAGES = 1_000
WITHOUT_ANSWERS: Item = {"questions": [], "orders": [], "answers": {}, "seen": []}

log = logging.getLogger("gelombang.retention")

Work = Callable[[Runtime, Sequence[Item], int], Counter[str]]


def run_due(runtime: Runtime) -> bool:
    """Begin today's run or go on with it; whether it came to its end in this call."""
    run = _todays(runtime)
    if run is None or "done_at" in run:
        return False
    ends_at = runtime.clock() + TIME
    for _ in range(MOST_PAGES):
        if run["step"] >= len(STEPS):
            return _end(runtime, run)
        moved = _page(runtime, run)
        if moved is None or runtime.clock() >= ends_at:
            return False
        run = moved
    return False


def unfinished(runtime: Runtime) -> bool:
    """Whether today's run should have come to its end by now and has not."""
    moment = datetime.fromtimestamp(runtime.clock() / SECOND, WIB)
    if moment.hour < ENDS_BY:
        return False
    return "done_at" not in (runtime.tables.get("cases", _run_of(moment)) or {})


def _run_of(moment: datetime) -> dict[str, str]:
    return {"case": f"retention#{moment.date().isoformat()}"}


def _todays(runtime: Runtime) -> Item | None:
    """Today's run, begun if it is time; None before."""
    now = runtime.clock()
    moment = datetime.fromtimestamp(now / SECOND, WIB)
    if moment.hour < BEGINS:
        return None
    key = _run_of(moment)
    found = runtime.tables.get("cases", key)
    if found is not None:
        return found
    run: Item = {**key, "begun_at": now, "step": 0, "turn": 0, "counts": {}}
    try:
        runtime.tables.write(Put("cases", run, when=missing("case")))
    except ConditionFailed as error:
        return error.failed[0]
    return run


def _page(runtime: Runtime, run: Item) -> Item | None:
    """One page of one table, and how far that is; None when another worker was quicker."""
    table, work = STEPS[run["step"]]
    items, after = runtime.tables.scan_page(table, run.get("after"), limit=PAGE)
    found = work(runtime, items, runtime.clock())
    counts = Counter({name: int(count) for name, count in run["counts"].items()}) + found
    change: Item = {"turn": run["turn"] + 1, "counts": dict(counts)}
    moved = {**run, **change, "after": after}
    if after is None:
        change["step"] = moved["step"] = run["step"] + 1
        del moved["after"]
    else:
        change["after"] = after
    saved = Update(
        "cases",
        {"case": run["case"]},
        set=change,
        remove=("after",) if after is None else (),
        when=equals("turn", run["turn"]),
    )
    try:
        runtime.tables.write(saved)
    except ConditionFailed:
        return None
    return moved


def _end(runtime: Runtime, run: Item) -> bool:
    now = runtime.clock()
    counts = tuple(f"{name}:{int(count)}" for name, count in sorted(run["counts"].items()))
    ended = Update("cases", {"case": run["case"]}, set={"done_at": now}, when=missing("done_at"))
    act = Act(WHO, "retention", run["case"], counts)
    try:
        chain.append(runtime.tables, chain.JOBS, now, act, ended)
    except ConditionFailed:
        return False
    log.info("retention: %s", " ".join(counts) or "nothing was due")
    return True


def _photos(runtime: Runtime, items: Sequence[Item], now: int) -> Counter[str]:
    owners = sorted({item["applicant"] for item in items})
    keys = [{"applicant": applicant} for applicant in owners]
    found = {item["applicant"]: item for item in runtime.tables.get_many("readiness", keys)}
    closes = {int(w["wave"]): int(w["closes_at"]) for w in runtime.tables.scan("waves")}
    counts: Counter[str] = Counter()
    for item in items:
        why = rules.photo_due(item, found.get(item["applicant"]), closes, now)
        if why is not None:
            _forget_photo(runtime, item)
            counts[f"photo_{why}"] += 1
    return counts


def _forget_photo(runtime: Runtime, item: Item) -> None:
    """The readiness first: who has no photo any more must not be able to join."""
    kind, photo = str(item["kind"]), str(item["photo"])
    gone = (kind, "ktp_nik_mac") if kind == "ktp" else (kind,)
    key = {"applicant": item["applicant"]}
    with suppress(ConditionFailed):  # it was not the one that counts
        runtime.tables.write(Update("readiness", key, remove=gone, when=equals(kind, photo)))
    erase_photos(runtime, item["applicant"], photo)


def _tests(runtime: Runtime, items: Sequence[Item], now: int) -> Counter[str]:
    due = [item for item in items if rules.answers_due(item, now)]
    for item in due:
        key = {"applicant": item["applicant"]}
        same = equals("passed_at", item["passed_at"])
        runtime.tables.write(Update("tests", key, set=WITHOUT_ANSWERS, when=same))
    return Counter({"test_answers": len(due)})


def _objections(runtime: Runtime, items: Sequence[Item], now: int) -> Counter[str]:
    due = [item for item in items if rules.objection_due(item, now)]
    for item in due:
        key = {"applicant": item["applicant"], "wave": item["wave"]}
        runtime.tables.write(Delete("objections", key))
    return Counter({"objection": len(due)})


def _cases(runtime: Runtime, items: Sequence[Item], now: int) -> Counter[str]:
    due = [item for item in items if rules.case_due(item, now)]
    for item in due:
        runtime.tables.write(Delete("cases", {"case": item["case"]}))
    return Counter({"case": len(due)})


STEPS: tuple[tuple[str, Work], ...] = (
    ("photos", _photos),
    ("tests", _tests),
    ("objections", _objections),
    ("cases", _cases),
)
