"""Whether a day was absorbed, and what is to be said of it: one place for text, JSON and page."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from ops.opening import costs
from ops.opening.lines import Waits
from ops.opening.quotas import CHECKED, LATENCIES, PRICES, QUOTAS, Known
from ops.opening.simulation import MESSAGES, PHOTOS, Day

MAIL_WITHIN = 600
# A code is useless after ten minutes; a person waits two for it.
SMS_WITHIN = 120
PHOTO_WITHIN = 60


@dataclass(frozen=True)
class Test:
    """One condition of an absorbed day."""

    name: str
    found: str
    kept: bool


def tests(day: Day) -> list[Test]:
    """The conditions, all of which an absorbed day keeps."""
    lost = sum(day.lost.values())
    put_off = sum(one.turned_away for one in day.breaks if "breaker" in one.name)
    return [
        Test("no request is refused", _whole(day.refused), day.refused < 1),
        Test("nobody goes away", _whole(day.books.gone), day.books.gone < 1),
        Test("nobody is put off by a breaker", _whole(put_off), put_off < 1),
        Test("no letter is lost", _whole(lost), lost < 1),
        _late(day, MESSAGES[:2], MAIL_WITHIN, "every mail within 10 minutes"),
        _late(day, MESSAGES[2:], SMS_WITHIN, "99 of 100 SMS codes within 2 minutes", 0.99),
        _late(day, PHOTOS, PHOTO_WITHIN, "99 of 100 photo verdicts within a minute", 0.99),
        Test("nothing waits at the end", _whole(sum(day.waiting.values())),
             sum(day.waiting.values()) < 1),
    ]  # fmt: skip


def _late(day: Day, names: tuple[str, ...], seconds: float, what: str, share: float = 1.0) -> Test:
    of = {name: day.waits[name] for name in names}
    served = sum(waits.count for waits in of.values())
    owed = sum(day.waiting[name] + day.lost.get(name, 0.0) for name in names)
    within = sum(waits.within(seconds) * waits.count for waits in of.values())
    whole = served + owed
    longest = max((waits.quantile(share) or 0.0 for waits in of.values()), default=0.0)
    told = (_time(longest) if served else "none") + (
        f", {_whole(owed)} not at all" if owed >= 1 else ""
    )
    return Test(what, told, whole > 0 and within >= share * whole - 1)


def absorbed(day: Day) -> bool:
    """Whether all conditions are kept."""
    return all(test.kept for test in tests(day))


def as_json(day: Day) -> dict[str, Any]:
    """Everything of the day but the minutes."""
    bill = costs.bill(day)
    return {
        "asked": vars(day.asked),
        "settings": day.settings.as_json(),
        "absorbed": absorbed(day),
        "tests": [vars(test) for test in tests(day)],
        "breaks": [
            {**vars(one), "meaning": one.meaning, "setting": one.setting} for one in day.breaks
        ],
        "people": {**vars(day.books), "by_step": day.done},
        "waits": {name: _waits(waits) for name, waits in day.waits.items()},
        "sent": dict(day.sent),
        "lost": dict(day.lost),
        "waiting_at_the_end": day.waiting,
        "days_to_send_what_waits": days_left(day),
        "waiting_room": {"told": day.told_to_return, **_waits(day.slots)},
        "requests": day.requests,
        "refused": day.refused,
        "most": day.most,
        "cost": {"parts": costs.by_part(bill), "total": costs.total(bill),
                 "lines": [vars(line) for line in bill]},
        "quotas": {"checked": CHECKED, **_known(QUOTAS)},
        "prices": _known(PRICES),
        "latencies": _known(LATENCIES),
    }  # fmt: skip


def days_left(day: Day) -> float:
    """Days until the mails that wait at the end are sent, at the quota's speed."""
    waiting = sum(day.waiting[name] for name in MESSAGES[:2])
    return waiting / max(min(day.settings.mail.day, day.settings.mail.rate * 86_400), 1.0)


def _known(table: dict[str, Known]) -> dict[str, Any]:
    return {name: vars(known) for name, known in table.items()}


def _waits(waits: Waits) -> dict[str, Any]:
    return {
        "count": waits.count,
        "p50": waits.quantile(0.5),
        "p99": waits.quantile(0.99),
        "longest": waits.quantile(1.0),
    }


def _whole(count: float) -> str:
    return f"{count:,.0f}"


def _time(seconds: float) -> str:
    if seconds < 120:
        return f"{seconds:.1f} s"
    if seconds < 7200:
        return f"{seconds / 60:.1f} min"
    return f"{seconds / 3600:.1f} h"


def clock(second: float) -> str:
    """`0:30:05` since the opening."""
    whole = int(second)
    return f"{whole // 3600}:{whole // 60 % 60:02}:{whole % 60:02}"


def told(day: Day) -> list[str]:
    """The report as lines of text."""
    asked = day.asked
    lines = [
        f"{_whole(asked.registrants)} people in {asked.hours:g} hours, "
        f"{_whole(asked.peak_minute)} in the busiest minute; settings `{day.settings.name}`, "
        f"seed {asked.seed}",
        "ABSORBED" if absorbed(day) else "IT BREAKS",
        "",
    ]
    lines += [f"{'kept  ' if t.kept else 'BROKEN'} {t.name:42} {t.found}" for t in tests(day)]
    lines += ["", "What breaks, the first first (since the opening):"]
    for one in day.breaks:
        lines.append(
            f"  {clock(one.first)}  {one.name}: {_whole(one.turned_away)} turned away in "
            f"{one.seconds:,} s until {clock(one.last)}; {one.meaning} ({one.setting})"
        )
    if not day.breaks:
        lines.append("  nothing")
    lines += ["", "Waits                     number        half       99 %    longest"]
    for name, waits in day.waits.items():
        if waits.count:
            ends = [waits.quantile(share) or 0.0 for share in (0.5, 0.99, 1.0)]
            lines.append(
                f"  {name:20} {_whole(waits.count):>12}"
                + "".join(f"{_time(end):>12}" for end in ends)
            )
    if day.told_to_return:
        longest = day.slots.quantile(0.99) or 0.0
        lines.append(
            f"  waiting room: {_whole(day.told_to_return)} return times, "
            f"99 % within {_time(longest)}"
        )
    if days_left(day) > 0.01:
        lines.append(f"  mails that wait at the end take {days_left(day):.1f} more days")
    lines += ["", "People"]
    lines += [f"  {name:20} {_whole(count):>14}" for name, count in day.done.items()]
    lines += [
        f"  {name.replace('_', ' '):20} {_whole(n):>14}" for name, n in vars(day.books).items()
    ]
    bill = costs.bill(day)
    lines += ["", "Dollars"]
    lines += [f"  {part:20} {dollars:>14,.2f}" for part, dollars in costs.by_part(bill).items()]
    lines.append(f"  {'in all':20} {costs.total(bill):>14,.2f}")
    return lines
