"""The record of what was deployed when: `releases/<number>.json` in the packages' bucket.

A release names the package of each function by its digest and each file of the site by its
version, so that going back copies nothing that is not there. Going back is a release, too.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from typing import Any

from infra.deploy.stage import Refused, Stage

PREFIX = "releases/"
# Tabs that were opened before a deploy go on with their old assets for so long.
KEPT_DAYS = 7


@dataclass(frozen=True)
class File:
    """A file of the site: MD5 of its bytes, how it is sent, and its version in the bucket."""

    md5: str
    type: str
    cache: str
    version: str = ""


@dataclass(frozen=True)
class Release:
    """`at`: seconds since 1970. `restores`: the number of the release it went back to, or 0."""

    number: int
    at: int
    commit: str
    functions: dict[str, str]
    site: dict[str, File]
    restores: int = 0

    @property
    def content(self) -> int:
        """The number of the release whose content it has."""
        return self.restores or self.number


def load(stage: Stage) -> list[Release]:
    """All releases, oldest first; none where there is no bucket yet."""
    s3 = stage.client("s3")
    pages = s3.get_paginator("list_objects_v2")
    bucket = stage.bucket("packages")
    try:
        keys = [
            found["Key"]
            for page in pages.paginate(Bucket=bucket, Prefix=PREFIX)
            for found in page.get("Contents", ())
        ]
    except s3.exceptions.NoSuchBucket:
        return []
    bodies = (s3.get_object(Bucket=bucket, Key=key)["Body"].read() for key in sorted(keys))
    return [read(json.loads(body)) for body in bodies]


def read(body: dict[str, Any]) -> Release:
    """A release from its record."""
    site = {key: File(**about) for key, about in body.pop("site").items()}
    return Release(**body, site=site)


def save(stage: Stage, release: Release) -> None:
    """Write its record."""
    stage.client("s3").put_object(
        Bucket=stage.bucket("packages"),
        Key=f"{PREFIX}{release.number:05}.json",
        Body=json.dumps(asdict(release), sort_keys=True).encode(),
        ContentType="application/json",
    )


def before(releases: list[Release]) -> Release:
    """The release to go back to: the content before the one that is live. Raises Refused."""
    if releases:
        live = releases[-1].content
        earlier = [one for one in releases if one.number < live and not one.restores]
        if earlier:
            return earlier[-1]
    raise Refused("there is no release to go back to")


def still_open(releases: list[Release], now: int) -> set[str]:
    """The files that tabs may still ask for: those of releases that ended less than a week ago."""
    ends = [*(one.at for one in releases[1:]), now]
    return {
        key
        for one, end in zip(releases, ends, strict=False)
        if now - end < KEPT_DAYS * 86_400
        for key in one.site
    }
