"""`python -m ops review`: look at the photos that the checks refused and applicants asked about."""

from __future__ import annotations

import json
import os
import re
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from functions.programme.photos import KINDS
from functions.programme.times import HOUR, MINUTE, iso
from ops import review_decision, review_queue
from ops.context import runtime_of
from ops.errors import Refused
from ops.review_queue import Case

# Counting further would only read on: nobody acts differently on 5,000 than on 1,000.
MOST_COUNTED = 1_000
OPERATOR = re.compile(r"[A-Za-z0-9.-]{2,40}")


def by_operator(command: Callable[..., None], *, required: bool = True) -> Callable[..., None]:
    """Every view and decision is recorded with a name, so each command asks for it."""
    return click.option(
        "--operator",
        envvar="GELOMBANG_OPERATOR",
        required=required,
        callback=_name,
        help="Your name in the audit chain; or set GELOMBANG_OPERATOR.",
    )(command)


def _name(ctx: click.Context, option: click.Parameter, value: str | None) -> str | None:
    if value is not None and not OPERATOR.fullmatch(value):
        raise click.BadParameter("2 to 40 letters, digits, dots and hyphens")
    return value


@click.group()
def review() -> None:
    """Photos that wait for a person (docs/review.md)."""


@review.command("next")
@by_operator
@click.option("--kind", type=click.Choice(KINDS), help="Only photos of this kind.")
@click.option(
    "--out",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Where the picture goes; a file in the temporary folder if left out.",
)
@click.option("--json", "as_json", is_flag=True, help="As one JSON object.")
@click.pass_context
def review_next(
    ctx: click.Context, operator: str, kind: str | None, out: Path | None, as_json: bool
) -> None:
    """Claim the photo that has waited longest, for ten minutes, and write its picture to a file.

    Repeated before deciding, it gives the same photo again.
    """
    runtime = runtime_of(ctx)
    case = review_queue.take_next(runtime, operator, (kind,) if kind else KINDS)
    if case is None:
        click.echo("null" if as_json else "nothing is waiting")
        return
    path = None
    if case.picture is not None:
        path = out or _default_path(case.photo)
        write_privately(path, case.picture)
    facts = shown(case, runtime.clock(), path)
    click.echo(json.dumps(facts) if as_json else "\n".join(_lines(facts)))


@review.command("accept")
@click.argument("photo")
@by_operator
@click.option("--nik", help="The 16 digits that you read on the card; asked for if left out.")
@click.pass_context
def review_accept(ctx: click.Context, photo: str, operator: str, nik: str | None) -> None:
    """Accept the photo that you hold; the applicant is told by mail.

    A KTP is accepted only with its NIK, which must be the one of the form. Typed when asked for,
    it stays out of the shell's history.
    """
    runtime = runtime_of(ctx)
    item = review_queue.held(runtime, operator, photo, "accepted")
    if nik is None and item["kind"] == "ktp" and item["state"] == "in_review":
        nik = click.prompt("NIK on the card", type=str).strip()
    click.echo(review_decision.accept(runtime, operator, photo, nik))
    _default_path(photo).unlink(missing_ok=True)


@review.command("refuse")
@click.argument("photo")
@by_operator
@click.option("--reason", "reasons", required=True, help="CODE or CODE,CODE; see docs/review.md.")
@click.pass_context
def review_refuse(ctx: click.Context, photo: str, operator: str, reasons: str) -> None:
    """Refuse the photo that you hold; the applicant is told the reasons by mail."""
    codes = reasons.split(",")
    click.echo(review_decision.refuse(runtime_of(ctx), operator, photo, codes))
    _default_path(photo).unlink(missing_ok=True)


@review.command("release")
@click.argument("photo")
@by_operator
@click.pass_context
def review_release(ctx: click.Context, photo: str, operator: str) -> None:
    """Give the photo that you hold back undecided, to its old place in the queue."""
    review_queue.release(runtime_of(ctx), operator, photo)
    click.echo("released")
    _default_path(photo).unlink(missing_ok=True)


@review.command("list")
@click.pass_context
def review_list(ctx: click.Context) -> None:
    """How many photos wait, how many are being looked at, and how long the oldest has waited."""
    runtime = runtime_of(ctx)
    now = runtime.clock()
    for kind in KINDS:
        found = review_queue.waiting(runtime, (kind,), MOST_COUNTED)
        claimed = sum(now < item.get("claimed_until_at", 0) for item in found)
        number = f"{len(found)}" + (" or more" if len(found) == MOST_COUNTED else "")
        oldest = f", oldest {span(now - found[0]['review_asked_at'])}" if found else ""
        click.echo(f"{kind}  {number} waiting, {claimed} being looked at{oldest}")


def shown(case: Case, now: int, path: Path | None) -> dict[str, Any]:
    """What an operator is told besides the picture: nothing of who the applicant is."""
    item = case.item
    return {
        "photo": case.photo,
        "kind": item["kind"],
        "claimed_until": iso(item["claimed_until_at"]),
        "asked_at": iso(item["review_asked_at"]),
        "waiting_seconds": (now - item["review_asked_at"]) // 1000,
        "advisory": item.get("review", []),
        "refusals": [
            {
                "photo": refused["photo"],
                "at": iso(refused["decided_at"]),
                "by": "person" if "reviewed_at" in refused else "checks",
                "reasons": refused["reasons"],
                "details": json.loads(refused.get("details", "{}")),
            }
            for refused in case.refusals
        ],
        "picture": None if path is None else str(path),
    }


def _lines(facts: dict[str, Any]) -> list[str]:
    waited = span(facts["waiting_seconds"] * 1000)
    lines = [
        f"photo    {facts['photo']}",
        f"kind     {facts['kind']}",
        f"asked    {facts['asked_at']}, {waited} ago",
        f"claimed  until {facts['claimed_until']}",
        f"refused  {len(facts['refusals'])} times so far",
    ]
    for refusal in facts["refusals"]:
        details = [
            f"{code} {name} {value}"
            for code, words in refusal["details"].items()
            for name, value in words.items()
        ]
        more = f" ({', '.join(details)})" if details else ""
        this = " <- this photo" if facts["photo"].endswith(refusal["photo"]) else ""
        reasons = ", ".join(refusal["reasons"])
        lines.append(f"         {refusal['at']} by {refusal['by']}: {reasons}{more}{this}")
    if facts["advisory"]:
        lines.append(f"look at  {', '.join(facts['advisory'])}")
    lines.append(f"picture  {facts['picture'] or 'gone: refuse it with --reason corrupt'}")
    return lines


def span(milliseconds: int) -> str:
    """`3 h 12 min`: rounded down to minutes."""
    hours, rest = divmod(milliseconds, HOUR)
    return f"{hours} h {rest // MINUTE} min" if hours else f"{rest // MINUTE} min"


def write_privately(path: Path, data: bytes) -> None:
    """Write a file that its owner alone can read, in place of one that is there. Raises Refused."""
    try:
        if path.exists() and not path.is_file():
            raise Refused(f"{path} is not a file")
        path.unlink(missing_ok=True)
        # Never through a link that someone laid there, never readable in between.
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "wb") as file:
            file.write(data)
    except OSError as error:
        raise Refused(f"cannot write {path}: {error.strerror}") from error


def _default_path(photo: str) -> Path:
    """Where a picture goes unless told otherwise; the photo's own id cannot be guessed."""
    name = photo.rpartition("/")[2]
    if not name.isalnum():
        raise Refused(f"there is no photo {photo}")
    return Path(tempfile.gettempdir()) / f"gelombang-{name}.jpg"
