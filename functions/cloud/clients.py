"""boto3 clients, made when first used: importing boto3 is most of a cold start."""

from __future__ import annotations

from typing import Any

from functions.cloud.config import Config

CONNECT_SECONDS = 3
READ_SECONDS = 10
ATTEMPTS = 4
# A mail or SMS whose answer is lost may have gone out: repeating it is for the outbox to decide.
ONE_ATTEMPT = ("ses", "sns")
# A worker of the draw has up to this many requests under way; boto3 keeps ten connections.
CONNECTIONS = 32


class Clients:
    """One client per service for the life of the process."""

    def __init__(self, config: Config):
        self._config = config
        self._made: dict[str, Any] = {}

    def __call__(self, service: str) -> Any:
        if service not in self._made:
            self._made[service] = self._make(service)
        return self._made[service]

    def _make(self, service: str) -> Any:
        import boto3
        from botocore.config import Config as Settings

        # Without these S3 signs posts with SigV2 when an endpoint is given.
        signing: dict[str, Any] = (
            {"signature_version": "s3v4", "s3": {"addressing_style": "path"}}
            if service == "s3"
            else {}
        )
        settings = Settings(
            connect_timeout=CONNECT_SECONDS,
            read_timeout=READ_SECONDS,
            max_pool_connections=CONNECTIONS,
            retries={
                "mode": "standard",
                "total_max_attempts": 1 if service in ONE_ATTEMPT else ATTEMPTS,
            },
            **signing,
        )
        return boto3.client(
            service,
            region_name=self._config.region,
            endpoint_url=self._config.endpoint,
            config=settings,
        )
