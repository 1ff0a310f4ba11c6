"""How long a first-time user reads, types and taps on the way from the start page to the receipt.

    python -m tests.site.reading

Counted on the walk of `walk.py`: what stands on each page, and what it shows meanwhile, read once
and in full; what is typed; each press. The mail and the SMS are read too. Not counted is what is
only for who waits for a mail or SMS in vain, waiting, holding cards before a camera, and thinking
about the questions of the test.
"""

from __future__ import annotations

import json
import re
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import takewhile
from pathlib import Path

import click
from playwright.sync_api import sync_playwright

from tests.journey.browser import launch
from tests.site import walk
from tests.site.conftest import PHONE, ROOT, build_site
from tests.site.fake_api import FakeApi
from tests.site.serving import served

# Words a minute, of (the middling adult, one at the slow end of most): silent reading of English
# that informs, and other languages by the words that they need for the same text (M. Brysbaert, How
# many words do we read per minute?, J. Memory and Language 109, 2019); ours needs 0.89 for one.
READ = {"en": (238, 175), "id": (211, 155)}
WORDS_TYPED, DIGITS_TYPED = 20, 60  # a minute
SIGNS_A_WORD = 5
SECONDS_A_TAP = 2
# A short list is read; in a long one, by the alphabet, one's own is looked up.
SHORT_LIST, LOOK_UP_SECONDS = 12, 5
MOST_MINUTES = 12
HOMES = {"Indonesian": ("/", "id"), "English": ("/en/", "en")}
TRANSLATIONS = ROOT / "site" / "translations"
LETTERS = ROOT / "functions" / "verify" / "letters"
QUESTIONS = ROOT / "functions" / "verify" / "questions.json"
QUESTIONS_ASKED = 20


@dataclass(frozen=True)
class Taken:
    """What one page takes."""

    name: str
    words: int
    typed: tuple[str, ...] = ()
    taps: int = 0
    looked_up: int = 0

    def minutes(self, read: int) -> float:
        """Reading so many words a minute, typing and tapping."""
        digits = sum(len(text) for text in self.typed if text.isdigit())
        signs = sum(len(text) for text in self.typed if not text.isdigit())
        typing = digits / DIGITS_TYPED + signs / SIGNS_A_WORD / WORDS_TYPED
        touching = (self.taps * SECONDS_A_TAP + self.looked_up * LOOK_UP_SECONDS) / 60
        return self.words / read + typing + touching

    def told(self, middling: int, slow: int) -> str:
        """One line of a table, for two readers."""
        signs = sum(map(len, self.typed))
        both = f"{self.minutes(middling):8.1f}{self.minutes(slow):8.1f}"
        return f"{self.name:22}{self.words:6}{signs:7}{self.taps:6}{both}"


def words(text: str) -> int:
    """Words as people count them: marks and digits with what they stand in."""
    return len(re.findall(r"[^\W_][^\s]*", text))


def at_station(station: walk.Station, language: str) -> Taken:
    """What a page of the walk took."""
    said = json.loads((TRANSLATIONS / f"{language}.json").read_text(encoding="utf-8"))
    trouble = {said["daftar.email.not_found"], said["hp.otp.not_found"]}
    read = list(takewhile(lambda line: line not in trouble, station.read))
    # What appeared later on such a page stands behind the heading, and is read.
    read += station.appeared
    lists = [options for options in station.lists if len(options) <= SHORT_LIST]
    read += [option for options in lists for option in options]
    # Each field is tapped once before it is typed into, a list to open it and to choose.
    taps = station.presses + len(station.typed) + 2 * len(station.lists)
    looked_up = len(station.lists) - len(lists)
    name = f"/{station.address}"
    return Taken(name, sum(map(words, read)), tuple(station.typed), taps, looked_up)


def letters(language: str) -> Iterator[Taken]:
    """The mail and the SMS with the codes."""
    held = json.loads((LETTERS / f"{language}.json").read_text(encoding="utf-8"))
    mail, frame = held["mail"]["confirm_email"], held["frame"]
    lines = [mail["subject"], *mail["lines"], mail["button"], *mail["after"], *frame.values()]
    yield Taken("the mail", words(" ".join(lines)), taps=2)
    yield Taken("the SMS", words(held["sms"]["phone_code"]), taps=1)


def questions(language: str) -> Taken:
    """Those of the test beyond the one on the walk: of the middling length of the bank's."""
    bank = json.loads(QUESTIONS.read_text(encoding="utf-8"))
    texts = [text[language] for one in bank for text in (one["text"], *one["options"])]
    asked = QUESTIONS_ASKED - 1
    middling = sum(map(words, texts)) / len(bank)
    return Taken(f"/tes/, {asked} questions", round(middling * asked), taps=2 * asked)


def measure(language: str, home: str) -> list[Taken]:
    """Everything on the way in one language, the test's questions last."""
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        site = Path(folder) / "site"
        done = build_site(site)
        if done.returncode:
            raise click.ClickException(done.stderr)
        browser = launch(playwright)
        with served(site) as origin:
            context = browser.new_context(
                base_url=origin,
                viewport=PHONE,
                service_workers="block",  # type: ignore[arg-type]
            )
            page = context.new_page()
            api = FakeApi()
            walk.a_newcomer(api)
            api.serve(page)
            walker = walk.Walker(page, home, looks_around=False)
            walk.to_the_dashboard(walker, mistakes=False)
            walk.to_the_photos(walker)
            walk.to_the_receipt(walker, mistakes=False)
        browser.close()
    stations = [at_station(one, language) for one in walker.stations]
    return [*stations, *letters(language), questions(language)]


@click.command()
def main() -> None:
    """The table for docs/site.md; fails when it takes the middling reader longer than it may."""
    late = False
    for name, (home, language) in HOMES.items():
        *way, test = measure(language, home)
        middling, slow = (sum(one.minutes(rate) for one in way) for rate in READ[language])
        late = late or middling > MOST_MINUTES
        click.echo(f"{name:22}{'words':>6}{'typed':>7}{'taps':>6}{'minutes':>8}{'slow':>8}")
        for one in way:
            click.echo(one.told(*READ[language]))
        total = sum(one.words for one in way)
        click.echo(f"{'together':22}{total:6}{'':13}{middling:8.1f}{slow:8.1f} of {MOST_MINUTES}")
        click.echo(test.told(*READ[language]) + "\n")
    sys.exit(late)


if __name__ == "__main__":
    main()
