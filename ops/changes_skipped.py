"""Whom a promotion passes over, and why: things have happened since the draw."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping

from functions.cloud.runtime import Runtime
from functions.select.waves import find_pins

# Index on the roster -> (gate, applicant).
Places = Mapping[int, tuple[str, str]]


class Skips:
    """Why a reserve must be passed over now: others may have received since the draw."""

    def __init__(self, runtime: Runtime, places: Places):
        self._tables = runtime.tables
        self._limit = find_pins(runtime).family_limit
        self._places = places
        self._promoted: Counter[str] = Counter()

    def __call__(self, index: int) -> str:
        gate, applicant = self._places[index]
        entry = self._tables.get("entries", {"gate": gate, "applicant": applicant})
        if entry is None or not self._is_there(applicant):
            return "account_gone"
        for kind, reason in (("recipient", "past_recipient"), ("blacklisted", "blacklisted")):
            subject = {"subject": f"{kind}#{entry['nik_mac']}", "member": "-"}
            if self._tables.get("ledgers", subject) is not None:
                return reason
        family = entry["kk_mac"]
        had = sum(1 for _ in self._tables.query("ledgers", f"family#{family}"))
        if had + self._promoted[family] >= self._limit:
            return "family_limit"
        self._promoted[family] += 1
        return ""

    def _is_there(self, applicant: str) -> bool:
        key = {"applicant": applicant}
        return self._tables.get("readiness", key, only=("applicant",)) is not None
