"""The funnel in words for a terminal, and as one HTML file that loads nothing."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from html import escape

from ops.funnel import OUTCOMES, Funnel, Step, cost_of_scan
from ops.opening.charts import bars, share
from ops.opening.document import document

BAR = 30
NOT_COUNTED = "–"


@dataclass(frozen=True)
class Part:
    """Steps that are shown together, and of how many their shares are told; None: not known."""

    title: str
    steps: Sequence[Step]
    whole: int | None


def told(funnel: Funnel) -> Iterator[str]:
    """The lines for a terminal."""
    yield f"wave {funnel.wave}, {funnel.phase}, {funnel.taken_at}"
    for part in parts(funnel):
        yield ""
        yield part.title
        yield from _lines(part)
    if not funnel.scanned:
        yield ""
        yield scan_note(funnel)


def page(funnel: Funnel) -> str:
    """The whole document."""
    title = f"Wave {funnel.wave}: who came how far"
    charts = (
        bars(part.title, [(one.name, one.count) for one in part.steps], part.whole)
        for part in parts(funnel)
    )
    note = "" if funnel.scanned else f"<p>{escape(scan_note(funnel))}</p>"
    stand = f"<p>Phase {escape(funnel.phase)}, {escape(funnel.taken_at)}.</p>"
    return document(title, "\n".join((f"<h1>{escape(title)}</h1>", stand, *charts, note)))


def parts(funnel: Funnel) -> list[Part]:
    """What is shown together; of counts by reason only what is there."""
    refused, joined = sum(funnel.refused_for.values()), funnel.joined[0].count
    selected = next(one.count for one in funnel.joined if one.name == OUTCOMES["selected"])
    photos = sum(one.count or 0 for one in funnel.photos)
    found = [
        Part("Registrations so far", funnel.registered, funnel.registered[0].count),
        Part("Everybody so far", funnel.everybody, funnel.everybody[0].count),
        Part("Photos so far", funnel.photos, photos),
        Part("Photos refused, by the worst reason", _by_reason(funnel.refused_for), refused),
        Part(f"Wave {funnel.wave}", funnel.joined, joined),
        Part("Excluded, by reason (one may have several)", _by_reason(funnel.excluded), joined),
        Part("After the draw, of those selected", funnel.after, selected),
    ]
    return [part for part in found if part.steps]


def scan_note(funnel: Funnel) -> str:
    """What the steps that are not counted would cost."""
    units, dollars = cost_of_scan(funnel.everybody[0].count or 0)
    return (
        f"{NOT_COUNTED}: not counted. --scan reads the whole table `readiness` for the first part: "
        f"about {units:,} read units, ${dollars:,.2f} at the list price."
    )


def _by_reason(counts: Mapping[str, int]) -> list[Step]:
    return [Step(reason.replace("_", " "), n) for reason, n in counts.items()]


def _lines(part: Part) -> Iterator[str]:
    width = max(len(one.name) for one in part.steps)
    most = max(one.count or 0 for one in part.steps)
    for one in part.steps:
        if one.count is None:
            yield f"  {one.name:{width}}  {NOT_COUNTED:>11}"
            continue
        bar = "█" * round(BAR * one.count / most) or "▏" if one.count else ""
        line = f"  {one.name:{width}}  {one.count:>11,}  {share(one.count, part.whole):>6}  {bar}"
        yield line.rstrip()
