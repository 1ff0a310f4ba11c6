"""The faults between boto3 and AWS do what they say, and the product's ports meet them."""

from __future__ import annotations

import pytest
from botocore.exceptions import ClientError, ConnectionClosedError
from moto import mock_aws
from moto.core import DEFAULT_ACCOUNT_ID
from moto.ses import ses_backends

from functions.cloud.mail import SendFailed
from functions.cloud.tables import ConditionFailed, Put, Update, missing
from tests.fakes import CONFIG
from tests.faults.aws import Odds, Wire, WiredClients
from tests.faults.cloud import make_stage, plain_clients, ports
from tests.faults.fuse import Killed

ITEM = {"applicant": "a", "n": 1}


class FirstOnly(Wire):
    """Disturbs the first request alone."""

    def _before_send(self, request, event_name, **more):
        answer = super()._before_send(request, event_name, **more)
        self.odds = Odds()
        return answer


@pytest.fixture(scope="module")
def stage():
    with mock_aws():
        clients = plain_clients()
        make_stage(clients)
        yield clients


@pytest.fixture
def wire(stage):
    yield FirstOnly()
    stage("dynamodb").delete_item(
        TableName="gelombang-test-accounts", Key={"applicant": {"S": "a"}}
    )


def over(wire, attempts=4):
    return ports(WiredClients(CONFIG, wire.session(), attempts))


@pytest.mark.parametrize("odds", [Odds(refused=1), Odds(broken=1), Odds(lost=1)])
def test_one_fault_is_repeated_by_the_library_and_seen_by_nobody(wire, odds):
    tables = over(wire)["tables"]
    wire.odds = odds
    tables.write(Put("accounts", ITEM))
    assert tables.get("accounts", {"applicant": "a"}) == ITEM
    assert sum(wire.counts.values()) == 1


def test_a_lost_answer_to_a_conditional_write_comes_back_as_a_failed_condition(wire):
    tables = over(wire)["tables"]
    wire.odds = Odds(lost=1)
    with pytest.raises(ConditionFailed) as failure:
        tables.write(Put("accounts", ITEM, when=missing("applicant")))
    assert failure.value.failed == {0: ITEM}


def test_a_lost_answer_to_a_count_counts_twice(wire):
    tables = over(wire)["tables"]
    wire.odds = Odds(lost=1)
    assert tables.update(Update("accounts", {"applicant": "a"}, add={"n": 1}))["n"] == 2


def test_without_another_attempt_the_fault_is_seen(wire):
    found = over(wire, attempts=1)
    wire.odds = Odds(lost=1)
    with pytest.raises(ConnectionClosedError):
        found["tables"].write(Put("accounts", ITEM))
    assert found["tables"].get("accounts", {"applicant": "a"}) == ITEM
    wire.odds = Odds(refused=1)
    with pytest.raises(ClientError, match="SlowDown"):
        found["files"].write("undian", "x", b"", content_type="text/plain")


@pytest.mark.parametrize(
    ("odds", "again", "unsure"),
    [
        (Odds(refused=1), True, False),
        (Odds(broken=1), True, True),
        (Odds(lost=1), True, True),
    ],
)
def test_a_mail_is_handed_over_once_and_who_sent_it_knows_what_is_sure(wire, odds, again, unsure):
    box = ses_backends[DEFAULT_ACCOUNT_ID][CONFIG.region].sent_messages
    box.clear()
    mailer = over(wire)["mailer"]
    wire.odds = odds
    with pytest.raises(SendFailed) as failure:
        mailer.send("siti@contoh.example", "s", "t", "h", message="ab12")
    assert (failure.value.again, failure.value.unsure) == (again, unsure)
    assert len(box) == (1 if odds.lost else 0)


@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
def test_who_dies_at_a_call_makes_no_other(wire, after):
    tables = over(wire)["tables"]
    wire.arm(2, after)
    tables.write(Put("accounts", ITEM))
    with pytest.raises(Killed):
        tables.write(Put("accounts", {**ITEM, "n": 2}))
    with pytest.raises(Killed):
        tables.get("accounts", {"applicant": "a"})
    wire.arm(None)
    assert tables.get("accounts", {"applicant": "a"})["n"] == (2 if after else 1)
