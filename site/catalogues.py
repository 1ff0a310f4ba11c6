"""The words of the site: one catalogue per language, and what makes a catalogue wrong."""

from __future__ import annotations

import json
import re
from pathlib import Path

from markupsafe import Markup, escape

LANGUAGES = ("id", "en")
PARAMETER = re.compile(r"\{([a-z_]+)\}")

# `say("key")` and `knows("key")` name one sentence; say(`prefix.${code}`) a family of them.
_CALL = re.compile(r"\b(?:say|knows)\(\s*([^\s])")
_LITERAL = re.compile(r'\b(?:say|knows)\(\s*"([^"]+)"')
_FAMILY = re.compile(r"\b(?:say|knows)\(\s*`([a-z_.]+\.)\$\{")


class CatalogueError(Exception):
    """The catalogues contradict one another, the pages or the modules; the message lists where."""


def load(folder: Path) -> dict[str, dict[str, str]]:
    """{language: {key: sentence}}, checked. Raises CatalogueError when the languages differ."""
    catalogues = {}
    for language in LANGUAGES:
        text = (folder / f"{language}.json").read_text(encoding="utf-8")
        catalogues[language] = json.loads(text, object_pairs_hook=_without_repeats)
    _check_same(catalogues)
    return catalogues


def keys_of_module(source: str) -> tuple[set[str], set[str]]:
    """The keys and the families (prefixes ending in a dot) a module's source uses.

    Raises CatalogueError for a call whose key cannot be seen in the source.
    """
    keys, families = set(_LITERAL.findall(source)), set(_FAMILY.findall(source))
    seen = len(_LITERAL.findall(source)) + len(_FAMILY.findall(source))
    definitions = len(re.findall(r"export function (?:say|knows)\(", source))
    if len(_CALL.findall(source)) - definitions != seen:
        raise CatalogueError("a call of say() or knows() does not show its key")
    return keys, families


def select(catalogue: dict[str, str], keys: set[str], families: set[str]) -> dict[str, str]:
    """The part of a catalogue that these keys and families name. Raises CatalogueError for a
    key that is missing or a family without members."""
    wrong = [key for key in sorted(keys) if key not in catalogue]
    wrong += [f for f in sorted(families) if not any(key.startswith(f) for key in catalogue)]
    if wrong:
        raise CatalogueError(f"missing in the catalogues: {', '.join(wrong)}")
    return {
        key: sentence
        for key, sentence in catalogue.items()
        if key in keys or any(key.startswith(family) for family in families)
    }


class Words:
    """The function `t` of the templates; it remembers which keys were used."""

    def __init__(self, catalogue: dict[str, str]):
        self._catalogue = catalogue
        self.used: set[str] = set()

    def __call__(self, key: str, **parameters: object) -> Markup:
        """The sentence, escaped, with its parameters. Raises CatalogueError when the key is
        missing or the parameters are not exactly those of the sentence."""
        if key not in self._catalogue:
            raise CatalogueError(f"missing in the catalogues: {key}")
        sentence = self._catalogue[key]
        if set(PARAMETER.findall(sentence)) != set(parameters):
            raise CatalogueError(f"{key}: parameters differ from {sorted(parameters)}")
        self.used.add(key)
        return escape(sentence).format(**parameters)


def _without_repeats(pairs: list[tuple[str, str]]) -> dict[str, str]:
    found = dict(pairs)
    if len(found) != len(pairs):
        keys = [key for key, _ in pairs]
        raise CatalogueError(f"twice: {sorted({key for key in keys if keys.count(key) > 1})}")
    return found


def _check_same(catalogues: dict[str, dict[str, str]]) -> None:
    first, *others = LANGUAGES
    for other in others:
        a, b = catalogues[first], catalogues[other]
        if a.keys() != b.keys():
            raise CatalogueError(f"keys in one language only: {sorted(a.keys() ^ b.keys())}")
        differ = [k for k in a if set(PARAMETER.findall(a[k])) != set(PARAMETER.findall(b[k]))]
        if differ:
            raise CatalogueError(f"parameters differ between languages: {differ}")
