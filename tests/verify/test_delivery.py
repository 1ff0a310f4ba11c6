"""The outbox is emptied: once, in spite of refusals, crashes and repeats."""

import json

import pytest

from functions.cloud.flags import KEY
from functions.cloud.mail import SendFailed
from functions.cloud.outbox import Letter, queue_of, row
from functions.cloud.tables import Update
from functions.programme.times import DAY, HOUR, MINUTE
from functions.verify import me, phone, worker
from functions.verify.delivery import deliver, pause
from functions.verify.writing import letters
from tests.fakes import FakeMailer, fake_runtime
from tests.verify.people import CHEAP, EMAIL, HERE, join_programme, last_letter, register


@pytest.fixture
def runtime():
    return fake_runtime()


@pytest.fixture
def applicant(runtime):
    return join_programme(runtime)


def post(runtime, template, message="ab12", channel="mail", **more):
    letter = Letter(message, channel, template, **more)
    runtime.tables.write(row(runtime.vault, letter, runtime.clock()))
    return message


def outcome(runtime, applicant, message="ab12", channel="mail"):
    more = {"applicant": applicant, "parameters": {"wave": 7}}
    return post(runtime, "outcome_selected", message, channel, **more)


def stored(runtime, message="ab12"):
    return runtime.tables.get("outbox", {"message": message})


def record(message, number=1):
    return {"messageId": f"m{number}", "body": json.dumps({"message": message})}


def test_a_row_is_sent_and_leaves_the_index_and_its_secrets(runtime):
    register(runtime)
    message = last_letter(runtime)["message"]
    deliver(runtime, message)
    (mail,) = runtime.mailer.sent
    assert mail["to"] == EMAIL
    assert "Verifikasi Email Sekarang" in mail["html"]
    sent = stored(runtime, message)
    assert (sent["state"], sent["provider_id"]) == ("sent", "mail-1")
    assert not {"unsent", "to", "parameters"} & set(sent)


def test_five_copies_of_one_queue_message_send_one_mail(runtime, applicant):
    outcome(runtime, applicant)
    assert worker.handle_batch(runtime, [record("ab12", n) for n in range(5)]) == []
    assert len(runtime.mailer.sent) == 1


def test_an_applicant_gets_mail_and_sms_where_they_were_proved(runtime, applicant):
    from functions.verify import phone
    from tests.verify.people import CHEAP, HERE

    phone.start(runtime, applicant, "081234569001", address=HERE, cost=CHEAP)
    phone.confirm(runtime, applicant, last_letter(runtime)["parameters"]["code"])
    deliver(runtime, outcome(runtime, applicant))
    deliver(runtime, outcome(runtime, applicant, "cd34", "sms"))
    assert runtime.mailer.sent[-1]["to"] == EMAIL
    assert runtime.sms.sent[-1]["to"] == "+6281234569001"
    assert runtime.sms.sent[-1]["text"].startswith("Selamat! Anda terpilih di gelombang 7.")


def test_the_language_is_that_of_the_account(runtime):
    applicant = join_programme(runtime, language="en")
    deliver(runtime, outcome(runtime, applicant))
    assert runtime.mailer.sent[-1]["subject"].startswith("Congratulations")


def test_without_a_number_an_sms_fails_and_is_told(runtime, applicant):
    deliver(runtime, outcome(runtime, applicant, channel="sms"))
    assert (stored(runtime)["state"], stored(runtime)["reason"]) == ("failed", "no_receiver")
    assert me.show(runtime, applicant)["delivery"][0]["state"] == "failed"


def test_a_refusal_that_passes_is_tried_again_after_a_pause(runtime, applicant):
    runtime.mailer.failures = [SendFailed("Throttling", again=True)]
    outcome(runtime, applicant)
    deliver(runtime, "ab12")
    assert stored(runtime)["state"] == "waiting"
    assert stored(runtime)["due_at"] == runtime.clock() + MINUTE
    assert me.show(runtime, applicant)["delivery"][0]["state"] == "waiting"
    deliver(runtime, "ab12")
    assert stored(runtime)["state"] == "sent"
    assert stored(runtime)["tries"] == 2


def test_pauses_grow_to_an_hour():
    assert [pause(n) // MINUTE for n in range(1, 9)] == [1, 2, 4, 8, 16, 32, 60, 60]


def test_a_refusal_that_stays_ends_the_row(runtime, applicant):
    runtime.mailer.failures = [SendFailed("MessageRejected", again=False)]
    deliver(runtime, outcome(runtime, applicant))
    assert (stored(runtime)["state"], stored(runtime)["reason"]) == ("failed", "refused")
    deliver(runtime, "ab12")
    assert runtime.mailer.sent == []


def test_after_twelve_refusals_a_row_is_given_up(runtime, applicant):
    runtime.mailer.failures = [SendFailed("Throttling", again=True)] * 12
    outcome(runtime, applicant)
    for _ in range(12):
        deliver(runtime, "ab12")
    assert stored(runtime)["state"] == "failed"


def test_an_outcome_whose_answer_was_lost_is_not_sent_again_and_a_confirmation_is(
    runtime, applicant
):
    lost = SendFailed("ReadTimeoutError", again=True, unsure=True)
    runtime.mailer.failures = [lost, lost]
    deliver(runtime, outcome(runtime, applicant))
    deliver(runtime, post(runtime, "joined", "cd34", applicant=applicant, parameters={"wave": 7}))
    assert (stored(runtime)["state"], stored(runtime)["reason"]) == ("failed", "unsure")
    assert stored(runtime, "cd34")["state"] == "waiting"


class CrashingMailer(FakeMailer):
    """Sends, and the process dies before it can say so."""

    def send(self, to, subject, text, html, *, message):
        super().send(to, subject, text, html, message=message)
        raise KeyboardInterrupt


def crash(runtime, message):
    with pytest.raises(KeyboardInterrupt):
        deliver(runtime, message)


def test_after_a_crash_at_the_provider_an_outcome_is_not_told_twice():
    runtime = fake_runtime(mailer=CrashingMailer())
    applicant = join_programme(runtime)
    crash(runtime, outcome(runtime, applicant))
    deliver(runtime, "ab12")
    assert stored(runtime)["state"] == "sending"
    runtime.clock.advance(6 * MINUTE)
    deliver(runtime, "ab12")
    assert (stored(runtime)["state"], stored(runtime)["reason"]) == ("failed", "unsure")
    assert len(runtime.mailer.sent) == 1


def test_after_a_crash_at_the_provider_a_confirmation_is_sent_again():
    runtime = fake_runtime(mailer=CrashingMailer())
    register(runtime)
    message = last_letter(runtime)["message"]
    crash(runtime, message)
    deliver(runtime, message)
    assert len(runtime.mailer.sent) == 1
    runtime.clock.advance(6 * MINUTE)
    crash(runtime, message)
    assert len(runtime.mailer.sent) == 2


def test_a_code_that_comes_too_late_is_not_sent(runtime, applicant):
    parameters = {"code": "012345"}
    post(runtime, "phone_code", channel="sms", to="+6281234569001", parameters=parameters)
    runtime.clock.advance(10 * MINUTE)
    deliver(runtime, "ab12")
    assert stored(runtime)["reason"] == "too_late"
    assert runtime.sms.sent == []


def test_an_unknown_row_is_no_failure(runtime):
    assert worker.handle_batch(runtime, [record("none")]) == []


def test_one_poison_message_in_ten_does_not_hold_up_the_nine(runtime, applicant):
    records = []
    for number in range(10):
        template = "no_such_template" if number == 3 else "joined"
        more = {"applicant": applicant, "parameters": {"wave": 7}}
        records.append(record(post(runtime, template, f"{number:04x}", **more), number))
    assert worker.handle_batch(runtime, records) == [{"itemIdentifier": "m3"}]
    assert len(runtime.mailer.sent) == 9


def test_the_tick_queues_what_the_queue_missed_and_each_row_once(runtime, applicant):
    runtime.queues.sent.clear()
    for number in range(20):
        outcome(runtime, applicant, f"{number:04x}")
    assert worker.sweep(runtime) == 0  # the queue has had no time for them yet
    runtime.clock.advance(2 * MINUTE)
    assert worker.sweep(runtime) == 21  # with the confirmation mail, which never went out
    assert worker.sweep(runtime) == 0
    queued = {body["message"] for _, body in runtime.queues.sent}
    assert {f"{number:04x}" for number in range(20)} <= queued


def test_a_code_by_sms_waits_behind_no_mail(runtime, applicant):
    """It has a queue of its own, to which the tick brings it again too."""
    runtime.queues.sent.clear()
    phone.start(runtime, applicant, "0812-3456-9001", address=HERE, cost=CHEAP)
    ((queue, body),) = runtime.queues.sent
    assert queue == "codes"
    outcome(runtime, applicant, "cd34", "sms")
    runtime.queues.sent.clear()
    runtime.clock.advance(2 * MINUTE)
    worker.sweep(runtime)
    queues = {told["message"]: queue for queue, told in runtime.queues.sent}
    assert queues.pop(body["message"]) == "codes"
    assert set(queues.values()) == {"outbox"} and "cd34" in queues


def test_codes_by_sms_are_all_that_has_the_queue_of_codes():
    catalogue = letters("id")
    codes = {name for name in catalogue["sms"] if name.endswith("_code")}
    assert codes == {name for name in catalogue["sms"] if queue_of(name) == "codes"}
    assert not [name for name in catalogue["mail"] if queue_of(name) == "codes"]


def test_while_sms_are_stopped_none_goes_out_and_mails_do(runtime, applicant):
    mail, sms = outcome(runtime, applicant), outcome(runtime, applicant, "cd34", "sms")
    number = runtime.vault.seal("accounts", applicant, "phone", "+6281234569001")
    runtime.tables.write(Update("accounts", {"applicant": applicant}, set={"phone": number}))
    stop = {"until_at": runtime.clock() + HOUR, "by": "sri", "reason": "provider"}
    runtime.tables.write(Update("flags", KEY, set={"sms": stop}))
    for message in (mail, sms):
        deliver(runtime, message)
    assert len(runtime.mailer.sent) == 1 and runtime.sms.sent == []
    waiting = stored(runtime, "cd34")
    assert (waiting["state"], waiting["tries"]) == ("waiting", 0)
    runtime.clock.advance(HOUR)
    assert worker.sweep(runtime) >= 1
    deliver(runtime, "cd34")
    assert len(runtime.sms.sent) == 1


def test_the_tick_leaves_sent_rows_alone(runtime, applicant):
    deliver(runtime, outcome(runtime, applicant))
    runtime.clock.advance(DAY)
    runtime.queues.sent.clear()
    worker.sweep(runtime)
    assert ("outbox", {"message": "ab12"}) not in runtime.queues.sent


def test_the_dashboard_tells_the_last_state_of_each_kind(runtime, applicant):
    deliver(runtime, outcome(runtime, applicant))
    runtime.clock.advance(MINUTE)
    deliver(runtime, post(runtime, "joined", "cd34", applicant=applicant, parameters={"wave": 7}))
    assert me.show(runtime, applicant)["delivery"] == [
        {
            "channel": "mail",
            "template": "joined",
            "state": "sent",
            "at": "2026-01-05T05:01:00Z",
        },
        {
            "channel": "mail",
            "template": "outcome_selected",
            "state": "sent",
            "at": "2026-01-05T05:00:00Z",
        },
    ]


def test_an_account_without_notes_gets_its_first(runtime, applicant):
    del runtime.tables.items["accounts"][(applicant,)]["delivery"]
    deliver(runtime, outcome(runtime, applicant))
    assert me.show(runtime, applicant)["delivery"][0]["template"] == "outcome_selected"


def test_lambda_handlers_answer_as_sqs_and_the_schedule_expect(runtime, applicant, monkeypatch):
    monkeypatch.setattr("functions.cloud.runtime._installed", [runtime])
    outcome(runtime, applicant)
    assert worker.on_outbox({"Records": [record("ab12")]}, None) == {"batchItemFailures": []}
    runtime.clock.advance(2 * MINUTE)
    told = worker.on_tick({}, None)
    assert told["queued"] == 1  # the confirmation mail


def test_logs_name_rows_and_never_people(runtime, applicant, caplog):
    caplog.set_level("DEBUG")
    runtime.mailer.failures = [SendFailed("MessageRejected", again=False)]
    deliver(runtime, outcome(runtime, applicant))
    deliver(runtime, outcome(runtime, applicant, "cd34", "sms"))
    worker.handle_batch(runtime, [{"messageId": "m1", "body": f"not json {EMAIL}"}])
    assert "ab12" in caplog.text
    assert EMAIL not in caplog.text


def test_what_an_error_says_of_a_person_is_not_logged(runtime, caplog, monkeypatch):
    def fails(*_):
        raise ValueError("sari.dewi@contoh.id")

    monkeypatch.setattr(worker, "deliver", fails)
    record = {"messageId": "7", "body": '{"message": "a"}'}
    assert worker.handle_batch(runtime, [record]) == [{"itemIdentifier": "7"}]
    assert "outbox record 7: ValueError" in caplog.text
    assert "sari" not in caplog.text
