"""How much a line that was read looks like a word that was expected, with letters misread."""

import re
import unicodedata

NOT_LETTERS = re.compile(r"[^A-Z]+")


def letters(text: str) -> str:
    """The letters A to Z of a text, in capitals, without accents: "Tempat/Tgl" -> "TEMPATTGL"."""
    return NOT_LETTERS.sub("", unicodedata.normalize("NFKD", text).upper())


def likeness(text: str, word: str, latest_start: int | None = None) -> float:
    """1 when `word` stands in `text`, less by 1/len(word) for each letter wrong, missing or extra.

    latest_start: the word must begin within so many letters of the start of the text.
    Both are compared by `letters`.
    """
    wanted, found = letters(word), letters(text)
    if latest_start is not None:
        found = found[: latest_start + len(wanted) + 1]
    return max(0.0, 1.0 - _least_errors(found, wanted, latest_start) / len(wanted))


def best_likeness(text: str, words: tuple[str, ...], latest_start: int | None = None) -> float:
    """The likeness of the likeliest of the words."""
    return max(likeness(text, word, latest_start) for word in words)


def _least_errors(text: str, word: str, latest_start: int | None) -> int:
    """Edit distance of the word to the part of the text that is nearest to it (Sellers)."""
    free = len(text) if latest_start is None else latest_start
    above = [max(0, place - free) for place in range(len(text) + 1)]
    for row, letter in enumerate(word, start=1):
        line = [row]
        for place, other in enumerate(text, start=1):
            line.append(
                min(above[place - 1] + (letter != other), above[place] + 1, line[place - 1] + 1)
            )
        above = line
    return min(above)
