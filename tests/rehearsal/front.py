"""CloudFront's part, which the emulator cannot play (docs/deploy.md): one origin before all.

Files come out of the deployed buckets by the rule of infra/serving.py, the API out of API Gateway
with the key at the door and the caller's address, as infra/front.yaml has it.
"""

from __future__ import annotations

import json
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import urllib3
from werkzeug.test import EnvironBuilder
from werkzeug.wrappers import Request

from infra.deploy import smoke
from infra.deploy.stage import Stage
from local.static import Static

# Of CloudFront, as API Gateway notes it behind the reader's.
EDGE = "198.51.100.4"
SECONDS = 60.0
# A function that starts on a busy machine may take longer than it has; its key makes the same
# request once more do nothing twice.
TOO_LATE, TRIES = (502, 504), 3


@dataclass
class Answer:
    """What a browser gets: status, JSON or bytes, and the cookies that were set."""

    status: int
    data: bytes
    headers: Mapping[str, str] = field(default_factory=dict)
    cookies: dict[str, str] = field(default_factory=dict)

    @property
    def json(self) -> Any:
        """The body, decoded."""
        return json.loads(self.data)


@dataclass
class Front:
    """`apis`: {function: address of its API}; `key`: what CloudFront shows to the functions."""

    origin: str
    apis: dict[str, str]
    key: str
    static: Static

    def ask(
        self,
        method: str,
        path: str,
        body: object = None,
        cookies: Mapping[str, str] | None = None,
        address: str = "192.0.2.1",
    ) -> Answer:
        """One request as the site's pages send it, from a reader's address."""
        function = path.removeprefix("/api/").split("/")[0]
        if not path.startswith("/api/") or function not in self.apis:
            return self._file(method, path)
        headers = {
            "X-Front-Key": self.key,
            "X-Forwarded-For": f"{address}, {EDGE}",
            "Origin": self.origin,
            "Idempotency-Key": str(uuid.uuid4()),
        }
        if cookies:
            headers["Cookie"] = "; ".join(f"{name}={value}" for name, value in cookies.items())
        sent = None if body is None else json.dumps(body).encode()
        if sent is not None:
            headers["Content-Type"] = "application/json"
        for _ in range(TRIES):
            got = _sent(method, self.apis[function] + path, sent, headers)
            if got.status not in TOO_LATE:
                break
        return got

    def fetch(self, url: str) -> smoke.Answer:
        """`smoke.Fetch`: through the front what begins with the origin, all else past it."""
        if url.startswith(self.origin):
            got = self.ask("GET", url.removeprefix(self.origin))
        else:
            got = _sent("GET", url, None, {})
        headers = {name.lower(): value for name, value in got.headers.items()}
        return smoke.Answer(got.status, headers, got.data.decode("utf-8", "replace"))

    def _file(self, method: str, path: str) -> Answer:
        builder = EnvironBuilder(path=path, method=method, base_url=self.origin)
        found = self.static.answer(Request(builder.get_environ()))
        return Answer(found.status_code, found.get_data(), dict(found.headers))


def _sent(method: str, url: str, body: bytes | None, headers: dict[str, str]) -> Answer:
    about: Any = {"timeout": SECONDS, "retries": False, "redirect": False}
    try:
        got = urllib3.request(method, url, body=body, headers=headers, **about)
    except urllib3.exceptions.TimeoutError:
        return Answer(504, b"no answer in time")
    return Answer(got.status, got.data, dict(got.headers), set_cookies(got.headers))


def set_cookies(headers: urllib3.HTTPHeaderDict) -> dict[str, str]:
    """{name: value} of the cookies that an answer sets; one that is taken back is empty."""
    pairs = (line.split(";")[0].partition("=") for line in headers.getlist("Set-Cookie"))
    return {name: value for name, _, value in pairs}


def download(stage: Stage, folder: Path) -> None:
    """Everything in the site's bucket, as files."""
    s3, bucket = stage.client("s3"), stage.bucket("site")
    for page in s3.get_paginator("list_objects_v2").paginate(Bucket=bucket):
        for found in page.get("Contents", ()):
            file = folder / found["Key"]
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(s3.get_object(Bucket=bucket, Key=found["Key"])["Body"].read())
