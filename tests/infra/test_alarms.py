"""What infra/template.yaml tells people, and what it tells the worker of mails."""

import json
from fnmatch import fnmatch

import pytest

from functions.cloud.mail import SET, TAG
from functions.programme.limits import MAIL_IN_ALL, SMS_IN_ALL
from functions.verify.mail_events import ORDER
from functions.verify.overdue import WATCHED
from tests.infra.test_template import ACCOUNT, REGION, named, statements, template


def test_dead_letters_wake_someone():
    watched = {
        a.properties["Dimensions"][0]["Value"]
        for a in template().of_type("AWS::CloudWatch::Alarm")
        if a.properties.get("MetricName") == "ApproximateNumberOfMessagesVisible"
    }
    queues = [q.properties["QueueName"] for q in template().of_type("AWS::SQS::Queue")]
    assert watched == {name for name in queues if name.endswith("-dead")}


def test_what_becomes_of_mails_reaches_the_queue_as_two_words_and_from_the_rules_alone():
    """SES's own event holds the receiver's address; a rule lets nothing of it through."""
    queue = f"arn:aws:sqs:{REGION}:{ACCOUNT}:gelombang-production-mail-events"
    rules = [r.properties for r in template().of_type("AWS::Events::Rule")]
    told = set()
    for rule in rules:
        (target,) = rule["Targets"]
        assert target["Arn"] == queue
        assert "DeadLetterConfig" not in target  # it would keep the whole event
        changed = target["InputTransformer"]
        assert changed["InputPathsMap"] == {TAG: f"$.detail.mail.tags.{TAG}"}
        event = json.loads(changed["InputTemplate"].replace("<message>", '["ab12"]'))
        assert set(event) == {"event", "message"}
        told.add(event["event"])
        own = rule["EventPattern"]["detail"]["mail"]["tags"]
        assert own == {"ses:configuration-set": [f"gelombang-production-{SET}"]}
    assert told == set(ORDER)
    (allow, deny) = next(
        p.properties["PolicyDocument"]["Statement"]
        for p in template().of_type("AWS::SQS::QueuePolicy")
        if p.logical == "MailEventsQueuePolicy"
    )
    assert allow["Principal"] == {"Service": "events.amazonaws.com"}
    assert (allow["Action"], allow["Resource"]) == ("sqs:SendMessage", queue)
    names = allow["Condition"]["ArnLike"]["aws:SourceArn"].rsplit("/", 1)[1]
    assert all(fnmatch(rule["Name"], names) for rule in rules)
    assert (deny["Effect"], deny["Condition"]) == (
        "Deny",
        {"Bool": {"aws:SecureTransport": "false"}},
    )


def test_of_a_proof_that_waits_the_worker_may_note_that_its_mail_came_back_and_no_more():
    marking = next(s for s in statements("verify-worker") if s["Sid"] == "MarkUnreachable")
    assert marking["Action"] == ["dynamodb:UpdateItem"]
    named = marking["Condition"]["ForAllValues:StringEquals"]["dynamodb:Attributes"]
    assert named == ["challenge", "subject_mac", "unreachable", "used_at"]


def test_ses_tells_of_delivery_bounce_and_complaint_of_our_mails():
    (told,) = template().of_type("AWS::SES::ConfigurationSetEventDestination")
    destination = told.properties["EventDestination"]
    assert destination["Enabled"] is True
    assert {"delivery", "bounce", "complaint"} <= set(destination["MatchingEventTypes"])
    assert destination["EventBridgeDestination"]["EventBusArn"].endswith(":event-bus/default")
    assert told.properties["ConfigurationSetName"] == f"gelombang-production-{SET}"


@pytest.mark.parametrize("name", WATCHED)
def test_work_that_waits_too_long_wakes_someone(name):
    """The line that tests/verify/test_overdue.py sees logged is what the alarm counts."""
    alarm = counted_by(f'"overdue: {name}"', "verify-worker")
    assert alarm["AlarmName"] == f"gelombang-production-{name}-overdue"


def test_a_deletion_that_fails_wakes_someone():
    """The words of functions/verify/erasure.py, which tests/verify/test_leaving.py sees logged."""
    alarm = counted_by('"is not carried out"', "verify-worker")
    assert alarm["AlarmName"] == "gelombang-production-deletions-failed"


def test_a_schedule_that_is_silent_wakes_someone():
    alarm = named("AWS::CloudWatch::Alarm", "gelombang-production-ticks-missing", "AlarmName")
    watched = {
        metric["MetricStat"]["Metric"]["Dimensions"][0]["Value"]
        for metric in alarm["Metrics"]
        if "MetricStat" in metric
    }
    called = {
        schedule.properties["Target"]["Arn"].rsplit(":", 1)[1]
        for schedule in template().of_type("AWS::Scheduler::Schedule")
    }
    assert watched == called
    assert alarm["TreatMissingData"] == "breaching"
    assert alarm["ComparisonOperator"] == "LessThanThreshold"


def counted_by(pattern, function):
    """The alarm on lines of a function's log that have this pattern."""
    (lines,) = (
        found.properties
        for found in template().of_type("AWS::Logs::MetricFilter")
        if found.properties["FilterPattern"] == pattern
    )
    assert lines["LogGroupName"] == f"/aws/lambda/gelombang-production-{function}"
    (counted,) = lines["MetricTransformations"]
    (alarm,) = (
        a.properties
        for a in template().of_type("AWS::CloudWatch::Alarm")
        if a.properties.get("MetricName") == counted["MetricName"]
    )
    assert alarm["Namespace"] == counted["MetricNamespace"]
    assert (counted["MetricValue"], alarm["Threshold"], alarm["Statistic"]) == ("1", 0, "Sum")
    assert alarm["AlarmActions"]
    return alarm


@pytest.mark.parametrize("limit", [SMS_IN_ALL, MAIL_IN_ALL], ids=lambda limit: limit.name)
def test_a_breaker_that_opens_wakes_someone(limit):
    """The line that tests/web/test_counting.py sees logged is what the alarm counts."""
    assert counted_by(f'"limit {limit.name} is reached"', "verify")
