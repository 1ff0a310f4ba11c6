"""What a reader and a stranger get from the stage that was just deployed."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import urllib3

from infra import openapi
from infra.door import INSIDE

SECONDS = 20.0
# The waiting room may be open.
PAST_THE_DOOR = {"Cookie": f"{INSIDE}=1"}


@dataclass(frozen=True)
class Answer:
    """Status, headers by their small names, and text."""

    status: int
    headers: Mapping[str, str]
    text: str


Fetch = Callable[[str], Answer]


def fetch(url: str) -> Answer:
    """GET, without following redirects."""
    got = urllib3.request(
        "GET", url, headers=PAST_THE_DOOR, redirect=False, retries=2, timeout=SECONDS
    )
    headers = {name.lower(): value for name, value in got.headers.items()}
    return Answer(got.status, headers, got.data.decode("utf-8", "replace"))


def complaints(
    origin: str, headers: dict[str, Any], asset: str, apis: Mapping[str, str], get: Fetch = fetch
) -> list[str]:
    """What is wrong, one line each. `headers`: site/headers.json with the photos' address;
    `asset`: key of a hashed file; `apis`: the functions' own addresses, past CloudFront."""
    return [
        *_pages(origin, headers, get),
        *_files(origin, asset, get),
        *_functions(origin, apis, get),
    ]


def _pages(origin: str, headers: dict[str, Any], get: Fetch) -> Iterator[str]:
    for path in ("/", "/en/", "/daftar/", "/undian/1/", "/en/undian/1/"):
        answer = get(origin + path)
        if answer.status != 200 or "<html" not in answer.text:
            yield f"{path}: {answer.status}, no page"
        for name, value in headers["all"].items():
            if (got := answer.headers.get(name.lower())) != value:
                yield f"{path}: {name} is {got!r}, not {value!r}"
    for path, language in (("/tidak-ada/", "id"), ("/en/not-here/", "en")):
        answer = get(origin + path)
        if answer.status != 404 or f'lang="{language}"' not in answer.text:
            yield f"{path}: {answer.status}, not the page 404 in {language}"
    if (moved := get(f"{origin}/daftar")).status != 301:
        yield f"/daftar: {moved.status}, not sent on to /daftar/"


def _files(origin: str, asset: str, get: Fetch) -> Iterator[str]:
    kept = get(f"{origin}/{asset}")
    if kept.status != 200 or "immutable" not in kept.headers.get("cache-control", ""):
        yield f"/{asset}: {kept.status}, not kept for ever"
    described = get(f"{origin}/{openapi.FILE}")
    if described.status != 200 or '"openapi"' not in described.text:
        yield f"/{openapi.FILE}: {described.status}, not the API's description"
    for path in ("/internal/1/segment", "/undian/1/..%2f..%2finternal/1/segment"):
        if (hidden := get(origin + path)).status not in (400, 403, 404):
            yield f"{path}: {hidden.status}, is served"


def _functions(origin: str, apis: Mapping[str, str], get: Fetch) -> Iterator[str]:
    for name, address in apis.items():
        path = f"/api/{name}/openapi.json"
        answer = get(origin + path)
        try:
            paths = json.loads(answer.text)["paths"]
            described = bool(paths) and all(p.startswith(f"/api/{name}/") for p in paths)
        except (ValueError, KeyError, TypeError):
            described = False
        if not described:
            yield f"{path}: {answer.status}, not the function's own description"
        if "no-store" not in answer.headers.get("cache-control", ""):
            yield f"{path}: may be kept"
        if (past := get(address + path)).status != 403:
            yield f"{address}{path}: {past.status}, although it is past CloudFront"
