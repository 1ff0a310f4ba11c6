"""OpenAPI 3.1 from the schemas that validate the requests, and from the table of links."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from apispec import APISpec
from apispec.ext.marshmallow import MarshmallowPlugin

from functions.web.access import ACCESS, Access
from functions.web.cookies import cookie_name
from functions.web.endpoints import Endpoint, Room
from functions.web.links import LINKS, Given

VERSION = "1"
# A part of a path in Flask's rule: whether it is a number, and its name.
PART = re.compile(r"<(int:)?(\w+)>")


def document(room: Room, *, secure: bool) -> dict[str, Any]:
    """The OpenAPI document of one function; `secure`: over TLS, where cookies have other names.

    Raises ValueError for a link that does not give what the route takes.
    """
    spec = APISpec(
        title=f"Gelombang {room.name}",
        version=VERSION,
        openapi_version="3.1.0",
        plugins=[MarshmallowPlugin()],
    )
    spec.components.schema("Error", _ERROR)
    for kind in ("session", "registration"):
        name = cookie_name(kind, secure=secure)
        spec.components.security_scheme(kind, {"type": "apiKey", "in": "cookie", "name": name})
    routes = {(endpoint.method, endpoint.rule): endpoint for endpoint in room.endpoints}
    for route, endpoint in routes.items():
        operation = _operation(endpoint)
        for status in endpoint.answers:
            operation["responses"][str(status)] |= _links(route, routes)
        spec.path(path_of(endpoint.rule), operations={endpoint.method.lower(): operation})
    return spec.to_dict()


def path_of(rule: str) -> str:
    """Flask's `/photos/<photo>` as OpenAPI writes it, `/photos/{photo}`."""
    return PART.sub(r"{\2}", rule)


_ERROR = {
    "type": "object",
    "required": ["error"],
    "properties": {
        "error": {
            "type": "object",
            "required": ["code", "params"],
            "properties": {"code": {"type": "string"}, "params": {"type": "object"}},
        }
    },
}


def _operation(endpoint: Endpoint) -> dict[str, Any]:
    operation: dict[str, Any] = {
        "operationId": endpoint.view.__name__,
        "summary": endpoint.summary,
        "parameters": _parameters(endpoint),
        "responses": {str(status): _answer(schema) for status, schema in endpoint.answers.items()}
        | {"default": {"description": "refused", "content": _json("Error")}},
    }
    access = ACCESS[endpoint.method, endpoint.rule]
    if access is not Access.PUBLIC:
        kinds = ("session", "registration") if access is Access.EITHER else (access.value,)
        operation["security"] = [{kind: []} for kind in kinds]
    if endpoint.body is not None:
        operation["requestBody"] = {"required": True, "content": _json(endpoint.body)}
    return operation


def _parameters(endpoint: Endpoint) -> list[dict[str, Any]]:
    parameters = [
        {
            "in": "path",
            "name": name,
            "required": True,
            "schema": {"type": "integer" if kind else "string"},
        }
        for kind, name in PART.findall(endpoint.rule)
    ]
    if endpoint.idempotent:
        parameters.append(
            {
                "in": "header",
                "name": "Idempotency-Key",
                "required": True,
                "schema": {"type": "string", "pattern": "^[0-9A-Za-z-]{16,64}$"},
            }
        )
    return parameters


def _links(
    route: tuple[str, str], routes: Mapping[tuple[str, str], Endpoint]
) -> dict[str, dict[str, Any]]:
    """`links` of an answer to what this function serves; nothing where there are none."""
    targets = LINKS.get(route, {}).items()
    found = (_link(routes[target], given) for target, given in targets if target in routes)
    links = {link["operationId"]: link for link in found}
    return {"links": links} if links else {}


def _link(target: Endpoint, given: Given) -> dict[str, Any]:
    parts = {name: value for name, value in given.items() if name != "body"}
    if set(parts) != {name for _, name in PART.findall(target.rule)}:
        raise ValueError(f"a link to {target.rule} gives {sorted(parts)}")
    link: dict[str, Any] = {"operationId": target.view.__name__}
    if parts:
        link["parameters"] = {f"path.{name}": value for name, value in parts.items()}
    if "body" in given:
        link["requestBody"] = given["body"]
    return link


def _answer(schema: Any) -> dict[str, Any]:
    if schema is None:
        return {"description": "done"}
    return {"description": "done", "content": _json(schema)}


def _json(schema: Any) -> dict[str, Any]:
    return {"application/json": {"schema": schema}}
