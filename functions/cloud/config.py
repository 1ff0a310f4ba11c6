"""Configuration: the only place that reads the environment."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

PREFIX = "GELOMBANG_"


class ConfigError(Exception):
    """A setting is missing or unusable; the message names it."""


@dataclass(frozen=True)
class Config:
    """Where this stage's parts are and how it speaks to the outside.

    docs/settings.md describes each environment variable.
    """

    stage: str
    account: str
    region: str
    endpoint: str | None
    origin: str
    programme: str
    mail_from: str
    sms_provider: str
    sms_gateway_url: str
    beacon_urls: tuple[str, ...]
    witness_urls: tuple[str, ...]
    trusted_hops: int
    front_keys: tuple[str, ...] = ()

    @property
    def secure(self) -> bool:
        """Whether browsers reach the site over TLS (everywhere but on one machine)."""
        return self.origin.startswith("https://")

    @property
    def domain(self) -> str:
        """Host of the site, without scheme and port."""
        return self.origin.split("//", 1)[1].split(":", 1)[0]

    def name(self, thing: str) -> str:
        """The full name of a table, queue or state machine."""
        return f"gelombang-{self.stage}-{thing}"

    def bucket(self, thing: str) -> str:
        """The full name of a bucket; bucket names are global, so they carry the account."""
        return f"gelombang-{self.stage}-{thing}-{self.account}"

    def machine(self, thing: str) -> str:
        """The ARN of a state machine."""
        place = f"{self.region}:{self.account}"
        return f"arn:aws:states:{place}:stateMachine:{self.name(thing)}"

    def parameter(self, thing: str) -> str:
        """The full name of an SSM parameter."""
        return f"/gelombang/{self.stage}/{thing}"

    @classmethod
    def from_environment(cls, environment: Mapping[str, str]) -> Config:
        """Read the settings. Raises ConfigError for the first one that is unusable."""

        def setting(name: str, default: str | None = None) -> str:
            value = environment.get(PREFIX + name, default)
            if value is None:
                raise ConfigError(f"{PREFIX}{name} is not set")
            return value

        def addresses(name: str) -> tuple[str, ...]:
            return tuple(u.rstrip("/") for u in setting(name, "").split(",") if u)

        hops = setting("TRUSTED_HOPS", "1")
        if not hops.isdigit():
            raise ConfigError(f"{PREFIX}TRUSTED_HOPS must be a number, not {hops!r}")
        return cls(
            stage=setting("STAGE"),
            account=setting("ACCOUNT"),
            region=environment.get("AWS_REGION", "ap-southeast-3"),
            endpoint=environment.get("AWS_ENDPOINT_URL"),
            origin=setting("ORIGIN").rstrip("/"),
            programme=setting("PROGRAMME", "Gelombang"),
            mail_from=setting("MAIL_FROM"),
            sms_provider=setting("SMS_PROVIDER", "sns"),
            sms_gateway_url=setting("SMS_GATEWAY_URL", ""),
            beacon_urls=addresses("BEACON_URLS"),
            witness_urls=addresses("WITNESS_URLS"),
            trusted_hops=int(hops),
            front_keys=tuple(k for k in setting("FRONT_KEYS", "").split(",") if k),
        )
