"""/api/openapi.json: the API of all three functions in one document, a file of the site.

It is made of the very documents that the functions serve, after `site/build.py`, which knows pages
and stands apart from the functions' code. `/api/<function>/…` goes to the functions, here and at
CloudFront; this path is one of the site's files (infra/front.py).
"""

from __future__ import annotations

import importlib
import json
from pathlib import Path
from typing import Any

from infra.settings import FUNCTIONS

FILE = "api/openapi.json"


class Differs(Exception):
    """Two functions mean different things by the same name; the message is the name."""


def write(site: Path, *, secure: bool) -> None:
    """Put the document into a built site; `secure`: over TLS, where cookies have other names."""
    file = site / FILE
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(json.dumps(merged(documents(secure=secure)), indent=1), encoding="utf-8")


def documents(*, secure: bool) -> list[dict[str, Any]]:
    """The OpenAPI documents of the HTTP functions."""
    from functions.web.openapi import document

    names = (name for name in FUNCTIONS if not name.endswith("_worker"))
    rooms = (importlib.import_module(f"functions.{name}.app").room for name in names)
    return [document(room, secure=secure) for room in rooms]


def merged(documents: list[dict[str, Any]]) -> dict[str, Any]:
    """One OpenAPI document of several, whose paths differ. Raises Differs."""
    whole: dict[str, Any] = {
        "openapi": documents[0]["openapi"],
        "info": {**documents[0]["info"], "title": "Gelombang"},
        "paths": {},
        "components": {},
    }
    for found in documents:
        _add(whole["paths"], found["paths"])
        for kind, parts in found.get("components", {}).items():
            _add(whole["components"].setdefault(kind, {}), parts)
    return whole


def _add(there: dict[str, Any], more: dict[str, Any]) -> None:
    for name, meaning in more.items():
        if there.setdefault(name, meaning) != meaning:
            raise Differs(name)
