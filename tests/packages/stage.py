"""A stage on moto for packages to work on: what an operator prepares, and what AWS hands over."""

from __future__ import annotations

import contextlib
import time
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import urllib3

import ops.keys
import ops.waves
from functions.cloud.clients import Clients
from functions.cloud.runtime import Runtime, runtime_from
from functions.programme.times import SECOND
from functions.upload.photos import object_key, request_upload
from infra.settings import function_name, render
from local import inbox, settings
from local.cards.samples import SAMPLES
from local.institutions import found
from local.pump import Pump, sqs_event
from local.settings import Place
from local.setup import publish_pins
from local.stack import create_stack
from local.template import Template
from local.zappa import Worker
from tests.local.stack import running_moto, surroundings

STAGE, ACCOUNT, REGION = settings.STAGE, settings.ACCOUNT, settings.REGION
# What Lambda itself puts into a function's environment; the rest is in the package.
FROM_LAMBDA = (
    "AWS_ENDPOINT_URL",
    "AWS_REGION",
    "AWS_DEFAULT_REGION",
    "AWS_ACCESS_KEY_ID",
    "AWS_SECRET_ACCESS_KEY",
    "AWS_EC2_METADATA_DISABLED",
)
APPLICANT = "a" * 32


@dataclass(frozen=True)
class Handler:
    """Takes the place of Zappa's handler for whom a package's own is called."""

    invoke: Callable[[dict[str, Any]], Any]

    def handler(self, event: dict[str, Any], context: None) -> Any:
        """One call of the function."""
        return self.invoke(event)


@dataclass(frozen=True)
class Stage:
    """The stage `dev` under the settings that are deployed, on moto."""

    where: Place
    clients: Clients
    runtime: Runtime
    template: Template

    @property
    def told(self) -> dict[str, str]:
        """The environment that Lambda would give a function."""
        whole = settings.environment(self.where, {})
        return {name: whole[name] for name in FROM_LAMBDA}

    def messages(self, function: str, queue: str) -> dict[str, Any]:
        """What waits in a queue of a worker, as Lambda hands it over."""
        sources = render(f"{STAGE}_{function}", ACCOUNT, REGION)["events"]
        (source,) = (s for s in sources if s["event_source"]["arn"].endswith(f"-{queue}"))
        arn, most = source["event_source"]["arn"], source["event_source"]["batch_size"]
        sqs = self.clients("sqs")
        url = sqs.get_queue_url(QueueName=arn.rsplit(":", 1)[1])["QueueUrl"]
        answer = sqs.receive_message(
            QueueUrl=url, MaxNumberOfMessages=most, MessageSystemAttributeNames=["All"]
        )
        return sqs_event(answer.get("Messages", []), arn, REGION)

    def run_machines(self, function: str, invoke: Callable[[dict[str, Any]], Any]) -> None:
        """Let the runs that wait come to their ends; the calls of this function are `invoke`'s."""
        name = function_name(f"{STAGE}_{function}", render(f"{STAGE}_{function}", ACCOUNT, REGION))
        arn = f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:{name}"
        worker = Worker(name, arn, (), Handler(invoke))
        Pump(self.clients, self.template, [worker], REGION).drain()

    def post_photo(self, sample_name: str) -> dict[str, str]:
        """Ask for a form and post a sample with it; returns the key of the photo's item."""
        sample = next(s for s in SAMPLES if s.file_name == sample_name)
        data = sample.make()
        form = request_upload(
            self.runtime,
            APPLICANT,
            kind=sample.kind,
            size=len(data),
            content_type="image/jpeg",
            request_key=uuid.uuid4().hex,
        )
        fields = {**form["fields"], "file": (sample_name, data, "image/jpeg")}
        posted = urllib3.request("POST", form["url"], fields=fields)
        assert posted.status == 204, posted.data
        photo = form["photo"]
        assert object_key(APPLICANT, photo) == form["fields"]["key"]
        return {"applicant": APPLICANT, "photo": photo}

    def mails_to(self, address: str) -> list[dict[str, Any]]:
        """The mails that SES took for someone."""
        url = f"{self.where.cloud}{inbox.PATH}"
        return urllib3.request("GET", url, fields={"to": address}).json()

    def closed_wave(self, number: int) -> None:
        """A wave that opened and closed; nobody joined it."""
        now = self.runtime.clock()
        ops.waves.create(
            self.runtime,
            wave=number,
            quota=1,
            reserve=0,
            # It may not open before it is written, however slow the machine.
            opens_at=now + 10 * SECOND,
            closes_at=now + 11 * SECOND,
            shards=2,
        )
        while self.runtime.clock() < now + 12 * SECOND:
            time.sleep(1)


@contextlib.contextmanager
def running_stage() -> Iterator[Stage]:
    """moto with the stack, the keys, the mail sender and the pins of the stage."""
    with running_moto() as where, surroundings(where):
        deployed = render(f"{STAGE}_verify", ACCOUNT, REGION)["environment_variables"]
        runtime = runtime_from({**settings.environment(where, {}), **deployed})
        clients = Clients(runtime.config)
        template = create_stack(clients, runtime.config)
        ops.keys.create(clients, runtime.config)
        clients("ses").verify_email_identity(EmailAddress=runtime.config.mail_from)
        publish_pins(runtime, found(where.institutions, runtime.clock() // SECOND))
        yield Stage(where, clients, runtime, template)
