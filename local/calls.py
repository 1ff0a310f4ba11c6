"""Notes which function makes which call of AWS, so that its role can be held to that.

It listens where botocore tells of every call, and finds the function by who is at work: Flask
knows which HTTP function answers; the stack shows a worker, or an operator's command. Calls of
others, such as the pump or the pages of /local/, are none of a function's and not noted.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from types import FrameType
from typing import Any

from local.permissions import Need, missing_object, needs

ROOMS = ("upload", "verify", "select")
# Modules of `ops`, by how their names begin -> the policy of those who run them.
OPERATORS = {
    "ops.review": "reviewer",
    "ops.objection": "objections",
    "ops.dispute": "disputes",
    "ops.account": "accounts",
    "ops.applicant": "helpdesk",
    "ops.recovery": "accounts",
    "ops.ledger": "registrar",
    "ops.purchase": "registrar",
    "ops.audit": "auditor",
    "ops.keys": "key-keeper",
    "ops.pins": "key-keeper",
    "ops.queue": "queues",
    "ops.flag": "flags",
    "ops.restore": "restorer",
    "ops.wave": "wave-operator",
    "ops.void": "wave-operator",
    "ops.funnel": "wave-operator",
    "ops.revocation": "wave-operator",
    "ops.changes": "wave-operator",
    "ops.draw": "wave-operator",
}
# Where a thread begins; the frame after these is its own first.
THREADS = ("threading", "concurrent.futures.thread")

Note = Callable[[str], None]


def listen(note: Note) -> None:
    """Tell `note` of every call of this process from now on, as `<who> <need>`.

    Only clients of sessions that are made later are heard: botocore gives each session these
    handlers when it is made.
    """
    from botocore.handlers import BUILTIN_HANDLERS

    BUILTIN_HANDLERS.extend(
        [
            ("provide-client-params", lambda **told: _on_call(note, **told)),
            ("before-sign.s3.PutObject", lambda **told: _on_signing(note, **told)),
            ("after-call.s3", lambda **told: _on_answer(note, **told)),
        ]
    )


def listen_into(file: Path) -> None:
    """Add each call to a file, once for each process; it is there even after kill -9."""
    seen: set[str] = set()

    def note(line: str) -> None:
        if line not in seen:
            seen.add(line)
            with file.open("a") as opened:
                opened.write(line + "\n")

    listen(note)


def _on_call(
    note: Note, *, params: dict[str, Any], model: Any, context: dict[str, Any], **_: Any
) -> None:
    who = at_work()
    # To sign a post, botocore prepares a CreateBucket that it never sends.
    if who is None or model.name == "CreateBucket":
        return
    context["gelombang"] = (who, params.get("Bucket"))
    _tell(note, who, needs(model.service_model.service_name, model.name, params))


def _on_signing(note: Note, *, request: Any, signature_version: str, **_: Any) -> None:
    """A signed post is no call, but S3 checks it by the rights of its signer."""
    who = at_work()
    if who is None or "s3-presign-post-policy" not in request.context:
        return
    fixed: dict[str, str] = {}
    for condition in request.context["s3-presign-post-policy"]["conditions"]:
        if isinstance(condition, dict):
            fixed |= condition
    place = {"Bucket": fixed["bucket"], "Key": fixed["key"]}
    _tell(note, who, needs("s3", "PutObject", place))


def _on_answer(note: Note, *, http_response: Any, context: dict[str, Any], **_: Any) -> None:
    who, bucket = context.get("gelombang", (None, None))
    if who is not None and bucket is not None and http_response.status_code == 404:
        _tell(note, who, [missing_object(bucket)])


def _tell(note: Note, who: str, found: list[Need]) -> None:
    for need in found:
        note(f"{who} {need}")


def at_work() -> str | None:
    """The function, or the operators' policy, for which this thread is at work."""
    return _answering() or worker_or_operator(list(_modules(sys._getframe(1))))


def _answering() -> str | None:
    from flask import current_app, has_app_context

    if not has_app_context():
        return None
    room = current_app.name.removeprefix("gelombang-")
    return room if room in ROOMS else None


def _modules(frame: FrameType | None) -> Iterator[str]:
    """The modules of the stack, innermost first."""
    while frame is not None:
        yield frame.f_globals.get("__name__", "")
        frame = frame.f_back


def worker_or_operator(modules: list[str]) -> str | None:
    """Who is at work in a stack of modules, innermost first."""
    for room in ROOMS:
        if f"functions.{room}.worker" in modules:
            return f"{room}-worker"
    operating = [name for name in reversed(modules) if name.startswith("ops.")]
    # The rule that a command calls tells more than the file in which several commands are.
    for name in [n for n in operating if not n.endswith("commands")] + operating:
        for beginning, policy in OPERATORS.items():
            if name.startswith(beginning):
                return policy
    return _thread_of_a_worker(modules)


def _thread_of_a_worker(modules: list[str]) -> str | None:
    """Only workers start threads; such a thread begins in a module of their room."""
    if not modules or modules[-1] not in THREADS:
        return None
    first = next((name for name in reversed(modules) if name not in THREADS), "")
    room = first.removeprefix("functions.").split(".")[0]
    return f"{room}-worker" if first.startswith("functions.") and room in ROOMS else None
