"""What broke: every limit that turned someone or something away, since when, and how often."""

from __future__ import annotations

from dataclasses import dataclass

# limit -> (what it means for people, which setting raises it).
MEANINGS: dict[str, tuple[str, str]] = {
    "API Gateway": ("requests are answered 429 before a function sees them", "door.gateway_rate"),
    "Lambda concurrency": ("requests are answered 503", "functions.concurrency"),
    "Lambda growth": ("requests are answered 503 until functions have grown", "functions.warm"),
    "SSM reads at cold starts": (
        "new processes cannot read their keys and answer 500", "functions.parameter_rate"),
    "KMS at cold starts": (
        "new processes cannot open their keys and answer 500", "functions.kms_rate"),
    "DynamoDB table": ("requests are answered 503", "tables.warm_writes"),
    "one item of DynamoDB": ("requests are answered 503", "none: the code must spread the item"),
    "mail breaker": ("registrations are put off until the next hour", "mail.an_hour"),
    "SMS breaker": ("codes are put off until the next hour", "sms.an_hour"),
    "SMS breaker of a prefix": ("as before, for numbers of one prefix", "sms.prefix_an_hour"),
    "SES sandbox": ("SES refuses all addresses; the mail is lost", "mail.sandbox"),
    "SES rate": ("SES refuses mails, which are tried again later", "mail.rate"),
    "SES daily quota": ("SES refuses mails, which are tried again later", "mail.day"),
    "letters given up": ("a letter was refused twelve times and is lost", "mail.rate, mail.day"),
    "letters too late": (
        "a code was not sent in time and is lost", "sms.most_at_once, sms.rate"),
    "SNS spend": ("SNS accepts the SMS and does not send it", "sms.spend"),
    "SMS rate": ("the provider refuses SMS, which are tried again later", "sms.rate"),
    "waiting room": ("people are told when to come back, at the edge", "door.admission"),
}  # fmt: skip


@dataclass
class Break:
    """One limit that was reached.

    first, last   seconds since the opening
    seconds       in how many seconds it was reached
    turned_away   requests or messages, in all
    """

    name: str
    first: int
    last: int
    seconds: int = 0
    turned_away: float = 0.0

    @property
    def meaning(self) -> str:
        return MEANINGS[self.name.split(":")[0]][0]

    @property
    def setting(self) -> str:
        return MEANINGS[self.name.split(":")[0]][1]


class Breaks:
    """All limits that were reached so far."""

    def __init__(self) -> None:
        self._found: dict[str, Break] = {}

    def note(self, name: str, at: int, turned_away: float) -> None:
        """A limit turned so many away in this second."""
        if turned_away <= 1e-9:
            return
        found = self._found.setdefault(name, Break(name, at, at))
        found.last = at
        found.seconds += 1
        found.turned_away += turned_away

    def in_order(self) -> list[Break]:
        """The first to be reached first; less than one turned away in all is none."""
        found = [one for one in self._found.values() if one.turned_away >= 1]
        return sorted(found, key=lambda one: (one.first, -one.turned_away))
