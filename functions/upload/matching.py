"""Whether the number read on a card is the one in the form, without opening the form.

The form's NIK is sealed for verify alone. It leaves a mac of it in readiness, made with a key that
the photo worker has too, so the worker can tell "the same" and "one digit differs" and no more.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from functions.cloud.tables import Item
from functions.cloud.vault import Vault
from functions.upload.photo.verdict import Verdict

PURPOSE = "photo"


def compared(vault: Vault, readiness: Item, verdict: Verdict) -> Verdict:
    """The verdict, refused as `nik_mismatch` when card and form differ.

    {"digits": 1} says that a single digit does: a slip of the finger more likely than a wrong card.
    Without a number in the form yet, or none read, nothing is compared.
    """
    typed = readiness.get("nik_photo_mac")
    if not verdict.accepted or verdict.nik is None or typed is None:
        return verdict
    if vault.mac(PURPOSE, verdict.nik) == typed:
        return verdict
    near = any(vault.mac(PURPOSE, nik) == typed for nik in one_digit_away(verdict.nik))
    return replace(
        verdict,
        accepted=False,
        reasons=("nik_mismatch",),
        details={"nik_mismatch": {"digits": 1}} if near else {},
    )


def one_digit_away(nik: str) -> Iterator[str]:
    """The 144 numbers that differ from it in one digit."""
    for place, digit in enumerate(nik):
        for other in "0123456789":
            if other != digit:
                yield nik[:place] + other + nik[place + 1 :]
