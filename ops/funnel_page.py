"""The funnel in words for a terminal, and as one HTML file that loads nothing."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from html import escape

from ops.funnel import Funnel, Step, cost_of_scan
from ops.opening.charts import bars
from ops.opening.document import document

BAR = 30
NOT_COUNTED = "–"


def told(funnel: Funnel) -> Iterator[str]:
    """The lines for a terminal."""
    yield f"wave {funnel.wave}, {funnel.phase}, {funnel.taken_at}"
    for title, steps in parts(funnel):
        yield ""
        yield title
        yield from _lines(steps)
    if not funnel.scanned:
        yield ""
        yield scan_note(funnel)


def page(funnel: Funnel) -> str:
    """The whole document."""
    title = f"Wave {funnel.wave}: who came how far"
    charts = (
        bars(heading, [(one.name, one.count) for one in steps]) for heading, steps in parts(funnel)
    )
    note = "" if funnel.scanned else f"<p>{escape(scan_note(funnel))}</p>"
    stand = f"<p>Phase {escape(funnel.phase)}, {escape(funnel.taken_at)}.</p>"
    return document(title, "\n".join((f"<h1>{escape(title)}</h1>", stand, *charts, note)))


def parts(funnel: Funnel) -> list[tuple[str, Sequence[Step]]]:
    """(title, steps) of each part; of those by reason only what is there."""
    found = [
        ("Everybody so far", funnel.everybody),
        ("Photos so far", funnel.photos),
        ("Photos refused, by the worst reason", _by_reason(funnel.refused_for)),
        (f"Wave {funnel.wave}", funnel.joined),
        ("Excluded, by reason (one may have several)", _by_reason(funnel.excluded)),
        ("After the draw", funnel.after),
    ]
    return [(title, steps) for title, steps in found if steps]


def scan_note(funnel: Funnel) -> str:
    """What the steps that are not counted would cost."""
    units, dollars = cost_of_scan(funnel.everybody[0].count or 0)
    return (
        f"{NOT_COUNTED}: not counted. --scan reads the whole table `readiness` for the first part: "
        f"about {units:,} read units, ${dollars:,.2f} at the list price."
    )


def _by_reason(counts: Mapping[str, int]) -> list[Step]:
    return [Step(reason.replace("_", " "), n) for reason, n in counts.items()]


def _lines(steps: Sequence[Step]) -> Iterator[str]:
    width = max(len(one.name) for one in steps)
    most = max((one.count or 0 for one in steps), default=0)
    for one in steps:
        if one.count is None:
            yield f"  {one.name:{width}}  {NOT_COUNTED:>11}"
            continue
        share = one.count / most if most else 0.0
        bar = "█" * round(BAR * share) or ("▏" if one.count else "")
        yield f"  {one.name:{width}}  {one.count:>11,}  {share:>6.1%}  {bar}".rstrip()
