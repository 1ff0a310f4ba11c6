"""The rules of the readiness test, on a bank of invented questions."""

from __future__ import annotations

import hashlib
from collections import Counter
from dataclasses import replace

import pytest

from functions.programme import ability_test as rules
from functions.programme.ability_test import Attempt, Question
from functions.programme.times import HOUR, MINUTE

NOW = 1_767_589_200_000
TOPICS = 10


def bank_of(size: int, topics: int = TOPICS) -> dict[str, Question]:
    options = tuple({"id": word, "en": word} for word in ("a", "b", "c", "d"))
    return {
        f"q{n}": Question(f"q{n}", f"t{n % topics}", {"id": "?", "en": "?"}, options, n % 4)
        for n in range(size)
    }


BANK = bank_of(60)


def seed(name: object) -> bytes:
    return hashlib.sha256(str(name).encode()).digest()


def answered(attempt: Attempt, right: int, wrong: int = 0) -> Attempt:
    """The attempt with its first questions answered: `right` well, then `wrong` badly."""
    answers = {}
    for place in range(right + wrong):
        key = BANK[attempt.questions[place]].answer
        wanted = key if place < right else (key + 1) % 4
        answers[str(place + 1)] = attempt.orders[place].index(wanted)
    return replace(attempt, answers=answers)


def test_the_policy_is_twenty_questions_in_thirty_minutes_three_times_a_day_apart():
    policy = (rules.QUESTIONS, rules.PASS, rules.LIMIT, rules.ATTEMPTS, rules.WAIT)
    assert policy == (20, 12, 30 * MINUTE, 3, 24 * HOUR)


def test_a_draw_has_twenty_different_questions_and_two_of_each_of_ten_topics():
    for n in range(50):
        questions, orders = rules.draw(BANK, seed(n))
        assert len(set(questions)) == 20
        assert set(Counter(BANK[name].topic for name in questions).values()) == {2}
        assert all(sorted(order) == [0, 1, 2, 3] for order in orders)
        assert len(orders) == 20


def test_topics_share_twenty_questions_as_evenly_as_they_can():
    questions, _ = rules.draw(bank := bank_of(70, topics=7), seed("seven"))
    counts = Counter(bank[name].topic for name in questions)
    assert sorted(counts.values()) == [2, 3, 3, 3, 3, 3, 3]


def test_the_same_seed_draws_the_same_test_and_another_seed_another():
    assert rules.draw(BANK, seed(1)) == rules.draw(BANK, seed(1))
    assert rules.draw(BANK, seed(1)) != rules.draw(BANK, seed(2))


def test_every_question_and_every_place_of_an_option_is_drawn_equally_often():
    draws = 1_500
    questions: Counter[str] = Counter()
    first: Counter[str] = Counter()
    orders: Counter[tuple[int, ...]] = Counter()
    for n in range(draws):
        names, shown = rules.draw(BANK, seed(f"uniform {n}"))
        questions.update(names)
        first[names[0]] += 1
        orders.update(shown)
    # Chi-squared; the bounds are beyond its 99.99th percentile, and the seeds are fixed.
    assert chi_squared(questions, 60, draws * 20) < 100
    assert chi_squared(first, 60, draws) < 110
    assert chi_squared(orders, 24, draws * 20) < 60


def chi_squared(counts: Counter, kinds: int, total: int) -> float:
    expected = total / kinds
    return sum((n - expected) ** 2 for n in counts.values()) / expected + expected * (
        kinds - len(counts)
    )


def test_words_that_would_make_small_numbers_likelier_are_dropped():
    top = 2**32 - 1  # 2**32 % 3 == 1, so exactly this word has no partner
    assert rules._below(3, iter([top, 5])) == 2
    assert rules._below(4, iter([top])) == 3


def test_three_attempts_on_sixty_questions_never_repeat_one():
    first = rules.begin(None, BANK, seed("first"), NOW)
    second = rules.begin(first, BANK, seed("second"), NOW)
    third = rules.begin(second, BANK, seed("third"), NOW)
    assert len({*first.questions, *second.questions, *third.questions}) == 60
    assert [a.number for a in (first, second, third)] == [1, 2, 3]


def test_a_small_bank_repeats_only_what_it_must():
    bank = bank_of(30)
    first = rules.begin(None, bank, seed("first"), NOW)
    second = rules.begin(first, bank, seed("second"), NOW)
    assert len(set(second.questions) & set(first.questions)) == 10


def test_a_retired_question_is_not_drawn_but_still_scored():
    attempt = answered(rules.begin(None, BANK, seed("before"), NOW), right=20)
    bank = dict(BANK)
    for name in attempt.questions:
        bank[name] = replace(bank[name], retired=True)
    assert rules.score(attempt, bank) == 20
    assert not set(rules.draw(bank, seed("after"))[0]) & set(attempt.questions)


def test_a_bank_that_is_too_small_and_a_short_seed_are_refused():
    with pytest.raises(ValueError, match="fewer than 20"):
        rules.draw(bank_of(19), seed(1))
    with pytest.raises(ValueError, match="32 bytes"):
        rules.draw(BANK, b"short")


@pytest.mark.parametrize(("right", "passed"), [(0, False), (11, False), (12, True), (20, True)])
def test_twelve_right_answers_pass_and_eleven_do_not(right: int, passed: bool):
    open_attempt = answered(rules.begin(None, BANK, seed(3), NOW), right, wrong=20 - right)
    ended = rules.settled(open_attempt, BANK, NOW + MINUTE)
    assert ended.score == right
    assert (ended.passed_at is not None) == passed
    assert (ended.next_at is None) == passed


def test_unanswered_questions_are_not_right():
    attempt = answered(rules.begin(None, BANK, seed(4), NOW), right=5)
    assert rules.score(attempt, BANK) == 5


def test_an_attempt_settled_late_ends_at_its_deadline():
    attempt = rules.begin(None, BANK, seed(5), NOW)
    ended = rules.settled(attempt, BANK, NOW + 90 * HOUR)
    assert ended.submitted_at == NOW + 30 * MINUTE
    assert ended.next_at == NOW + 30 * MINUTE + 24 * HOUR


def test_an_attempt_is_open_through_its_last_millisecond():
    attempt = rules.begin(None, BANK, seed(6), NOW)
    assert rules.state(attempt, NOW + 30 * MINUTE) == "open"
    assert rules.state(attempt, NOW + 30 * MINUTE + 1) == "overdue"


def test_the_third_failure_is_the_last():
    attempt: Attempt | None = None
    states, left = [rules.state(attempt, NOW)], []
    for n in range(3):
        attempt = rules.settled(rules.begin(attempt, BANK, seed(n), NOW), BANK, NOW)
        states.append(rules.state(attempt, NOW))
        left.append(rules.tries_left(attempt))
    assert states == ["none", "failed", "failed", "spent"]
    assert left == [2, 1, 0]
    assert attempt is not None
    assert attempt.next_at is None


def test_a_pass_on_the_third_try_is_a_pass():
    third = replace(rules.begin(None, BANK, seed(7), NOW), number=3)
    ended = rules.settled(answered(third, right=12), BANK, NOW)
    assert rules.state(ended, NOW) == "passed"
