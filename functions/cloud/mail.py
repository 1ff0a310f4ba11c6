"""Mail: one message to one person through SES, as raw MIME.

Raw, because only that keeps text and HTML parts alike on every SES and emulator.
"""

from __future__ import annotations

from email.headerregistry import Address
from email.message import EmailMessage
from typing import Any, Protocol


class SendFailed(Exception):
    """The provider did not take the message, or did not say so.

    `again` tells whether trying later can help; `unsure` that it may have been taken.
    """

    def __init__(self, reason: str, *, again: bool, unsure: bool = False):
        super().__init__(reason)
        self.again = again
        self.unsure = unsure


class Mailer(Protocol):
    def send(self, to: str, subject: str, text: str, html: str, *, message: str) -> str:
        """Hand one mail to the provider and return its id. Raises SendFailed.

        `message` is the row of the outbox; what the provider tells of the mail later bears it.
        """
        ...


# SES answers that pass by themselves: rate, daily quota, and its own faults.
PASSING = {
    "Throttling",
    "ThrottlingException",
    "LimitExceededException",
    "ServiceUnavailable",
    "InternalFailure",
}
# Answers that leave open whether the message was taken before the provider failed.
UNSURE = {"InternalFailure", "InternalError", "InternalErrorException", "ServiceUnavailable"}


def send_failed(error: Any) -> SendFailed:
    """What an error of boto3 says of a message: after a connection was lost, nothing is sure."""
    from botocore.exceptions import ClientError, HTTPClientError

    if isinstance(error, ClientError):
        code = error.response["Error"]["Code"]
        return SendFailed(code, again=code in PASSING | UNSURE, unsure=code in UNSURE)
    return SendFailed(type(error).__name__, again=True, unsure=isinstance(error, HTTPClientError))


# The configuration set of infra/template.yaml, whose events come back (verify/mail_events.py), and
# the tag by which they name the row. A tag is no header: who gets the mail does not see it.
SET, TAG = "mail", "message"


class SesMailer:
    """`Mailer` on SES."""

    def __init__(self, clients: Any, config: Any):
        self._clients = clients
        self._config = config

    def send(self, to: str, subject: str, text: str, html: str, *, message: str) -> str:
        from botocore.exceptions import BotoCoreError, ClientError

        mail = EmailMessage()
        mail["From"] = Address(self._config.programme, addr_spec=self._config.mail_from)
        mail["To"] = Address(addr_spec=to)
        mail["Subject"] = subject
        mail.set_content(text)
        mail.add_alternative(html, subtype="html")
        try:
            answer = self._clients("ses").send_raw_email(
                Source=self._config.mail_from,
                Destinations=[to],
                RawMessage={"Data": mail.as_bytes()},
                ConfigurationSetName=self._config.name(SET),
                Tags=[{"Name": TAG, "Value": message}],
            )
        except (ClientError, BotoCoreError) as error:
            raise send_failed(error) from error
        return answer["MessageId"]
