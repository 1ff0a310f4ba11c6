"""A stage on moto, with the template's own stack, and people who go every way through it.

The functions are entered where Lambda enters them, and carried to by the local pump, so that the
recorded calls are those of the deployed ones.
"""

from __future__ import annotations

import importlib
from dataclasses import dataclass, replace
from email import message_from_string, policy
from types import SimpleNamespace

from click.testing import CliRunner
from moto.ses import ses_backends
from moto.sns import sns_backends

from functions.cloud.clients import Clients
from functions.cloud.dynamo import DynamoTables
from functions.cloud.files import S3Files
from functions.cloud.machines import StepMachines
from functions.cloud.mail import SesMailer
from functions.cloud.queues import SqsQueues
from functions.cloud.runtime import install
from functions.cloud.sms import SnsSender
from functions.cloud.tables import Delete, Put, Update
from functions.cloud.vault import KmsVault
from functions.programme.times import DAY, HOUR, MINUTE
from functions.programme.tokens import hash_secret
from functions.select import app as select_app
from functions.select import worker as select_worker
from functions.upload import app as upload_app
from functions.upload import worker as upload_worker
from functions.upload.photo.verdict import Verdict
from functions.verify import app as verify_app
from functions.verify.status import TOTAL
from local import cloud
from local.filler import FILLERS
from local.pump import Pump
from local.stack import parameters
from local.template import Template
from local.zappa import Source, Worker
from ops import keys
from ops.commands import cli
from tests.fakes import CONFIG
from tests.select.world import World
from tests.verify import browser as verify_browser

CLEAN = b"re-encoded"


class Tour(World):
    """A `World` on moto. `verdicts` are what the judge says next; `pump` carries everything."""

    def __init__(self, monkeypatch):
        clients = Clients(CONFIG)
        template = create(clients)
        keys.create(clients, CONFIG)
        super().__init__(
            tables=tables_of(clients),
            files=S3Files(clients, CONFIG),
            queues=SqsQueues(clients, CONFIG),
            machines=StepMachines(clients, CONFIG),
            vault=KmsVault(clients, CONFIG),
            mailer=SesMailer(clients, CONFIG),
            sms=SnsSender(clients),
        )
        self.clients = clients
        self.verdicts = []
        install(self.runtime)
        _events_are_whole(monkeypatch)
        monkeypatch.setattr(select_worker, "_outside", lambda runtime: self.outside)
        sandbox = SimpleNamespace(judge=lambda data, kind: self.verdicts.pop(0)())
        monkeypatch.setattr(upload_worker, "_sandbox", lambda: sandbox)
        self.pump = Pump(clients, template, workers(self.fresh), CONFIG.region)

    def tick(self):
        """The schedules, and all that comes of them."""
        self.pump.tick()
        self.pump.drain()

    def fresh(self):
        """The same stage for a process that has just begun: nothing is remembered."""
        self.runtime = replace(
            self.runtime,
            tables=tables_of(self.clients),
            vault=KmsVault(self.clients, CONFIG),
            queues=SqsQueues(self.clients, CONFIG),
            files=S3Files(self.clients, CONFIG),
        )
        install(self.runtime)

    def open_wave(self, wave, **changes):
        """A wave that opens in a minute, for an hour; the clock is then inside it."""
        times = {"opens_at": self.clock() + MINUTE, "closes_at": self.clock() + HOUR}
        self.create(wave, **times, **changes)

    def to_close(self, wave=1):
        self.clock.now = max(self.clock.now, self.wave(wave)["closes_at"])

    def years_later(self):
        """Past every period of retention; the status has nothing to add up from in between."""
        self.clock.advance(500 * DAY)
        self.tables.write(Delete("figures", TOTAL))

    def stop_runs(self):
        """The state machine's runs end before they have begun, as when it fails."""
        states = self.clients("stepfunctions")
        machine = CONFIG.machine("waves")
        for run in states.list_executions(stateMachineArn=machine)["executions"]:
            states.stop_execution(executionArn=run["executionArn"])

    def browser(self, room, applicant):
        """A browser on a function, logged in."""
        now = self.clock()
        session = {"applicant": applicant, "session": "s1", "secret_hash": hash_secret("x")}
        self.tables.write(Put("sessions", {**session, "created_at": now, "seen_at": now}))
        self.fresh()
        rooms = {"upload": upload_app, "verify": verify_app, "select": select_app}
        app = rooms[room].create(self.runtime)
        return Browser(room, app.test_client(use_cookies=False), f"{applicant}.s1.x")

    def visitor(self, address):
        """A browser on verify that nobody has logged in with."""
        self.fresh()
        return verify_browser.Browser(self.runtime, address)

    def mails(self):
        """The words of all mails so far, once everything that waits has been carried."""
        self.pump.drain()
        sent = ses_backends[CONFIG.account][CONFIG.region].sent_messages
        raw = [message_from_string(mail.raw_data, policy=policy.default) for mail in sent]
        return [mail.get_body(("plain",)).get_content() for mail in raw]

    def mail_event(self, event):
        """What a rule of the template tells of the mail that was sent last."""
        self.pump.drain()
        mails = (row for row in self.tables.scan("outbox") if row["channel"] == "mail")
        last = max(mails, key=lambda row: row.get("sent_at", 0))
        self.runtime.queues.send("mail-events", {"event": event, "message": [last["message"]]})
        self.pump.drain()
        return self.tables.get("outbox", {"message": last["message"]})["state"]

    def texts(self):
        """The words of all SMS so far."""
        self.pump.drain()
        sent = sns_backends[CONFIG.account][CONFIG.region].sms_messages.values()
        return [text for _, text in sent]

    def operate(self, *words, given=None, fails=False):
        """An operator's command, in a process of its own."""
        self.fresh()
        context = {"runtime": lambda: self.runtime, "witnesses": self.witnesses}
        done = CliRunner().invoke(cli, [str(word) for word in words], obj=context, input=given)
        assert (done.exit_code != 0) is fails, (words, done.output, done.exception)
        return done.output

    def post(self, browser, applicant, judged, kind="ktp"):
        """A photo asked for, posted, and judged so; its id."""
        self.clock.advance(60_000)
        body = {"kind": kind, "size": 9, "content_type": "image/jpeg"}
        key = {"Idempotency-Key": self.runtime.random(16).hex()}
        photo = browser.ask("POST", "photos", json=body, headers=key)["photo"]
        self.verdicts.append(lambda: judged)
        name = f"{applicant}/{photo}"
        self.runtime.files.write("incoming", name, b"as posted", content_type="image/jpeg")
        self.pump.drain()
        return photo

    def show_card(self, applicant, nik):
        """Card and selfie are accepted and their copies kept; their ids by kind."""
        photos, now = {}, self.clock()
        for kind in ("ktp", "selfie"):
            photo = photos[kind] = self.runtime.random(16).hex()
            name = f"{applicant}/{photo}"
            copy = self.runtime.files.write("photos", name, CLEAN, content_type="image/jpeg")
            item = {"applicant": applicant, "photo": photo, "kind": kind, "state": "accepted"}
            self.tables.write(Put("photos", {**item, "copy": copy, "created_at": now}))
        read = {"ktp_nik_mac": self.runtime.vault.mac("photo", nik)}
        self.tables.write(Update("readiness", {"applicant": applicant}, set={**photos, **read}))
        return photos

    def forget_copy(self, applicant, photo):
        """The copy of a photo is gone, as when the bucket's lifecycle was quicker."""
        item = self.tables.get("photos", {"applicant": applicant, "photo": photo})
        self.runtime.files.delete("photos", f"{applicant}/{photo}", item["copy"])

    def decide_meanwhile(self, applicant, photo):
        """Another message has decided a photo."""
        place = {"applicant": applicant, "photo": photo}
        self.tables.write(Update("photos", place, set={"state": "refused", "reasons": []}))


@dataclass
class Browser:
    """Asks one function."""

    room: str
    client: object
    token: str

    def ask(self, method, path, headers=(), *, refused=False, **more):
        headers = {
            "Origin": CONFIG.origin,
            "Cookie": f"__Host-session={self.token}",
            **dict(headers),
        }
        path = f"/api/{self.room}/{path}"
        answer = self.client.open(path, method=method, headers=headers, **more)
        assert (answer.status_code >= 300) is refused, (path, answer.json)
        return answer.json


def accepted():
    return Verdict(True, nik="3171010101909001", clean=CLEAN)


def refused():
    return Verdict(False, ("blurred",), {"blurred": {"edge": 1, "limit": 2}}, clean=CLEAN)


class Handler:
    """Calls the function that an event is for, as Zappa's handler does, after `begin`.
    `on_message`: the function for each queue, by its ARN."""

    def __init__(self, on_message, begin):
        self._on_message = on_message
        self._begin = begin

    def handler(self, event, context):
        self._begin()
        source = event["Records"][0]["eventSourceARN"] if "Records" in event else ""
        path = event.get("command") or self._on_message[source]
        module, name = path.rsplit(".", 1)
        return getattr(importlib.import_module(module), name)(event, context)


def workers(begin):
    """The workers of the tour's stage, and their queues; each call of one begins with `begin`."""
    place = f"{CONFIG.region}:{CONFIG.account}"
    found = []
    verify = "functions.verify.worker"
    for name, queues in (
        ("upload-worker", {"photos": "functions.upload.worker.on_photo"}),
        (
            "verify-worker",
            {
                "outbox": f"{verify}.on_outbox",
                "codes": f"{verify}.on_outbox",
                "mail-events": f"{verify}.on_mail_event",
            },
        ),
        ("select-worker", {}),
    ):
        on_message = {f"arn:aws:sqs:{place}:{CONFIG.name(q)}": to for q, to in queues.items()}
        sources = tuple(Source(arn, 5) for arn in on_message)
        arn = f"arn:aws:lambda:{place}:function:{CONFIG.name(name)}"
        found.append(Worker(name, arn, sources, Handler(on_message, begin)))
    return found


def tables_of(clients):
    return DynamoTables(clients, CONFIG.name(""))


def create(clients):
    """What the tour uses of the template, made one by one: CloudFormation on moto is slow."""
    given = parameters(CONFIG), CONFIG.account, CONFIG.region
    template = Template(*given)
    clients("ses").verify_email_identity(EmailAddress=CONFIG.mail_from)
    for kind in ("data", "signing"):
        key = clients("kms").create_key()["KeyMetadata"]["KeyId"]
        clients("kms").create_alias(AliasName=f"alias/{CONFIG.name(kind)}", TargetKeyId=key)
    for table in template.of_type("AWS::DynamoDB::Table"):
        names = ("TableName", "BillingMode", "AttributeDefinitions", "KeySchema")
        wanted = {name: table.properties[name] for name in names}
        indexes = table.properties.get("GlobalSecondaryIndexes")
        more = {"GlobalSecondaryIndexes": indexes} if indexes else {}
        clients("dynamodb").create_table(**wanted, **more)
    for queue in template.of_type("AWS::SQS::Queue"):
        about = {"VisibilityTimeout": str(queue.properties.get("VisibilityTimeout", 30))}
        clients("sqs").create_queue(QueueName=queue.properties["QueueName"], Attributes=about)
    for bucket in template.of_type("AWS::S3::Bucket"):
        place = {"LocationConstraint": CONFIG.region}
        name = bucket.properties["BucketName"]
        clients("s3").create_bucket(Bucket=name, CreateBucketConfiguration=place)
        FILLERS[bucket.type](clients, bucket)
    machine = template.resources["Waves"].properties
    made = clients("stepfunctions").create_state_machine(
        name=machine["StateMachineName"],
        definition=machine["DefinitionString"],
        roleArn=machine["RoleArn"],
    )
    return Template(*given, {"Waves": made["stateMachineArn"]})


def _events_are_whole(monkeypatch):
    from moto.s3 import notifications

    monkeypatch.setattr(notifications, "_get_s3_event", notifications._get_s3_event)
    cloud.complete_s3_events()
