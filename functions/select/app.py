"""The HTTP side of select: waves, joining, entries, proofs."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import cache
from typing import Any

from flask import Flask

from functions.cloud.runtime import Runtime, current
from functions.programme.times import iso
from functions.select import entries, joining, objections, proofs, schemas, waves, withdrawing
from functions.web.application import create_app
from functions.web.endpoints import Call, Reply, Room

room = Room("select")


@room.endpoint("GET", "/waves", answers={200: schemas.WavesAnswer})
def get_waves(call: Call) -> Reply:
    """All waves, newest first."""
    now = iso(call.runtime.clock())
    return Reply(200, {"waves": waves.list_waves(call.runtime), "server_time": now})


@room.endpoint("GET", "/waves/<int:wave>", answers={200: schemas.WaveAnswer})
def get_wave(call: Call, wave: int) -> Reply:
    """One wave."""
    item = waves.find_wave(call.runtime, wave)
    return Reply(200, waves.wave_answer(item, call.runtime.clock()))


@room.endpoint(
    "POST",
    "/waves/<int:wave>/entry",
    body=schemas.JoinRequest,
    answers={201: schemas.JoinAnswer},
    idempotent=True,
)
def post_entry(call: Call, wave: int) -> Reply:
    """Join a wave; the answer carries the receipt."""
    with joining.slowed(call.runtime, call.applicant, call.address):
        answer = entries.join(call.runtime, call.applicant, wave, call.idempotency_key)
    return Reply(201, answer)


@room.endpoint("DELETE", "/waves/<int:wave>/entry", answers={200: schemas.WithdrawalAnswer})
def delete_entry(call: Call, wave: int) -> Reply:
    """Withdraw from a wave that is still open."""
    return Reply(200, withdrawing.withdraw(call.runtime, call.applicant, wave))


@room.endpoint("GET", "/entries", answers={200: schemas.EntriesAnswer})
def get_entries(call: Call) -> Reply:
    """The caller's entries, newest wave first, and all waves, which whoever looks at them needs."""
    answer = {
        "entries": entries.list_entries(call.runtime, call.applicant),
        "waves": waves.list_waves(call.runtime),
    }
    return Reply(200, {**answer, "server_time": iso(call.runtime.clock())})


@room.endpoint("GET", "/entries/<int:wave>", answers={200: schemas.EntryAnswer})
def get_entry(call: Call, wave: int) -> Reply:
    """The caller's entry in one wave: receipt, record, outcome with its reasons."""
    return Reply(200, entries.find_entry(call.runtime, call.applicant, wave))


@room.endpoint(
    "POST",
    "/entries/<int:wave>/objection",
    body=schemas.ObjectionRequest,
    answers={201: schemas.ObjectionAnswer},
    idempotent=True,
)
def post_objection(call: Call, wave: int) -> Reply:
    """Object to one's record on a published roster; a person answers."""
    item, entry = entries.entry_of(call.runtime, call.applicant, wave)
    made = objections.object_to(
        call.runtime, item, entry, **call.body, request_key=call.idempotency_key
    )
    return Reply(201, objections.objection_answer(call.runtime, made))


@room.endpoint("GET", "/entries/<int:wave>/proof", answers={200: schemas.ProofAnswer})
def get_proof(call: Call, wave: int) -> Reply:
    """The proof of the caller's entry, to be checked offline with the public files."""
    return Reply(200, proofs.find_proof(call.runtime, call.applicant, wave))


def create(runtime: Runtime) -> Flask:
    """The Flask application over a runtime."""
    return create_app(room, runtime)


@cache
def _created() -> Flask:
    return create(current())


def application(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
    """WSGI entry of the deployed function; built when the first request comes."""
    return _created()(environ, start_response)
