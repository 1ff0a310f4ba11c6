"""The report as one HTML file: it loads nothing, runs nothing, and prints."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from html import escape

from ops.opening import costs, verdict
from ops.opening.charts import chart
from ops.opening.document import document
from ops.opening.measured import measured
from ops.opening.quotas import CHECKED, LATENCIES, PRICES, QUOTAS, Known
from ops.opening.simulation import Day


def page(day: Day) -> str:
    """The whole document."""
    asked = day.asked
    title = (
        f"{asked.registrants:,.0f} people in {asked.hours:g} hours, "
        f"{asked.peak_minute:,.0f} in the busiest minute"
    )
    set_to = json.dumps(day.settings.as_json(), indent=1)
    body = "\n".join(
        [
            f"<h1>{escape(title)}</h1>",
            f"<p>Settings <b>{escape(day.settings.name)}</b>: {escape(day.settings.about)} "
            f"Seed {asked.seed}.</p>",
            _verdict(day),
            _breaks(day),
            _charts(day),
            _waits(day),
            _people(day),
            _bill(day),
            _known("Quotas", QUOTAS),
            _known("Prices, in dollars", PRICES),
            _known("Answers of AWS, assumed", LATENCIES),
            f"<h2>Measured</h2><p>{escape(_measured())}</p>",
            f"<h2>All settings</h2><pre>{escape(set_to)}</pre>",
        ]
    )
    return document(title, body)


def _verdict(day: Day) -> str:
    good = verdict.absorbed(day)
    word = "The day is absorbed." if good else "It breaks."
    rows = [
        (test.name, test.found, _mark("kept" if test.kept else "broken", test.kept))
        for test in verdict.tests(day)
    ]
    return f"<h2>{_mark(word, good)}</h2>{_table(('condition', 'found', ''), rows)}"


def _mark(word: str, good: bool) -> str:
    return f'<span class="{"good" if good else "bad"}">{escape(word)}</span>'


def _breaks(day: Day) -> str:
    if not day.breaks:
        return "<h2>What breaks first</h2><p>Nothing.</p>"
    rows = [
        (
            verdict.clock(one.first),
            escape(one.name),
            f"{one.turned_away:,.0f}",
            f"{one.seconds:,} s, until {verdict.clock(one.last)}",
            escape(one.meaning),
            f"<code>{escape(one.setting)}</code>",
        )
        for one in day.breaks
    ]
    heads = ("since the opening", "limit", "turned away", "reached", "meaning", "setting")
    return f"<h2>What breaks first</h2>{_table(heads, rows)}"


def _charts(day: Day) -> str:
    series = day.series
    marks = [(one.first / 60, one.name) for one in day.breaks[:8]]
    refused = {"asked": series.requests, "refused": series.refused}
    return "\n".join(
        [
            "<h2>The day</h2>",
            chart("People coming", {"new": series.arrivals, "joined": series.joined}, "a minute"),
            chart("Requests to the API", refused, "a minute", marks),
            chart("Letters and photos waiting",
                  {"letters": series.letters_waiting, "photos": series.photos_waiting}, ""),
            chart("Age of the letter at the front of the queue",
                  {"minutes": [seconds / 60 for seconds in series.oldest_letter]}, "minutes"),
            chart("Lambda, at the same time",
                  {"HTTP": series.functions, "workers": series.workers}, ""),
            chart("People in the waiting room", {"outside": series.outside}, ""),
        ]
    )  # fmt: skip


def _waits(day: Day) -> str:
    rows = [
        (
            escape(name),
            f"{waits.count:,.0f}",
            *(_seconds(waits.quantile(s)) for s in (0.5, 0.99, 1)),
        )
        for name, waits in day.waits.items()
    ]
    heads = ("what", "how many", "half within", "99 of 100", "longest")
    left = verdict.days_left(day)
    note = f"<p>Mails that wait at the end take {left:,.1f} more days.</p>" if left > 0.01 else ""
    return f"<h2>How long it takes</h2>{_table(heads, rows)}{note}"


def _seconds(found: float | None) -> str:
    return "–" if found is None else f"{found:,.1f} s"


def _people(day: Day) -> str:
    steps = [(escape(name), f"{count:,.0f}") for name, count in day.done.items()]
    ends = [(escape(n.replace("_", " ")), f"{count:,.0f}") for n, count in vars(day.books).items()]
    return (
        f"<h2>People</h2>{_table(('step done', 'people'), steps)}"
        f"{_table(('where all are at the end', 'people'), ends)}"
    )


def _bill(day: Day) -> str:
    lines = costs.bill(day)
    rows = [
        (escape(line.part), escape(line.what), f"{line.count:,.0f}", f"{line.dollars:,.2f}")
        for line in lines
    ]
    rows.append(("<b>in all</b>", "", "", f"<b>{costs.total(lines):,.2f}</b>"))
    return f"<h2>Cost</h2>{_table(('part', 'what', 'how many', 'dollars'), rows)}"


def _known(title: str, table: dict[str, Known]) -> str:
    rows = [
        (
            escape(known.what),
            f"{known.value:g}",
            escape(known.unit),
            escape(known.seen),
            escape(known.source),
        )
        for known in table.values()
    ]
    heads = ("what", "value", "unit", "seen", "source")
    return f"<h2>{escape(title)}</h2><p>As of {CHECKED}.</p>{_table(heads, rows)}"


def _measured() -> str:
    raw = measured().raw
    return (
        f"Routes and workers: {raw['taken_at']}, {raw['machine']}, {raw['applicants']} applicants."
    )


def _table(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Cells are HTML already."""
    head = "".join(f"<th>{escape(one)}</th>" for one in heads)
    body = "".join("<tr>" + "".join(f"<td>{cell}</td>" for cell in row) + "</tr>" for row in rows)
    return f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"
