"""The beacon's relays: late, lying or broken ones do not keep a true one from being heard."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from functions.cloud import strangers
from functions.cloud.beacons import MOST_ANSWER_BYTES, HttpBeacons
from functions.programme.draw.beacon import Beacon, verify_beacon
from functions.programme.draw.errors import VerificationError
from tests.programme.draw.world import SECRET, make_pins, sign_round

ROUND = 25_101_412
CHAIN = "ab" * 32
TRUE = sign_round(SECRET, ROUND).signature
WRONG = sign_round(SECRET + 1, ROUND).signature
Answer = Callable[[BaseHTTPRequestHandler], None]


def gives(body: bytes, status: int = 200, **headers: str) -> Answer:
    """A relay with one answer."""

    def answer(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(status)
        for name, value in {"Content-Length": str(len(body)), **headers}.items():
            handler.send_header(name, value)
        handler.end_headers()
        handler.wfile.write(body)

    return answer


def signed(signature: bytes, number: int = ROUND) -> Answer:
    """A relay that answers as drand does."""
    said = {"round": number, "randomness": "00" * 32, "signature": signature.hex()}
    return gives(json.dumps(said).encode())


def drips(handler: BaseHTTPRequestHandler) -> None:
    """A relay that sends a byte now and then, for ever."""
    handler.send_response(200)
    handler.end_headers()
    for _ in range(100):
        try:
            handler.wfile.write(b" ")
        except OSError:
            return
        time.sleep(0.02)


@pytest.fixture
def relays() -> Iterator[dict[str, Answer]]:
    """Relays by name, on one server; `asked` of a test is in `relays.asked`."""

    class Relays(dict[str, Answer]):
        asked: list[str]
        address: str

    found = Relays()
    found.asked = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            name, path = self.path.strip("/").split("/", 1)
            found.asked.append(name)
            assert path == f"{CHAIN}/public/{ROUND}"
            found[name](self)

        def log_message(self, format: str, *args: object) -> None:
            """Quiet."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    found.address = f"http://127.0.0.1:{server.server_port}"
    yield found
    server.shutdown()


def beacons(relays: dict[str, Answer], *names: str) -> HttpBeacons:
    return HttpBeacons([f"{relays.address}/{name}" for name in names])  # type: ignore[attr-defined]


def heard(relays: dict[str, Answer], *names: str) -> list[bytes]:
    return list(beacons(relays, *names).signatures(CHAIN, ROUND))


def test_relays_are_asked_in_turn_and_no_more_than_needed(relays):
    relays.update(a=signed(TRUE), b=signed(WRONG))
    assert next(beacons(relays, "a", "b").signatures(CHAIN, ROUND)) == TRUE
    assert relays.asked == ["a"]


def test_a_lying_relay_is_found_out_and_the_next_one_is_believed(relays):
    relays.update(liar=signed(WRONG), other=signed(WRONG), honest=signed(TRUE))
    candidates = heard(relays, "liar", "other", "honest")
    assert candidates == [WRONG, TRUE]  # the same lie is told once
    pins = make_pins()
    with pytest.raises(VerificationError, match="beacon_signature"):
        verify_beacon(pins, Beacon(ROUND, candidates[0]))
    verify_beacon(pins, Beacon(ROUND, candidates[1]))


def test_nothing_is_heard_while_all_are_late(relays):
    relays.update(a=gives(b"too early", 425), b=gives(b"", 404), c=gives(b"", 503))
    assert heard(relays, "a", "b", "c") == []
    relays["b"] = signed(TRUE)
    assert heard(relays, "a", "b", "c") == [TRUE]


@pytest.mark.parametrize(
    "wrong",
    [
        gives(b"<html>"),
        gives(b"{}"),
        signed(TRUE[:-1]),
        signed(TRUE + b"\0"),
        signed(TRUE, ROUND + 1),
        gives(b" " * (MOST_ANSWER_BYTES + 1)),
        gives(b"", 302, Location="http://127.0.0.1:9/"),
        gives(b"{", 200, **{"Content-Length": "5000"}),
    ],
)
def test_an_answer_that_is_none_is_passed_over(relays, wrong):
    relays.update(wrong=wrong, honest=signed(TRUE))
    assert heard(relays, "wrong", "honest") == [TRUE]


def test_a_relay_that_is_down_is_passed_over(relays):
    relays.update(honest=signed(TRUE))
    urls = ["http://127.0.0.1:9", f"{relays.address}/honest"]
    assert list(HttpBeacons(urls).signatures(CHAIN, ROUND)) == [TRUE]


def test_a_relay_that_drips_its_answer_is_not_waited_for(relays, monkeypatch):
    monkeypatch.setattr(strangers, "WHOLE_SECONDS", 0.1)
    relays.update(slow=drips, honest=signed(TRUE))
    assert heard(relays, "slow", "honest") == [TRUE]


def test_the_curves_library_leaves_the_recursion_limit_as_it_was():
    code = (
        "import sys; before = sys.getrecursionlimit()\n"
        "from functions.programme.draw import bls\n"
        "key = bls.public_key(5); bls.verify(key, b'm', bls.sign(5, b'm'))\n"
        "assert sys.getrecursionlimit() == before, sys.getrecursionlimit()\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
