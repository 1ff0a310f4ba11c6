"""Where everything is on this machine: ports, folder, and the environment of the processes."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from functions.cloud.config import Config

ROOT = Path(__file__).parent.parent
HOST = "127.0.0.1"

# The names of the settings stage `dev` are used, so that the workers run under the very
# settings that are deployed; nothing leaves this machine, since the endpoint is moto.
STAGE = "dev"
ACCOUNT = "123456789012"
REGION = "ap-southeast-3"
ACCESS_KEY = "LOCALACCESSKEY000000"
SECRET_KEY = "local-secret-key-worth-nothing"  # noqa: S105 - moto's only; known on purpose
MAIL_FROM = "no-reply@gelombang.example"


@dataclass(frozen=True)
class Place:
    """One local system: the site's port, moto's on the next one, and its folder."""

    port: int
    folder: Path

    @property
    def origin(self) -> str:
        return f"http://{HOST}:{self.port}"

    @property
    def cloud(self) -> str:
        """moto's address; S3 posts go here."""
        return f"http://{HOST}:{self.port + 1}"

    @property
    def clock_file(self) -> Path:
        return self.folder / "clock.json"

    @property
    def journey_file(self) -> Path:
        """What the clock has been asked to do (local/worker.py)."""
        return self.folder / "journey.json"

    @property
    def site(self) -> Path:
        """The frozen site."""
        return self.folder / "site"

    @property
    def templates(self) -> Path:
        """The pages of /local/."""
        return ROOT / "local" / "templates"

    @property
    def institutions(self) -> Path:
        """The secrets of this run's beacon and witnesses."""
        return self.folder / "institutions.json"

    @property
    def pins(self) -> Path:
        """The pins of this run; the site takes them into the page that checks a proof."""
        return self.folder / "pins.json"

    @property
    def witnesses(self) -> Path:
        """What the witnesses signed."""
        return self.folder / "witnesses"

    @property
    def calls_file(self) -> Path:
        """Which function made which call of AWS (local/calls.py)."""
        return self.folder / "calls.txt"

    def lock(self, process: str) -> Path:
        """A file that `process` holds locked while it lives."""
        return self.folder / f"{process}.lock"


def place(port: int) -> Place:
    """The local system on a port."""
    return Place(port, ROOT / ".local" / str(port))


def environment(where: Place, outside: Mapping[str, str]) -> dict[str, str]:
    """The environment of every local process: settings of the stage, credentials for moto only.

    AWS settings of the person's own shell are left out, so that nothing here can
    ever reach a real account.
    """
    kept = {name: value for name, value in outside.items() if not name.startswith("AWS_")}
    return {
        **kept,
        "AWS_ENDPOINT_URL": where.cloud,
        "AWS_REGION": REGION,
        "AWS_DEFAULT_REGION": REGION,
        "AWS_ACCESS_KEY_ID": ACCESS_KEY,
        "AWS_SECRET_ACCESS_KEY": SECRET_KEY,
        "AWS_EC2_METADATA_DISABLED": "true",
        "AWS_CONFIG_FILE": os.devnull,
        "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
        "MOTO_DISABLE_GLOBAL_CORS": "true",
        "PYTHONUNBUFFERED": "1",
        "GELOMBANG_STAGE": STAGE,
        "GELOMBANG_ACCOUNT": ACCOUNT,
        "GELOMBANG_ORIGIN": where.origin,
        "GELOMBANG_PROGRAMME": "Gelombang",
        "GELOMBANG_MAIL_FROM": MAIL_FROM,
        "GELOMBANG_SMS_PROVIDER": "sns",
        "GELOMBANG_BEACON_URLS": f"{where.origin}/local/beacon",
        "GELOMBANG_WITNESS_URLS": f"{where.origin}/local/witness/a,{where.origin}/local/witness/b",
        "GELOMBANG_TRUSTED_HOPS": "0",
    }


def config(where: Place) -> Config:
    """The configuration that the processes of `where` run under."""
    return Config.from_environment(environment(where, {}))
