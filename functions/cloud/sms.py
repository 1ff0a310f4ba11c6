"""SMS: a provider port with two adapters, SNS and any gateway that takes JSON over HTTP."""

from __future__ import annotations

import json
from typing import Any, Protocol

from functions.cloud.mail import SendFailed, send_failed

GATEWAY_SECONDS = 10


class SmsSender(Protocol):
    def send(self, to: str, text: str) -> str:
        """Hand one SMS for an E.164 number to the provider, return its id. Raises SendFailed."""
        ...


class SnsSender:
    """`SmsSender` on SNS."""

    def __init__(self, clients: Any):
        self._clients = clients

    def send(self, to: str, text: str) -> str:
        from botocore.exceptions import BotoCoreError, ClientError

        try:
            answer = self._clients("sns").publish(
                PhoneNumber=to,
                Message=text,
                MessageAttributes={
                    "AWS.SNS.SMS.SMSType": {"DataType": "String", "StringValue": "Transactional"}
                },
            )
        except (ClientError, BotoCoreError) as error:
            raise send_failed(error) from error
        return answer["MessageId"]


class GatewaySender:
    """`SmsSender` on a local gateway: POST {"to", "text"}, bearer token, answer {"id"}.

    Local gateways cost a fraction of SNS in Indonesia (docs/operate.md). The token
    stands in SSM under `sms/token` and is read once.
    """

    def __init__(self, clients: Any, config: Any):
        self._clients = clients
        self._config = config
        self._token: str | None = None

    def send(self, to: str, text: str) -> str:
        import urllib3

        try:
            answer = urllib3.request(
                "POST",
                self._config.sms_gateway_url,
                body=json.dumps({"to": to, "text": text}).encode(),
                headers={
                    "Content-Type": "application/json",
                    "Authorization": f"Bearer {self._bearer()}",
                },
                timeout=GATEWAY_SECONDS,
                retries=False,
            )
        except urllib3.exceptions.HTTPError as error:
            never = (urllib3.exceptions.NewConnectionError, urllib3.exceptions.ConnectTimeoutError)
            unreached = isinstance(error, never)
            raise SendFailed(type(error).__name__, again=True, unsure=not unreached) from error
        if answer.status >= 300:
            failed = answer.status >= 500
            passing = failed or answer.status == 429
            raise SendFailed(f"HTTP {answer.status}", again=passing, unsure=failed)
        return str(answer.json()["id"])

    def _bearer(self) -> str:
        if self._token is None:
            answer = self._clients("ssm").get_parameter(
                Name=self._config.parameter("sms/token"), WithDecryption=True
            )
            self._token = answer["Parameter"]["Value"]
        return self._token


def sms_sender(clients: Any, config: Any) -> SmsSender:
    """The sender that the settings name."""
    from functions.cloud.config import ConfigError

    if config.sms_provider == "sns":
        return SnsSender(clients)
    if config.sms_provider == "gateway" and config.sms_gateway_url:
        return GatewaySender(clients, config)
    raise ConfigError(
        "GELOMBANG_SMS_PROVIDER must be sns, or gateway with a GELOMBANG_SMS_GATEWAY_URL"
    )
