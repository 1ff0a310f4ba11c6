"""The stage that is deployed: its names, and clients for its account."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from infra.settings import FUNCTIONS, function_name, render

# CloudFront looks for its certificate and its firewall here.
EDGE_REGION = "us-east-1"
HTTP_FUNCTIONS = tuple(name for name in FUNCTIONS if not name.endswith("_worker"))
# CloudFormation waits for CloudFront, which takes some minutes to reach all its edges.
READ_SECONDS = 60


class Refused(Exception):
    """The deploy cannot or must not go on; the message says why and what to do."""


@dataclass(frozen=True)
class Stage:
    """One stage in one account, as zappa_settings.json has it."""

    name: str
    account: str
    region: str
    _clients: dict[tuple[str, str], Any] = field(default_factory=dict, repr=False, compare=False)

    def client(self, service: str, region: str = "") -> Any:
        """A client of boto3, in the stage's region or another."""
        import boto3
        from botocore.config import Config

        key = (service, region or self.region)
        if key not in self._clients:
            about = Config(read_timeout=READ_SECONDS, retries={"mode": "standard"})
            self._clients[key] = boto3.client(service, region_name=key[1], config=about)
        return self._clients[key]

    @property
    def environment(self) -> dict[str, str]:
        """What every function of the stage is told."""
        found: dict[str, str] = self.settings("verify")["environment_variables"]
        return found

    @property
    def origin(self) -> str:
        """The site's address."""
        return self.environment["GELOMBANG_ORIGIN"]

    @property
    def domain(self) -> str:
        """The site's host."""
        return urlsplit(self.origin).hostname or ""

    @property
    def mail_from(self) -> str:
        """The sender of all mail."""
        return self.environment["GELOMBANG_MAIL_FROM"]

    @property
    def emulated(self) -> bool:
        """Whether AWS is an emulator here, which speaks plain HTTP and has no CloudFront."""
        return str(self.client("s3").meta.endpoint_url).startswith("http://")

    def stack(self, thing: str = "") -> str:
        """The name of a stack: the stage's own, or one beside it."""
        return f"gelombang-{self.name}" + (f"-{thing}" if thing else "")

    def bucket(self, thing: str) -> str:
        """The name of a bucket."""
        return f"gelombang-{self.name}-{thing}-{self.account}"

    def settings(self, function: str) -> dict[str, Any]:
        """A function's settings."""
        return render(f"{self.name}_{function}", self.account, self.region)

    def function(self, function: str) -> str:
        """The name of a function on Lambda."""
        return function_name(f"{self.name}_{function}", self.settings(function))


def bucket_address(stage: Stage, thing: str) -> str:
    """The regional host of a bucket, where CloudFront reads it."""
    return f"{stage.bucket(thing)}.s3.{stage.region}.amazonaws.com"
