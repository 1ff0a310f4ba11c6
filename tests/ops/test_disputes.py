"""Someone used my NIK: both accounts are frozen, two operators decide, neither side is told."""

import pytest
from click.testing import CliRunner

from functions.cloud.tables import Put, Update
from functions.verify import disputes as asking
from functions.verify import me, statements
from functions.web.errors import Conflict
from ops import audit, disputes
from ops.commands import cli
from ops.errors import Refused
from tests.select.world import CLOSES_AT, World
from tests.verify.people import SARI, join_programme, letters, prove_identity, ready


@pytest.fixture
def world():
    world = World()
    world.create()
    return world


@pytest.fixture
def runtime(world):
    return world.runtime


def show_card(runtime, applicant):
    """Card and selfie are accepted, and their copies kept."""
    photos = {}
    for kind in ("ktp", "selfie"):
        photo = f"{kind}-{applicant}"[:32]
        key = f"{applicant}/{photo}"
        data = f"{kind} of {applicant}".encode()
        version = runtime.files.write("photos", key, data, content_type="image/jpeg")
        item = {"applicant": applicant, "photo": photo, "state": "accepted", "copy": version}
        runtime.tables.write(Put("photos", item))
        photos[kind] = photo
    mac = runtime.vault.mac("photo", SARI["nik"])
    change = {**photos, "ktp_nik_mac": mac}
    runtime.tables.write(Update("readiness", {"applicant": applicant}, set=change))


@pytest.fixture
def holder(runtime):
    applicant = join_programme(runtime)
    prove_identity(runtime, applicant)
    show_card(runtime, applicant)
    return applicant


@pytest.fixture
def claimant(runtime, holder):
    applicant = join_programme(runtime, email="budi@contoh.id", name="Budi")
    prove_identity(runtime, applicant)
    show_card(runtime, applicant)
    return applicant


@pytest.fixture
def case(runtime, claimant):
    asking.ask(runtime, claimant)
    return asking.case_of(runtime.vault.mac("nik", SARI["nik"]))


def decide(runtime, tmp_path, case, side):
    disputes.take_next(runtime, "ani", tmp_path)
    disputes.propose(runtime, "ani", case, side)
    return disputes.confirm(runtime, "budi", case, side)


def nik_holder(runtime):
    key = {"claim": f"nik#{runtime.vault.mac('nik', SARI['nik'])}"}
    return runtime.tables.get("claims", key)["applicant"]


def test_who_has_not_shown_the_card_cannot_ask_and_learns_nothing(runtime, holder):
    stranger = join_programme(runtime, email="penipu@contoh.id", name="Penipu")
    prove_identity(runtime, stranger)
    for person in (stranger, holder):
        with pytest.raises(Conflict) as error:
            asking.ask(runtime, person)
        assert error.value.code == "nik_not_contested"
    assert "held" not in ready(runtime, holder)


def test_asking_freezes_both_and_asks_both_for_a_selfie_once(runtime, holder, claimant, case):
    asking.ask(runtime, claimant)
    for person in (holder, claimant):
        assert "disputed" in ready(runtime, person)["held"]
        assert "selfie" not in ready(runtime, person)
        assert "disputed" in me.show(runtime, person)["held"]
        with pytest.raises(Conflict) as error:
            prove_identity(runtime, person)
        assert error.value.code == "identity_locked"
    told = [(row["applicant"], row["template"]) for row in letters(runtime)[-2:]]
    assert told == [(claimant, "dispute_begun"), (holder, "nik_disputed")]


def test_neither_side_is_told_anything_of_the_other(runtime, holder, claimant, case, tmp_path):
    decide(runtime, tmp_path, case, "claimant")
    for template in ("dispute_begun", "nik_disputed", "dispute_won", "dispute_lost"):
        (row,) = letters(runtime, template)
        assert row["parameters"] == {}
    for person, other in ((holder, claimant), (claimant, holder)):
        assert other not in repr(me.show(runtime, person))


def test_an_officer_sees_pictures_of_both_after_the_view_is_recorded(
    runtime, holder, claimant, case, tmp_path
):
    show_card(runtime, claimant)
    _, sides = disputes.take_next(runtime, "ani", tmp_path)
    assert set(sides["holder"].pictures) == {"ktp"}
    assert sides["claimant"].pictures["selfie"].read_bytes() == f"selfie of {claimant}".encode()
    assert sides["holder"].pictures["ktp"].stat().st_mode & 0o077 == 0
    assert [record.what for record in audit.records(runtime)] == ["view_dispute"]
    assert disputes.take_next(runtime, "citra", tmp_path) is None


def test_two_operators_give_the_nik_to_the_claimant(runtime, holder, claimant, case, tmp_path):
    assert decide(runtime, tmp_path, case, "claimant") == []
    assert nik_holder(runtime) == claimant
    assert "held" not in ready(runtime, claimant)
    assert "identity" in ready(runtime, claimant)
    assert not {"held", "identity", "ktp", "nik_photo_mac"} & set(ready(runtime, holder))
    account = runtime.tables.get("accounts", {"applicant": holder})
    assert not {"nik", "kk", "nik_mac", "birth_date"} & set(account)
    told = {row["template"]: row["applicant"] for row in letters(runtime)[-2:]}
    assert told == {"dispute_won": claimant, "dispute_lost": holder}
    done = [record.what for record in audit.records(runtime)]
    assert done == ["view_dispute", "dispute_propose", "dispute_confirm"]
    assert audit.verify(runtime)
    assert disputes.waiting(runtime) == []


def test_the_holder_keeps_the_nik_and_the_claimant_loses_what_was_typed(
    runtime, holder, claimant, case, tmp_path
):
    decide(runtime, tmp_path, case, "holder")
    assert nik_holder(runtime) == holder
    assert "held" not in ready(runtime, holder)
    assert "identity" not in ready(runtime, claimant)


def test_one_operator_alone_decides_nothing(runtime, holder, claimant, case, tmp_path):
    with pytest.raises(Refused):
        disputes.propose(runtime, "ani", case, "claimant")
    disputes.take_next(runtime, "ani", tmp_path)
    with pytest.raises(Refused):
        disputes.confirm(runtime, "budi", case, "claimant")
    disputes.propose(runtime, "ani", case, "claimant")
    with pytest.raises(Refused):
        disputes.confirm(runtime, "ANI", case, "claimant")
    assert nik_holder(runtime) == holder


def test_operators_who_disagree_send_it_back_to_the_queue(runtime, holder, case, tmp_path):
    disputes.take_next(runtime, "ani", tmp_path)
    disputes.propose(runtime, "ani", case, "claimant")
    with pytest.raises(Refused):
        disputes.confirm(runtime, "budi", case, "holder")
    assert nik_holder(runtime) == holder
    assert disputes.take_next(runtime, "citra", tmp_path)


@pytest.mark.parametrize("closed", [False, True])
def test_an_entry_of_the_loser_is_taken_back_while_the_wave_is_open(
    world, runtime, holder, claimant, tmp_path, closed
):
    declaration = {"in_education": False, "official": False}
    steps = {
        **dict.fromkeys(("phone", "test"), 1),
        **statements.kept(runtime, holder, "profile", {"address": {"province": "32"}}, 1),
        **statements.kept(runtime, holder, "declaration", declaration, 1),
    }
    runtime.tables.write(Update("readiness", {"applicant": holder}, set=steps))
    world.join(holder)
    asking.ask(runtime, claimant)
    case = asking.case_of(runtime.vault.mac("nik", SARI["nik"]))
    if closed:
        world.clock.now = CLOSES_AT
    assert decide(runtime, tmp_path, case, "claimant") == ([1] if closed else [])
    assert (holder in world.entries()) is closed


def test_the_commands_lead_through_a_dispute(runtime, holder, claimant, case, tmp_path):
    def run(*words):
        done = CliRunner().invoke(cli, ["disputes", *words], obj={"runtime": lambda: runtime})
        assert done.exit_code == 0, done.output
        return done.output

    assert f"{case}  waiting" in run("list")
    shown = run("next", "--operator", "ani", "--out", str(tmp_path))
    assert case in shown
    assert SARI["nik"] not in shown
    run("propose", case, "--for", "holder", "--operator", "ani")
    assert "closed" in run("confirm", case, "--for", "holder", "--operator", "budi")
    assert run("list") == ""
