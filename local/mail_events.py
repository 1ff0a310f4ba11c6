"""What SES tells of each mail that the local cloud took, told to moto's EventBridge.

moto forgets a mail's configuration set and tags, and tells nothing of it; the rules of the template
and their queue it has. The events have the form of AWS's ("Monitoring SES events using Amazon
EventBridge", SES developer guide), the receiver's address included: so it shows here when a rule
lets it through. What becomes of a mail is chosen by the domain that it goes to.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Iterator
from io import BytesIO
from typing import Any
from urllib.parse import parse_qs

from functions.programme.times import iso
from local.template import Unsupported

Application = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]
# (detail-type, detail)
Event = tuple[str, dict[str, Any]]

BOUNCING, COMPLAINING, FULL = "tak-sampai.example", "keluhan.example", "penuh.example"
MESSAGE_ID = re.compile(rb"<MessageId>([^<]+)</MessageId>")


class MailEvents:
    """WSGI layer: for each raw mail with a configuration set, the events that SES would send."""

    def __init__(
        self,
        app: Application,
        tell: Callable[[Event], None],
        account: str,
        clock: Callable[[], int],
    ):
        """`tell` gets each event, oldest first."""
        self._app = app
        self._tell = tell
        self._account = account
        self._clock = clock

    def __call__(
        self, environ: dict[str, Any], start_response: Callable[..., Any]
    ) -> Iterable[bytes]:
        if "/ses/aws4_request" not in environ.get("HTTP_AUTHORIZATION", ""):
            return self._app(environ, start_response)
        body = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
        environ["wsgi.input"] = BytesIO(body)
        asked = {name: values[0] for name, values in parse_qs(body.decode()).items()}
        answer = b"".join(self._app(environ, start_response))
        taken = MESSAGE_ID.search(answer)
        if taken and "ConfigurationSetName" in asked:
            mail = mail_part(asked, taken[1].decode(), self._account, iso(self._clock()))
            for event in events(mail):
                self._tell(event)
        return [answer]


def returned(address: str) -> bool:
    """Whether a mail to this address reaches nobody."""
    return address.lower().rsplit("@", 1)[-1] in (BOUNCING, FULL)


def mail_part(asked: dict[str, str], message_id: str, account: str, at: str) -> dict[str, Any]:
    """What every event says of its mail; `asked` are the parameters of SendRawEmail."""
    to, sender = asked["Destinations.member.1"], asked["Source"]
    tags = {"ses:configuration-set": [asked["ConfigurationSetName"]]}
    number = 1
    while f"Tags.member.{number}.Name" in asked:
        about = f"Tags.member.{number}."
        tags[asked[about + "Name"]] = [asked[about + "Value"]]
        number += 1
    return {
        "timestamp": at,
        "source": sender,
        "sendingAccountId": account,
        "messageId": message_id,
        "destination": [to],
        "headersTruncated": False,
        "headers": [{"name": "From", "value": sender}, {"name": "To", "value": to}],
        "commonHeaders": {"from": [sender], "to": [to], "messageId": message_id},
        "tags": tags,
    }


def events(mail: dict[str, Any]) -> Iterator[Event]:
    """The events of a mail, as its receiver's domain has it."""
    (to,), at = mail["destination"], mail["timestamp"]
    domain = to.lower().rsplit("@", 1)[-1]
    if domain in (BOUNCING, FULL):
        hard = domain == BOUNCING
        about = {
            "feedbackId": f"{mail['messageId']}-feedback",
            "bounceType": "Permanent" if hard else "Transient",
            "bounceSubType": "NoEmail" if hard else "MailboxFull",
            "bouncedRecipients": [
                {
                    "emailAddress": to,
                    "action": "failed",
                    "status": "5.1.1" if hard else "4.2.2",
                    "diagnosticCode": "smtp; 550 5.1.1 user unknown",
                }
            ],
            "timestamp": at,
            "reportingMTA": "dns; mail.example",
        }
        yield "Email Bounced", {"eventType": "Bounce", "bounce": about, "mail": mail}
        return
    about = {
        "timestamp": at,
        "processingTimeMillis": 546,
        "recipients": [to],
        "smtpResponse": "250 2.6.0 Message received",
        "reportingMTA": "mail.example",
    }
    yield "Email Delivered", {"eventType": "Delivery", "delivery": about, "mail": mail}
    if domain == COMPLAINING:
        about = {
            "feedbackId": f"{mail['messageId']}-feedback",
            "complaintSubType": None,
            "complainedRecipients": [{"emailAddress": to}],
            "timestamp": at,
            "complaintFeedbackType": "abuse",
            "arrivalDate": at,
        }
        yield (
            "Email Complaint Received",
            {"eventType": "Complaint", "complaint": about, "mail": mail},
        )


def to_event_bridge(account: str, region: str) -> Callable[[Event], None]:
    """A `tell` that puts events onto moto's default bus, in this process."""
    from moto.events.utils import EventTemplateParser

    # moto's own needs a library for all of JSON path; rules may name members by dots alone.
    EventTemplateParser.parse = staticmethod(transformed)  # type: ignore[method-assign]

    def tell(event: Event) -> None:
        from moto.events.models import events_backends

        kind, detail = event
        entry = {"Source": "aws.ses", "DetailType": kind, "Detail": json.dumps(detail)}
        events_backends[account][region].put_events([entry])

    return tell


def transformed(input_template: str | None, input_paths_map: dict[str, str], event: Any) -> Any:
    """What a rule's InputTransformer makes of an event; the event itself without one."""
    if input_template is None:
        return event
    for name, path in input_paths_map.items():
        root, *members = path.split(".")
        if root != "$":
            raise Unsupported(path)
        value = event
        for member in members:
            value = value[member]
        input_template = input_template.replace(f"<{name}>", json.dumps(value))
    return json.loads(input_template)
