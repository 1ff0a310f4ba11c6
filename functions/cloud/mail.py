"""Mail: one message to one person through SES, as raw MIME.

Raw, because only that keeps text and HTML parts alike on every SES and emulator.
"""

from __future__ import annotations

from email.headerregistry import Address
from email.message import EmailMessage
from typing import Any, Protocol


class SendFailed(Exception):
    """The provider did not take the message. `again` tells whether trying later can help."""

    def __init__(self, reason: str, *, again: bool):
        super().__init__(reason)
        self.again = again


class Mailer(Protocol):
    def send(self, to: str, subject: str, text: str, html: str) -> str:
        """Hand one mail to the provider and return its id. Raises SendFailed."""
        ...


# SES answers that pass by themselves: rate, daily quota, and its own faults.
PASSING = {
    "Throttling",
    "ThrottlingException",
    "LimitExceededException",
    "ServiceUnavailable",
    "InternalFailure",
}


class SesMailer:
    """`Mailer` on SES."""

    def __init__(self, clients: Any, config: Any):
        self._clients = clients
        self._config = config

    def send(self, to: str, subject: str, text: str, html: str) -> str:
        from botocore.exceptions import BotoCoreError, ClientError

        message = EmailMessage()
        message["From"] = Address(self._config.programme, addr_spec=self._config.mail_from)
        message["To"] = Address(addr_spec=to)
        message["Subject"] = subject
        message.set_content(text)
        message.add_alternative(html, subtype="html")
        try:
            answer = self._clients("ses").send_raw_email(
                Source=self._config.mail_from,
                Destinations=[to],
                RawMessage={"Data": message.as_bytes()},
            )
        except ClientError as error:
            code = error.response["Error"]["Code"]
            raise SendFailed(code, again=code in PASSING) from error
        except BotoCoreError as error:
            raise SendFailed(type(error).__name__, again=True) from error
        return answer["MessageId"]
