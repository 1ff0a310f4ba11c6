"""The readiness test as an applicant meets it."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import boto3
import pytest
from moto import mock_aws

from functions.cloud.dynamo import DynamoTables
from functions.cloud.runtime import Runtime
from functions.cloud.tables import Delete, Put, Update
from functions.programme.times import HOUR, MINUTE, SECOND, iso
from functions.verify import ability_test
from functions.web.errors import Conflict, Unprocessable
from tests.cloud.test_tables_contract import PREFIX, create_tables
from tests.fakes import NOON, FakeTables, fake_runtime

WHO = "a" * 32


@pytest.fixture
def runtime() -> Runtime:
    runtime = fake_runtime()
    runtime.tables.write(Put("readiness", {"applicant": WHO}))
    return runtime


def stored(runtime: Runtime) -> dict[str, Any]:
    return runtime.tables.get("tests", {"applicant": WHO})


def ready(runtime: Runtime) -> dict[str, Any]:
    return runtime.tables.get("readiness", {"applicant": WHO})


def places(runtime: Runtime) -> list[int]:
    """Where the right option of each question is shown, as only the server can know."""
    item, bank = stored(runtime), ability_test.bank()
    pairs = zip(item["questions"], item["orders"], strict=True)
    return [order.index(bank[name].answer) for name, order in pairs]


def fill(runtime: Runtime, right: int) -> None:
    """Answer all twenty, the first `right` of them well."""
    for number, place in enumerate(places(runtime), start=1):
        choice = place if number <= right else (place + 1) % 4
        ability_test.answer(runtime, WHO, number, choice)


def attempt(runtime: Runtime, right: int) -> dict[str, Any]:
    ability_test.start(runtime, WHO)
    fill(runtime, right)
    return ability_test.submit(runtime, WHO)


def code_of(call: Any, *arguments: Any, **named: Any) -> tuple[str, dict[str, Any]]:
    with pytest.raises((Conflict, Unprocessable)) as caught:
        call(*arguments, **named)
    return caught.value.code, caught.value.params


def test_before_the_first_attempt_there_is_nothing_and_looking_starts_nothing(runtime):
    assert ability_test.show(runtime, WHO) == {
        "state": "none",
        "attempt": 0,
        "attempts": 3,
        "questions": [],
        "answers": {},
        "deadline": None,
        "score": None,
        "of": 20,
        "pass_mark": 12,
        "next_at": None,
        "server_time": iso(NOON),
    }
    assert stored(runtime) is None


def test_a_started_attempt_shows_twenty_questions_in_two_languages(runtime):
    shown = ability_test.start(runtime, WHO)
    assert (shown["state"], shown["attempt"]) == ("open", 1)
    assert shown["deadline"] == iso(NOON + 30 * MINUTE)
    assert [q["n"] for q in shown["questions"]] == list(range(1, 21))
    for question in shown["questions"]:
        assert set(question) == {"n", "text", "options"}
        assert set(question["text"]) == {"id", "en"}
        assert [set(option) for option in question["options"]] == [{"id", "en"}] * 4


def test_options_are_shown_in_the_stored_order(runtime):
    shown = ability_test.start(runtime, WHO)
    item, bank = stored(runtime), ability_test.bank()
    for question, name, order in zip(
        shown["questions"], item["questions"], item["orders"], strict=True
    ):
        assert question["options"] == [bank[name].options[place] for place in order]
    assert any(order != [0, 1, 2, 3] for order in item["orders"])


def test_twelve_right_answers_pass_and_make_the_applicant_ready(runtime):
    runtime.clock.advance(5 * MINUTE)
    result = attempt(runtime, right=12)
    assert result == {
        "passed": True,
        "score": 12,
        "of": 20,
        "pass_mark": 12,
        "tries_left": 0,
        "next_at": None,
    }
    assert ready(runtime) == {"applicant": WHO, "test": NOON + 5 * MINUTE}
    assert ability_test.show(runtime, WHO)["state"] == "passed"
    assert code_of(ability_test.start, runtime, WHO) == ("test_passed", {})


def test_eleven_right_answers_fail_and_leave_the_applicant_unready(runtime):
    result = attempt(runtime, right=11)
    assert (result["passed"], result["score"], result["tries_left"]) == (False, 11, 2)
    assert result["next_at"] == iso(NOON + 24 * HOUR)
    assert ready(runtime) == {"applicant": WHO}
    shown = ability_test.show(runtime, WHO)
    assert (shown["state"], shown["score"], shown["questions"]) == ("failed", 11, [])


def test_the_next_attempt_waits_twenty_four_hours(runtime):
    attempt(runtime, right=0)
    runtime.clock.advance(24 * HOUR - 1)
    assert code_of(ability_test.start, runtime, WHO) == (
        "test_wait",
        {"next_at": iso(NOON + 24 * HOUR)},
    )
    runtime.clock.advance(1)
    shown = ability_test.start(runtime, WHO)
    assert (shown["attempt"], shown["answers"], shown["score"]) == (2, {}, None)


def test_three_failed_attempts_are_all_there_are(runtime):
    drawn: list[str] = []
    for left in (2, 1, 0):
        result = attempt(runtime, right=3)
        assert result["tries_left"] == left
        drawn += stored(runtime)["questions"]
        runtime.clock.advance(25 * HOUR)
    assert result["next_at"] is None
    assert code_of(ability_test.start, runtime, WHO) == ("test_spent", {})
    assert ability_test.show(runtime, WHO)["state"] == "spent"
    assert len(set(drawn)) == 60  # no question came twice


def test_a_pass_on_the_third_attempt_counts(runtime):
    for _ in range(2):
        attempt(runtime, right=0)
        runtime.clock.advance(24 * HOUR)
    assert attempt(runtime, right=20)["passed"]
    assert ready(runtime)["test"] == NOON + 48 * HOUR


def test_a_resumed_attempt_keeps_questions_order_answers_and_deadline(runtime):
    before = ability_test.start(runtime, WHO)
    ability_test.answer(runtime, WHO, 1, 2)
    ability_test.answer(runtime, WHO, 20, 0)
    runtime.clock.advance(10 * MINUTE)
    after = ability_test.start(runtime, WHO)
    assert after["answers"] == {"1": 2, "20": 0}
    for name in ("questions", "deadline", "attempt", "state"):
        assert after[name] == before[name]
    assert ability_test.show(runtime, WHO) == after


def test_an_answer_can_be_repeated_and_changed(runtime):
    ability_test.start(runtime, WHO)
    for choice in (1, 1, 3):
        ability_test.answer(runtime, WHO, 7, choice)
    assert ability_test.show(runtime, WHO)["answers"] == {"7": 3}


def test_an_answer_in_the_last_moment_counts_and_one_after_it_is_refused(runtime):
    ability_test.start(runtime, WHO)
    runtime.clock.advance(30 * MINUTE)
    ability_test.answer(runtime, WHO, 1, places(runtime)[0])
    runtime.clock.advance(1)
    late = code_of(ability_test.answer, runtime, WHO, 2, places(runtime)[1])
    assert late == ("test_over", {})
    assert stored(runtime)["answers"] == {"1": places(runtime)[0]}
    assert stored(runtime)["score"] == 1  # the late call settled the attempt


def test_an_attempt_past_its_deadline_is_settled_with_what_it_has(runtime):
    ability_test.start(runtime, WHO)
    fill(runtime, right=12)
    runtime.clock.advance(3 * HOUR)
    shown = ability_test.show(runtime, WHO)
    assert (shown["state"], shown["score"]) == ("passed", 12)
    assert ready(runtime)["test"] == NOON + 30 * MINUTE


def test_the_wait_after_a_missed_deadline_counts_from_the_deadline(runtime):
    ability_test.start(runtime, WHO)
    runtime.clock.advance(24 * HOUR)
    waiting = code_of(ability_test.start, runtime, WHO)
    assert waiting == ("test_wait", {"next_at": iso(NOON + 30 * MINUTE + 24 * HOUR)})
    runtime.clock.advance(30 * MINUTE)
    assert ability_test.start(runtime, WHO)["attempt"] == 2


def test_starting_after_a_long_absence_settles_the_old_attempt_and_begins_the_next(runtime):
    ability_test.start(runtime, WHO)
    runtime.clock.advance(30 * 24 * HOUR)
    assert ability_test.start(runtime, WHO)["attempt"] == 2


def test_submitting_after_the_deadline_gives_the_result_of_the_deadline(runtime):
    ability_test.start(runtime, WHO)
    fill(runtime, right=4)
    runtime.clock.advance(2 * HOUR)
    result = ability_test.submit(runtime, WHO)
    assert (result["score"], result["next_at"]) == (4, iso(NOON + 30 * MINUTE + 24 * HOUR))


def test_submitting_twice_gives_the_same_result_and_changes_nothing(runtime):
    first = attempt(runtime, right=5)
    item = stored(runtime)
    runtime.clock.advance(MINUTE)
    assert ability_test.submit(runtime, WHO) == first
    assert stored(runtime) == item


def test_answering_after_submitting_is_refused(runtime):
    attempt(runtime, right=5)
    assert code_of(ability_test.answer, runtime, WHO, 1, 0)[0] == "test_over"


def test_without_an_attempt_nothing_can_be_answered_or_submitted(runtime):
    assert code_of(ability_test.answer, runtime, WHO, 1, 0)[0] == "test_over"
    assert code_of(ability_test.submit, runtime, WHO)[0] == "test_over"
    assert stored(runtime) is None


@pytest.mark.parametrize("number", [0, 21, -1])
def test_a_question_outside_the_test_is_unknown(runtime, number):
    ability_test.start(runtime, WHO)
    assert code_of(ability_test.answer, runtime, WHO, number, 0)[0] == "question_unknown"


@pytest.mark.parametrize("choice", [4, -1])
def test_a_choice_outside_the_options_is_unknown(runtime, choice):
    ability_test.start(runtime, WHO)
    assert code_of(ability_test.answer, runtime, WHO, 1, choice)[0] == "choice_unknown"


def test_a_page_left_open_since_the_first_attempt_cannot_touch_the_second(runtime):
    attempt(runtime, right=0)
    runtime.clock.advance(24 * HOUR)
    ability_test.start(runtime, WHO)
    assert code_of(ability_test.answer, runtime, WHO, 1, 0, attempt=1)[0] == "test_over"
    assert code_of(ability_test.submit, runtime, WHO, attempt=1)[0] == "test_over"
    ability_test.answer(runtime, WHO, 1, 0, attempt=2)
    assert ability_test.show(runtime, WHO)["answers"] == {"1": 0}


def at_once(call: Any, times: int = 8) -> list[Any]:
    with ThreadPoolExecutor(times) as pool:
        return [done.result() for done in [pool.submit(call) for _ in range(times)]]


def test_submits_at_the_same_time_count_once(runtime):
    ability_test.start(runtime, WHO)
    fill(runtime, right=2)
    revision = stored(runtime)["revision"]
    results = at_once(lambda: ability_test.submit(runtime, WHO))
    assert results == [results[0]] * 8
    assert stored(runtime)["revision"] == revision + 1


def test_starts_at_the_same_time_begin_one_attempt(runtime):
    shown = at_once(lambda: ability_test.start(runtime, WHO))
    assert shown == [shown[0]] * 8
    assert (shown[0]["attempt"], stored(runtime)["revision"]) == (1, 1)


class InterferingTables(FakeTables):
    """Lets something else happen once, between the next read of a test and what follows."""

    def __init__(self) -> None:
        super().__init__()
        self.meanwhile: Any = None

    def get(self, table: str, key: Any, *, only: Any = ()) -> Any:
        item = super().get(table, key, only=only)
        meanwhile, self.meanwhile = self.meanwhile, None
        if meanwhile is not None:
            meanwhile()
        return item


@pytest.fixture
def racing() -> Runtime:
    runtime = fake_runtime(tables=InterferingTables())
    runtime.tables.write(Put("readiness", {"applicant": WHO}))
    return runtime


def test_an_answer_that_slips_in_during_the_submit_is_scored(racing):
    ability_test.start(racing, WHO)
    fill(racing, right=11)
    last = places(racing)[11]
    racing.tables.meanwhile = lambda: ability_test.answer(racing, WHO, 12, last)
    assert ability_test.submit(racing, WHO)["score"] == 12


def test_a_submit_overtaken_by_another_gives_the_result_of_that_one(racing):
    ability_test.start(racing, WHO)
    other: list[Any] = []

    def overtake() -> None:
        other.append(ability_test.submit(racing, WHO))
        racing.clock.advance(SECOND)

    racing.tables.meanwhile = overtake
    assert [ability_test.submit(racing, WHO)] == other


def test_a_start_overtaken_by_another_resumes_that_one(racing):
    other: list[Any] = []
    racing.tables.meanwhile = lambda: other.append(ability_test.start(racing, WHO))
    assert [ability_test.start(racing, WHO)] == other


def test_a_pass_does_not_bring_back_a_deleted_account(runtime):
    ability_test.start(runtime, WHO)
    fill(runtime, right=20)
    runtime.tables.write(Delete("readiness", {"applicant": WHO}))
    assert code_of(ability_test.submit, runtime, WHO)[0] == "test_over"
    assert ready(runtime) is None


def test_a_pass_leaves_the_rest_of_the_readiness_alone(runtime):
    key = {"applicant": WHO}
    runtime.tables.write(Update("readiness", key, set={"email": 1, "ktp": "photo"}))
    attempt(runtime, right=15)
    assert ready(runtime) == {**key, "email": 1, "ktp": "photo", "test": NOON}


def test_two_attempts_go_the_same_way_on_dynamodb():
    with mock_aws():
        client = boto3.client("dynamodb", region_name="ap-southeast-3")
        create_tables(client)
        runtime = fake_runtime(tables=DynamoTables(lambda service: client, PREFIX))
        runtime.tables.write(Put("readiness", {"applicant": WHO}))
        assert attempt(runtime, right=11)["passed"] is False
        assert code_of(ability_test.answer, runtime, WHO, 1, 0)[0] == "test_over"
        assert code_of(ability_test.start, runtime, WHO)[0] == "test_wait"
        runtime.clock.advance(24 * HOUR)
        begun = ability_test.start(runtime, WHO)
        assert begun == ability_test.show(runtime, WHO)
        fill(runtime, right=12)
        runtime.clock.advance(HOUR)
        assert code_of(ability_test.answer, runtime, WHO, 1, 0)[0] == "test_over"
        assert ability_test.show(runtime, WHO)["state"] == "passed"
        assert ready(runtime)["test"] == NOON + 24 * HOUR + 30 * MINUTE


def walk(value: Any):
    """Every (name, value) in an answer, however deep."""
    if isinstance(value, dict):
        for name, inner in value.items():
            yield name, inner
            yield from walk(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from walk(inner)


def test_no_answer_to_the_applicant_holds_the_key_or_the_inner_order(runtime):
    answers = [ability_test.show(runtime, WHO), ability_test.start(runtime, WHO)]
    inner = {*stored(runtime)["questions"]}
    ability_test.answer(runtime, WHO, 1, 0)
    answers += [ability_test.show(runtime, WHO), ability_test.start(runtime, WHO)]
    answers += [ability_test.submit(runtime, WHO), ability_test.show(runtime, WHO)]
    allowed = set(answers[0]) | {"n", "text", "options", "id", "en", "passed", "tries_left"}
    allowed |= {str(n) for n in range(1, 21)}
    for name, value in walk(answers):
        assert name in allowed
        assert not isinstance(value, str) or value not in inner
    for question in answers[1]["questions"]:
        assert all(set(option) == {"id", "en"} for option in question["options"])


def test_the_right_option_is_not_given_away_by_its_place():
    shown_at = [0, 0, 0, 0]
    for n in range(100):
        runtime = fake_runtime(random=lambda count, n=n: bytes([n]) * count)
        ability_test.start(runtime, WHO)
        for place in places(runtime):
            shown_at[place] += 1
    assert sum(shown_at) == 2000
    assert all(420 < times < 580 for times in shown_at)
