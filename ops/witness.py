"""A witness: an institution's own small server that says when it saw a roster's head.

It signs at most one head, and one void note, per operator and wave. Before it answers, what it
signed is on the disk: a witness that is restarted cannot be talked into signing another.
docs/witness.md tells an institution how to run one.
"""

from __future__ import annotations

import os
import re
import tempfile
import threading
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
from functions.programme.draw.literals import parse_decimal, parse_hex, parse_time
from functions.programme.draw.notes import (
    Note,
    add_signatures,
    check_signatures,
    cosign,
    parse_note,
)
from functions.programme.draw.void import LINES as VOID_LINES
from functions.programme.draw.void import VOID
from functions.programme.times import MINUTE, SECOND

MOST_NOTE_BYTES = 16 * 1024
# An operator asks a few times for each wave; all else is someone trying.
MOST_A_MINUTE = 60
# What a note says of its own time may not be further ahead of the witness's clock; seconds.
AHEAD_ALLOWED = 15 * MINUTE // SECOND
UNFINISHED = ".new-"
HEAD_LINES = 6
# What it signs, at most one of each for an operator and wave: first line -> lines in all.
SIGNED = {ROSTER: HEAD_LINES, VOID: VOID_LINES}
_KEPT = re.compile(r"([0-9a-f]{64})-([1-9][0-9]{0,9})(\.void)?\.note")


class OtherHead(Exception):
    """Another head was signed for this operator and wave before."""


class Signed:
    """What the witness signed: one file per operator, wave and kind, never replaced."""

    def __init__(self, folder: Path):
        self._folder = folder
        folder.mkdir(parents=True, exist_ok=True)

    def sweep(self) -> None:
        """Take away what a killed witness left unfinished; before it serves, never while."""
        for path in self._folder.glob(f"{UNFINISHED}*"):
            path.unlink(missing_ok=True)

    def listed(self, operator: VerifierKey) -> list[tuple[int, str]]:
        """Wave and kind of every note that was signed for an operator, in order."""
        found = filter(None, (_KEPT.fullmatch(path.name) for path in self._folder.iterdir()))
        own = (match for match in found if match[1] == operator.key.hex())
        return sorted((int(match[2]), VOID if match[3] else ROSTER) for match in own)

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
        handle, name = tempfile.mkstemp(dir=self._folder, prefix=UNFINISHED)
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(note)
                file.flush()
                os.fsync(file.fileno())
            try:
                os.link(name, self._path(operator, wave, kind))
            except FileExistsError:
                note = self._path(operator, wave, kind).read_bytes()
        finally:
            Path(name).unlink()
        # Even if another thread has kept it: its name must be on the disk before any answer.
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


class Pace:
    """At most so many requests in a minute of the witness's clock, whoever sends them."""

    def __init__(self, most: int, clock: Callable[[], int]):
        self._most, self._clock = most, clock
        self._lock = threading.Lock()
        self._minute = self._count = 0

    def allows(self) -> bool:
        """Count a request; whether it is within the bound."""
        with self._lock:
            minute = self._clock() // MINUTE
            if minute != self._minute:
                self._minute, self._count = minute, 0
            self._count += 1
            return self._count <= self._most


def create_app(
    *,
    name: str,
    seed: bytes,
    operator_key: str | Callable[[], str],
    folder: Path,
    clock: Callable[[], int],
    most_a_minute: int = MOST_A_MINUTE,
) -> Flask:
    """A witness's WSGI application: POST /cosign, GET /key, /signed, /signed/<wave>[/void].

    `name` and `seed` (32 bytes) are its Ed25519 key; `operator_key` the verifier key whose heads
    it signs (a callable is asked each time); `clock` in milliseconds.
    """
    witness = Signer(name, COSIGNATURE, seed)
    signed = Signed(folder)
    pace = Pace(most_a_minute, clock)
    app = Flask("gelombang-witness", static_folder=None)
    app.config["MAX_CONTENT_LENGTH"] = MOST_NOTE_BYTES

    def operator() -> VerifierKey:
        text = operator_key if isinstance(operator_key, str) else operator_key()
        return parse_verifier_key(text.strip(), ED25519)

    @app.post("/cosign")
    def post_cosign() -> Response:
        if not pace.allows():
            return _text("too many requests\n", 429)
        now = clock() // SECOND
        try:
            note = parse_note(request.get_data())
            wave, written_at = read_note(note)
        except VerificationError as error:
            return _text(f"{error.code}\n", 400)
        if not _signed_by(note, operator()):
            return _text("not signed by the operator\n", 403)
        if written_at > now + AHEAD_ALLOWED:
            return _text("dated in the future\n", 400)
        try:
            line = sign_once(signed, witness, operator(), wave, note, now)
        except OtherHead:
            return _text("another head was signed for this wave\n", 409)
        return _text(line.decode())

    @app.get("/key")
    def get_key() -> Response:
        return _text(f"{witness.verifier}\n")

    @app.get("/signed")
    def get_listed() -> Response:
        kept = signed.listed(operator())
        return _text("".join(f"{wave} {kind}\n" for wave, kind in kept))

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


def read_note(note: Note) -> tuple[int, int]:
    """Wave and written time (Unix seconds) of a roster's head or a void note.

    Every line must have its form, since what is signed cannot be taken back. Errors:
    `head_malformed` for any other text, and those of decimals, hex and times.
    """
    try:
        kind, *lines = note.text.decode("ascii").split("\n")
    except UnicodeDecodeError:
        raise VerificationError("head_malformed") from None
    if len(lines) != SIGNED.get(kind):
        raise VerificationError("head_malformed")
    wave = parse_decimal(lines[0], HIGHEST_U32)
    if wave == 0:
        raise VerificationError("head_malformed")
    parse_hex(lines[1], 32)
    if kind == VOID:
        parse_hex(lines[2], 32)
        return wave, parse_time(lines[3])
    parse_decimal(lines[2], HIGHEST_U32)
    parse_hex(lines[3], 32)
    return wave, parse_time(lines[4])


def _signed_by(note: Note, operator: VerifierKey) -> bool:
    try:
        return operator in check_signatures(note, [operator]).signers
    except VerificationError:
        return False


def _text(text: str, status: int = 200) -> Response:
    return Response(text, status=status, mimetype="text/plain")
