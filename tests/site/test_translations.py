"""The words: both languages say the same things, and every code of the API has a sentence."""

from __future__ import annotations

import ast
import json
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from functions.programme.holds import HOLDS
from functions.programme.profile import EDUCATION, EMPLOYMENT, MARITAL, TOPICS
from functions.programme.readiness import READINESS
from functions.upload.photo.verdict import REASONS
from tests.site.conftest import ROOT

PARAMETER = re.compile(r"\{([a-z_]+)\}")
PHASES = (
    "planned",
    "open",
    "closed",
    "frozen",
    "roster_published",
    "drawn",
    "announced",
    "void",
)
OUTCOMES = ("excluded", "selected", "reserve", "not_selected", "family_limit")
EXCLUSIONS = (
    "past_recipient",
    "blacklisted",
    "duplicate",
    "official",
    "under_age",
    "over_age",
    "in_education",
    "outside_provinces",
    "incomplete",
    "family_limit",
)
ERROR_CLASSES = {
    "ApiError",
    "BadRequest",
    "Conflict",
    "Forbidden",
    "NotFound",
    "TooMany",
    "Unauthorized",
    "Unavailable",
    "Unprocessable",
    "ValidationError",
}
# Codes that reach the reader in another way than as the literal of a raised error: defaults,
# constants, codes made of parts, and those that the modules of the site raise themselves.
MORE_CODES = (
    "busy",
    "slow_down",
    "too_many",
    "invalid",
    "missing",
    "wrong_type",
    "unknown_field",
    "must_agree",
    "test_passed",
    "test_spent",
    "password_short",
    "password_long",
    "password_personal",
    "password_programme",
    "password_common",
    "nik_format",
    "nik_province_unknown",
    "nik_serial",
    "nik_sex_differs",
    "nik_birth_date_differs",
    "kk_format",
    "kk_is_nik",
    "kk_province_unknown",
    "birth_date_implausible",
    "region_unknown",
    "region_elsewhere",
    "email_invalid",
    "held_contested",
    "held_disputed",
    "held_leaving",
    "review_not_yet",
    "review_not_possible",
    "review_running",
    "review_outdated",
    "review_too_late",
    "offline",
    "no_answer",
    "upload_failed",
    "stopped",
)


def _catalogue(language: str) -> dict[str, str]:
    path = ROOT / "site" / "translations" / f"{language}.json"
    return json.loads(path.read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def catalogues() -> dict[str, dict[str, str]]:
    return {language: _catalogue(language) for language in ("id", "en")}


def _name(node: ast.expr) -> str:
    return node.attr if isinstance(node, ast.Attribute) else getattr(node, "id", "")


def _literals(node: ast.expr | None) -> list[str]:
    return [
        part.value
        for part in ast.walk(node or ast.Tuple())
        if isinstance(part, ast.Constant) and isinstance(part.value, str)
    ]


def _codes_raised(source: str) -> set[str]:
    """Codes in `Conflict("…")`, `InvalidFields({field: "…"})`, and validators' `error="…"`."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(source)):
        if not isinstance(node, ast.Call):
            continue
        if _name(node.func) in ERROR_CLASSES and node.args:
            first = node.args[0]
            if isinstance(first, ast.Constant) and isinstance(first.value, str):
                found.add(first.value)
        if _name(node.func) == "InvalidFields" and node.args and isinstance(node.args[0], ast.Dict):
            for value in node.args[0].values:
                found.update(_literals(value))
        if _name(node.func) in ("Length", "OneOf", "Range", "Regexp"):
            for keyword in node.keywords:
                if keyword.arg == "error":
                    found.update(_literals(keyword.value))
    return {code for code in found if re.fullmatch(r"[a-z][a-z0-9_]+", code)}


def _codes_of_functions() -> set[str]:
    rooms = ("web", "verify", "upload", "select")
    sources = [path for room in rooms for path in (ROOT / "functions" / room).rglob("*.py")]
    found: set[str] = set()
    for path in sources:
        found |= _codes_raised(path.read_text(encoding="utf-8"))
    return found


def test_the_scan_sees_codes_in_each_of_their_forms() -> None:
    source = (
        'raise errors.Conflict("first")\n'
        'raise TooMany("second", 3)\n'
        'raise InvalidFields({"nik": "third"})\n'
        'validate.OneOf(X, error="fourth")\n'
    )
    assert _codes_raised(source) == {"first", "second", "third", "fourth"}


def test_every_error_code_of_the_api_has_a_sentence_in_both_languages(
    catalogues: dict[str, dict[str, str]],
) -> None:
    codes = _codes_of_functions() | set(MORE_CODES)
    assert {"wave_closed", "identity_locked", "login_failed", "code_wrong"} <= codes
    for language, words in catalogues.items():
        missing = sorted(code for code in codes if f"error.{code}" not in words)
        assert missing == [], language


@pytest.mark.parametrize(
    ("family", "codes"),
    [
        ("readiness.{}", READINESS),
        ("phase.{}", PHASES),
        ("short.{}", PHASES),
        ("waiting.{}", PHASES),
        ("outcome.{}", OUTCOMES),
        ("outcome.{}_next", OUTCOMES),
        ("exclusion.{}", EXCLUSIONS),
        ("reason.{}.what", REASONS),
        ("reason.{}.how", REASONS),
        ("side.{}", ("left", "right", "top", "bottom")),
        ("photo.{}", ("accepted", "refused", "in_review")),
        ("doubt.{}", ("too_dark", "blurred", "too_small")),
        ("kept.{}", ("chosen", "sending", "sent")),
        ("camera.{}", ("asking", "on", "hidden", "refused", "none", "busy", "failed")),
        ("held.{}", HOLDS),
        ("test.{}", ("failed", "passed", "spent")),
        ("delivery.{}", ("waiting", "sent", "delivered", "failed", "unreachable", "other")),
        ("choice.education.{}", EDUCATION),
        ("choice.marital.{}", MARITAL),
        ("choice.employment.{}", EMPLOYMENT),
        ("choice.topic.{}", TOPICS),
    ],
)
def test_every_code_of_a_family_has_a_sentence(
    family: str, codes: tuple[str, ...], catalogues: dict[str, dict[str, str]]
) -> None:
    for words in catalogues.values():
        assert [code for code in codes if not words.get(family.format(code))] == []


def test_both_catalogues_have_the_same_keys_and_parameters(
    catalogues: dict[str, dict[str, str]],
) -> None:
    indonesian, english = catalogues["id"], catalogues["en"]
    assert indonesian.keys() == english.keys()
    for key, sentence in indonesian.items():
        assert set(PARAMETER.findall(sentence)) == set(PARAMETER.findall(english[key])), key
        assert sentence.strip() and english[key].strip(), key


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """A copy of the site's sources that a test may spoil."""
    return Path(shutil.copytree(ROOT / "site", tmp_path / "site"))


def _build(copy: Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, str(copy / "build.py"), "--out", str(copy.parent / "out")]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def _change(copy: Path, language: str, key: str, sentence: str | None) -> None:
    path = copy / "translations" / f"{language}.json"
    words = json.loads(path.read_text(encoding="utf-8"))
    if sentence is None:
        del words[key]
    else:
        words[key] = sentence
    path.write_text(json.dumps(words), encoding="utf-8")


def test_the_build_refuses_a_key_in_one_language_only(copy: Path) -> None:
    _change(copy, "en", "index.lead", None)
    done = _build(copy)
    assert done.returncode != 0
    assert "index.lead" in done.stderr


def test_the_build_refuses_different_parameters(copy: Path) -> None:
    _change(copy, "en", "js.greeting", "Hello")
    done = _build(copy)
    assert done.returncode != 0
    assert "js.greeting" in done.stderr


def test_the_build_refuses_a_sentence_that_nothing_uses(copy: Path) -> None:
    for language in ("id", "en"):
        _change(copy, language, "index.forgotten", "?")
    done = _build(copy)
    assert done.returncode != 0
    assert "index.forgotten" in done.stderr


@pytest.mark.parametrize("key", ["index.lead", "js.greeting"])
def test_the_build_refuses_a_missing_sentence(copy: Path, key: str) -> None:
    for language in ("id", "en"):
        _change(copy, language, key, None)
    done = _build(copy)
    assert done.returncode != 0
    assert key in done.stderr
    assert not (copy.parent / "out").exists()
