"""A call that is killed at any of its calls to AWS, and the person who tries again.

What stands in several items and is not written at once (docs/data.md) is finished by whoever comes
after: nothing is half done for good, and no letter is missing or comes twice.
"""

from contextlib import suppress

import pytest

from functions.verify import ability_test, challenges, me, phone, statements
from functions.verify.hashing import matches
from functions.web.errors import ApiError
from tests.faults.fuse import Killed, fused_runtime, fuses
from tests.verify.people import (
    CHEAP,
    HERE,
    PASSWORD,
    PROFILE,
    join_programme,
    letters,
    prove_identity,
    ready,
    register,
)

PORTS = ("tables", "queues")
NUMBER = "081234569001"
# Completed by one write, and noted by the next.
STEPS = ("phone", "test")


def worlds(fewest):
    """A stage for each death; `arm` sets the fuse."""
    for fuse, arm in fuses(fewest=fewest):
        yield fused_runtime(fuse, PORTS), fuse, arm


def test_a_registration_is_finished_by_its_repeat_and_mailed_once():
    for runtime, fuse, arm in worlds(fewest=6):
        arm()
        with suppress(Killed):
            register(runtime)
        fuse.arm(None)
        cookie = register(runtime)
        (item,) = runtime.tables.scan("challenges")
        (letter,) = letters(runtime)
        assert letter["parameters"]["code"] == challenges.code(runtime, item)
        assert cookie.startswith(item["challenge"])
        assert matches(PASSWORD, item["password_hash"], CHEAP)


def test_a_code_by_sms_that_was_not_written_is_written_by_the_next_try_without_a_pause():
    for runtime, fuse, arm in worlds(fewest=8):
        applicant = join_programme(runtime)
        arm()
        with suppress(Killed):
            phone.start(runtime, applicant, NUMBER, address=HERE)
        fuse.arm(None)
        with suppress(ApiError):
            phone.start(runtime, applicant, NUMBER, address=HERE)
        (letter,) = letters(runtime, "phone_code")
        with pytest.raises(ApiError) as error:
            phone.start(runtime, applicant, NUMBER, address=HERE)
        assert error.value.code == "too_soon"
        phone.confirm(runtime, applicant, letter["parameters"]["code"])
        assert ready(runtime, applicant)["phone"]


def all_steps(runtime, applicant):
    """Everything that verify asks of an applicant but the identity."""
    phone.start(runtime, applicant, NUMBER, address=HERE)
    code = letters(runtime, "phone_code")[-1]["parameters"]["code"]
    phone.confirm(runtime, applicant, code)
    statements.put_profile(runtime, applicant, PROFILE)
    said = {"in_education": False, "official": False, "employment": "unemployed"}
    statements.put_declaration(runtime, applicant, **said)
    shown = ability_test.start(runtime, applicant)
    for question in shown["questions"]:
        known = next(q for q in ability_test.bank().values() if dict(q.text) == question["text"])
        right = question["options"].index(dict(known.options[known.answer]))
        ability_test.answer(runtime, applicant, question["n"], right)
    ability_test.submit(runtime, applicant)


def test_a_step_that_was_done_and_not_noted_is_noted_by_the_next_look():
    halves = 0
    for runtime, fuse, arm in worlds(fewest=40):
        applicant = join_programme(runtime)
        prove_identity(runtime, applicant)
        arm()
        with suppress(Killed):
            all_steps(runtime, applicant)
        fuse.arm(None)
        account = runtime.tables.get("accounts", {"applicant": applicant})
        passed = (runtime.tables.get("tests", {"applicant": applicant}) or {}).get("passed_at")
        done = {
            step for step, is_done in (("phone", "phone" in account), ("test", passed)) if is_done
        }
        before = {step for step in STEPS if step in ready(runtime, applicant)}
        assert before <= done
        halves += before != done
        me.show(runtime, applicant)
        assert {step for step in STEPS if step in ready(runtime, applicant)} == done
    assert halves >= len(STEPS)
