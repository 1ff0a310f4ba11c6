"""Identity: one account for one NIK."""

import pytest

from functions.cloud.tables import Update
from functions.verify import identity, me
from functions.web.errors import Conflict, InvalidFields
from tests.fakes import FakeTables, fake_runtime
from tests.verify.people import SARI, join_programme, prove_identity, ready
from tests.verify.recording import RecordingTables

OTHER_NIK = "3201014106959003"


@pytest.fixture
def runtime():
    return fake_runtime()


@pytest.fixture
def applicant(runtime):
    return join_programme(runtime)


def budi(runtime):
    return join_programme(runtime, email="budi@contoh.id", name="Budi")


def holder(runtime, nik):
    claim = runtime.tables.get("claims", {"claim": f"nik#{runtime.vault.mac('nik', nik)}"})
    return claim and claim["applicant"]


def add_photos(runtime, applicant):
    photos = {"ktp": "a" * 32, "selfie": "b" * 32}
    runtime.tables.write(Update("readiness", {"applicant": applicant}, set=photos))


def join_wave(runtime, applicant):
    runtime.tables.write(Update("readiness", {"applicant": applicant}, add={"open_waves": {7}}))


def test_an_identity_claims_the_nik_and_places_the_family(runtime, applicant):
    assert prove_identity(runtime, applicant) == []
    item = ready(runtime, applicant)
    assert holder(runtime, SARI["nik"]) == applicant
    assert item["identity"] == runtime.clock()
    assert item["shard"] == int(runtime.vault.mac("shard", SARI["kk"]), 16) >> 246
    assert item["nik_photo_mac"] == runtime.vault.mac("photo", SARI["nik"])


def test_nothing_of_it_is_stored_in_clear(runtime, applicant):
    prove_identity(runtime, applicant)
    stored = repr(runtime.tables.items)
    for text in (SARI["nik"], SARI["kk"], "1995-06-01", "Sari Dewi", "sari.dewi"):
        assert text not in stored


def show_card(runtime, applicant, nik=SARI["nik"]):
    add_photos(runtime, applicant)
    mac = runtime.vault.mac("photo", nik)
    runtime.tables.write(Update("readiness", {"applicant": applicant}, set={"ktp_nik_mac": mac}))


def test_a_nik_of_another_account_is_kept_like_any_other_and_its_holder_stays(runtime, applicant):
    prove_identity(runtime, applicant)
    other = budi(runtime)
    assert prove_identity(runtime, other) == []
    assert holder(runtime, SARI["nik"]) == applicant
    shown = me.show(runtime, other)
    assert shown["readiness"]["identity"] is True
    assert shown["held"] == []
    assert shown["identity"]["nik"] == "************9001"


def test_who_shows_the_card_of_a_contested_nik_is_told(runtime, applicant):
    prove_identity(runtime, applicant)
    other = budi(runtime)
    prove_identity(runtime, other)
    show_card(runtime, other)
    shown = me.show(runtime, other)
    assert shown["held"] == ["contested"]
    assert "identity" in shown["missing"]
    assert me.show(runtime, applicant)["held"] == []


def test_an_accepted_card_without_a_number_tells_nothing(runtime, applicant):
    prove_identity(runtime, applicant)
    other = budi(runtime)
    add_photos(runtime, other)
    prove_identity(runtime, other)
    assert me.show(runtime, other)["held"] == []


def test_a_contested_nik_that_its_holder_lets_go_is_taken_over(runtime, applicant):
    prove_identity(runtime, applicant)
    other = budi(runtime)
    prove_identity(runtime, other)
    prove_identity(runtime, applicant, nik=OTHER_NIK)
    assert me.show(runtime, other)["held"] == []
    assert holder(runtime, SARI["nik"]) == other
    assert "held" not in ready(runtime, other)


def test_who_corrects_a_contested_nik_is_held_back_no_longer(runtime, applicant):
    prove_identity(runtime, applicant)
    other = budi(runtime)
    prove_identity(runtime, other)
    prove_identity(runtime, other, nik=OTHER_NIK)
    assert "held" not in ready(runtime, other)
    assert holder(runtime, SARI["nik"]) == applicant
    assert holder(runtime, OTHER_NIK) == other


def test_a_nik_in_use_and_a_free_one_take_the_same_calls_and_queue_nothing():
    runtime = fake_runtime(tables=RecordingTables())
    prove_identity(runtime, join_programme(runtime))
    made = []
    for nik, email in ((SARI["nik"], "budi@contoh.id"), (OTHER_NIK, "ani@contoh.id")):
        person = join_programme(runtime, email=email, name="Budi")
        runtime.tables.calls.clear()
        queued = len(runtime.queues.sent)
        answer = prove_identity(runtime, person, nik=nik)
        made.append((answer, list(runtime.tables.calls), len(runtime.queues.sent) - queued))
    assert made[0] == made[1]


def test_a_corrected_nik_frees_the_old_one_and_takes_the_photos_away(runtime, applicant):
    prove_identity(runtime, applicant)
    add_photos(runtime, applicant)
    prove_identity(runtime, applicant, nik=OTHER_NIK)
    assert holder(runtime, SARI["nik"]) is None
    assert holder(runtime, OTHER_NIK) == applicant
    assert not {"ktp", "selfie"} & set(ready(runtime, applicant))
    prove_identity(runtime, budi(runtime))


def test_the_same_nik_again_keeps_the_photos(runtime, applicant):
    prove_identity(runtime, applicant)
    add_photos(runtime, applicant)
    prove_identity(runtime, applicant, kk="3201010201159004")
    assert {"ktp", "selfie"} <= set(ready(runtime, applicant))


def test_photos_before_the_first_identity_are_kept(runtime, applicant):
    add_photos(runtime, applicant)
    prove_identity(runtime, applicant)
    assert {"ktp", "selfie"} <= set(ready(runtime, applicant))


def test_identity_is_locked_while_a_wave_is_open(runtime, applicant):
    prove_identity(runtime, applicant)
    join_wave(runtime, applicant)
    with pytest.raises(Conflict) as error:
        prove_identity(runtime, applicant, kk="3201010201159004")
    assert error.value.code == "identity_locked"


class JoiningTables(FakeTables):
    """Another request joins a wave just before the first transaction on the readiness."""

    rival = None

    def write(self, *actions):
        if self.rival and any(a.table == "readiness" for a in actions):
            rival, self.rival = self.rival, None
            rival()
        super().write(*actions)


def test_a_join_that_comes_between_reading_and_writing_locks_as_well():
    tables = JoiningTables()
    runtime = fake_runtime(tables=tables)
    applicant = join_programme(runtime)
    tables.rival = lambda: join_wave(runtime, applicant)
    with pytest.raises(Conflict) as error:
        prove_identity(runtime, applicant)
    assert error.value.code == "identity_locked"
    assert holder(runtime, SARI["nik"]) is None


def test_another_change_of_the_account_meanwhile_is_no_failure():
    tables = JoiningTables()
    runtime = fake_runtime(tables=tables)
    applicant = join_programme(runtime)
    key = {"applicant": applicant}
    tables.rival = lambda: tables.update(Update("accounts", key, add={"revision": 1}))
    assert prove_identity(runtime, applicant) == []


def test_wrong_numbers_are_told_by_field(runtime, applicant):
    with pytest.raises(InvalidFields) as error:
        identity.put(runtime, applicant, **{**SARI, "sex": "male", "kk": SARI["nik"]})
    assert error.value.params == {"fields": {"nik": "nik_sex_differs", "kk": "kk_is_nik"}}


def test_an_old_district_is_a_warning(runtime, applicant):
    assert prove_identity(runtime, applicant, nik="3299994106959001") == ["old_region_code"]


@pytest.mark.parametrize(("on_card", "kept"), [(SARI["nik"], True), (OTHER_NIK, False)])
def test_a_form_filled_in_after_the_card_keeps_the_card_only_if_it_is_the_same(
    runtime, applicant, on_card, kept
):
    add_photos(runtime, applicant)
    mac = runtime.vault.mac("photo", on_card)
    runtime.tables.write(Update("readiness", {"applicant": applicant}, set={"ktp_nik_mac": mac}))
    prove_identity(runtime, applicant)
    assert ("ktp" in ready(runtime, applicant)) is kept
    assert ("selfie" in ready(runtime, applicant)) is kept
