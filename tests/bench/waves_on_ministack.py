"""A wave on ministack: the template's state machine runs the worker's deployed zip.

ministack is an emulator of its own kind, installed apart since it pins boto3's parts:
`python -m venv DIR && DIR/bin/pip install ministack==1.5.33`. The package is the one that
`python -m infra.package select_worker --python 3.11 --out FOLDER` leaves. Times are real here:
the wave is open for less than a minute and drawn soon after its roster.
"""

from __future__ import annotations

import io
import json
import os
import subprocess
import threading
import time
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

from werkzeug.middleware.dispatcher import DispatcherMiddleware
from werkzeug.wrappers import Response

import ops.keys
import ops.pins
import ops.waves
from functions.cloud.clients import Clients
from functions.cloud.config import Config
from functions.cloud.runtime import Runtime, runtime_from
from functions.programme.times import SECOND
from functions.select.folder import read_pins, read_public
from infra.deploy.emulator import understood
from infra.settings import function_name, render
from local import applicants, beacon
from local.server import serve
from local.settings import ACCESS_KEY, ACCOUNT, MAIL_FROM, REGION, SECRET_KEY, STAGE
from local.stack import parameters
from local.supervisor import connects
from local.template import FILE
from tests.bench.waves import Course, verify
from tests.local.stack import free_port
from tests.select.world import PUBLIC_FILES

WAVE, OPEN_SECONDS, DRAW_DELAY_SECONDS, PATIENCE_SECONDS = 1, 45, 30, 900


def run(ministack: Path, package: Path, entries: int, shards: int) -> Course:
    """A wave from its close to its announcement; only the ticks are called from here."""
    port, course = free_port(), Course(0, entries)
    with _running(ministack, port):
        surroundings = _environment(port)
        os.environ.update(surroundings)
        runtime = runtime_from(surroundings)
        clients = Clients(runtime.config)
        _stack(clients, runtime.config)
        chain = beacon.Chain(2026, runtime.clock() // SECOND)
        app = beacon.create_app(chain, runtime.clock)
        mounts: Any = {"/local/beacon": app}
        served = DispatcherMiddleware(Response(status=404), mounts)
        threading.Thread(target=serve, args=(served, port + 1), daemon=True).start()
        worker = _deploy(clients, package, surroundings)
        ops.keys.create(clients, runtime.config)
        _open_wave(runtime, chain, shards)
        applicants.add(runtime, WAVE, entries)
        entered = {e["commitment"].hex() for e in runtime.tables.scan("entries")}
        _tick_to_the_end(runtime, clients, worker, course)
        _check(runtime, clients, entered, course)
    return course


@contextmanager
def _running(ministack: Path, port: int) -> Iterator[None]:
    environment = {
        **os.environ,
        "BIND_HOST": "127.0.0.1",
        "GATEWAY_PORT": str(port),
        "MINISTACK_ACCOUNT_ID": ACCOUNT,
        "MINISTACK_REGION": REGION,
        "AWS_ACCESS_KEY_ID": ACCESS_KEY,
        "AWS_SECRET_ACCESS_KEY": SECRET_KEY,
    }
    process = subprocess.Popen([str(ministack)], env=environment)
    try:
        ends = time.monotonic() + PATIENCE_SECONDS
        while not connects(port):
            assert process.poll() is None and time.monotonic() < ends, "ministack does not start"
            time.sleep(0.2)
        yield
    finally:
        process.terminate()
        process.wait(30)


def _environment(port: int) -> dict[str, str]:
    return {
        "AWS_ENDPOINT_URL": f"http://127.0.0.1:{port}",
        "AWS_REGION": REGION,
        "AWS_DEFAULT_REGION": REGION,
        "AWS_ACCESS_KEY_ID": ACCESS_KEY,
        "AWS_SECRET_ACCESS_KEY": SECRET_KEY,
        "AWS_EC2_METADATA_DISABLED": "true",
        "GELOMBANG_STAGE": STAGE,
        "GELOMBANG_ACCOUNT": ACCOUNT,
        "GELOMBANG_ORIGIN": f"http://127.0.0.1:{port + 1}",
        "GELOMBANG_MAIL_FROM": MAIL_FROM,
        "GELOMBANG_BEACON_URLS": f"http://127.0.0.1:{port + 1}/local/beacon",
    }


def _stack(clients: Clients, config: Config) -> None:
    cloudformation = clients("cloudformation")
    wanted = parameters(replace(config, endpoint=None))
    cloudformation.create_stack(
        StackName=f"gelombang-{config.stage}",
        TemplateURL=_uploaded(clients),
        Capabilities=["CAPABILITY_NAMED_IAM"],
        Parameters=[{"ParameterKey": k, "ParameterValue": v} for k, v in wanted.items()],
    )
    cloudformation.get_waiter("stack_create_complete").wait(StackName=f"gelombang-{config.stage}")


def _uploaded(clients: Clients) -> str:
    """The template is larger than a request may be, so it is read from a bucket, as on AWS."""
    s3 = clients("s3")
    s3.create_bucket(Bucket="templates", CreateBucketConfiguration={"LocationConstraint": REGION})
    text = understood(FILE.read_text())
    s3.put_object(Bucket="templates", Key="template.yaml", Body=text.encode())
    return f"{s3.meta.endpoint_url}/templates/template.yaml"


def _deploy(clients: Clients, package: Path, surroundings: dict[str, str]) -> str:
    """The worker's zip as Zappa deploys it, with the environment of this stage."""
    settings = render(f"{STAGE}_select_worker", ACCOUNT, REGION)
    name = function_name(f"{STAGE}_select_worker", settings)
    clients("lambda").create_function(
        FunctionName=name,
        Runtime="python3.11",
        Role=f"arn:aws:iam::{ACCOUNT}:role/{settings['role_name']}",
        Handler="handler.lambda_handler",
        Code={"ZipFile": _with_environment(package, surroundings)},
        Timeout=settings["timeout_seconds"],
        MemorySize=settings["memory_size"],
    )
    return name


def _with_environment(package: Path, surroundings: dict[str, str]) -> bytes:
    """The zip with the environment in Zappa's own settings, which go before the function's."""
    made = io.BytesIO()
    with zipfile.ZipFile(package) as whole, zipfile.ZipFile(made, "w") as changed:
        for entry in whole.infolist():
            data = whole.read(entry)
            if entry.filename == "zappa_settings.py":
                data += f"\nENVIRONMENT_VARIABLES = {surroundings!r}\n".encode()
            changed.writestr(entry, data)
    return made.getvalue()


def _open_wave(runtime: Runtime, chain: beacon.Chain, shards: int) -> None:
    ops.pins.publish(
        runtime,
        witnesses=[],
        quorum=0,
        beacon=chain.pinned,
        margin_seconds=1,
        fallback_rounds=5,
        draw_delay_seconds=DRAW_DELAY_SECONDS,
    )
    opens_at = runtime.clock() + 2 * SECOND
    ops.waves.create(
        runtime,
        wave=WAVE,
        quota=5,
        reserve=2,
        opens_at=opens_at,
        closes_at=opens_at + OPEN_SECONDS * SECOND,
        shards=shards,
    )
    time.sleep(3)


def _phase(runtime: Runtime) -> str:
    found = runtime.tables.get("waves", {"wave": WAVE})
    assert found is not None
    return str(found["phase"])


def _tick_to_the_end(runtime: Runtime, clients: Clients, worker: str, course: Course) -> None:
    tick = json.dumps({"command": "functions.select.worker.on_tick"})
    ends = time.monotonic() + PATIENCE_SECONDS
    while _phase(runtime) != "announced":
        assert time.monotonic() < ends, f"the wave stays {_phase(runtime)}"
        answer = clients("lambda").invoke(FunctionName=worker, Payload=tick)
        if "FunctionError" in answer:
            course.notes.append(answer["Payload"].read().decode()[:300])
        time.sleep(5)


def _check(runtime: Runtime, clients: Clients, entered: set[str], course: Course) -> None:
    files = {name: read_public(runtime.files, WAVE, name) for name in PUBLIC_FILES}
    roster = files["roster.bin"]
    if [roster[at : at + 32].hex() for at in range(0, len(roster), 40)] != sorted(entered):
        course.wrong.append("the roster is not the list of those acknowledged")
    answer = clients("stepfunctions").list_executions(
        stateMachineArn=runtime.config.machine("waves")
    )
    course.runs = len(answer["executions"])
    course.notes.append(str([(one["name"], one["status"]) for one in answer["executions"]]))
    verify(files | {"pins.json": read_pins(runtime.files)}, course.verified, course.wrong)
