"""The bank of the readiness test: whole, fair, and right where it can be computed."""

from __future__ import annotations

import json
import math
import re
from collections import Counter
from itertools import pairwise
from pathlib import Path

import pytest

from functions.programme import ability_test as rules
from functions.verify import ability_test

BANK = ability_test.bank()
LANGUAGES = ("id", "en")
each_question = pytest.mark.parametrize("question", BANK.values(), ids=BANK)


def rupiah(amount: float, language: str) -> str:
    text = f"Rp{round(amount):,}"
    return text.replace(",", ".") if language == "id" else text


def minutes(start: str, end: str) -> int:
    from_hour, from_minute, to_hour, to_minute = map(int, f"{start}:{end}".split(":"))
    return (to_hour - from_hour) * 60 + to_minute - from_minute


MONEY = {
    "discount-shirt": 120_000 * (100 - 25) / 100,
    "weekly-wage": 6 * 110_000 + 50_000,
    "change-from-note": 100_000 - (68_000 + 29_000),
    "bulk-sugar": 5 * 18_000 - 85_000,
    "sewing-machine-instalments": (2_400_000 - 600_000) / 6,
    "snack-profit": 40 * 6_000 - 160_000,
    "table-postage": next(cost for top, cost in [(1, 10e3), (3, 18e3), (5, 27e3)] if top >= 2.5),
    "saving-for-tools": 1_200_000 / 6,
}
SALES = {"Monday": 40, "Tuesday": 55, "Wednesday": 35, "Thursday": 60, "Friday": 50}
MONTHS = {"January": 20, "February": 28, "March": 25, "April": 40, "May": 45}
STOCK = {"Soap": (12, 10), "Brushes": (4, 6), "Buckets": (8, 8), "Mops": (15, 5)}
ENGLISH = {
    "train-duration": "{} hours {} minutes".format(*divmod(minutes("07:40", "10:15"), 60)),
    "paint-cans": f"{math.ceil(36 / 8)} cans",
    "recipe-portions": f"{300 * 10 // 4} grams",
    "shift-hours": f"{5 * (minutes('08:00', '16:30') - 60) / 60} hours",
    "rope-pieces": f"{600 // 40} pieces",
    "time-zones": f"{10 + 2}:00 WIT",
    "notice-clinic": f"{11 - 1}:00",
    "seedlings-fertiliser": f"{3 + 1} weeks",
    "chart-best-day": max(SALES, key=lambda day: SALES[day]),
    "chart-largest-rise": "{} to {}".format(
        *max(pairwise(MONTHS), key=lambda months: MONTHS[months[1]] - MONTHS[months[0]])
    ),
    "chart-payment-share": f"{200 * 30 // 100} customers",
    "chart-average-eggs": f"{(30 + 34 + 28 + 36) // 4} eggs",
    "table-stock": next(name for name, (held, least) in STOCK.items() if held < least),
    "number-doubling": str(24 * 2),
    "modules-per-day": f"{10 // 5} modules every day",
}


def right(slug: str, language: str) -> str:
    return BANK[slug].options[BANK[slug].answer][language]


@pytest.mark.parametrize("slug", MONEY)
@pytest.mark.parametrize("language", LANGUAGES)
def test_the_right_amount_is_the_computed_one_and_no_other_option_names_it(slug, language):
    amount = rupiah(MONEY[slug], language)
    naming = [o for o in BANK[slug].options if re.search(rf"{re.escape(amount)}\b", o[language])]
    assert [option[language] for option in naming] == [right(slug, language)]


@pytest.mark.parametrize("slug", ENGLISH)
def test_the_right_option_is_the_computed_one(slug):
    assert right(slug, "en") == ENGLISH[slug]


def test_everything_about_money_and_measures_is_recomputed():
    counted = {q.id for q in BANK.values() if q.topic in ("money", "measures", "charts")}
    assert counted <= set(MONEY) | set(ENGLISH)


def numbers(text: str) -> list[str]:
    """The numbers of a text, whichever way the language groups and splits digits."""
    return sorted(re.sub(r"[.,:]", "", n) for n in re.findall(r"\d(?:[\d.,:]*\d)?", text))


@each_question
def test_both_languages_name_the_same_numbers(question):
    for words in (question.text, *question.options):
        assert numbers(words["id"]) == numbers(words["en"])


@each_question
def test_a_question_has_words_of_readable_length_in_both_languages(question):
    assert re.fullmatch(r"[a-z]+(-[a-z]+)*", question.id)
    assert set(question.text) == set(LANGUAGES)
    assert question.text["id"] != question.text["en"]
    for language in LANGUAGES:
        text = question.text[language]
        assert 40 <= len(text) <= 300
        assert text == " ".join(text.split())
        assert text.endswith("?")


@each_question
def test_a_question_has_four_different_options_one_of_which_is_the_answer(question):
    assert len(question.options) == rules.OPTIONS
    assert question.answer in range(rules.OPTIONS)
    for option in question.options:
        assert set(option) == set(LANGUAGES)
    for language in LANGUAGES:
        words = [option[language] for option in question.options]
        assert all(1 <= len(text) <= 100 and text == text.strip() for text in words)
        assert len(set(words)) == 4


@each_question
def test_options_keep_their_meaning_when_shuffled(question):
    telling = r"\b(di atas|di bawah ini|jawaban [abcd]|semua benar|above|below|both [ab]|all of)\b"
    for option in question.options:
        for language in LANGUAGES:
            assert not re.search(telling, option[language].lower())


def test_no_two_questions_ask_the_same():
    for language in LANGUAGES:
        bare = [re.sub(r"[\d.,:%]+", "", q.text[language].lower()) for q in BANK.values()]
        assert len(set(bare)) == len(bare)  # not even with other numbers


def test_three_attempts_find_fresh_questions_in_every_topic():
    topics = Counter(q.topic for q in BANK.values() if not q.retired)
    share = math.ceil(rules.ATTEMPTS * rules.QUESTIONS / len(topics))
    assert len(topics) == 10
    assert min(topics.values()) >= share


def test_the_slugs_in_the_file_are_unique():
    path = Path(ability_test.__file__).with_name("questions.json")
    assert len(json.loads(path.read_text(encoding="utf-8"))) == len(BANK)


def test_the_right_answers_are_spread_over_the_four_places():
    counts = Counter(question.answer for question in BANK.values())
    assert max(counts.values()) - min(counts.values()) <= len(BANK) // 10


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("pick", [min, max], ids=["shortest", "longest"])
def test_choosing_by_length_alone_stays_far_from_a_pass(language, pick):
    hits = 0.0
    for question in BANK.values():
        lengths = [len(option[language]) for option in question.options]
        chosen = [place for place, length in enumerate(lengths) if length == pick(lengths)]
        hits += (question.answer in chosen) / len(chosen)
    assert hits / len(BANK) < 0.4 < rules.PASS / rules.QUESTIONS
