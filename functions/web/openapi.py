"""OpenAPI 3.1 from the schemas that validate the requests."""

from __future__ import annotations

import re
from typing import Any

from apispec import APISpec
from apispec.ext.marshmallow import MarshmallowPlugin

from functions.web.access import ACCESS, Access
from functions.web.cookies import cookie_name
from functions.web.endpoints import Endpoint, Room

VERSION = "1"


def document(room: Room, *, secure: bool) -> dict[str, Any]:
    """The OpenAPI document of one function; `secure`: over TLS, where cookies have other names."""
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
    for endpoint in room.endpoints:
        path = re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", endpoint.rule)
        spec.path(path, operations={endpoint.method.lower(): _operation(endpoint)})
    return spec.to_dict()


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
        for kind, name in re.findall(r"<(int:)?(\w+)>", endpoint.rule)
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


def _answer(schema: Any) -> dict[str, Any]:
    if schema is None:
        return {"description": "done"}
    return {"description": "done", "content": _json(schema)}


def _json(schema: Any) -> dict[str, Any]:
    return {"application/json": {"schema": schema}}
