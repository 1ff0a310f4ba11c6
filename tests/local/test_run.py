"""`python -m local` as a person runs it: real processes on free ports."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
import urllib3

from functions.cloud.runtime import runtime_from
from functions.cloud.tables import Put
from functions.programme.times import MINUTE, from_iso
from local import settings
from local.processes import lives
from local.supervisor import connects
from tests.local.stack import forget, free_port, start, stop, surroundings, wait_until_ready

PATIENCE_SECONDS = 60


@pytest.fixture(scope="module")
def process():
    """A system that the last test of this file ends; this ends it if that one did not run."""
    process = start(free_port())
    wait_until_ready(process)
    yield process
    if process.poll() is None:
        stop(process)
    forget(process)


@pytest.fixture(scope="module")
def origin(process):
    return settings.place(int(process.args[-1])).origin


def port_of(origin):
    return int(origin.rsplit(":", 1)[1])


def get(address):
    answer = urllib3.request("GET", address, retries=False, timeout=60)
    return answer.status, answer.data


def post(address, body):
    answer = urllib3.request("POST", address, json=body, retries=False, timeout=60)
    return answer.status, json.loads(answer.data)


def processes_of(port):
    """Ids of the local processes of a port, found by their command lines."""
    found = {}
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            words = (folder / "cmdline").read_bytes().decode().split("\0")
        except OSError:
            continue
        if words[1:3] == ["-m", "local"] and str(port) in words:
            name = words[3] if not words[3].startswith("-") else "supervisor"
            found[name] = int(folder.name)
    return found


def wait_for(condition):
    ends = time.monotonic() + PATIENCE_SECONDS
    while not condition():
        assert time.monotonic() < ends, "waited too long"
        time.sleep(0.1)


def test_site_functions_draw_and_local_pages_answer_on_one_origin(origin):
    for path in (
        "/",
        "/undian/1/",
        "/undian/1/params.json",
        "/undian/pins.json",
        "/api/verify/openapi.json",
        "/api/openapi.json",
        "/local/",
        "/local/inbox",
        "/local/photos",
        "/local/witness/a/key",
        "/local/witness/b/key",
    ):
        assert get(origin + path)[0] == 200, path


def test_the_merged_document_has_the_routes_of_all_three_functions(origin):
    paths = json.loads(get(f"{origin}/api/openapi.json")[1])["paths"]
    assert {path.split("/")[2] for path in paths} == {"upload", "verify", "select"}


def test_an_unknown_api_is_answered_in_the_apis_own_words(origin):
    status, body = get(f"{origin}/api/nothing")
    assert (status, json.loads(body)["error"]["code"]) == (404, "no_such_route")


def test_a_wave_is_open(origin):
    (wave,) = json.loads(get(f"{origin}/api/select/waves")[1])["waves"]
    assert (wave["wave"], wave["phase"]) == (1, "open")


def test_a_sample_photo_can_be_saved(origin):
    status, data = get(f"{origin}/local/photos/ktp-baik.jpg")
    assert (status, data[:2]) == (200, b"\xff\xd8")
    assert get(f"{origin}/local/photos/other.jpg")[0] == 404


def test_nobody_outside_this_machine_is_served(origin):
    """In /proc/net/tcp 0100007F is 127.0.0.1, 00000000 every address, and state 0A listens."""
    sockets = [line.split() for line in Path("/proc/net/tcp").read_text().splitlines()[1:]]
    for port in (port_of(origin), port_of(origin) + 1):
        listening = {s[1] for s in sockets if s[1].endswith(f":{port:04X}") and s[3] == "0A"}
        assert listening == {f"0100007F:{port:04X}"}


def test_a_posted_photo_is_judged_by_the_worker(origin):
    where = settings.place(port_of(origin))
    applicant, photo = "a" * 32, "b" * 32
    place = {"applicant": applicant, "photo": photo}
    with surroundings(where):
        runtime = runtime_from(os.environ)
        item = {**place, "kind": "ktp", "state": "waiting", "created_at": runtime.clock()}
        runtime.tables.write(Put("photos", item))
        form = runtime.files.post_form(
            "incoming",
            f"{applicant}/{photo}",
            content_type="image/jpeg",
            max_bytes=2_000_000,
            seconds=300,
        )
        good = get(f"{origin}/local/photos/ktp-baik.jpg")[1]
        fields = [*form.fields.items(), ("file", ("ktp.jpg", good, "image/jpeg"))]
        assert urllib3.request("POST", form.url, fields=fields, timeout=60).status == 204
        wait_for(lambda: runtime.tables.get("photos", place)["state"] != "waiting")
        assert runtime.tables.get("photos", place)["state"] == "accepted"
        assert runtime.tables.get("readiness", {"applicant": applicant})["ktp"] == photo
        wait_for(lambda: runtime.files.names("incoming", applicant) == [])
        assert runtime.files.read("photos", f"{applicant}/{photo}")[:2] == b"\xff\xd8"


def test_a_worker_that_was_killed_can_be_started_alone_and_does_what_was_left(origin):
    port = port_of(origin)
    os.kill(processes_of(port)["worker"], signal.SIGKILL)
    wait_for(lambda: not lives(settings.place(port).lock("worker")))
    assert post(f"{origin}/local/clock", {"advance_seconds": 60})[0] == 503
    assert post(f"{origin}/local/applicants", {"count": 3}) == (201, {"wave": 1, "joined": 3})
    assert json.loads(get(f"{origin}/local/inbox.json")[1]) == []

    alone = subprocess.Popen(
        [sys.executable, "-m", "local", "worker", "--port", str(port)], cwd=settings.ROOT
    )
    wait_for(lambda: len(json.loads(get(f"{origin}/local/inbox.json")[1])) == 3)
    before = json.loads(get(f"{origin}/local/clock")[1])["now"]
    status, after = post(f"{origin}/local/clock", {"advance_seconds": 180})
    assert status == 200
    assert from_iso(after["now"]) - from_iso(before) >= 3 * MINUTE
    alone.terminate()
    assert alone.wait(10) == -signal.SIGTERM


def test_a_second_system_on_the_same_port_says_so_in_one_line(origin):
    second = start(port_of(origin))
    said, _ = second.communicate(timeout=30)
    assert second.returncode == 1
    assert said.count("\n") == 1
    assert f"port {port_of(origin)} is taken" in said


def test_a_process_without_a_supervisor_says_so_in_one_line():
    done = subprocess.run(
        [sys.executable, "-m", "local", "worker", "--port", str(free_port())],
        cwd=settings.ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1
    assert done.stderr.count("\n") == 1


def nothing_is_left(port):
    return not processes_of(port) and not connects(port) and not connects(port + 1)


def test_nothing_is_left_after_ctrl_c_even_while_starting():
    port = free_port()
    starting = start(port)
    wait_for(lambda: "moto" in processes_of(port))
    assert stop(starting) == 0
    wait_for(lambda: nothing_is_left(port))
    forget(starting)


def test_nothing_is_left_when_the_supervisor_is_killed(process, origin):
    process.kill()
    process.wait(10)
    wait_for(lambda: nothing_is_left(port_of(origin)))
