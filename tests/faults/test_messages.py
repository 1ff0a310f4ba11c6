"""Messages that come five times, in disorder, too early, never, or from the dead letters."""

from __future__ import annotations

import json

import pytest

from functions.cloud.mail import SendFailed
from functions.cloud.outbox import Letter, row
from functions.programme.times import HOUR, MINUTE
from functions.upload.worker import handle_batch as judge_batch
from functions.verify import me
from functions.verify import worker as letters
from tests.fakes import fake_runtime
from tests.faults.carrier import Carrier, failed_ids
from tests.upload.test_checking import APPLICANT, DARK, GOOD, KEY, JudgeOf, arrive, photo
from tests.upload.test_checking import runtime as stage_with_a_photo
from tests.verify.people import join_programme

PEOPLE = 12
waiting_photo = stage_with_a_photo


def carrier_of_photos(runtime, seed, judge):
    return Carrier(
        seed, {"photos": lambda r: failed_ids(judge_batch(runtime, judge, {"Records": r}))}
    )


@pytest.mark.parametrize("seed", range(8))
def test_events_of_two_uploads_in_any_order_and_number_give_one_verdict(waiting_photo, seed):
    runtime, judge = waiting_photo, JudgeOf(good=GOOD, dark=DARK)
    versions = {arrive(runtime, b"dark"): "refused", arrive(runtime): "accepted"}
    carrier = carrier_of_photos(runtime, seed, judge)
    carrier.hear(runtime.files)
    carrier.carry_all()
    item = photo(runtime)
    assert item["state"] == versions[item["version"]]
    assert len(judge.asked) == 1
    assert runtime.files.names("incoming", "") == []
    ready = runtime.tables.get("readiness", {"applicant": APPLICANT}) or {}
    assert ("ktp" in ready) == (item["state"] == "accepted")


def test_an_event_of_an_object_that_is_gone_ends_quietly_and_holds_up_nothing(waiting_photo):
    runtime, judge = waiting_photo, JudgeOf(good=GOOD)
    carrier = carrier_of_photos(runtime, 1, judge)
    gone = arrive(runtime)
    carrier.hear(runtime.files)
    runtime.files.delete("incoming", KEY, gone)
    carrier.carry_all()
    assert photo(runtime)["state"] == "waiting" and carrier.dead == []
    arrive(runtime)
    carrier.hear(runtime.files)
    carrier.carry_all()
    assert photo(runtime)["state"] == "accepted"


@pytest.fixture
def office():
    runtime = fake_runtime()
    applicant = join_programme(runtime)
    runtime.queues.sent.clear()
    return runtime, applicant


def write_outcomes(runtime, applicant):
    for number in range(PEOPLE):
        name, parameters = f"{number:04x}", {"wave": number + 1}
        letter = Letter(name, "mail", "outcome_selected", applicant, parameters=parameters)
        runtime.tables.write(row(runtime.vault, letter, runtime.clock()))
        runtime.queues.send("outbox", {"message": name})


def letter_carrier(runtime, seed):
    return Carrier(seed, {"outbox": lambda r: failed_ids(letters.handle_batch(runtime, r))})


@pytest.mark.parametrize("seed", range(4))
def test_letters_carried_by_chance_arrive_once(office, seed):
    runtime, applicant = office
    write_outcomes(runtime, applicant)
    carrier = letter_carrier(runtime, seed)
    carrier.collect(runtime.queues)
    carrier.carry_all()
    told = [m["subject"] for m in runtime.mailer.sent if "terpilih" in m["subject"].lower()]
    assert len(told) == len(set(told)) == PEOPLE


def test_dead_letters_sent_round_twice_arrive_once_and_the_poison_stays(office):
    runtime, applicant = office
    write_outcomes(runtime, applicant)
    carrier = letter_carrier(runtime, 3)
    carrier.collect(runtime.queues)
    carrier.take("outbox", "not json")
    whole, runtime.vault._data_key = runtime.vault._data_key, None
    carrier.carry_all()
    assert len(carrier.dead) == PEOPLE + 1 and runtime.mailer.sent == []
    runtime.vault._data_key = whole
    runtime.clock.advance(HOUR)
    copies = list(carrier.dead)
    assert carrier.redrive() == PEOPLE + 1
    for copy in copies:
        carrier.take(copy.queue, copy.body)
    carrier.carry_all()
    assert len(runtime.mailer.sent) == PEOPLE
    assert {one.body for one in carrier.dead} == {"not json"}


def test_while_the_sms_budget_is_spent_mails_go_and_the_site_tells_both(office):
    runtime, applicant = office
    spent = SendFailed("LimitExceededException", again=True)
    runtime.sms.failures = [spent] * 30
    for name, channel in (("aa01", "mail"), ("bb02", "sms")):
        parameters = {"wave": 7}
        to = {"to": "+6281234569001"} if channel == "sms" else {}
        letter = Letter(name, channel, "outcome_selected", applicant, parameters=parameters, **to)
        runtime.tables.write(row(runtime.vault, letter, runtime.clock()))
    for _ in range(24):
        runtime.clock.advance(HOUR + MINUTE)
        letters.sweep(runtime)
        for _, body in runtime.queues.sent:
            letters.handle_batch(runtime, [{"messageId": "m", "body": json.dumps(body)}])
        runtime.queues.sent.clear()
    states = {n["channel"]: n["state"] for n in me.show(runtime, applicant)["delivery"]}
    assert states == {"mail": "sent", "sms": "failed"}
    assert runtime.sms.sent == [] and len(runtime.mailer.sent) == 2  # with the confirmation
