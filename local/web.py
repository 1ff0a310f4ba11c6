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
    mounts: dict[str, Application] = {
        **{f"/api/{name}": _unmounted(app) for name, app in functions.items()},
        "/api": _api(functions),
        "/local": pages.create_app(where, runtime, clock),
        "/local/beacon": beacon.create_app(load(where.institutions).chain, clock),
        **witnesses(where, runtime, clock, load(where.institutions)),
    }
    gate = Gate(lambda: door_of(runtime))
    site = Static(where.site, runtime.files, site_headers(where.cloud), gate)
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
    """A function's routes carry their whole path, so what the dispatcher cut off is put back."""

    def whole(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        path = environ["SCRIPT_NAME"] + environ["PATH_INFO"]
        return app({**environ, "SCRIPT_NAME": "", "PATH_INFO": path}, start_response)

    return whole


def _api(functions: dict[str, Application]) -> Application:
    """/api/openapi.json: the documents of the functions as one; nothing else lies here."""

    def answer(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        if environ["PATH_INFO"] != "/openapi.json":
            error = {"error": {"code": "no_such_route", "params": {}}}
            response = Response(json.dumps(error), status=404, mimetype="application/json")
            return response(environ, start_response)
        documents = [_document(app, name, environ) for name, app in functions.items()]
        response = Response(json.dumps(merged(documents)), mimetype="application/json")
        return response(environ, start_response)

    return answer


def _document(app: Application, name: str, environ: dict[str, Any]) -> dict[str, Any]:
    path = f"/api/{name}/openapi.json"
    asked = {**environ, "REQUEST_METHOD": "GET", "SCRIPT_NAME": "", "PATH_INFO": path}
    document: dict[str, Any] = json.loads(Response.from_app(app, asked).get_data())
    return document


def merged(documents: list[dict[str, Any]]) -> dict[str, Any]:
    """One OpenAPI document of several; their paths differ, and what they share is the same."""
    whole: dict[str, Any] = {
        "openapi": documents[0]["openapi"],
        "info": {**documents[0]["info"], "title": "Gelombang"},
        "paths": {},
        "components": {},
    }
    for document in documents:
        whole["paths"].update(document["paths"])
        for kind, parts in document.get("components", {}).items():
            whole["components"].setdefault(kind, {}).update(parts)
    return whole
