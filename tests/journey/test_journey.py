"""Two people, from the first page to the result, and the draw checked by a third."""

from __future__ import annotations

import base64
import json
from datetime import UTC, datetime

import pytest

from functions.programme.draw.allocation import Outcome
from functions.programme.draw.errors import VerificationError
from functions.programme.draw.proof import verify_proof
from functions.programme.times import MINUTE, age_on
from functions.select import draw
from local import settings
from local.cards.person import invented_person
from tests.journey import traces, waves
from tests.journey.person import Person, kk_of

# What is sent before the good photo → the reason whose advice is shown.
REFUSED = {"dark": "too_dark", "blurred": "blurred", "cropped": "cropped", "grey": "photocopy"}

# What a journey leaves in each place, told apart by how its name begins.
KNOWN = {"table": b"announced", "bucket": b"roster.head"}


def seeds_of_age(low=20, high=60):
    today = datetime.now(UTC).date()
    seed = 0
    while True:
        seed += 1
        if low <= age_on(invented_person(seed).birth_date, today) <= high:
            yield seed


def to_the_result(place, page, wave):
    """Press the button of /local/ as a tester does, nobody else joining, and wait for the end."""
    page.goto("/local/")
    page.locator("input[name=others]").fill("0")
    page.get_by_role("button", name="hasil").click(timeout=60_000)
    waves.wait_until_announced(place, wave)


@pytest.mark.timeout(600)
def test_two_people_register_join_and_learn_the_result_that_anyone_can_check(
    stack, place, new_page, tmp_path
):
    # One place for two people: one is selected, one is not.
    wave = waves.create(place, quota=1, open_for=25 * MINUTE)
    seeds = seeds_of_age()
    first = Person(new_page(), stack, "siti.contoh@contoh.example", "081290000001", next(seeds))
    second = Person(new_page(), stack, "budi.contoh@contoh.example", "081290000002", next(seeds))

    first.register()
    first.confirm_by_link()
    second.register()
    second.confirm_by_code()
    for person in (first, second):
        person.come_to_the_photos()

    for variation, reason in REFUSED.items():
        assert advice(reason) in first.send_photo(first.ktp(variation))
    assert advice("nik_mismatch") in first.send_photo(first.ktp(card=second.card))
    for person in (first, second):
        assert "diterima" in person.send_photo(person.ktp()).lower()
        person.next_page("/foto/selfie/")
        assert "diterima" in person.send_photo(person.selfie()).lower()
        person.next_page("/pernyataan/")
        person.declare()
        person.pass_test()
        person.join(wave)

    receipts = {p.email: p.api(f"select/entries/{wave}")["receipt"] for p in (first, second)}
    to_the_result(place, new_page(), wave)

    outcomes = {}
    for person in (first, second):
        person.log_in()  # the clock has moved on by hours, so the session has ended
        entry = person.api(f"select/entries/{wave}")
        outcomes[person.email] = entry["outcome"]["outcome"]
        assert entry["receipt"] == receipts[person.email]
        page = person.page.locator("main")
        told = sentence(f"outcome.{outcomes[person.email]}", wave=wave)
        page.get_by_text(told).first.wait_for()
        assert str(entry["outcome"]["rank"]) in page.inner_text()
        assert person.message("mail")["subject"]
        assert str(wave) in person.message("sms")["text"]
    assert sorted(outcomes.values()) == ["not_selected", "selected"]

    folder = waves.download(place, wave, tmp_path)
    assert draw.main(["verify", str(folder), "--pins", str(tmp_path / "pins.json")], {}) == 0
    for person in (first, second):
        proof = person.api(f"select/entries/{wave}/proof")
        check_proof(folder, proof, person, receipts[person.email], outcomes[person.email])
    for name in waves.PUBLIC:
        refuse_one_byte(folder, name, tmp_path / "pins.json")
    nothing_in_clear(place, (first, second))


def nothing_in_clear(place, people):
    """Nothing personal and nothing secret lies in tables, buckets, queues or logs."""
    poison = kk_of(people[0].card.nik[:-1] + "7")
    known = {**KNOWN, "logs": traces.break_a_record(place, poison)}
    lies = traces.left_behind(place)
    for person in people:
        assert traces.found_in(traces.secrets_of(person), lies) == []
    logs = [(where, data) for where, data in lies if where == "logs"]
    assert traces.found_in({"message": poison.encode()}, logs) == []
    # What is known to lie there is found, so the search has looked.
    for where, word in known.items():
        assert any(name.startswith(where) and word in data for name, data in lies), where


def advice(reason):
    """What the site says to do about a reason."""
    return sentence(f"reason.{reason}.how")


def sentence(key, **parameters):
    """A sentence of the site, in Indonesian."""
    catalogue = json.loads((settings.ROOT / "site/translations/id.json").read_text("utf-8"))
    return catalogue[key].format(**parameters)


def check_proof(folder, proof, person, receipt, outcome):
    """The proof opens with the person's own numbers, shows their outcome, and bears no change."""
    files = {name: (folder / name).read_bytes() for name in waves.PUBLIC}
    pins = (folder.parent / "pins.json").read_bytes()
    nik = person.card.nik
    proven = verify_proof(proof, files, pins, receipt, nik, kk_of(nik))
    assert Outcome(proven.result.outcome).name.lower() == outcome
    with pytest.raises(VerificationError):
        verify_proof(proof, files, pins, receipt, nik[:-1] + "0", kk_of(nik))
    chunk = bytearray(base64.b64decode(proof["results_chunk"]))
    chunk[0] ^= 3
    forged = {**proof, "results_chunk": base64.b64encode(chunk).decode()}
    with pytest.raises(VerificationError):
        verify_proof(forged, files, pins, receipt, nik, kk_of(nik))


def refuse_one_byte(folder, name, pins):
    """One changed byte (of an empty file: one more) and the verifier says no."""
    path = folder / name
    before = path.read_bytes()
    at = len(before) // 2
    path.write_bytes(before[:at] + bytes([before[at] ^ 1]) + before[at + 1 :])
    assert draw.main(["verify", str(folder), "--pins", str(pins)], {}) == 1, name
    path.write_bytes(before)
