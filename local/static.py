"""The frozen site and the draw's files, served as CloudFront serves them (infra/serving.py)."""

from __future__ import annotations

import gzip
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from werkzeug.http import generate_etag, quote_etag
from werkzeug.wrappers import Request, Response

from functions.cloud.files import FileMissing, Files
from infra.serving import (
    DRAW_FILE,
    NOT_FOUND,
    STATUS_FILE,
    WAVE_PAGE,
    WAVE_PAGE_FILE,
    content_type,
    headers_of,
)
from local.waiting import Gate

# Below this gzip saves no packet; pictures are packed already.
SMALLEST_ZIPPED = 1_000
ZIPPED = ("text/", "application/json", "application/javascript", "image/svg+xml")


@dataclass(frozen=True)
class Found:
    """A file to answer with."""

    data: bytes
    type: str
    etag: str


class Static:
    """WSGI application over the site's folder and the draw's bucket."""

    def __init__(
        self, folder: Path, files: Files, headers: dict[str, Any], gate: Gate | None = None
    ):
        self._folder = folder.resolve()
        self._gate = gate
        self._files = files
        self._headers = headers

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Any:
        return self.answer(Request(environ))(environ, start_response)

    def answer(self, request: Request) -> Response:
        """The response to a GET or HEAD, or that of the waiting room before it."""
        if request.method not in ("GET", "HEAD"):
            return Response(status=405, headers={"Allow": "GET, HEAD"})
        if self._gate is None:
            return self._answer(request)
        waits, comes_in = self._gate.meet(request)
        if waits is not None:
            return waits
        response = self._answer(request)
        if comes_in:
            self._gate.let_in(response)
        return response

    def _answer(self, request: Request) -> Response:
        """404 is the site's own page."""
        path = request.path
        found, status = self.find(path), 200
        if found is None and self._is_folder(path):
            return Response(status=301, headers={"Location": f"{path}/"})
        if found is None:
            found, status = self._page_not_found(path), 404
        response = _encoded(found, request, status)
        for name, value in headers_of(path, self._headers).items():
            response.headers[name] = value
        if status == 404:
            response.headers["Cache-Control"] = "no-store"
        return response.make_conditional(request)

    def find(self, path: str) -> Found | None:
        """The file that a path names, if there is one."""
        if DRAW_FILE.fullmatch(path):
            return self._stored("undian", path)
        if path == STATUS_FILE:
            return self._stored("site", path)
        if wave := WAVE_PAGE.fullmatch(path):
            path = (wave[1] or "") + WAVE_PAGE_FILE
        if "//" in path:
            return None
        file = (self._folder / path.lstrip("/")).resolve()
        if path.endswith("/"):
            file /= "index.html"
        if not file.is_relative_to(self._folder) or not file.is_file():
            return None
        return _found(file.read_bytes(), file.name)

    def _stored(self, bucket: str, path: str) -> Found | None:
        try:
            return _found(self._files.read(bucket, path.lstrip("/")), path)
        except FileMissing:
            return None

    def _is_folder(self, path: str) -> bool:
        return not path.endswith("/") and self.find(f"{path}/") is not None

    def _page_not_found(self, path: str) -> Found:
        language = "/en" if path.startswith("/en/") else ""
        return self.find(language + NOT_FOUND) or _found(b"404", "404.txt")


def _found(data: bytes, name: str) -> Found:
    return Found(data, content_type(name), generate_etag(data))


def _encoded(found: Found, request: Request, status: int) -> Response:
    zippable = found.type.startswith(ZIPPED) and len(found.data) >= SMALLEST_ZIPPED
    headers = {"Content-Type": found.type}
    data, etag = found.data, found.etag
    if zippable:
        headers["Vary"] = "Accept-Encoding"
        if request.accept_encodings["gzip"] > 0:
            data, etag = _zipped(found.data), f"{etag}-gzip"
            headers["Content-Encoding"] = "gzip"
    headers["ETag"] = quote_etag(etag)
    return Response(data, status=status, headers=headers)


@lru_cache(maxsize=512)
def _zipped(data: bytes) -> bytes:
    return gzip.compress(data, mtime=0)
