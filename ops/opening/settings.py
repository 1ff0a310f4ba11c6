"""What is asked for and set before an opening day, and how people are taken to behave.

A preset is a JSON file in `presets/`; whatever it leaves out has the value that stands here, which
is what a fresh account has (quotas.py), and what the deploy sets (bounds.py).
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, fields, is_dataclass, replace
from pathlib import Path
from typing import Any

from functions.programme import limits
from ops.errors import Refused
from ops.opening.bounds import bounds
from ops.opening.quotas import quota

PRESETS = Path(__file__).parent / "presets"


@dataclass(frozen=True)
class Door:
    """API Gateway and the waiting room before it.

    admission     new people let in per second at the edge; 0: everyone at once
    admission_burst   people that may come in at once after a quiet time
    slot_spread   seconds over which those who are told to come back are spread, at least
    """

    gateway_rate: float = quota("gateway_rate")
    gateway_burst: float = quota("gateway_burst")
    admission: float = 0
    admission_burst: float = 0
    slot_spread: float = 60


@dataclass(frozen=True)
class Functions:
    """Lambda and what its cold starts need.

    reserved     concurrency that only the HTTP functions may use; workers get the rest
    warm         environments kept ready for each HTTP function (provisioned concurrency)
    """

    concurrency: float = quota("lambda_concurrency")
    reserved: float = 0
    warm: dict[str, float] = field(default_factory=dict)
    parameter_rate: float = quota("parameter_rate")
    kms_rate: float = quota("kms_rate")


@dataclass(frozen=True)
class Tables:
    """DynamoDB: units a second that every table and index can take from the first second."""

    warm_writes: float = quota("table_writes")
    warm_reads: float = quota("table_reads")
    most: float = quota("table_most")


@dataclass(frozen=True)
class Mail:
    """SES and the queue of letters before it.

    sandbox      SES refuses every address that is not verified in it, for ever
    most_at_once batches of letters at the same time: the bound of the queue's event source
    an_hour      the programme's own breaker for mail that is asked for (programme/limits.py)
    """

    sandbox: bool = True
    rate: float = 1
    day: float = quota("mail_day_sandbox")
    an_hour: float = limits.MAIL_IN_ALL.count
    most_at_once: float = field(default_factory=lambda: bounds()["outbox"])


@dataclass(frozen=True)
class Sms:
    """The SMS provider, the queue of codes before it, and the programme's own breakers.

    most_at_once     batches of codes at the same time, likewise
    busiest_prefix   share of the most frequent four digits that numbers begin with
    """

    provider: str = "sns"
    rate: float = quota("sms_rate")
    spend: float = quota("sms_spend")
    an_hour: float = limits.SMS_IN_ALL.count
    prefix_an_hour: float = limits.SMS_BY_PREFIX.count
    busiest_prefix: float = 0.08
    most_at_once: float = field(default_factory=lambda: bounds()["codes"])


@dataclass(frozen=True)
class Photos:
    """The queue of photos: batches judged at the same time."""

    most_at_once: float = quota("queue_most")


@dataclass(frozen=True)
class People:
    """How people behave: assumptions, all of them.

    shares      of those who have done the step before, how many go on to the next
    rounds      times that a person presses again after the page has given up, before they go away
    press_after seconds until they press again, evenly between the two
    retake      of photos sent, how many are refused and taken again
    """

    shares: dict[str, float] = field(default_factory=dict)
    rounds: int = 5
    press_after: tuple[float, float] = (10, 60)
    retake: float = 0.10


@dataclass(frozen=True)
class Settings:
    """Everything that is set for one simulation."""

    name: str = "default"
    about: str = ""
    door: Door = field(default_factory=Door)
    functions: Functions = field(default_factory=Functions)
    tables: Tables = field(default_factory=Tables)
    mail: Mail = field(default_factory=Mail)
    sms: Sms = field(default_factory=Sms)
    photos: Photos = field(default_factory=Photos)
    people: People = field(default_factory=People)

    def as_json(self) -> dict[str, Any]:
        """All values, those left at their defaults too."""
        return asdict(self)


def names() -> list[str]:
    """The presets that there are."""
    return sorted(path.stem for path in PRESETS.glob("*.json"))


def load(preset: str, changes: Sequence[str] = ()) -> Settings:
    """A preset or a JSON file, with changes such as `mail.rate=200`. Raises Refused."""
    path = PRESETS / f"{preset}.json" if preset in names() else Path(preset)
    try:
        given = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        known = ", ".join(names())
        raise Refused(f"{preset} is no preset ({known}) and no JSON file") from error
    settings = _applied(Settings(), {"name": path.stem, **given}, "")
    for change in changes:
        settings = _applied(settings, _change(change), "")
    return settings


def _change(text: str) -> dict[str, Any]:
    """`mail.rate=200` as {"mail": {"rate": 200}}."""
    path, equals, value = text.partition("=")
    if not equals:
        raise Refused(f"{text} is not of the form part.name=value")
    try:
        found: Any = json.loads(value)
    except ValueError:
        found = value
    for name in reversed(path.split(".")):
        found = {name: found}
    return dict(found)


def _applied(part: Any, given: Any, path: str) -> Any:
    if not isinstance(given, Mapping):
        raise Refused(f"{path} has parts: {', '.join(f.name for f in fields(part))}")
    known = {f.name: getattr(part, f.name) for f in fields(part)}
    made = {}
    for name, value in given.items():
        if name not in known:
            raise Refused(f"there is no setting {path}{name}")
        made[name] = _value(known[name], value, f"{path}{name}")
    return replace(part, **made)


def _value(old: Any, value: Any, path: str) -> Any:
    if is_dataclass(old):
        return _applied(old, value, f"{path}.")
    if isinstance(old, dict) and isinstance(value, Mapping):
        return {**old, **value}
    if isinstance(old, tuple) and isinstance(value, list) and len(value) == len(old):
        return tuple(value)
    number = isinstance(value, int | float) and not isinstance(value, bool)
    if number and isinstance(old, int | float) and not isinstance(old, bool) and value >= 0:
        return value
    if type(value) is type(old) and not number:
        return value
    raise Refused(f"{path} cannot be {value!r}")


def everyone(settings: Settings) -> Settings:
    """The same, with people who all go to the end: the heaviest day for so many."""
    from ops.opening.journey import STEPS

    shares = {step.name: 1.0 for step in STEPS}
    return replace(settings, people=replace(settings.people, shares=shares))
