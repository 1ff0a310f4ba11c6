"""The readiness test: which questions an attempt has, when it ends, what it scores.

A pass is one of the eight things an applicant needs before joining a wave. The
score has no part in the draw. docs/ability-test.md says how questions are made.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterator, Mapping, MutableSequence
from dataclasses import dataclass, replace
from itertools import count
from typing import Any, Literal

from functions.programme.times import HOUR, MINUTE

# The whole policy of the test. Times are in milliseconds.
ATTEMPTS = 3
QUESTIONS = 20
LIMIT = 30 * MINUTE
PASS = 12
WAIT = 24 * HOUR

OPTIONS = 4
SEED_BYTES = 32

State = Literal["none", "open", "overdue", "failed", "passed", "spent"]


@dataclass(frozen=True)
class Question:
    """One question of the bank; `text` and each option map a language to words."""

    id: str
    topic: str
    text: Mapping[str, str]
    options: tuple[Mapping[str, str], ...]
    answer: int
    retired: bool = False


Bank = Mapping[str, Question]


@dataclass(frozen=True)
class Attempt:
    """The latest attempt of one applicant; times in milliseconds.

    `orders[i][k]` is the option of the bank that question i shows in place k;
    `answers` maps `1`...`20` to the place that was chosen; `seen` are the questions
    of the attempts before.
    """

    number: int
    questions: tuple[str, ...]
    orders: tuple[tuple[int, ...], ...]
    started_at: int
    deadline_at: int
    answers: Mapping[str, int]
    seen: tuple[str, ...] = ()
    submitted_at: int | None = None
    score: int | None = None
    passed_at: int | None = None
    next_at: int | None = None


def state(attempt: Attempt | None, now: int) -> State:
    """Where an applicant stands. `overdue` is an open attempt that must be settled."""
    if attempt is None:
        return "none"
    if attempt.passed_at is not None:
        return "passed"
    if attempt.submitted_at is None:
        return "open" if now <= attempt.deadline_at else "overdue"
    return "failed" if attempt.number < ATTEMPTS else "spent"


def tries_left(attempt: Attempt) -> int:
    """Attempts still to come after this one; none are needed after a pass."""
    return 0 if attempt.passed_at is not None else ATTEMPTS - attempt.number


def begin(previous: Attempt | None, bank: Bank, seed: bytes, now: int) -> Attempt:
    """The attempt that follows `previous`, with its clock started at `now`.

    Whether it may begin is for the caller to ask (`state` and `next_at`).
    """
    seen = previous.seen + previous.questions if previous else ()
    questions, orders = draw(bank, seed, seen)
    return Attempt(
        number=previous.number + 1 if previous else 1,
        questions=questions,
        orders=orders,
        started_at=now,
        deadline_at=now + LIMIT,
        answers={},
        seen=seen,
    )


def settled(attempt: Attempt, bank: Bank, now: int) -> Attempt:
    """The attempt as submitted at `now`, or at its deadline when that has passed.

    Counting from the deadline, the wait does not grow while nobody looks.
    """
    at = min(now, attempt.deadline_at)
    points = score(attempt, bank)
    passed = points >= PASS
    return replace(
        attempt,
        submitted_at=at,
        score=points,
        passed_at=at if passed else None,
        next_at=None if passed or attempt.number >= ATTEMPTS else at + WAIT,
    )


def score(attempt: Attempt, bank: Bank) -> int:
    """How many answers are right; an unanswered question is simply not right."""
    points = 0
    shown = zip(attempt.questions, attempt.orders, strict=True)
    for number, (question, order) in enumerate(shown, start=1):
        choice = attempt.answers.get(str(number))
        points += choice is not None and order[choice] == bank[question].answer
    return points


def draw(
    bank: Bank, seed: bytes, seen: Collection[str] = ()
) -> tuple[tuple[str, ...], tuple[tuple[int, ...], ...]]:
    """20 questions and the order of the options of each, decided by `seed` alone.

    The topics take turns, so that each has its share; within a topic those not
    in `seen` come first. Retired questions are not drawn. Raises ValueError when
    the seed is not 32 bytes or the bank is too small.
    """
    if len(seed) != SEED_BYTES:
        raise ValueError(f"the seed must be {SEED_BYTES} bytes")
    words = _words(seed)
    topics: dict[str, list[str]] = {}
    for question in bank.values():
        if not question.retired:
            topics.setdefault(question.topic, []).append(question.id)
    for names in topics.values():
        _shuffle(names, words)
        names.sort(key=lambda name: name in seen)  # stable: keeps the shuffle on each side
    piles = list(topics.values())
    _shuffle(piles, words)

    taken: list[str] = []
    while len(taken) < QUESTIONS:
        turn = [pile.pop(0) for pile in piles if pile]
        if not turn:
            raise ValueError(f"the bank has fewer than {QUESTIONS} questions")
        taken += turn
    del taken[QUESTIONS:]
    _shuffle(taken, words)

    orders = []
    for name in taken:
        order = list(range(len(bank[name].options)))
        _shuffle(order, words)
        orders.append(tuple(order))
    return tuple(taken), tuple(orders)


def _words(seed: bytes) -> Iterator[int]:
    """An endless stream of 32-bit words: SHA-256 of the seed and a counter."""
    for block in count():
        digest = hashlib.sha256(seed + block.to_bytes(8, "big")).digest()
        for start in range(0, len(digest), 4):
            yield int.from_bytes(digest[start : start + 4], "big")


def _below(limit: int, words: Iterator[int]) -> int:
    """A uniform number in 0...limit-1; words beyond the last full multiple are dropped."""
    end = 2**32 - 2**32 % limit
    return next(word for word in words if word < end) % limit


def _shuffle(items: MutableSequence[Any], words: Iterator[int]) -> None:
    """Fisher-Yates, in place."""
    for last in range(len(items) - 1, 0, -1):
        other = _below(last + 1, words)
        items[last], items[other] = items[other], items[last]
