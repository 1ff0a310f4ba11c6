"""The readiness test of one applicant: show, start, answer, submit.

An attempt past its deadline is settled by whichever call sees it first, with
the answers it has. The right answers stay on this side: what goes out is made of
words and of the applicant's own choices.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict
from functools import cache
from pathlib import Path
from typing import Any

from functions.cloud.runtime import Runtime
from functions.cloud.tables import (
    Busy,
    Condition,
    ConditionFailed,
    Item,
    Put,
    Update,
    all_of,
    at_least,
    at_most,
    equals,
    exists,
    missing,
)
from functions.programme import ability_test as rules
from functions.programme.ability_test import Attempt, Question
from functions.programme.times import iso
from functions.verify import accounts
from functions.web.errors import Conflict, Unauthorized, Unprocessable

# Times that a write is tried anew because another call changed the attempt meanwhile.
TRIES = 5


def show(runtime: Runtime, applicant: str) -> dict[str, Any]:
    """The `test` of docs/data.md. Starts nothing; settles an attempt that is overdue."""
    now = runtime.clock()
    return _shown(settle_overdue(runtime, applicant, now), now)


def start(runtime: Runtime, applicant: str) -> dict[str, Any]:
    """Begin the next attempt, or resume the running one; the answer is that of `show`.

    Raises Conflict `test_passed`, `test_spent`, `test_wait` {next_at}.
    """
    for _ in range(TRIES):
        now = runtime.clock()
        attempt = settle_overdue(runtime, applicant, now)
        state = rules.state(attempt, now)
        if state == "open":
            return _shown(attempt, now)
        if state in ("passed", "spent"):
            raise Conflict(f"test_{state}")
        if attempt is not None and attempt.next_at is not None and now < attempt.next_at:
            raise Conflict("test_wait", next_at=iso(attempt.next_at))
        fresh = rules.begin(attempt, bank(), runtime.random(rules.SEED_BYTES), now)
        when = missing("attempt") if attempt is None else _may_follow(attempt, now)
        try:
            runtime.tables.write(Put("tests", _item(applicant, fresh), when))
        except ConditionFailed:
            continue
        return _shown(fresh, now)
    raise Busy()


def answer(
    runtime: Runtime, applicant: str, number: int, choice: int, *, attempt: int | None = None
) -> None:
    """Keep `choice` (place 0-3, as shown) for question `number` (1-20); the last one counts.

    With `attempt`, only for that attempt: a page left open since yesterday's must
    not answer today's. Raises Unprocessable `question_unknown` or `choice_unknown`;
    Conflict `test_over` when no attempt, or not that one, is running.
    """
    if not 1 <= number <= rules.QUESTIONS:
        raise Unprocessable("question_unknown")
    if not 0 <= choice < rules.OPTIONS:
        raise Unprocessable("choice_unknown")
    now = runtime.clock()
    running = [exists("attempt"), missing("submitted_at"), at_least("deadline_at", now)]
    if attempt is not None:
        running.append(equals("attempt", attempt))
    try:
        runtime.tables.write(
            Update(
                "tests",
                {"applicant": applicant},
                set={f"answers.{number}": choice},
                add={"revision": 1},
                when=all_of(*running),
            )
        )
    except ConditionFailed as error:
        settle_overdue(runtime, applicant, now)
        raise Conflict("test_over") from error


def submit(runtime: Runtime, applicant: str, *, attempt: int | None = None) -> dict[str, Any]:
    """End the running attempt and say how it went.

    Returns {passed, score, of, pass_mark, tries_left, next_at}. A repeat gets the same
    result, since the first answer may have been lost on the way. With `attempt`, only
    for that one, as in `answer`. Raises Conflict `test_over` when the latest attempt is
    another, or there has never been one.
    """
    ended = _settle(runtime, applicant, runtime.clock(), running=True, only=attempt)
    if ended is None:
        raise Conflict("test_over")
    return {
        "passed": ended.passed_at is not None,
        "score": ended.score,
        "of": rules.QUESTIONS,
        "pass_mark": rules.PASS,
        "tries_left": rules.tries_left(ended),
        "next_at": _iso(ended.next_at),
    }


def settle_overdue(runtime: Runtime, applicant: str, now: int) -> Attempt | None:
    """The applicant's latest attempt, settled first if its deadline is before `now`."""
    return _settle(runtime, applicant, now)


def _settle(
    runtime: Runtime, applicant: str, now: int, *, running: bool = False, only: int | None = None
) -> Attempt | None:
    """The latest attempt, ended if overdue, or also if `running`; None if it is not `only`."""
    due = ("overdue", "open") if running else ("overdue",)
    ours = running
    for _ in range(TRIES):
        item = runtime.tables.get("tests", {"applicant": applicant})
        if item is None or only not in (None, item["attempt"]):
            return None
        attempt = _attempt(item)
        if rules.state(attempt, now) not in due:
            if ours:  # it was ended by us, or by a try that may have died before the note
                _note_pass(runtime, applicant, attempt)
            return attempt
        ended, ours = rules.settled(attempt, bank(), now), True
        try:
            _write_settled(runtime, applicant, ended, item["revision"])
        except ConditionFailed:
            continue
        _note_pass(runtime, applicant, ended)
        return ended
    raise Busy()


def _note_pass(runtime: Runtime, applicant: str, attempt: Attempt) -> None:
    """Make who has passed ready. Raises Conflict `test_over` when the account is gone."""
    if attempt.passed_at is None:
        return
    try:
        accounts.note_done(runtime, applicant, test=attempt.passed_at)
    except Unauthorized as error:
        raise Conflict("test_over") from error


def _write_settled(runtime: Runtime, applicant: str, ended: Attempt, revision: int) -> None:
    """Write the end of an attempt.

    `revision` keeps an answer that arrives between read and write from being
    confirmed to the applicant yet left out of the score.
    """
    key = {"applicant": applicant}
    changes = {
        name: value
        for name in ("submitted_at", "score", "passed_at", "next_at")
        if (value := getattr(ended, name)) is not None
    }
    still_open = all_of(
        equals("attempt", ended.number), missing("submitted_at"), equals("revision", revision)
    )
    runtime.tables.write(Update("tests", key, set=changes, add={"revision": 1}, when=still_open))


def _may_follow(previous: Attempt, now: int) -> Condition:
    """The write of a new attempt: `previous` is still the latest, failed, and long enough ago."""
    return all_of(
        equals("attempt", previous.number),
        exists("submitted_at"),
        missing("passed_at"),
        at_most("next_at", now),
    )


def _shown(attempt: Attempt | None, now: int) -> dict[str, Any]:
    state = rules.state(attempt, now)
    running = attempt if state == "open" else None
    return {
        "state": state,
        "attempt": attempt.number if attempt else 0,
        "attempts": rules.ATTEMPTS,
        "questions": _questions(running) if running else [],
        "answers": dict(running.answers) if running else {},
        "deadline": iso(running.deadline_at) if running else None,
        "score": attempt.score if attempt else None,
        "of": rules.QUESTIONS,
        "pass_mark": rules.PASS,
        "next_at": _iso(attempt.next_at) if attempt else None,
        "server_time": iso(now),
    }


def _questions(attempt: Attempt) -> list[dict[str, Any]]:
    shown = []
    pairs = zip(attempt.questions, attempt.orders, strict=True)
    for number, (name, order) in enumerate(pairs, start=1):
        question = bank()[name]
        options = [dict(question.options[place]) for place in order]
        shown.append({"n": number, "text": dict(question.text), "options": options})
    return shown


def _iso(at: int | None) -> str | None:
    return None if at is None else iso(at)


def _item(applicant: str, attempt: Attempt) -> Item:
    """An attempt as it is stored; what has not happened yet is left out."""
    values = {name: value for name, value in asdict(attempt).items() if value is not None}
    values["attempt"] = values.pop("number")
    values["questions"] = list(attempt.questions)
    values["orders"] = [list(order) for order in attempt.orders]
    values["seen"] = list(attempt.seen)
    return {"applicant": applicant, "revision": 1, **values}


def _attempt(item: Mapping[str, Any]) -> Attempt:
    return Attempt(
        number=item["attempt"],
        questions=tuple(item["questions"]),
        orders=tuple(tuple(order) for order in item["orders"]),
        started_at=item["started_at"],
        deadline_at=item["deadline_at"],
        answers=item["answers"],
        seen=tuple(item["seen"]),
        submitted_at=item.get("submitted_at"),
        score=item.get("score"),
        passed_at=item.get("passed_at"),
        next_at=item.get("next_at"),
    )


@cache
def bank() -> rules.Bank:
    """The questions of `questions.json` by id, read once in a process."""
    text = Path(__file__).with_name("questions.json").read_text(encoding="utf-8")
    entries = [{**entry, "options": tuple(entry["options"])} for entry in json.loads(text)]
    return {entry["id"]: Question(**entry) for entry in entries}
