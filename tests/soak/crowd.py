"""Who comes: newcomers who take the journey, and ready people who join, withdraw, read and leave.

A few actors play them all; each person belongs to one actor, so that nobody is in two places.
"""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cache, partial

from functions.cloud.runtime import Runtime
from functions.cloud.tables import Update
from functions.programme.ability_test import QUESTIONS
from functions.programme.times import wib_date
from functions.verify.hashing import hashed
from local.applicants import Person, invented_people, register
from local.cards.person import Person as Card
from local.cards.person import invented_person
from local.cards.render import photo_of, render_selfie
from tests.soak.visitor import PASSWORD, Town, Visitor

# Of a hundred things done: which.
DEEDS = {"newcomer": 10, "step": 38, "ready": 8, "join": 14, "withdraw": 4, "read": 24, "leave": 2}
# Steps that wait for a code of the step before.
AGAIN = (1, 3)
OWN_PAGES = ("verify/me", "select/entries", "upload/photos", "verify/test", "select/waves")
PAGES = ("/", "/undian/1/", "/undian/pins.json", "/status/status.json")
# A card that lies clear (tests/journey/person.py).
SCENE = 5


@dataclass(frozen=True)
class Bounds:
    """How much comes in all: the local cloud searches its tables from end to end."""

    newcomers: int
    ready: int
    photographers: int
    pause: float


class Actor(threading.Thread):
    """Plays some of the people, one deed after the other, until told to stop."""

    def __init__(self, name: str, seed: int, town: Town, runtime: Runtime, bounds: Bounds):
        super().__init__(name=name, daemon=True)
        self._random = random.Random(f"{name} {seed}")
        self._town, self._runtime, self._bounds = town, runtime, bounds
        self._stop_asked = threading.Event()
        # NIK -> whose card can be drawn.
        self._cards: dict[str, Card] = {}
        self.newcomers: list[Visitor] = []
        self.ready: list[Visitor] = []
        self.deeds = 0
        self.wave: Callable[[], int | None] = lambda: None
        self.error: BaseException | None = None

    def stop(self) -> None:
        """After what is being done."""
        self._stop_asked.set()

    def run(self) -> None:
        try:
            while not self._stop_asked.is_set():
                name = self._random.choices(list(DEEDS), list(DEEDS.values()))[0]
                getattr(self, f"_{name}")()
                self.deeds += 1
                time.sleep(self._bounds.pause * self._random.random())
        except BaseException as error:
            self.error = error
            raise

    def _one_of(self, people: list[Visitor]) -> Visitor | None:
        staying = [person for person in people if not person.gone]
        return self._random.choice(staying) if staying else None

    # --- deeds

    def _newcomer(self) -> None:
        if len(self.newcomers) >= self._bounds.newcomers:
            return
        (person,) = invented_people(1, wib_date(self._runtime.clock()))
        if len(self.newcomers) < self._bounds.photographers:
            person = self._with_a_card(person)
        self.newcomers.append(Visitor(self._town, person))

    def _with_a_card(self, person: Person) -> Person:
        """Someone whose card can be drawn."""
        card = invented_person(self._random.randrange(10**9))
        self._cards[card.nik] = card
        return replace(person, nik=card.nik, birth_date=card.birth_date, sex=card.sex)

    def _step(self) -> None:
        person = self._one_of([p for p in self.newcomers if p.step < len(self._way(p))])
        if person is None:
            return
        if self._way(person)[person.step]():
            person.step += 1
        elif person.step in AGAIN and self._random.random() < 0.1:
            # The code was overtaken by the clock: a new one is asked for.
            person.step -= 1

    def _way(self, person: Visitor) -> list[Callable[[], bool]]:
        """The steps of a newcomer. Not everyone answers all questions."""
        answered = QUESTIONS if int(person.person.kk) % 3 else 7
        choices = [int(digit) % 4 for digit in (person.person.nik * 2)[:answered]]
        steps: list[Callable[[], bool]] = [
            person.register,
            person.confirm,
            person.ask_for_phone_code,
            person.prove_phone,
            person.give_identity,
            partial(person.give_profile, 1),
            person.declare,
            partial(person.take_test, choices),
            partial(person.give_profile, 2),
        ]
        if person.person.nik in self._cards:
            steps += [partial(self._photograph, person, kind) for kind in ("ktp", "selfie")]
        return steps

    def _photograph(self, person: Visitor, kind: str) -> bool:
        card = self._cards[person.person.nik]
        data = photo_of(card, SCENE) if kind == "ktp" else render_selfie(SCENE, "good", card)
        return person.send_photo(kind, data)

    def _ready(self) -> None:
        if len(self.ready) >= self._bounds.ready:
            return
        (person,) = invented_people(1, wib_date(self._runtime.clock()))
        applicant = register(self._runtime, person)
        # Whoever is invented ready has no password; these log in like anyone else.
        known = Update("accounts", {"applicant": applicant}, set={"password_hash": _hash()})
        self._runtime.tables.write(known)
        self.ready.append(Visitor(self._town, person, applicant))

    def _join(self) -> None:
        wave, person = self.wave(), self._one_of(self.ready)
        if wave is not None and person is not None:
            person.join(wave)

    def _withdraw(self) -> None:
        wave = self.wave()
        if wave is None:
            return
        told = self._town.of_wave(wave).acknowledged
        person = self._one_of([p for p in self.ready if p.applicant in told])
        if person is not None:
            person.withdraw(wave)

    def _read(self) -> None:
        person = self._one_of(self.newcomers + self.ready)
        if person is None or self._random.random() < 0.3:
            self._town.client.page(self._random.choice(PAGES))
        elif person.applicant:
            person.read(self._random.choice(OWN_PAGES))

    def _leave(self) -> None:
        person = self._one_of([p for p in self.newcomers + self.ready if p.applicant])
        if person is not None:
            person.leave()


@cache
def _hash() -> str:
    return hashed(PASSWORD)
