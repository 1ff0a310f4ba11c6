"""The pump: SQS batches and schedules as Lambda hands them over, on moto's queues."""

import json
from dataclasses import dataclass, field

import boto3
import pytest
from zappa.cli import ZappaCLI

from functions.programme.times import DAY, SECOND
from functions.select.turn import StepBlocked
from functions.verify import worker as verify_worker
from infra.settings import render
from local import cloud, settings
from local.pump import Pump, failed_messages
from local.template import Template
from local.zappa import Source, Worker, settings_module, worker
from tests.fakes import FakeClock

REGION, ACCOUNT = settings.REGION, settings.ACCOUNT
MINUTE = 60_000
VISIBILITY_SECONDS = 360
WAVES = f"arn:aws:states:{REGION}:{ACCOUNT}:stateMachine:gelombang-dev-waves"
TEMPLATE = Template(
    {"Stage": "dev", "Origin": "http://localhost", "MailFrom": "a@b.example"},
    ACCOUNT,
    REGION,
    {"Waves": WAVES},
)


@dataclass
class Recorder:
    """A worker's handler that keeps events and answers as it is told."""

    answer: object = None
    events: list = field(default_factory=list)

    def handler(self, event, context):
        self.events.append(event)
        return self.answer(event) if callable(self.answer) else self.answer


@pytest.fixture
def clock(monkeypatch):
    from moto.sqs import models

    clock = FakeClock()
    for name in ("unix_time", "unix_time_millis"):
        monkeypatch.setattr(models, name, getattr(models, name))
    valid = "is_message_valid_based_on_retention_period"
    monkeypatch.setattr(models.SQSBackend, valid, getattr(models.SQSBackend, valid))
    cloud.queues_follow(clock)
    return clock


@pytest.fixture
def sqs(cloud, clock):
    states = boto3.client("stepfunctions", region_name=REGION)
    waves = TEMPLATE.resources["Waves"].properties
    states.create_state_machine(
        name=waves["StateMachineName"],
        definition=waves["DefinitionString"],
        roleArn=waves["RoleArn"],
    )
    return boto3.client("sqs", region_name=REGION)


@pytest.fixture
def queue(sqs):
    """A queue with its dead-letter queue: (url, url of the dead one)."""
    dead = sqs.create_queue(QueueName="things-dead")["QueueUrl"]
    redrive = {"deadLetterTargetArn": arn("things-dead"), "maxReceiveCount": 5}
    attributes = {
        "RedrivePolicy": json.dumps(redrive),
        "VisibilityTimeout": str(VISIBILITY_SECONDS),
    }
    return sqs.create_queue(QueueName="things", Attributes=attributes)["QueueUrl"], dead


def arn(queue):
    return f"arn:aws:sqs:{REGION}:{ACCOUNT}:{queue}"


def pump_of(sqs, recorder, batch_size=10):
    workers = [
        Worker("things-worker", "arn:other", (Source(arn("things"), batch_size),), recorder),
        *(
            Worker(name, f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:gelombang-dev-{name}", (), r)
            for name, r in (("select-worker", recorder), ("verify-worker", recorder))
        ),
    ]
    states = boto3.client("stepfunctions", region_name=REGION)
    clients = {"sqs": sqs, "stepfunctions": states}
    return Pump(clients.__getitem__, TEMPLATE, workers, REGION)


def send(sqs, queue, *bodies):
    return [sqs.send_message(QueueUrl=queue[0], MessageBody=body)["MessageId"] for body in bodies]


def waiting(sqs, url, what="ApproximateNumberOfMessages"):
    answer = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["All"])
    return int(answer["Attributes"][what])


def left(sqs, url):
    return waiting(sqs, url) + waiting(sqs, url, "ApproximateNumberOfMessagesNotVisible")


def test_a_batch_has_lambdas_shape(sqs, queue):
    (message,) = send(sqs, queue, '{"message": "1"}')
    recorder = Recorder()
    pump_of(sqs, recorder).drain()
    ((record,),) = [event["Records"] for event in recorder.events]
    assert set(record) == {
        "messageId",
        "receiptHandle",
        "body",
        "attributes",
        "messageAttributes",
        "md5OfBody",
        "eventSource",
        "eventSourceARN",
        "awsRegion",
    }
    assert (record["messageId"], record["body"]) == (message, '{"message": "1"}')
    assert (record["eventSource"], record["eventSourceARN"]) == ("aws:sqs", arn("things"))
    assert record["attributes"]["ApproximateReceiveCount"] == "1"


def test_no_batch_is_larger_than_the_settings_say(sqs, queue):
    send(sqs, queue, *map(str, range(7)))
    recorder = Recorder()
    assert pump_of(sqs, recorder, batch_size=3).drain() == 7
    assert max(len(event["Records"]) for event in recorder.events) == 3


def test_only_what_succeeded_is_deleted(sqs, queue):
    _, bad = send(sqs, queue, "good", "bad")
    recorder = Recorder({"batchItemFailures": [{"itemIdentifier": bad}]})
    pump_of(sqs, recorder).drain()
    assert left(sqs, queue[0]) == 1


def test_what_failed_comes_again_after_the_visibility_timeout(sqs, queue, clock):
    _, bad = send(sqs, queue, "good", "bad")
    recorder = Recorder({"batchItemFailures": [{"itemIdentifier": bad}]})
    pump = pump_of(sqs, recorder)
    pump.drain()
    clock.advance((VISIBILITY_SECONDS - 1) * 1000)
    assert pump.drain() == 0
    clock.advance(2000)
    assert pump.drain() == 1
    assert recorder.events[-1]["Records"][0]["body"] == "bad"
    assert recorder.events[-1]["Records"][0]["attributes"]["ApproximateReceiveCount"] == "2"


def test_a_message_is_forgotten_when_its_queue_has_kept_it_long_enough(sqs, queue, clock):
    send(sqs, queue, "old")
    clock.advance(4 * DAY - SECOND)
    assert pump_of(sqs, Recorder({"batchItemFailures": [{"itemIdentifier": "?"}]})).drain() == 1
    clock.advance(2 * SECOND + VISIBILITY_SECONDS * SECOND)
    assert pump_of(sqs, Recorder()).drain() == 0


def test_a_worker_that_raises_fails_its_whole_batch(sqs, queue):
    send(sqs, queue, "one", "two")

    def raises(event):
        raise RuntimeError("broken")

    pump_of(sqs, Recorder(raises)).drain()
    assert left(sqs, queue[0]) == 2


def test_after_five_receives_a_message_lies_in_the_dead_letter_queue(sqs, queue, clock):
    send(sqs, queue, "poison")
    recorder = Recorder(
        lambda event: {
            "batchItemFailures": [{"itemIdentifier": r["messageId"]} for r in event["Records"]]
        }
    )
    pump = pump_of(sqs, recorder)
    for _ in range(8):
        pump.drain()
        clock.advance((VISIBILITY_SECONDS + 1) * 1000)
    assert len(recorder.events) == 5
    assert (left(sqs, queue[0]), waiting(sqs, queue[1])) == (0, 1)


@pytest.mark.parametrize(
    ("result", "failed"),
    [
        (None, set()),
        ({}, set()),
        ({"batchItemFailures": []}, set()),
        ({"batchItemFailures": None}, set()),
        ({"batchItemFailures": [{"itemIdentifier": "a"}]}, {"a"}),
        ({"batchItemFailures": [{"itemIdentifier": "unknown"}]}, {"a", "b"}),
        ({"batchItemFailures": [{"itemIdentifier": ""}]}, {"a", "b"}),
        ({"batchItemFailures": [{"wrong": "a"}]}, {"a", "b"}),
        ({"something": "else"}, {"a", "b"}),
    ],
)
def test_an_answer_is_read_as_lambda_reads_it(result, failed):
    assert failed_messages(result, ["a", "b"]) == failed


def test_each_schedule_reaches_its_function_with_its_input(sqs, queue):
    recorder = Recorder()
    pump_of(sqs, recorder).tick()
    assert [event["command"] for event in recorder.events] == [
        "functions.select.worker.on_tick",
        "functions.verify.worker.on_tick",
    ]


def test_a_tick_that_fails_does_not_hold_up_the_others(sqs, queue):
    recorder = Recorder()

    def raises(event):
        raise RuntimeError("broken")

    recorder.answer = raises
    pump_of(sqs, recorder).tick()
    assert len(recorder.events) == 2


def start_run(name, **given):
    states = boto3.client("stepfunctions", region_name=REGION)
    made = states.start_execution(stateMachineArn=WAVES, name=name, input=json.dumps(given))
    return lambda: states.describe_execution(executionArn=made["executionArn"])["status"]


RUN = {"wave": 3, "phase": "closed", "fence": 7, "shards": [0, 1]}


def test_a_run_calls_the_worker_for_each_shard_and_then_for_the_end(sqs, queue):
    status = start_run("one", **RUN)
    recorder = Recorder()
    assert pump_of(sqs, recorder).drain() == 1
    named = {"wave": 3, "phase": "closed", "fence": 7}
    assert recorder.events == [
        {"command": "functions.select.worker.on_shard", **named, "shard": 0},
        {"command": "functions.select.worker.on_shard", **named, "shard": 1},
        {"command": "functions.select.worker.on_end", **named},
    ]
    assert status() != "RUNNING"
    assert pump_of(sqs, recorder).drain() == 0


def test_a_run_whose_pump_was_killed_is_begun_again_by_the_next(sqs, queue):
    start_run("one", **RUN)

    def killed(event):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        pump_of(sqs, Recorder(killed)).drain()
    recorder = Recorder()
    assert pump_of(sqs, recorder).drain() == 1
    assert len(recorder.events) == 3


def test_a_shard_that_fails_is_tried_again_and_does_not_hold_up_the_others(sqs, queue):
    start_run("one", **RUN)

    def fails_at_first(event):
        if event.get("shard") == 0:
            raise ConnectionError

    recorder = Recorder(fails_at_first)
    pump_of(sqs, recorder).drain()
    shards = [event.get("shard") for event in recorder.events]
    assert shards == [0] * 7 + [1, None]


def test_a_blocked_shard_is_not_tried_again(sqs, queue):
    start_run("one", **RUN)

    def blocked(event):
        raise StepBlocked

    recorder = Recorder(blocked)
    pump_of(sqs, recorder).drain()
    assert [event.get("shard") for event in recorder.events] == [0, 1, None]


def handled_by_zappa(monkeypatch, event_source):
    """What Zappa's own handler answers for a batch of verify's worker from a queue."""
    monkeypatch.setattr(verify_worker, "on_outbox", lambda event, context: {"seen": True})
    made = worker("dev_verify_worker", ACCOUNT, REGION, {})
    record = {
        "messageId": "1",
        "body": "{}",
        "eventSource": "aws:sqs",
        "eventSourceARN": event_source,
    }
    return made.invoke({"Records": [record]})


def test_zappas_handler_finds_the_worker_of_each_queue_by_the_settings(monkeypatch):
    assert handled_by_zappa(monkeypatch, arn("gelombang-dev-outbox")) == {"seen": True}


def test_an_unmapped_queue_is_answered_with_nothing_so_its_messages_would_be_lost(monkeypatch):
    answer = handled_by_zappa(monkeypatch, arn("gelombang-dev-other"))
    assert answer is None
    assert failed_messages(answer, ["1"]) == set()


def test_every_queue_that_is_carried_is_mapped_in_the_settings_module():
    for name in ("upload_worker", "verify_worker"):
        rendered = render(f"dev_{name}", ACCOUNT, REGION)
        module = settings_module("m", f"dev_{name}", rendered, {})
        made = worker(f"dev_{name}", ACCOUNT, REGION, {})
        assert [source.arn for source in made.sources] == list(module.AWS_EVENT_MAPPING)


def test_the_settings_module_is_the_one_that_zappa_would_write():
    """Zappa's own generator, fed with the same rendered settings."""
    stage = "dev_verify_worker"
    rendered = render(stage, ACCOUNT, REGION)
    cli = ZappaCLI()
    cli.api_stage, cli.zappa_settings = stage, {stage: rendered}
    for name in (
        "project_name",
        "debug",
        "log_level",
        "binary_support",
        "aws_region",
        "environment_variables",
        "app_function",
    ):
        setattr(cli, name, rendered[name])
    cli.context_header_mappings, cli.authorizer = {}, {}
    cli.app_type = cli.use_websocket = cli.remote_env = None
    cli.domain = cli.base_path = None
    cli.remote_env_bucket = cli.remote_env_file = None
    written = {}
    exec(cli.get_zappa_settings_string(), written)
    ours = vars(settings_module("m", stage, rendered, written["ENVIRONMENT_VARIABLES"]))
    theirs = {name: value for name, value in written.items() if name.isupper()}
    # Its INFO repeats whole events; here it is WARNING.
    theirs["LOG_LEVEL"] = "WARNING"
    assert {name: value for name, value in ours.items() if name.isupper()} == theirs
