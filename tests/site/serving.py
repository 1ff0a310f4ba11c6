"""A small server for the built site, with its real headers, and for an invented API beside it."""

from __future__ import annotations

import gzip
import io
import json
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import SimpleNamespace
from typing import Any, BinaryIO

from tests.programme.draw.world import vector
from tests.site.fake_api import CORS, FakeApi

ROOT = Path(__file__).resolve().parents[2]

PACKED = (".html", ".css", ".js", ".json", ".svg")


class Handler(SimpleHTTPRequestHandler):
    """Static files with the headers of the build, packed for who can unpack them."""

    protocol_version = "HTTP/1.1"

    def __init__(
        self, *args: Any, headers_of_site: dict[str, Any], api: FakeApi | None = None, **kwargs: Any
    ):
        self.headers_of_site = headers_of_site
        self.api = api
        super().__init__(*args, **kwargs)

    def do_GET(self) -> None:
        """A file, or an answer of the API."""
        if self.api and self.path.startswith("/api/"):
            self._ask(self.api.answer)
        elif self.api and self.path == "/status/status.json":
            self._ask(self.api.tell_status)
        else:
            super().do_GET()

    def do_POST(self) -> None:
        """An answer of the API; nothing else takes anything."""
        if self.api and self.path.startswith("/api/"):
            self._ask(self.api.answer)
        else:
            self.send_error(405)

    do_PUT = do_DELETE = do_POST

    def _ask(self, answer: Callable[[Any], None]) -> None:
        length = int(self.headers.get("Content-Length") or 0)
        request = SimpleNamespace(
            url=self.path,
            method=self.command,
            headers={name.lower(): value for name, value in self.headers.items()},
            post_data=self.rfile.read(length).decode() if length else None,
        )
        answer(SimpleNamespace(request=request, fulfill=self._fulfill, abort=self._abort))

    def _fulfill(self, status: int, body: str, content_type: str) -> None:
        data = body.encode()
        self.send_response(status)
        self.send_header("Content-Type", content_type)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def _abort(self) -> None:
        self.close_connection = True

    def send_head(self) -> io.BytesIO | BinaryIO | None:
        """Begin the answer with a file, as gzip when it is text."""
        file = Path(self.translate_path(self.path))
        if self.path.split("?")[0].endswith("/"):
            file /= "index.html"
        packs = "gzip" in self.headers.get("Accept-Encoding", "")
        if not (packs and file.suffix in PACKED and file.is_file()):
            return super().send_head()
        data = gzip.compress(file.read_bytes(), mtime=0)
        self.send_response(200)
        self.send_header("Content-Type", self.guess_type(str(file)))
        self.send_header("Content-Encoding", "gzip")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        return io.BytesIO(data)

    def translate_path(self, path: str) -> str:
        """The frozen page of any wave."""
        parts = path.split("?")[0].strip("/").split("/")
        if len(parts) > 1 and parts[-2] == "undian" and parts[-1].isdigit():
            path = "/".join(["", *parts[:-1], "gelombang", ""])
        return super().translate_path(path)

    def end_headers(self) -> None:
        """With those of the site."""
        headers = dict(self.headers_of_site["all"])
        for prefix, more in self.headers_of_site["prefixes"].items():
            if self.path.startswith(prefix):
                headers.update(more)
        for name, value in headers.items():
            self.send_header(name, value)
        super().end_headers()

    def log_message(self, format: str, *args: Any) -> None:
        """Quiet."""


class _Server(ThreadingHTTPServer):
    def handle_error(self, request: Any, client_address: Any) -> None:
        """A browser that left before the end of an answer is no fault."""
        if not isinstance(sys.exc_info()[1], ConnectionError):
            super().handle_error(request, client_address)


@contextmanager
def served(folder: Path, api: FakeApi | None = None) -> Iterator[str]:
    """The origin at which the site built into `folder` is served while the context lasts."""
    beside = folder.with_name(f"{folder.name}.headers.json")
    headers = json.loads(beside.read_text(encoding="utf-8"))
    handler = partial(Handler, directory=str(folder), headers_of_site=headers, api=api)
    server = _Server(("127.0.0.1", 0), handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()


def publish_wave(site: Path, number: int) -> None:
    """Put the files of an invented wave that was drawn, and its keys, into a built site."""
    files, pins = vector("plain")
    folder = site / "undian" / str(number)
    folder.mkdir()
    for name, data in {**files, "bias.json": b"{}", "bias.svg": b"<svg/>"}.items():
        (folder / name).write_bytes(data)
    (site / "undian" / "pins.json").write_bytes(pins)


class _Storage(SimpleHTTPRequestHandler):
    """Takes any photo, as the real storage does from any page that has a permit."""

    def do_OPTIONS(self) -> None:
        """What a page of another origin may do."""
        self._say_yes()

    def do_POST(self) -> None:
        """The bytes of a photo."""
        self.rfile.read(int(self.headers.get("Content-Length") or 0))
        self._say_yes()

    def _say_yes(self) -> None:
        self.send_response(204)
        for name, value in CORS.items():
            self.send_header(name, value)
        self.end_headers()

    def log_message(self, format: str, *args: Any) -> None:
        """Quiet."""


@contextmanager
def site_and_storage(folder: Path, api: FakeApi) -> Iterator[tuple[str, str]]:
    """A site built into `folder` before a storage of its own: both origins."""
    storage = _Server(("127.0.0.1", 0), _Storage)
    threading.Thread(target=storage.serve_forever, daemon=True).start()
    address = f"http://127.0.0.1:{storage.server_port}"
    out = folder / "site"
    command = [sys.executable, "site/build.py", "--out", str(out), "--s3-origin", address]
    try:
        subprocess.run(command, cwd=ROOT, check=True)
        with served(out, api) as origin:
            yield origin, address
    finally:
        storage.shutdown()
        storage.server_close()
