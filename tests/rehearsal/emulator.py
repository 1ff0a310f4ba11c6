"""ministack, started for one rehearsal: its environment, and the mail and SMS that it took."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import urllib3

from local.settings import ACCESS_KEY, ACCOUNT, HOST, REGION, SECRET_KEY
from local.supervisor import connects
from tests.rehearsal.report import expect, wait_for

MAILS, TEXTS = "/_ministack/ses/messages", "/_ministack/sns/sms-messages"
QUEUED = "/_ministack/sqs/messages"
LOG = "ministack.log"
SECONDS = 60.0


@dataclass(frozen=True)
class Emulator:
    """A running ministack. `cloud`: its address."""

    cloud: str

    def mails(self, to: str) -> list[dict[str, Any]]:
        """The mails that its SES took for an address, oldest first: Subject, BodyText, …"""
        found = self._get(MAILS)["messages"].get(ACCOUNT, [])
        return [mail for mail in found if to in mail["To"]]

    def texts(self, to: str) -> list[str]:
        """The SMS that its SNS took for a number (E.164), oldest first."""
        found = self._get(TEXTS)["sms_messages"].get(to, [])
        return [sms["Message"] for sms in found]

    def sent(self) -> int:
        """How many mails and SMS went out to anyone."""
        mails = self._get(MAILS)["messages"].get(ACCOUNT, [])
        return len(mails) + sum(map(len, self._get(TEXTS)["sms_messages"].values()))

    def queued(self, url: str) -> Any:
        """{account: {region: {queue: [message…]}}} of a queue: Body, ReceiveCount, …"""
        return self._get(QUEUED, {"QueueUrl": url})["messages"]

    def api(self, identity: str, stage_name: str) -> str:
        """The address of an HTTP API, as `https://….execute-api….amazonaws.com/<stage>` on AWS."""
        return f"{self.cloud}/_aws/execute-api/{identity}/{stage_name}"

    def _get(self, path: str, fields: dict[str, str] | None = None) -> Any:
        url = self.cloud + path
        return urllib3.request("GET", url, fields=fields, timeout=SECONDS).json()


def environment(port: int, folder: Path) -> dict[str, str]:
    """What ministack is told; nothing of the person's own, since functions inherit it all.

    AUTH: requests must be signed, and the roles of the template are held to their policies.
    """
    return {
        "PATH": os.environ["PATH"],
        "HOME": str(folder),
        "TMPDIR": str(folder),
        "BIND_HOST": HOST,
        "GATEWAY_PORT": str(port),
        "AUTH": "true",
        "LOG_LEVEL": "INFO",
        "MINISTACK_ACCOUNT_ID": ACCOUNT,
        "MINISTACK_REGION": REGION,
        "AWS_ACCESS_KEY_ID": ACCESS_KEY,
        "AWS_SECRET_ACCESS_KEY": SECRET_KEY,
        "AWS_EC2_METADATA_DISABLED": "true",
        "AWS_CONFIG_FILE": os.devnull,
        "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
    }


@contextmanager
def running(program: Path, port: int, folder: Path) -> Iterator[Emulator]:
    """ministack on a port; what it unpacks lies in `folder`, what it says in LOG beside that."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    with (folder.parent / LOG).open("w") as log:
        process = subprocess.Popen(
            [program], env=environment(port, folder), stdout=log, stderr=subprocess.STDOUT
        )
        try:

            def listens() -> bool:
                expect(process.poll() is None, f"it ended; see {log.name}")
                return connects(port)

            wait_for(listens, "ministack to listen")
            yield Emulator(f"http://{HOST}:{port}")
        finally:
            process.terminate()
            try:
                process.wait(60)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
            shutil.rmtree(folder, ignore_errors=True)
