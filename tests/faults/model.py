"""Random sequences of what people, operators, workers and the weather do, beside the rules.

Each answer must be the one that tests/faults/reference.py gives; at the end, when the weather is
calm and every wave is over, the promises must hold.
"""

from __future__ import annotations

from functools import cache
from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule
from moto import mock_aws

from functions.programme.times import MINUTE, SECOND
from functions.select.entries import entry_of
from functions.web.errors import ApiError, NotFound
from tests.fakes import FakeRandom
from tests.faults import promises, reference
from tests.faults.cloud import make_tables_and_buckets, plain_clients, ports
from tests.faults.fuse import counted_alike
from tests.faults.promises import Told
from tests.faults.reference import OK, STEPS, Person, Wave
from tests.faults.town import (
    CALM,
    CLOUDY,
    STORMY,
    Snapshot,
    Town,
    nik_of,
    quick_pairings,
)
from tests.select.world import MARGIN, World

PEOPLE, SETTLED, WAVES = 6, 5, 3
SKEWS = (-5 * MINUTE, -1, 0, 0, 0, 1, 5 * MINUTE)
HOUR = 60 * MINUTE

person_numbers = st.integers(0, PEOPLE - 1)
wave_numbers = st.integers(1, WAVES)


@cache
def settled() -> Snapshot:
    """A town in which five people are ready."""
    # No seed that a sequence may begin with: the ids of its people would come again there.
    town = Town(-1)
    for number in range(SETTLED):
        town.register(number)
        for step in STEPS[1:]:
            town.prove(number, step)
    town.carrier.collect(town.calm.queues)
    town.carrier.carry_all()
    return town.snapshot()


class Model(RuleBasedStateMachine):
    """The town on the fakes; `make_town` is changed for the one on moto."""

    make_town = Town

    def __init__(self) -> None:
        super().__init__()
        self.patches: list[Any] = [quick_pairings(), counted_alike()]
        for one in self.patches:
            one.__enter__()
        self.people: dict[int, Person] = {}
        self.waves: dict[int, Wave] = {}
        self.told: dict[int, Told] = {}
        self.keys: dict[tuple[int, int], str] = {}

    @initialize(seed=st.integers(0, 2**20))
    def begin(self, seed: int) -> None:
        """Most people are ready and the first wave is open, so that every sequence has a story."""
        self.town = self.make_town(seed)
        self.town.weather.climate = STORMY if seed % 2 else CALM
        for number in range(SETTLED):
            self.people[number] = Person(number, set(STEPS))
        with self.town.weather.turned(CALM):
            self.settle_in()
            self.open_wave()
        self.town.world.clock.advance(2 * MINUTE)

    def settle_in(self) -> None:
        """The people of the beginning, copied from a town in which they went all the way."""
        self.town.put_back(settled())

    @rule(number=person_numbers, steps=st.sets(st.sampled_from(STEPS[1:]), min_size=6))
    def come(self, number: int, steps: set[str]) -> None:
        """Register if need be, and do some or all of the steps."""
        if number not in self.people:
            self.town.register(number)
            self.people[number] = Person(number, {"email"})
        person = self.people[number]
        if person.left or person.entries:
            return
        for step in (one for one in STEPS[1:] if one in steps - person.done):
            self.town.prove(number, step)
            # A photo counts once it was judged: see `settle`.
            person.done.add(step)

    @precondition(lambda self: len(self.waves) < WAVES)
    @rule()
    def open_wave(self) -> None:
        number = len(self.waves) + 1
        opens_at = (self.town.now // MINUTE + 1) * MINUTE
        times = {"opens_at": opens_at, "closes_at": opens_at + HOUR}
        self.town.world.create(number, quota=2, reserve=1, shards=2, **times)
        self.waves[number] = Wave(number, **times)
        self.told[number] = Told(number)

    @rule(wave=wave_numbers)
    def all_join(self, wave: int) -> None:
        for number in self.people:
            self.join_with(number, self.one_of(wave), 0, again=False)

    @rule(
        number=person_numbers, wave=wave_numbers, skew=st.sampled_from(SKEWS), again=st.booleans()
    )
    def join(self, number: int, wave: int, skew: int, again: bool) -> None:
        self.join_with(number, self.one_of(wave), skew, again)

    def join_with(self, number: int, wave: int, skew: int, again: bool) -> None:
        if number not in self.people:
            return None
        person = self.settle(number)
        known = self.keys.get((number, wave))
        key = known if again and known else self.town.key()
        if self.gone(number) or (known == key and wave in person.withdrew | person.entries):
            return self.join_again(number, wave, key)
        expected = reference.join(
            person, self.waves[wave], self.town.now + skew, self.received(number)
        )
        answer = self.town.join(number, wave, key, skew)
        if expected == OK and self.shut(wave) and code_of(answer) == "wave_closed":
            return None  # its clock is late, and the gates are shut
        self.agree(answer, expected)
        if answer is None and self.entry(number, wave) is not None:
            answer = self.town.surely(lambda _: self.town.join(number, wave, key, 0))
        if isinstance(answer, dict):
            person.entries.add(wave)
            self.keys[number, wave] = key
            self.told[wave].acknowledged[self.applicant(number)] = commitment(answer)
        return None

    def join_again(self, number: int, wave: int, key: str) -> None:
        """The same request: the same receipt, or that the entry was taken back."""
        answer = self.town.join(number, wave, key)
        person = self.people[number]
        if isinstance(answer, dict):
            assert wave in person.entries
            assert commitment(answer) == self.told[wave].acknowledged[self.applicant(number)]
        elif answer is not None and not self.gone(number) and wave in person.entries:
            raise AssertionError(f"a repeat is refused: {code_of(answer)}")

    @rule(number=person_numbers, wave=wave_numbers)
    def withdraw(self, number: int, wave: int) -> None:
        wave = self.one_of(wave)
        if number not in self.people or self.gone(number):
            return
        person = self.people[number]
        expected = reference.withdraw(person, self.waves[wave], self.town.now)
        answer = self.town.withdraw(number, wave)
        if expected == OK and self.shut(wave) and code_of(answer) == "wave_closed":
            return
        self.agree(answer, expected)
        if wave in person.entries and self.entry(number, wave) is None:
            person.entries.discard(wave)
            person.withdrew.add(wave)
            del self.told[wave].acknowledged[self.applicant(number)]

    @rule(number=person_numbers, wave=wave_numbers)
    def object(self, number: int, wave: int) -> None:
        wave = self.one_of(wave)
        if number not in self.people or self.gone(number):
            return
        person, item = self.people[number], self.town.wave(wave)
        if wave not in person.entries:
            return
        until = item["draw_at"] - MARGIN * SECOND
        expected = reference.objection(
            person, self.waves[wave], item["phase"], self.town.now, until
        )
        answer = self.town.object(number, wave, self.town.key())
        self.agree(answer, expected)
        key = {"applicant": self.applicant(number), "wave": wave}
        if self.town.calm.tables.get("objections", key):
            person.objected.add(wave)

    @rule(number=person_numbers)
    def leave(self, number: int) -> None:
        if number not in self.people or self.people[number].left:
            return
        answer = self.town.leave(number)
        assert isinstance(answer, dict), answer
        self.people[number].left = True

    @rule(number=person_numbers)
    def exclude(self, number: int) -> None:
        self.town.exclude(number)
        key = {"subject": f"blacklisted#{self.nik_mac(number)}", "member": "-"}
        if number in self.people and self.people[number].excluded_at is None:
            listed = self.town.calm.tables.get("ledgers", key) is not None
            self.people[number].excluded_at = self.town.now if listed else None

    @rule(wave=wave_numbers)
    def end(self, wave: int) -> None:
        """Operators end a wave, seldom: most waves are to be drawn."""
        wave = self.one_of(wave)
        if self.town.now % 3 == 0 and not self.waves[wave].void:
            self.waves[wave].void = self.town.end(wave)

    @rule(by=st.sampled_from([1, MINUTE, 7 * MINUTE, 30 * MINUTE]))
    def wait(self, by: int) -> None:
        self.town.world.clock.advance(by)

    @rule(about=st.sampled_from([-1, 0, 1, MINUTE]), wave=wave_numbers)
    def wait_for_the_close(self, about: int, wave: int) -> None:
        clock = self.town.world.clock
        clock.now = max(clock.now, self.waves[self.one_of(wave)].closes_at + about)

    @rule(times=st.sampled_from([1, 1, 3]))
    def tick(self, times: int) -> None:
        for _ in range(times):
            self.town.tick()

    @rule()
    def tick_letters(self) -> None:
        self.town.tick_letters()

    @rule()
    def carry(self) -> None:
        self.town.carry()

    @rule(climate=st.sampled_from([CALM, CLOUDY, STORMY, STORMY]))
    def turn(self, climate: Any) -> None:
        self.town.weather.climate = climate

    def teardown(self) -> None:
        try:
            if hasattr(self, "town"):
                self.town.finish()
                assert self.wrong() == []
        finally:
            for one in reversed(self.patches):
                one.__exit__(None, None, None)

    def wrong(self) -> list[str]:
        """What is broken at the end."""
        calm, heads = self.town.calm, self.town.world.witnesses.given
        wrong = [
            *promises.selected_twice(calm),
            *promises.written_twice(calm),
            *promises.sent_twice(calm, self.mails()),
            *promises.unsettled(calm),
        ]
        for number, wave in self.waves.items():
            if not wave.void:
                wrong += promises.broken(calm, self.told[number], heads)
            elif "void_told_at" not in self.town.wave(number):
                wrong.append("nobody was told of a void wave")
        for person in self.people.values():
            wrong += self.wrong_with(person)
        return wrong

    def wrong_with(self, person: Person) -> list[str]:
        if person.left:
            return ["an account is still there"] if not self.gone(person.number) else []
        wrong = []
        for wave in person.entries:
            entry = self.entry(person.number, wave) or {}
            listed = person.excluded_at is not None
            if listed and person.excluded_at < self.waves[wave].closes_at:
                wrong += ["a listed person was selected"] if entry.get("outcome") == 1 else []
        return wrong

    def mails(self) -> list[dict[str, str]]:
        return self.town.calm.mailer.sent  # type: ignore[attr-defined,no-any-return]

    def one_of(self, wave: int) -> int:
        """A wave that there is."""
        return 1 + (wave - 1) % len(self.waves)

    def settle(self, number: int) -> Person:
        """The person, with the photos that were judged by now."""
        person, applicant = self.people[number], self.town.applicant(number)
        ready = self.town.calm.tables.get("readiness", {"applicant": applicant or "nobody"}) or {}
        person.done -= {"ktp", "selfie"}
        person.done |= {"ktp", "selfie"} & set(ready)
        return person

    def agree(self, answer: Any, expected: str) -> None:
        """The answer is the expected one, or there was none."""
        if answer is not None:
            assert code_of(answer) == expected

    def gone(self, number: int) -> bool:
        return self.town.applicant(number) is None

    def applicant(self, number: int) -> str:
        return str(self.town.applicant(number))

    def nik_mac(self, number: int) -> str:
        return self.town.calm.vault.mac("nik", nik_of(number))

    def received(self, number: int) -> bool:
        key = {"applicant": self.applicant(number)}
        return "recipient_of" in (self.town.calm.tables.get("readiness", key) or {})

    def shut(self, wave: int) -> bool:
        """Whether a worker has shut a gate of the wave, or may have begun to."""
        gates = (self.town.calm.tables.get("gates", {"gate": f"{wave}#{n}"}) for n in range(2))
        return not all((gate or {}).get("open") for gate in gates)

    def entry(self, number: int, wave: int) -> dict[str, Any] | None:
        try:
            return entry_of(self.town.calm, self.applicant(number), wave)[1]
        except NotFound:
            return None


class CloudModel(Model):
    """The same with tables and files of moto, over boto3."""

    def __init__(self) -> None:
        super().__init__()
        self.patches.append(mock_aws())
        self.patches[-1].__enter__()

    def make_town(self, seed: int) -> Town:  # type: ignore[override]
        clients = plain_clients()
        make_tables_and_buckets(clients)
        found = ports(clients)
        return Town(
            seed,
            World(tables=found["tables"], files=found["files"], random=FakeRandom(f"town {seed}")),
        )


def code_of(answer: Any) -> str:
    """The code of a refusal, or `ok`."""
    return answer.code if isinstance(answer, ApiError) else OK


def commitment(answer: Any) -> str:
    """Of the receipt of a join."""
    return str(answer["receipt"]["commitment"])
