"""The web process: the three functions, the site, the draw's files and /local/ on one origin."""

from __future__ import annotations

import importlib
import json
import os
from collections.abc import Callable, Iterable
from typing import Any

from werkzeug.middleware.dispatcher import DispatcherMiddleware
from werkzeug.wrappers import Response

import ops.witness
from functions.cloud.runtime import Runtime, current, install, runtime_from
from functions.select.folder import read_pins
from infra import openapi
from infra.serving import site_headers
from infra.settings import FUNCTIONS, render
from local import beacon, pages
from local.calls import listen_into
from local.clock import FileClock
from local.institutions import Institutions, key_name, load
from local.server import serve
from local.settings import ACCOUNT, REGION, STAGE, Place, environment
from local.static import Static
from local.waiting import Gate, door_of

Application = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]


def run(where: Place) -> None:
    """Serve until the process ends."""
    listen_into(where.calls_file)
    clock = FileClock(where.clock_file)
    install(runtime_from(environment(where, os.environ), clock))
    serve(application(where, current(), clock), where.port)


def application(where: Place, runtime: Runtime, clock: FileClock) -> Application:
    """Everything that a browser sees at the site's address."""
    functions = function_applications()
    gate = Gate(lambda: door_of(runtime))
    site = Static(where.site, runtime.files, site_headers(where.cloud), gate)
    openapi.write(where.site, secure=runtime.config.secure)
    mounts: dict[str, Application] = {
        **{f"/api/{name}": _unmounted(app) for name, app in functions.items()},
        "/api": _no_route,
        f"/{openapi.FILE}": _unmounted(site),
        "/local": pages.create_app(where, runtime, clock),
        "/local/beacon": beacon.create_app(load(where.institutions).chain, clock),
        **witnesses(where, runtime, clock, load(where.institutions)),
    }
    return DispatcherMiddleware(site, mounts)


def function_applications() -> dict[str, Application]:
    """The WSGI applications of the HTTP functions, as the settings name them."""
    found = {}
    for name in FUNCTIONS:
        path = render(f"{STAGE}_{name}", ACCOUNT, REGION)["app_function"]
        if path is not None:
            module, attribute = path.rsplit(".", 1)
            found[name] = getattr(importlib.import_module(module), attribute)
    return found


def witnesses(
    where: Place, runtime: Runtime, clock: FileClock, institutions: Institutions
) -> dict[str, Application]:
    """The development witnesses, who sign for the operator that the pins name."""

    def operator() -> str:
        return str(json.loads(read_pins(runtime.files))["operator"])

    return {
        f"/local/witness/{name}": ops.witness.create_app(
            name=key_name(name),
            seed=seed,
            operator_key=operator,
            folder=where.witnesses / name,
            clock=clock,
        )
        for name, seed in institutions.seeds.items()
    }


def _unmounted(app: Application) -> Application:
    """Routes and files carry their whole path, so what the dispatcher cut off is put back."""

    def whole(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        path = environ["SCRIPT_NAME"] + environ["PATH_INFO"]
        return app({**environ, "SCRIPT_NAME": "", "PATH_INFO": path}, start_response)

    return whole


def _no_route(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
    """What lies below /api and is of no function."""
    error = {"error": {"code": "no_such_route", "params": {}}}
    response = Response(json.dumps(error), status=404, mimetype="application/json")
    return response(environ, start_response)
