"""`python -m ops objections`: answer what applicants object to in their records."""

from __future__ import annotations

import json
from collections import Counter
from typing import Any

import click

from functions.programme.objections import ANSWERS
from functions.programme.times import iso
from ops import objections as queue
from ops.context import runtime_of
from ops.objections import Case
from ops.review_commands import by_operator, span


@click.group()
def objections() -> None:
    """Objections of applicants to their records (docs/review.md)."""


@objections.command("next")
@by_operator
@click.option("--json", "as_json", is_flag=True, help="As one JSON object.")
@click.pass_context
def objections_next(ctx: click.Context, operator: str, as_json: bool) -> None:
    """Claim the objection that has waited longest, for fifteen minutes, and show it.

    Repeated before answering, it gives the same one again.
    """
    runtime = runtime_of(ctx)
    case = queue.take_next(runtime, operator)
    if case is None:
        click.echo("null" if as_json else "nothing is waiting")
        return
    facts = shown(case)
    click.echo(json.dumps(facts) if as_json else "\n".join(_lines(facts)))


@objections.command("answer")
@click.argument("name", metavar="OBJECTION")
@click.argument("verdict", type=click.Choice(tuple(ANSWERS)))
@by_operator
@click.option("--code", required=True, help="Why, a code; see docs/review.md.")
@click.option("--sentence", required=True, help="One sentence for the applicant, no numbers.")
@click.pass_context
def objections_answer(
    ctx: click.Context, name: str, verdict: str, operator: str, code: str, sentence: str
) -> None:
    """Answer the objection that you hold; the applicant is told by mail.

    The roster never changes: an upheld objection is cured by ending the wave before its round.
    """
    runtime = runtime_of(ctx)
    click.echo(queue.answer(runtime, operator, name, verdict, code, sentence))
    if verdict == "upheld":
        wave = int(name.rpartition("/")[2])
        until = queue.void_until(runtime, wave)
        if until is None:
            click.echo(f"wave {wave} cannot be ended any more")
        else:
            click.echo(f"cured only by `wave void {wave}`, with two operators, before {iso(until)}")


@objections.command("list")
@click.pass_context
def objections_list(ctx: click.Context) -> None:
    """How many objections wait in each wave, how many are claimed, and the oldest."""
    runtime = runtime_of(ctx)
    now, found = runtime.clock(), list(queue.waiting(runtime, 1_000))
    claimed: Counter[int] = Counter()
    for item in found:
        claimed[item["wave"]] += now < item.get("claimed_until_at", 0)
    for wave in sorted({item["wave"] for item in found}):
        mine = [item for item in found if item["wave"] == wave]
        oldest = span(now - mine[0]["objected_at"])
        click.echo(
            f"wave {wave}  {len(mine)} waiting, {claimed[wave]} being looked at, oldest {oldest}"
        )
    if not found:
        click.echo("nothing is waiting")


def shown(case: Case) -> dict[str, Any]:
    """What an officer is told of an objection."""
    return {
        "objection": case.name,
        "wave": case.item["wave"],
        "claimed_until": iso(case.item["claimed_until_at"]),
        "objected_at": iso(case.item["objected_at"]),
        "reason": case.item["reason"],
        "text": case.text,
        "record": {
            name: case.record.get(name) for name in ("status", "group", "room", "pool", "reasons")
        },
        "declared": case.exclusions,
        "ledgers": case.ledgers,
        "void_until": None if case.until is None else iso(case.until),
    }


def _lines(facts: dict[str, Any]) -> list[str]:
    record, ledgers = facts["record"], facts["ledgers"]
    takes_part = "takes part" if record["status"] == 0 else "is excluded"
    return [
        f"objection  {facts['objection']}",
        f"claimed    until {facts['claimed_until']}",
        f"made       {facts['objected_at']}, for {facts['reason']}",
        f"record     {takes_part}: {', '.join(record['reasons'] or []) or 'no reasons'}",
        f"           group {record['group']}, room {record['room']}, pool {record['pool']}",
        f"declared   {', '.join(facts['declared']) or 'nothing that excludes'}",
        f"ledgers    recipient of wave {ledgers['recipient_of']}, blacklisted for "
        f"{ledgers['blacklisted']}, recipients in the family: {ledgers['family_recipients']}",
        f"curable    until {facts['void_until'] or 'no more'}",
        *(f"> {line}" for line in facts["text"].split("\n")),
    ]
