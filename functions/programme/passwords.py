"""Passwords: long enough, and not one that others would try first.

No rules of composition (NIST SP 800-63B-4, 3.1.1.2): length and a list of what is
guessed first protect better, and hinder people less.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable

SHORTEST = 8
LONGEST = 256
SHORTEST_NAME_PART = 4

PROGRAMME_WORDS = ("gelombang", "prakerja", "kartu")
# Guessed first in Indonesia, and missing in English lists.
INDONESIAN_COMMON = frozenset(
    {
        "alhamdulillah",
        "assalamualaikum",
        "akucinta",
        "akucintakamu",
        "astaghfirullah",
        "bandung",
        "bismillah",
        "cintaku",
        "garudaku",
        "indonesia",
        "indonesiaku",
        "indonesiaraya",
        "jakarta",
        "katasandi",
        "katakunci",
        "kerjakerja",
        "merdeka",
        "pancasila",
        "rahasia",
        "rahasiaku",
        "sayangku",
        "sayangkamu",
        "selamatpagi",
        "semangat",
        "surabaya",
        "terimakasih",
    }
)


def canonical(password: str) -> str:
    """The form that is hashed: a character typed in two ways on two phones is one (NFKC)."""
    return unicodedata.normalize("NFKC", password)


def error(password: str, *, email: str, name: str, common: Callable[[str], bool]) -> str | None:
    """Why a password is refused, or None.

    `common(word)` tells whether a lower-case word is on a list of common passwords.
    Codes: `password_short`, `password_long`, `password_personal`, `password_programme`,
    `password_common`.
    """
    if len(password) < SHORTEST:
        return "password_short"
    if len(password) > LONGEST:
        return "password_long"
    lower = canonical(password).lower()
    if any(word in lower for word in _personal_words(email, name)):
        return "password_personal"
    if any(word in lower for word in PROGRAMME_WORDS):
        return "password_programme"
    if _is_common(lower, common):
        return "password_common"
    return None


def _personal_words(email: str, name: str) -> set[str]:
    local_part = email.rpartition("@")[0].lower()
    words = {local_part, *re.findall(r"\w+", name.lower())}
    return {word for word in words if len(word) >= SHORTEST_NAME_PART}


def _is_common(lower: str, common: Callable[[str], bool]) -> bool:
    """Common as it is, or without the digits and signs put at its end; or of few characters."""
    stem = re.sub(r"[\W\d_]+$", "", lower)
    if len(set(lower)) < 3:
        return True
    return any(word in INDONESIAN_COMMON or common(word) for word in {lower, stem} if word)
