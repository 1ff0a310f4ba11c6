"""Faults between boto3 and AWS: by botocore's own events, in the clients of one session.

Nothing of boto3 or of the product is replaced. A request is answered with a refusal before it is
sent, or sent and its answer dropped, so that botocore's own retries are at work; and a worker can
be killed before or after any call that it makes, with all the retries of it.
"""

from __future__ import annotations

import json
import random
from collections import Counter
from dataclasses import dataclass
from io import BytesIO
from typing import Any

import botocore.session
from botocore.awsrequest import AWSResponse
from botocore.config import Config as Settings
from botocore.exceptions import ConnectionClosedError
from botocore.httpsession import URLLib3Session

from functions.cloud.config import Config
from tests.faults.fuse import Killed

# An address that no emulator in this process answers.
NOWHERE = "http://refused.invalid/"
# What is said by services that answer in XML; the others say it in JSON.
IN_XML = {
    "s3": "<Error><Code>{code}</Code><Message>{code}</Message></Error>",
    "ses": "<ErrorResponse><Error><Code>{code}</Code><Message/></Error></ErrorResponse>",
    "sns": "<ErrorResponse><Error><Code>{code}</Code><Message/></Error></ErrorResponse>",
}
REFUSALS = {"s3": (503, "SlowDown"), "ses": (400, "Throttling"), "sns": (400, "Throttling")}
BROKEN = {"s3": (500, "InternalError"), "ses": (500, "InternalFailure")}


@dataclass(frozen=True)
class Odds:
    """How likely each request is refused, broken at the other side, or done and unanswered."""

    refused: float = 0.0
    broken: float = 0.0
    lost: float = 0.0


class Wire:
    """What lies between the clients of one session and AWS.

    `served`: AWS is a server at an address, so that requests really leave this process. `only`:
    calls that are disturbed, such as `ses.SendRawEmail`; all if empty.
    """

    def __init__(self, seed: int | str = 0, *, served: bool = False, only: tuple[str, ...] = ()):
        self.odds = Odds()
        self.counts: Counter[str] = Counter()
        self.calls: list[str] = []
        self.at: int | None = None
        self.after = False
        self.dead = False
        self._served, self._only = served, only
        self._random = random.Random(f"wire {seed}")
        self._drops = False

    def session(self) -> botocore.session.Session:
        """A session whose clients go over this wire."""
        made = botocore.session.Session()
        events = made.get_component("event_emitter")
        events.register("before-call", self._before_call)
        events.register("after-call", self._after_call)
        events.register_first("before-send", self._before_send)
        events.register_last("before-send", self._after_send)
        return made

    def arm(self, at: int | None, after: bool = False) -> None:
        """Kill who makes the call of this number, counted from now; None: nobody."""
        self.calls, self.at, self.after, self.dead = [], at, after, False

    def _before_call(self, model: Any, **_: Any) -> None:
        if self.dead:
            raise Killed
        self.calls.append(f"{model.service_model.service_id.hyphenize()}.{model.name}")
        if len(self.calls) == self.at and not self.after:
            self._die()

    def _after_call(self, **_: Any) -> None:
        if self.dead or (len(self.calls) == self.at and self.after):
            self._die()

    def _die(self) -> None:
        self.dead = True
        self.counts["killed"] += 1
        raise Killed

    def _before_send(self, request: Any, event_name: str, **_: Any) -> AWSResponse | None:
        call = event_name.removeprefix("before-send.")
        self._drops = False
        if self._only and call not in self._only:
            return None
        drawn = self._random.random()
        for kind in ("refused", "broken"):
            if drawn < getattr(self.odds, kind):
                self.counts[f"{kind} {call}"] += 1
                request.url = NOWHERE
                return answer_of(kind, call.split(".")[0])
            drawn -= getattr(self.odds, kind)
        if drawn < self.odds.lost:
            self.counts[f"lost {call}"] += 1
            if self._served:
                URLLib3Session().send(request)
                raise ConnectionClosedError(endpoint_url=request.url)
            self._drops = True
        return None

    def _after_send(self, request: Any, **_: Any) -> None:
        # An emulator in this process has answered by now, and its answer goes no further.
        if self._drops:
            self._drops = False
            raise ConnectionClosedError(endpoint_url=request.url)


def answer_of(kind: str, service: str) -> AWSResponse:
    """The answer of a service that is throttled (`refused`) or has failed (`broken`)."""
    if kind == "refused":
        status, code = REFUSALS.get(service, (400, "ThrottlingException"))
    else:
        status, code = BROKEN.get(service, (500, "InternalServerError"))
    if service in IN_XML:
        body = IN_XML[service].format(code=code).encode()
    else:
        body = json.dumps({"__type": code, "message": code}).encode()
    return AWSResponse(NOWHERE, status, {}, _Body(body))


class _Body(BytesIO):
    def stream(self, **_: Any) -> Any:
        yield self.read()


class WiredClients:
    """`functions.cloud.clients.Clients`, with the same settings, over a wire."""

    def __init__(self, config: Config, session: botocore.session.Session, attempts: int = 4):
        self._config, self._session, self._attempts = config, session, attempts
        self._made: dict[str, Any] = {}

    def __call__(self, service: str) -> Any:
        if service not in self._made:
            attempts = 1 if service in ("ses", "sns") else self._attempts
            self._made[service] = self._session.create_client(
                service,
                region_name=self._config.region,
                endpoint_url=self._config.endpoint,
                config=Settings(retries={"mode": "standard", "total_max_attempts": attempts}),
                aws_access_key_id="testing",
                aws_secret_access_key="testing",
            )
        return self._made[service]
