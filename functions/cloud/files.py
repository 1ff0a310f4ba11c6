"""Files: S3 objects behind the words the rooms use."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Protocol

# S3 takes 10,000 parts of an object, each but the last of 5 MiB or more.
PART_BYTES = 16 << 20


class FileMissing(Exception):
    """No such object, or not that version of it."""


@dataclass(frozen=True)
class PostForm:
    """Where and with which fields a browser posts one file."""

    url: str
    fields: dict[str, str]


class Files(Protocol):
    """What the rooms may ask of buckets. `bucket` is a short name such as `photos`."""

    def post_form(
        self, bucket: str, key: str, *, content_type: str, max_bytes: int, seconds: int
    ) -> PostForm:
        """A presigned POST for exactly this key and type, 1…max_bytes bytes."""
        ...

    def size(self, bucket: str, key: str, version: str | None = None) -> int:
        """Length in bytes. Raises FileMissing."""
        ...

    def read(
        self, bucket: str, key: str, *, version: str | None = None, span: range | None = None
    ) -> bytes:
        """The bytes, or those of `span` (step 1). Raises FileMissing."""
        ...

    def write(
        self, bucket: str, key: str, data: bytes, *, content_type: str, state: str | None = None
    ) -> str:
        """Create or replace an object; returns the id of this version.

        `state` is a tag by which the bucket's lifecycle may end it.
        """
        ...

    def write_parts(
        self, bucket: str, key: str, parts: Iterator[bytes], *, content_type: str
    ) -> None:
        """Create or replace an object from bytes that come bit by bit.

        It appears when the last is there; if `parts` raises, nothing is written.
        """
        ...

    def mark(self, bucket: str, key: str, version: str, state: str) -> None:
        """Replace the tag `state` of one version. Raises FileMissing."""
        ...

    def delete(self, bucket: str, key: str, version: str | None = None) -> None:
        """Delete one version, or put a delete marker; deleting twice is no error."""
        ...

    def names(self, bucket: str, prefix: str) -> list[str]:
        """Keys that begin with `prefix`, in order."""
        ...

    def versions(self, bucket: str, prefix: str) -> list[tuple[str, str]]:
        """(key, version) of everything stored under `prefix`, what is deleted or hidden too."""
        ...


class S3Files:
    """`Files` on S3."""

    def __init__(self, clients: Any, config: Any):
        self._clients = clients
        self._config = config

    def post_form(
        self, bucket: str, key: str, *, content_type: str, max_bytes: int, seconds: int
    ) -> PostForm:
        form = self._clients("s3").generate_presigned_post(
            self._config.bucket(bucket),
            key,
            Fields={"Content-Type": content_type},
            Conditions=[
                {"Content-Type": content_type},
                ["content-length-range", 1, max_bytes],
            ],
            ExpiresIn=seconds,
        )
        return PostForm(form["url"], form["fields"])

    def size(self, bucket: str, key: str, version: str | None = None) -> int:
        place = self._place(bucket, key, version)
        return int(self._or_missing(self._clients("s3").head_object, place)["ContentLength"])

    def read(
        self, bucket: str, key: str, *, version: str | None = None, span: range | None = None
    ) -> bytes:
        place = self._place(bucket, key, version)
        if span is not None:
            if len(span) == 0:
                return b""
            place["Range"] = f"bytes={span.start}-{span.stop - 1}"
        return self._or_missing(self._clients("s3").get_object, place)["Body"].read()

    def write(
        self, bucket: str, key: str, data: bytes, *, content_type: str, state: str | None = None
    ) -> str:
        place = self._place(bucket, key)
        tags = {} if state is None else {"Tagging": f"state={state}"}
        answer = self._clients("s3").put_object(
            **place, **tags, Body=data, ContentType=content_type
        )
        return str(answer["VersionId"])

    def write_parts(
        self, bucket: str, key: str, parts: Iterator[bytes], *, content_type: str
    ) -> None:
        s3, place = self._clients("s3"), self._place(bucket, key)
        whole = _of_size(parts, PART_BYTES)
        first = next(whole)
        if len(first) < PART_BYTES:
            self.write(bucket, key, first, content_type=content_type)
            return
        upload = s3.create_multipart_upload(**place, ContentType=content_type)["UploadId"]
        try:
            sent = []
            for number, part in enumerate(itertools.chain([first], whole), 1):
                answer = s3.upload_part(**place, UploadId=upload, PartNumber=number, Body=part)
                sent.append({"PartNumber": number, "ETag": answer["ETag"]})
        except BaseException:
            s3.abort_multipart_upload(**place, UploadId=upload)
            raise
        s3.complete_multipart_upload(**place, UploadId=upload, MultipartUpload={"Parts": sent})

    def mark(self, bucket: str, key: str, version: str, state: str) -> None:
        tags = {"TagSet": [{"Key": "state", "Value": state}]}
        place = {**self._place(bucket, key, version), "Tagging": tags}
        self._or_missing(self._clients("s3").put_object_tagging, place)

    def delete(self, bucket: str, key: str, version: str | None = None) -> None:
        self._clients("s3").delete_object(**self._place(bucket, key, version))

    def names(self, bucket: str, prefix: str) -> list[str]:
        pages = self._clients("s3").get_paginator("list_objects_v2")
        found = pages.paginate(Bucket=self._config.bucket(bucket), Prefix=prefix)
        return [entry["Key"] for page in found for entry in page.get("Contents", ())]

    def versions(self, bucket: str, prefix: str) -> list[tuple[str, str]]:
        pages = self._clients("s3").get_paginator("list_object_versions")
        found = pages.paginate(Bucket=self._config.bucket(bucket), Prefix=prefix)
        return [
            (entry["Key"], entry["VersionId"])
            for page in found
            for kind in ("Versions", "DeleteMarkers")
            for entry in page.get(kind, ())
        ]

    def _place(self, bucket: str, key: str, version: str | None = None) -> dict[str, str]:
        place = {"Bucket": self._config.bucket(bucket), "Key": key}
        return place if version is None else {**place, "VersionId": version}

    def _or_missing(self, call: Any, place: dict[str, Any]) -> Any:
        from botocore.exceptions import ClientError

        try:
            return call(**place)
        except ClientError as error:
            if error.response["ResponseMetadata"].get("HTTPStatusCode") == 404:
                raise FileMissing(place["Key"]) from error
            raise


def _of_size(parts: Iterator[bytes], size: int) -> Iterator[bytes]:
    """The same bytes in pieces of `size`, at least one piece; only the last is shorter."""
    held = bytearray()
    for part in parts:
        held += part
        while len(held) > size:
            yield bytes(held[:size])
            del held[:size]
    yield bytes(held)
