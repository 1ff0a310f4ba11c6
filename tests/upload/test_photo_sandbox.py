"""A photo cannot hurt the worker: what goes wrong with one is a refusal, and the next is judged."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest
from PIL import Image

from functions.upload.photo.framing import Broken, pack, unpack
from functions.upload.photo.judge import judge
from functions.upload.photo.limits import LIMITS
from functions.upload.photo.sandbox import Sandbox, SandboxUnavailable, clean_environment
from functions.upload.photo.verdict import Verdict, verdict_from_json
from tests.upload.photo_files import (
    CLEAR,
    card_image,
    encoded,
    ktp,
    opened,
    png_bomb,
    selfie,
)

TIGHT = replace(
    LIMITS, memory_bytes=200_000_000, cpu_seconds=1, wall_seconds=3.0, grace_seconds=2.0
)
ROOT = Path(__file__).parents[2]
SECRET = b"wJalrXUtnFEMI-K7MDENG-bPxRfiCY"


@contextmanager
def sandbox_with(misbehaviour: str, **limits: float) -> Iterator[Sandbox]:
    judge_path = f"tests.upload.photo_misbehaviour:{misbehaviour}"
    with Sandbox(replace(TIGHT, **limits), judge_path) as sandbox:
        yield sandbox


def cause_of(verdict: Verdict) -> object:
    assert verdict.reasons == ("corrupt",) and not verdict.accepted and verdict.clean is None
    return verdict.details["corrupt"]["cause"]


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    with Sandbox() as sandbox:
        yield sandbox


PHOTOS = {
    "good": ktp,
    "upside down": lambda: encoded(opened(ktp()).rotate(180), "JPEG", quality=90),
    "found by its words": lambda: ktp(1),
    "small in a large one": lambda: encoded(opened(ktp(3)).resize((3000, 2250)), "JPEG"),
    "dark": lambda: ktp(CLEAR, "dark"),
    "of a person": selfie,
    "cut short": lambda: ktp()[:9000],
    "text": lambda: b"text",
    "empty": lambda: b"",
    "hollow": lambda: png_bomb(5000, 5000),
}


@pytest.mark.parametrize("kind", ["ktp", "selfie"])
@pytest.mark.parametrize("name", PHOTOS)
def test_the_sandbox_gives_the_verdict_of_the_pure_function(sandbox, name, kind) -> None:
    photo = PHOTOS[name]()
    inside, outside = sandbox.judge(photo, kind), judge(photo, kind)
    assert replace(inside, millis={}) == replace(outside, millis={})
    assert set(inside.millis) == set(outside.millis)


@pytest.mark.parametrize(("mode", "form"), [("RGB", "PNG"), ("RGBA", "PNG"), ("CMYK", "JPEG")])
def test_the_largest_allowed_picture_fits_into_the_memory_limit(sandbox, mode, form) -> None:
    coarse = card_image().resize((50, 50)).convert(mode)
    photo = encoded(coarse.resize((5000, 5000), Image.Resampling.NEAREST), form)
    verdict = sandbox.judge(photo, "ktp")
    assert verdict.clean is not None and "corrupt" not in verdict.reasons
    assert sandbox.peak_kib <= 300 * 1024


@pytest.mark.parametrize(
    ("misbehaviour", "cause"),
    [
        ("eats_memory", "crash"),
        ("loops", "cpu"),
        ("is_killed", "crash"),
        ("jumps_into_nothing", "crash"),
        ("raises", "crash"),
        ("answers_nonsense", "answer"),
        ("accepts_without_a_picture", "answer"),
        ("answers_without_end", "crash"),
        ("answers_for_the_next_one", "answer"),
    ],
)
def test_a_child_that_goes_wrong_is_a_refusal_and_the_next_photo_too_gets_one(
    misbehaviour, cause
) -> None:
    # On a busy machine a second of processor takes many by the clock, which must not end it first.
    with sandbox_with(misbehaviour, wall_seconds=60.0) as sandbox:
        for _ in range(2):
            assert cause_of(sandbox.judge(b"photo", "ktp")) == cause


def test_a_child_that_only_waits_is_ended_by_the_wall_clock() -> None:
    with sandbox_with("sleeps", wall_seconds=0.3) as sandbox:
        assert cause_of(sandbox.judge(b"photo", "ktp")) == "time"


def test_a_nursery_that_never_answers_is_given_up() -> None:
    with sandbox_with("sleeps", wall_seconds=60, grace_seconds=-59.5) as sandbox:
        assert cause_of(sandbox.judge(b"photo", "ktp")) == "silent"


def test_what_a_crashed_child_writes_to_the_log_names_no_contents(capfd) -> None:
    with sandbox_with("raises") as sandbox:
        sandbox.judge(b"photo", "ktp")
    logged = capfd.readouterr().err
    assert logged.startswith("photo judge: RuntimeError in raises line ")
    assert "secret contents" not in logged


def test_what_a_library_prints_does_not_end_up_in_the_answer() -> None:
    with sandbox_with("chatters") as sandbox:
        assert sandbox.judge(b"photo", "ktp").details == {"corrupt": {"seen": "chatter"}}


def test_a_child_cannot_write_files(tmp_path) -> None:
    target = tmp_path / "left"
    with sandbox_with("writes_a_file") as sandbox:
        assert cause_of(sandbox.judge(str(target).encode(), "ktp")) == "crash"
    assert not target.exists() or target.read_bytes() == b""


def test_a_child_has_no_credentials_no_connection_and_can_open_nothing(monkeypatch) -> None:
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", SECRET.decode())
    monkeypatch.setenv("AWS_SESSION_TOKEN", SECRET.decode())
    monkeypatch.setenv("ANYTHING_ELSE", SECRET.decode())
    with sandbox_with("tells_its_surroundings") as sandbox:
        told = sandbox.judge(SECRET, "ktp").details["corrupt"]
    allowed = set(clean_environment()) | {"LC_CTYPE"}  # Python sets the latter for itself
    assert set(told["names"].split()) <= allowed
    assert told["leaked"] == 0
    assert told["sockets"] == 0
    assert told["opened"] == ""
    assert os.getpid() not in (told["process"], told["nursery"])


def test_each_photo_has_a_process_of_its_own_from_one_nursery() -> None:
    with sandbox_with("tells_its_surroundings") as sandbox:
        told = [sandbox.judge(b"x", "ktp").details["corrupt"] for _ in range(3)]
    assert len({one["process"] for one in told}) == 3
    assert len({one["nursery"] for one in told}) == 1


def test_a_nursery_that_died_between_photos_is_replaced_without_refusing_anybody() -> None:
    with sandbox_with("tells_its_surroundings") as sandbox:
        first = sandbox.judge(b"x", "ktp").details["corrupt"]["nursery"]
        os.kill(first, signal.SIGKILL)
        assert sandbox.judge(b"x", "ktp").details["corrupt"]["nursery"] != first


def test_what_loads_at_first_use_is_loaded_before_the_first_photo() -> None:
    report = """if True:
        import sys
        from functions.upload.photo.judge import judge, warm_up
        warm_up()
        before = set(sys.modules)
        judge(sys.stdin.buffer.read(), "ktp")
        print(sorted(set(sys.modules) - before))
    """
    command = [sys.executable, "-c", report]
    done = subprocess.run(command, input=ktp(), cwd=ROOT, capture_output=True, check=True)
    assert done.stdout.strip() == b"[]"


def test_a_closed_sandbox_leaves_no_process_and_opens_again() -> None:
    sandbox = Sandbox(TIGHT, "tests.upload.photo_misbehaviour:tells_its_surroundings")
    nursery = sandbox.judge(b"x", "ktp").details["corrupt"]["nursery"]
    sandbox.close()
    with pytest.raises(ProcessLookupError):
        os.kill(nursery, 0)
    assert sandbox.judge(b"x", "ktp").details["corrupt"]["nursery"] != nursery
    sandbox.close()


def test_a_sandbox_that_cannot_start_is_our_fault_and_no_verdict() -> None:
    with Sandbox(TIGHT, "no.such.module:judge") as sandbox, pytest.raises(SandboxUnavailable):
        sandbox.judge(ktp(), "ktp")
    with Sandbox(TIGHT, "no.such.module:judge") as sandbox, pytest.raises(SandboxUnavailable):
        sandbox.start()


def test_a_photo_that_kills_the_sandbox_itself_twice_is_refused_and_not_tried_for_ever() -> None:
    with sandbox_with("kills_its_parent") as sandbox:
        assert cause_of(sandbox.judge(b"photo", "ktp")) == "crash"


@pytest.mark.parametrize(("kind", "nik"), [("passport", None), ("ktp", "12")])
def test_a_callers_mistake_is_an_error(sandbox, kind, nik) -> None:
    with pytest.raises(ValueError):
        sandbox.judge(b"", kind, nik)


@pytest.mark.parametrize(
    "message", [b"", b"\0\0\0\x02\0\0\0\0{", b"\0\0\0\x02\0\0\0\0[]", pack({}, b"x") + b"y"]
)
def test_bytes_that_are_no_message_are_not_taken_for_one(message) -> None:
    with pytest.raises(Broken):
        unpack(message)


def test_a_verdict_survives_the_way_through_the_pipe() -> None:
    verdict = judge(ktp(), "ktp")
    fields, clean = unpack(pack(verdict.as_json(), verdict.clean))
    assert verdict_from_json(fields, clean) == verdict


@pytest.mark.parametrize(
    "change",
    [
        {"accepted": True},
        {"reasons": ["splendid"]},
        {"review": ["splendid"]},
        {"nik": "1234"},
        {"details": {"glare": {}}},
        {"details": {"corrupt": {"percent": 1.5}}},
        {"millis": {"decode": "long"}},
    ],
)
def test_a_malformed_answer_is_not_taken_for_a_verdict(change) -> None:
    fields = {**judge(b"\xff\xd8\xff", "ktp").as_json(), **change}
    with pytest.raises((ValueError, TypeError, KeyError, AttributeError)):
        verdict_from_json(fields, None)
