"""A witness: an institution's own small server that says when it saw a roster's head.

It signs at most one head per operator and wave. Before it answers, what it signed is on the
disk: a witness that is restarted cannot be talked into signing another.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable
from pathlib import Path

from flask import Flask, Response, request

from functions.programme.draw.errors import VerificationError
from functions.programme.draw.heads import HIGHEST_U32, ROSTER
from functions.programme.draw.keys import (
    COSIGNATURE,
    ED25519,
    Signer,
    VerifierKey,
    parse_verifier_key,
)
from functions.programme.draw.literals import parse_decimal
from functions.programme.draw.notes import (
    Note,
    add_signatures,
    check_signatures,
    cosign,
    parse_note,
)
from functions.programme.draw.void import LINES as VOID_LINES
from functions.programme.draw.void import VOID
from functions.programme.times import SECOND

MOST_NOTE_BYTES = 16 * 1024
HEAD_LINES = 6
# What it signs, at most one of each for an operator and wave: first line -> lines in all.
SIGNED = {ROSTER: HEAD_LINES, VOID: VOID_LINES}


class OtherHead(Exception):
    """Another head was signed for this operator and wave before."""


class Signed:
    """What the witness signed: one file per operator, wave and kind, never replaced."""

    def __init__(self, folder: Path):
        self._folder = folder
        folder.mkdir(parents=True, exist_ok=True)

    def find(self, operator: VerifierKey, wave: int, kind: str = ROSTER) -> bytes | None:
        """The note with operator's and witness's signatures, if a head was signed."""
        try:
            return self._path(operator, wave, kind).read_bytes()
        except FileNotFoundError:
            return None

    def keep(self, operator: VerifierKey, wave: int, note: bytes, kind: str = ROSTER) -> bytes:
        """Keep a note unless there is one already; returns the one that is kept.

        The link appears whole or not at all, and only once, whoever else writes.
        """
        handle, name = tempfile.mkstemp(dir=self._folder, prefix=".new-")
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(note)
                file.flush()
                os.fsync(file.fileno())
            try:
                os.link(name, self._path(operator, wave, kind))
            except FileExistsError:
                return self._path(operator, wave, kind).read_bytes()
        finally:
            Path(name).unlink()
        self._sync_folder()
        return note

    def _sync_folder(self) -> None:
        handle = os.open(self._folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)

    def _path(self, operator: VerifierKey, wave: int, kind: str) -> Path:
        suffix = ".void" if kind == VOID else ""
        return self._folder / f"{operator.key.hex()}-{wave}{suffix}.note"


def create_app(
    *,
    name: str,
    seed: bytes,
    operator_key: str | Callable[[], str],
    folder: Path,
    clock: Callable[[], int],
) -> Flask:
    """A witness's WSGI application: POST /cosign, GET /key, GET /signed/<wave>.

    `name` and `seed` (32 bytes) are its Ed25519 key; `operator_key` the verifier key whose heads
    it signs (a callable is asked each time); `clock` in milliseconds.
    """
    witness = Signer(name, COSIGNATURE, seed)
    signed = Signed(folder)
    app = Flask("gelombang-witness", static_folder=None)
    app.config["MAX_CONTENT_LENGTH"] = MOST_NOTE_BYTES

    def operator() -> VerifierKey:
        text = operator_key if isinstance(operator_key, str) else operator_key()
        return parse_verifier_key(text.strip(), ED25519)

    @app.post("/cosign")
    def post_cosign() -> Response:
        try:
            note = parse_note(request.get_data())
            wave = wave_of(note)
        except VerificationError as error:
            return _text(f"{error.code}\n", 400)
        if not _signed_by(note, operator()):
            return _text("not signed by the operator\n", 403)
        try:
            line = sign_once(signed, witness, operator(), wave, note, clock() // SECOND)
        except OtherHead:
            return _text("another head was signed for this wave\n", 409)
        return _text(line.decode())

    @app.get("/key")
    def get_key() -> Response:
        return _text(f"{witness.verifier}\n")

    @app.get("/signed/<int:wave>", defaults={"kind": ROSTER})
    @app.get("/signed/<int:wave>/void", defaults={"kind": VOID})
    def get_signed(wave: int, kind: str) -> Response:
        note = signed.find(operator(), wave, kind)
        return _text("nothing signed\n", 404) if note is None else _text(note.decode())

    return app


def sign_once(
    signed: Signed, witness: Signer, operator: VerifierKey, wave: int, note: Note, at: int
) -> bytes:
    """The witness's line for a head: new, or the one it gave before. Raises OtherHead.

    `at`: now, Unix seconds. The same head gets the same line, so the first time counts.
    """
    kind = note.text.split(b"\n", 1)[0].decode("ascii", "replace")
    kept = signed.find(operator, wave, kind)
    if kept is None:
        lines = [
            one for one in note.lines if (one.name, one.key_id) == (operator.name, operator.id)
        ]
        plain = Note(note.text, tuple(lines[:1])).to_bytes()
        line = cosign(note.text, witness, at)
        kept = signed.keep(operator, wave, add_signatures(plain, [line]), kind)
    before = parse_note(kept)
    if before.text != note.text:
        raise OtherHead(f"wave {wave}")
    return str(before.lines[-1]).encode()


def wave_of(note: Note) -> int:
    """The wave of a roster's head or a void note. Raises VerificationError for any other text."""
    lines = note.text.split(b"\n")
    if len(lines) - 1 != SIGNED.get(lines[0].decode("ascii", "replace")):
        raise VerificationError("head_malformed")
    return parse_decimal(lines[1].decode("ascii", "replace"), HIGHEST_U32)


def _signed_by(note: Note, operator: VerifierKey) -> bool:
    try:
        return operator in check_signatures(note, [operator]).signers
    except VerificationError:
        return False


def _text(text: str, status: int = 200) -> Response:
    return Response(text, status=status, mimetype="text/plain")
