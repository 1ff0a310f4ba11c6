"""The frozen site in its bucket: assets first, pages last, old assets kept while tabs use them."""

from __future__ import annotations

import hashlib
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from infra import openapi, serving
from infra.deploy.releases import File, Release, still_open
from infra.deploy.stage import Refused, Stage

# The edge gives an object that bears this mark the status 404 (infra/edge/status.js).
MARKED = {serving.NOT_FOUND.lstrip("/"): "404", f"en{serving.NOT_FOUND}": "404"}
PINS = "undian/pins.json"


@dataclass(frozen=True)
class Site:
    """The site as it should be: `files` by their keys, `folder` with their bytes, or none when
    each has its version in the bucket. `releases`: those before."""

    stage: Stage
    files: dict[str, File]
    releases: list[Release]
    now: int
    folder: Path | None = None

    def plan(self) -> list[str]:
        """What would be done; nothing when the bucket has it all."""
        there = self._there()
        changed, gone = self._changed(there), self._gone(there)
        if not changed and not gone:
            return []
        pages = sum(key.endswith(".html") for key in changed)
        told = f"upload {len(changed)} files of the site, {pages} of them pages"
        return [f"{told}; take away {len(gone)}"]

    def apply(self, invalidate: Callable[[], None]) -> dict[str, File]:
        """Upload what differs and take away what nobody can ask for any more; the files with
        their versions. A page never goes up before what it asks for."""
        there = self._there()
        changed, gone = self._changed(there), self._gone(there)
        bucket, s3 = self.stage.bucket("site"), self.stage.client("s3")
        put = {key: self._put(s3, bucket, key) for key in sorted(changed, key=turn)}
        for key in gone:
            s3.delete_object(Bucket=bucket, Key=key)
        if changed or gone:
            invalidate()
        known = self.releases[-1].site if self.releases else {}
        return {
            key: replace(about, version=put.get(key) or self._version(s3, bucket, key, known))
            for key, about in self.files.items()
        }

    def _changed(self, there: dict[str, str]) -> list[str]:
        """Keys whose bytes differ, or how they are sent."""
        known = self.releases[-1].site if self.releases else {}
        return [
            key
            for key, about in self.files.items()
            if there.get(key) != about.md5
            or key not in known
            or replace(known[key], version="") != replace(about, version="")
        ]

    def _gone(self, there: dict[str, str]) -> list[str]:
        """Files of releases that are no more; assets only after a week."""
        ours = {key for release in self.releases for key in release.site}
        kept = {key for key in still_open(self.releases, self.now) if is_asset(key)}
        return sorted(key for key in ours - set(self.files) - kept if key in there)

    def _there(self) -> dict[str, str]:
        """{key: MD5} of the bucket, which S3 gives as ETag for what was put in one piece."""
        s3 = self.stage.client("s3")
        pages = s3.get_paginator("list_objects_v2")
        try:
            return {
                found["Key"]: found["ETag"].strip('"')
                for page in pages.paginate(Bucket=self.stage.bucket("site"))
                for found in page.get("Contents", ())
            }
        except s3.exceptions.NoSuchBucket:
            return {}

    def _put(self, s3: Any, bucket: str, key: str) -> str:
        about = self.files[key]
        sent: dict[str, Any] = {"ContentType": about.type, "CacheControl": about.cache}
        if key in MARKED:
            sent["Metadata"] = {"status": MARKED[key]}
        if self.folder is None:
            source = {"Bucket": bucket, "Key": key, "VersionId": about.version}
            answer = s3.copy_object(
                Bucket=bucket, Key=key, CopySource=source, MetadataDirective="REPLACE", **sent
            )
        else:
            body = (self.folder / key).read_bytes()
            answer = s3.put_object(Bucket=bucket, Key=key, Body=body, **sent)
        return str(answer["VersionId"])

    def _version(self, s3: Any, bucket: str, key: str, known: dict[str, File]) -> str:
        if key in known and known[key].md5 == self.files[key].md5 and known[key].version:
            return known[key].version
        return str(s3.head_object(Bucket=bucket, Key=key)["VersionId"])


def is_asset(key: str) -> bool:
    """Whether a file lies under a name that its content decides."""
    return key.startswith("aset/")


def turn(key: str) -> tuple[int, str]:
    """When a file's turn is: what pages ask for, pages, and last what tells of new pages."""
    order = 3 if key.endswith("service-worker.js") else 2 if key.endswith(".html") else 1
    return (0 if is_asset(key) else order, key)


def files_of(folder: Path, headers: dict[str, Any]) -> dict[str, File]:
    """{key: how it lies in the bucket} of a built site."""
    return {
        key: File(
            md5=hashlib.md5(path.read_bytes(), usedforsecurity=False).hexdigest(),
            type=serving.content_type(key),
            cache=serving.headers_of(f"/{key}", headers)["Cache-Control"],
        )
        for path in sorted(folder.rglob("*"))
        if path.is_file() and (key := path.relative_to(folder).as_posix())
    }


@cache
def photo_origin(stage: Stage) -> str:
    """Where the forms of `upload` send photos, asked of the very client that makes them."""
    from functions.cloud.clients import Clients
    from functions.cloud.config import Config

    known = {"AWS_REGION": stage.region, **stage.environment}
    config = replace(Config.from_environment(known), endpoint=_endpoint(stage))
    form = Clients(config)("s3").generate_presigned_post(config.bucket("incoming"), "key")
    parts = urlsplit(form["url"])
    return f"{parts.scheme}://{parts.netloc}"


def build(stage: Stage, out: Path, pins: Path | None) -> dict[str, File]:
    """Build the site into a folder; its files. Raises Refused with what the build said."""
    command = [sys.executable, "site/build.py", "--out", str(out)]
    command += ["--s3-origin", photo_origin(stage), "--origin", stage.origin]
    command += ["--mail-from", stage.mail_from, *(["--pins", str(pins)] if pins else [])]
    done = subprocess.run(  # noqa: S603 - our own interpreter and build
        command, cwd=serving.ROOT, capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise Refused(done.stderr.strip())
    openapi.write(out, secure=stage.origin.startswith("https://"))
    return files_of(out, serving.site_headers(photo_origin(stage)))


def published_pins(stage: Stage, file: Path) -> Path | None:
    """The stage's pins, which the page of proofs carries; none before they are published."""
    s3 = stage.client("s3")
    try:
        body = s3.get_object(Bucket=stage.bucket("undian"), Key=PINS)["Body"].read()
    except (s3.exceptions.NoSuchKey, s3.exceptions.NoSuchBucket):
        return None
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(body)
    return file


def _endpoint(stage: Stage) -> str | None:
    return str(stage.client("s3").meta.endpoint_url) if stage.emulated else None
