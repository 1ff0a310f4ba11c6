"""HTTP of upload: a form to post a photo with, the photos' states, and asking for a person."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from typing import Any

from flask import Flask

from functions.cloud.runtime import Runtime, current
from functions.upload import photos, review, schemas
from functions.web.application import create_app
from functions.web.endpoints import Call, Reply, Room

room = Room("upload")


@room.endpoint(
    "POST", "/photos", body=schemas.NewPhoto, answers={201: schemas.Form}, idempotent=True
)
def request_upload(call: Call) -> Reply:
    """Ask for a presigned POST for one photo."""
    form = photos.request_upload(
        call.runtime, call.applicant, **call.body, request_key=call.idempotency_key
    )
    return Reply(201, form)


@room.endpoint("GET", "/photos", answers={200: schemas.Photos})
def list_photos(call: Call) -> Reply:
    """List one's photos, newest first."""
    return Reply(200, photos.list_photos(call.runtime, call.applicant))


@room.endpoint("GET", "/photos/<photo>", answers={200: schemas.Photo})
def show_photo(call: Call, photo: str) -> Reply:
    """Show one of one's photos."""
    return Reply(200, photos.show_photo(call.runtime, call.applicant, photo))


@room.endpoint("POST", "/photos/<photo>/review", answers={200: schemas.Photo})
def ask_for_review(call: Call, photo: str) -> Reply:
    """Ask for a person to look at a refused photo."""
    return Reply(200, review.ask_for_review(call.runtime, call.applicant, photo))


def create(runtime: Runtime) -> Flask:
    """The Flask application of upload."""
    return create_app(room, runtime)


@cache
def _flask() -> Flask:
    return create(current())


def application(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
    """WSGI entry for Lambda; the application is made at the first request."""
    return _flask()(environ, start_response)
