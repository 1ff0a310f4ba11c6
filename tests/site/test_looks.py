"""How the site looks: text has contrast on its ground, in light and in dark."""

from __future__ import annotations

import re

import pytest

from tests.site.conftest import ROOT

TEXT_ON_GROUND = (
    ("ink", "paper"),
    ("ink", "paper-soft"),
    ("ink", "note-soft"),
    ("ink", "good-soft"),
    ("ink-soft", "paper"),
    ("ink-soft", "paper-soft"),
    ("link", "paper"),
    ("link", "paper-soft"),
    ("link", "note-soft"),
    ("accent-ink", "accent"),
    ("sea-ink", "sea"),
    ("good", "paper"),
    ("bad", "paper"),
    ("bad", "bad-soft"),
    ("note", "note-soft"),
)
LINES_ON_PAPER = ("line", "accent", "focus", "note", "good", "bad")


def _schemes() -> dict[str, dict[str, str]]:
    """{"light": {token: colour}, "dark": …} from the tokens."""
    text = (ROOT / "site" / "styles" / "tokens.css").read_text(encoding="utf-8")
    light, dark = text.split("@media (prefers-color-scheme: dark)")
    found = re.compile(r"--([a-z-]+): (#[0-9a-f]{6});")
    first = dict(found.findall(light))
    return {"light": first, "dark": {**first, **dict(found.findall(dark))}}


def _luminance(colour: str) -> float:
    """Relative luminance, WCAG 2."""
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    red, green, blue = (
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _contrast(one: str, other: str) -> float:
    low, high = sorted((_luminance(one), _luminance(other)))
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_text_stands_out_seven_to_one_and_lines_three_to_one(scheme: str) -> None:
    colours = _schemes()[scheme]
    weak = [
        f"{text} on {ground}: {_contrast(colours[text], colours[ground]):.1f}"
        for text, ground in TEXT_ON_GROUND
        if _contrast(colours[text], colours[ground]) < 7
    ]
    weak += [line for line in LINES_ON_PAPER if _contrast(colours[line], colours["paper"]) < 3]
    assert weak == []


def test_no_template_holds_words_of_its_own() -> None:
    """Every sentence is in the catalogues: what stands between tags is made by `t`."""
    found = []
    for path in [*(ROOT / "site").glob("*.html"), *(ROOT / "site" / "pages").rglob("*.html")]:
        text = path.read_text(encoding="utf-8")
        for pattern in (
            r"\{#.*?#\}",
            r"\{%.*?%\}",
            r"\{\{.*?\}\}",
            r"[a-z-]+=\"[^\"]*\"",
            r"<[^>]*>",
        ):
            text = re.sub(pattern, "\n", text, flags=re.DOTALL)
        found += [f"{path.name}: {word}" for word in re.findall(r"[A-Za-zÀ-ÿ]{2,}", text)]
    assert found == []


def test_no_module_holds_sentences_of_its_own() -> None:
    """Sentences begin with a capital and go on in lower case; codes and selectors do not."""
    sentence = re.compile(r"""["`]([A-Z][a-z]+ [a-z]{2,}[^"`]*)["`]""")
    comment = re.compile(r"/\*.*?\*/", re.DOTALL)
    found = [
        f"{path.name}: {words}"
        for path in sorted((ROOT / "site" / "modules").glob("*.js"))
        for words in sentence.findall(comment.sub("", path.read_text(encoding="utf-8")))
    ]
    assert found == []
