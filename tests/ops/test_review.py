"""Human review as operators do it: who gets which picture, what a decision changes and tells."""

from __future__ import annotations

import json
import stat
import threading
from dataclasses import replace

import pytest
from click.testing import CliRunner

from functions.cloud.tables import ConditionFailed
from functions.programme.audit import check
from functions.programme.photos import CLAIM_LIFE, KINDS, REASONS_OF_A_PERSON
from functions.programme.times import HOUR, MINUTE
from functions.upload.review import ask_for_review
from ops import audit
from ops.audit import Act
from ops.commands import cli
from ops.errors import Refused
from ops.review_decision import accept, refuse
from ops.review_queue import CLAIMS, release, take_next, waiting
from tests.fakes import fake_runtime

NIK, OTHER_NIK = "3171015702959001", "3171015702959002"
SARI, BUDI = "a" * 32, "b" * 32


@pytest.fixture
def runtime():
    return fake_runtime()


def applicant(runtime, who=SARI, nik=NIK):
    """An applicant who has typed a NIK."""
    ready = {"applicant": who, "identity": runtime.clock()}
    ready["nik_photo_mac"] = runtime.vault.mac("photo", nik)
    runtime.tables.items["readiness"][(who,)] = ready


def refused_photo(runtime, who=SARI, kind="ktp", reasons=("blurred",)):
    """One photo that the checks refused, with its copy; gives its id."""
    runtime.clock.advance(MINUTE)
    now, photo = runtime.clock(), runtime.random(16).hex()
    picture = b"\xff\xd8\xff " + photo.encode()
    copy = runtime.files.write(
        "photos", f"{who}/{photo}", picture, content_type="image/jpeg", state="refused"
    )
    runtime.tables.items["photos"][who, photo] = {
        "applicant": who,
        "photo": photo,
        "kind": kind,
        "state": "refused",
        "copy": copy,
        "reasons": list(reasons),
        "details": json.dumps({"blurred": {"edge": 9}} if "blurred" in reasons else {}),
        "review": [],
        "created_at": now - 1,
        "decided_at": now,
    }
    return photo


def in_review(runtime, who=SARI, kind="ktp", nik=NIK):
    """A photo that an applicant has asked a person to look at: `<applicant>/<photo>`."""
    if (who,) not in runtime.tables.items["readiness"]:
        applicant(runtime, who, nik)
    refused_photo(runtime, who, kind)
    photo = refused_photo(runtime, who, kind)
    ask_for_review(runtime, who, photo)
    return f"{who}/{photo}"


def item(runtime, photo):
    who, _, name = photo.partition("/")
    return runtime.tables.get("photos", {"applicant": who, "photo": name})


def readiness(runtime, who=SARI):
    return runtime.tables.get("readiness", {"applicant": who})


def acts(runtime):
    """The audit chain in short, which must hold whenever it is looked at."""
    found = list(audit.records(runtime))
    check(found)
    return [(record.who, record.what, record.about) for record in found]


def letters(runtime):
    return list(runtime.tables.items["outbox"].values())


def test_an_accepted_ktp_makes_its_owner_ready_and_is_told_and_recorded(runtime):
    photo = in_review(runtime)
    case = take_next(runtime, "sri")
    assert case.photo == photo and case.picture.endswith(photo[33:].encode())
    assert len(case.refusals) == 2
    assert accept(runtime, "sri", photo, NIK) == "accepted"
    assert readiness(runtime)["ktp"] == photo[33:]
    assert readiness(runtime)["ktp_nik_mac"] == runtime.vault.mac("photo", NIK)
    stored = item(runtime, photo)
    assert (stored["state"], stored["reviewed_by"]) == ("accepted", "sri")
    assert (stored["reasons"], stored["judged_reasons"]) == ([], ["blurred"])
    assert runtime.files.states[stored["copy"]] == "accepted"
    assert waiting(runtime) == [] and not {"in_review", "reviewer"} & set(stored)
    (letter,) = letters(runtime)
    assert (letter["template"], letter["applicant"]) == ("photo_accepted", SARI)
    assert runtime.queues.sent == [("outbox", {"message": letter["message"]})]
    assert acts(runtime) == [("sri", "view", photo), ("sri", "accept", photo)]


def test_a_refused_photo_tells_the_reasons_worst_first_and_ends_by_itself(runtime):
    photo = in_review(runtime)
    take_next(runtime, "sri")
    assert refuse(runtime, "sri", photo, ["nik_unreadable", "glare"]) == "refused"
    stored = item(runtime, photo)
    assert (stored["state"], stored["reasons"]) == ("refused", ["glare", "nik_unreadable"])
    assert json.loads(stored["details"]) == {}
    assert runtime.files.states[stored["copy"]] == "refused"
    assert "ktp" not in readiness(runtime)
    (letter,) = letters(runtime)
    sealed = letter["parameters"]
    told = json.loads(runtime.vault.open("outbox", letter["message"], "parameters", sealed))
    assert told == {"kind": "ktp", "reasons": "glare,nik_unreadable"}
    assert acts(runtime)[-1] == ("sri", "refuse", photo)


def test_after_a_persons_refusal_two_new_refusals_lead_to_a_person_again(runtime):
    photo = in_review(runtime)
    take_next(runtime, "sri")
    refuse(runtime, "sri", photo, ["glare"])
    again = in_review(runtime)
    case = take_next(runtime, "sri")
    assert case.photo == again
    assert [("reviewed_at" in refusal) for refusal in case.refusals] == [False, True, False, False]


def test_the_longest_waiting_comes_first_whatever_its_kind(runtime):
    first = in_review(runtime, SARI, "selfie")
    second = in_review(runtime, BUDI, "ktp")
    assert take_next(runtime, "sri").photo == first
    assert take_next(runtime, "tono").photo == second
    assert take_next(runtime, "wati") is None
    assert take_next(runtime, "tono", ("selfie",)) is None


def test_two_operators_never_hold_the_same_photo(runtime):
    photos = {in_review(runtime, f"{number:032x}") for number in range(20)}
    start, held = threading.Barrier(20), {}

    def work(operator):
        start.wait()
        held[operator] = take_next(runtime, operator).photo

    threads = [threading.Thread(target=work, args=(f"operator-{n}",)) for n in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(held) == 20 and set(held.values()) == photos
    assert sorted(acts(runtime)) == sorted((who, "view", photo) for who, photo in held.items())


def test_what_another_took_since_it_was_read_is_not_claimed(runtime):
    photo = in_review(runtime, "a" * 32)
    stale = item(runtime, photo)
    assert CLAIMS.claim(runtime, Act("sri", "view", photo), stale)
    assert CLAIMS.claim(runtime, Act("budi", "view", photo), stale) is None
    assert acts(runtime) == [("sri", "view", photo)]


def test_whoever_asks_again_gets_the_same_picture_and_each_view_is_recorded(runtime):
    first, second = in_review(runtime, SARI), in_review(runtime, BUDI)
    take_next(runtime, "sri")
    take_next(runtime, "tono")
    release(runtime, "sri", first)
    assert take_next(runtime, "tono").photo == second, "though the first has waited longer"
    assert acts(runtime).count(("tono", "view", second)) == 2


def test_a_claim_that_is_over_can_be_taken_and_no_longer_decides(runtime):
    photo = in_review(runtime)
    take_next(runtime, "sri")
    runtime.clock.advance(CLAIM_LIFE - 1)
    assert take_next(runtime, "tono") is None
    runtime.clock.advance(1)
    with pytest.raises(Refused, match="does not hold"):
        accept(runtime, "sri", photo, NIK)
    assert take_next(runtime, "tono").photo == photo
    with pytest.raises(Refused, match="does not hold"):
        refuse(runtime, "sri", photo, ["glare"])
    accept(runtime, "tono", photo, NIK)


def test_a_claim_that_ends_between_look_and_write_decides_nothing(runtime):
    photo = in_review(runtime)
    take_next(runtime, "sri")

    class Slow(type(runtime.tables)):
        """Another operator takes the photo while this one's decision is on its way."""

        def write(self, *actions):
            self.items["photos"][SARI, photo[33:]]["reviewer"] = "tono"
            super().write(*actions)

    runtime.tables.__class__ = Slow
    for decide in (
        lambda: accept(runtime, "sri", photo, NIK),
        lambda: refuse(runtime, "sri", photo, ["glare"]),
        lambda: release(runtime, "sri", photo),
    ):
        runtime.tables.items["photos"][SARI, photo[33:]]["reviewer"] = "sri"
        with pytest.raises(Refused, match="claim is over"):
            decide()
    assert item(runtime, photo)["state"] == "in_review"
    assert letters(runtime) == [] and "ktp" not in readiness(runtime)


def test_a_released_photo_keeps_its_place(runtime):
    first, second = in_review(runtime, SARI), in_review(runtime, BUDI)
    take_next(runtime, "sri")
    release(runtime, "sri", first)
    assert [take_next(runtime, who).photo for who in ("tono", "sri")] == [first, second]
    assert acts(runtime)[1] == ("sri", "release", first)


def test_a_ktp_is_accepted_only_with_the_nik_of_the_form(runtime):
    photo = in_review(runtime)
    take_next(runtime, "sri")
    with pytest.raises(Refused, match="give the NIK"):
        accept(runtime, "sri", photo)
    for wrong in ("317101570295900", "3171 0157 0295 9001", "x" * 16):
        with pytest.raises(Refused, match="16 digits"):
            accept(runtime, "sri", photo, wrong)
    with pytest.raises(Refused, match="nik_mismatch"):
        accept(runtime, "sri", photo, OTHER_NIK)
    assert item(runtime, photo)["state"] == "in_review"
    assert acts(runtime)[-1] == ("sri", "nik_differs", photo)
    assert NIK not in str(runtime.tables.items) and OTHER_NIK not in str(runtime.tables.items)


def test_a_nik_corrected_meanwhile_is_the_one_that_counts(runtime):
    photo = in_review(runtime, nik=OTHER_NIK)
    take_next(runtime, "sri")
    applicant(runtime, SARI, NIK)
    with pytest.raises(Refused, match="nik_mismatch"):
        accept(runtime, "sri", photo, OTHER_NIK)
    assert accept(runtime, "sri", photo, NIK) == "accepted"


def test_a_nik_changed_between_look_and_write_is_noticed(runtime):
    photo = in_review(runtime)
    take_next(runtime, "sri")

    class Slow(type(runtime.tables)):
        """The applicant corrects the NIK while the decision is on its way."""

        def write(self, *actions):
            self.items["readiness"][(SARI,)]["nik_photo_mac"] = "other"
            super().write(*actions)

    runtime.tables.__class__ = Slow
    with pytest.raises(Refused, match="identity was changed"):
        accept(runtime, "sri", photo, NIK)
    assert item(runtime, photo)["state"] == "in_review"


def test_a_selfie_from_before_a_change_of_identity_needs_its_nik(runtime):
    photo = in_review(runtime, kind="selfie")
    runtime.clock.advance(MINUTE)
    applicant(runtime, SARI, OTHER_NIK)
    take_next(runtime, "sri")
    with pytest.raises(Refused, match="identity was changed"):
        accept(runtime, "sri", photo)
    assert accept(runtime, "sri", photo, OTHER_NIK) == "accepted"
    assert readiness(runtime)["selfie"] == photo[33:]


def test_a_selfie_needs_no_nik_while_the_identity_is_the_same(runtime):
    photo = in_review(runtime, kind="selfie")
    take_next(runtime, "sri")
    assert accept(runtime, "sri", photo) == "accepted"


def test_a_photo_that_became_needless_is_taken_out_unseen(runtime):
    needless = in_review(runtime, SARI)
    wanted = in_review(runtime, BUDI)
    runtime.tables.items["readiness"][(SARI,)]["ktp"] = "f" * 32
    assert take_next(runtime, "sri").photo == wanted
    assert item(runtime, needless)["state"] == "refused"
    assert runtime.files.states[item(runtime, needless)["copy"]] == "refused"
    assert acts(runtime) == [("sri", "needless", needless), ("sri", "view", wanted)]
    assert letters(runtime) == []


def test_the_photo_of_an_applicant_who_is_gone_is_not_shown(runtime):
    in_review(runtime)
    runtime.tables.items["readiness"].clear()
    assert take_next(runtime, "sri") is None


def test_a_picture_that_is_gone_can_be_refused_as_unshowable(runtime):
    photo = in_review(runtime)
    runtime.files.objects.clear()
    assert take_next(runtime, "sri").picture is None
    assert refuse(runtime, "sri", photo, ["corrupt"]) == "refused"


def test_a_decision_repeated_is_one_decision_and_finishes_what_was_left(runtime):
    for who, decide, state in (
        (SARI, lambda photo: accept(runtime, "sri", photo, NIK), "accepted"),
        (BUDI, lambda photo: refuse(runtime, "sri", photo, ["glare"]), "refused"),
    ):
        photo = in_review(runtime, who)
        take_next(runtime, "sri")
        decide(photo)
        runtime.files.states[item(runtime, photo)["copy"]] = "in_review"
        told, recorded = len(letters(runtime)), acts(runtime)
        assert decide(photo) == "already"
        assert runtime.files.states[item(runtime, photo)["copy"]] == state
        assert (len(letters(runtime)), acts(runtime)) == (told, recorded)


def test_what_is_not_in_review_cannot_be_decided(runtime):
    applicant(runtime)
    photo = f"{SARI}/{refused_photo(runtime)}"
    with pytest.raises(Refused, match="not in review: it is refused"):
        accept(runtime, "sri", photo, NIK)
    for nothing in (f"{SARI}/{'0' * 32}", SARI, "", "/"):
        with pytest.raises(Refused, match="there is no photo"):
            refuse(runtime, "sri", nothing, ["glare"])


@pytest.mark.parametrize("kind", KINDS)
def test_a_person_refuses_with_reasons_that_can_be_seen_in_this_kind_of_photo(runtime, kind):
    photo = in_review(runtime, kind=kind)
    take_next(runtime, "sri")
    foreign = set(REASONS_OF_A_PERSON["selfie"]) ^ set(REASONS_OF_A_PERSON["ktp"])
    for reasons in ([], [""], ["too_large"], ["ugly"], ["glare", "ugly"]):
        with pytest.raises(Refused, match="one or more of"):
            refuse(runtime, "sri", photo, reasons)
    for code in sorted(foreign - set(REASONS_OF_A_PERSON[kind])):
        with pytest.raises(Refused, match="one or more of"):
            refuse(runtime, "sri", photo, [code])
    assert item(runtime, photo)["state"] == "in_review"


def test_a_changed_record_is_found_and_named(runtime):
    in_review(runtime)
    for _ in range(3):
        take_next(runtime, "sri")
    head = audit.verify(runtime)
    assert audit.verify(runtime, [f"{head.number}:{head.hash}"]) == head
    runtime.tables.items["audit"]["operators", 1]["who"] = "tono"
    with pytest.raises(Refused, match="record 1: was changed"):
        audit.verify(runtime)
    del runtime.tables.items["audit"]["operators", 1]["who"]
    with pytest.raises(Refused, match="record 1: is not a record"):
        audit.verify(runtime)


def test_a_chain_cut_short_is_found_by_whoever_noted_its_head(runtime):
    in_review(runtime)
    for _ in range(3):
        take_next(runtime, "sri")
    head = audit.verify(runtime)
    del runtime.tables.items["audit"]["operators", 2]
    assert audit.verify(runtime).number == 1
    with pytest.raises(Refused, match="record 2: was noted and is missing"):
        audit.verify(runtime, [f"{head.number}:{head.hash}"])
    with pytest.raises(Refused, match="is not a head"):
        audit.verify(runtime, ["nonsense"])


def test_a_view_that_cannot_be_recorded_shows_nothing(runtime):
    in_review(runtime)

    class NoAudit(type(runtime.tables)):
        """The audit table refuses."""

        def write(self, *actions):
            if any(action.table == "audit" for action in actions):
                raise InterruptedError
            super().write(*actions)

    class Sealed(type(runtime.files)):
        """Nothing may be read."""

        def read(self, *words, **more):
            raise AssertionError("a picture was fetched without a record")

    runtime.tables.__class__, runtime.files.__class__ = NoAudit, Sealed
    with pytest.raises(InterruptedError):
        take_next(runtime, "sri")


def test_a_record_whose_answer_was_lost_is_not_written_twice(runtime):
    photo = in_review(runtime)

    class Deaf(type(runtime.tables)):
        """Each write goes through and is done again, as when its answer was lost."""

        def write(self, *actions):
            super().write(*actions)
            super().write(*actions)

    tables = Deaf()
    tables.items = runtime.tables.items
    deaf = replace(runtime, tables=tables)
    assert take_next(deaf, "sri").photo == photo
    assert accept(deaf, "sri", photo, NIK) == "accepted"
    assert acts(runtime) == [("sri", "view", photo), ("sri", "accept", photo)]


def run(runtime, *words, **more):
    words = [str(word) for word in words]
    return CliRunner().invoke(cli, words, obj={"runtime": lambda: runtime}, **more)


SRI = ("--operator", "sri")


def test_the_commands_take_a_photo_from_queue_to_decision(runtime, tmp_path):
    photo = in_review(runtime)
    runtime.clock.advance(3 * HOUR)
    listed = run(runtime, "review", "list").output.splitlines()
    assert listed[0] == "ktp  1 waiting, 0 being looked at, oldest 3 h 0 min"
    assert listed[1] == "selfie  0 waiting, 0 being looked at"
    path = tmp_path / "photo.jpg"
    path.write_text("an earlier picture")
    answer = run(runtime, "review", "next", *SRI, "--out", path, "--json")
    facts = json.loads(answer.output)
    assert (facts["photo"], facts["kind"], facts["waiting_seconds"]) == (photo, "ktp", 10_800)
    assert [refusal["reasons"] for refusal in facts["refusals"]] == [["blurred"], ["blurred"]]
    assert facts["refusals"][0]["details"] == {"blurred": {"edge": 9}}
    assert path.read_bytes().startswith(b"\xff\xd8\xff")
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    spoken = run(runtime, "review", "next", *SRI, "--out", path).output
    for said in (photo, "refused  2 times", "3 h 0 min ago", "blurred edge 9", str(path)):
        assert said in spoken
    wrong = run(runtime, "review", "accept", photo, *SRI, "--nik", OTHER_NIK)
    assert wrong.exit_code == 1 and "nik_mismatch" in wrong.output
    accepted = run(runtime, "review", "accept", photo, *SRI, input=f"{NIK}\n")
    assert accepted.output.splitlines()[-1] == "accepted"
    assert run(runtime, "review", "next", *SRI).output == "nothing is waiting\n"
    assert run(runtime, "review", "next", *SRI, "--json").output == "null\n"


def test_without_a_file_name_the_picture_goes_to_a_private_file_and_away_again(
    runtime, tmp_path, monkeypatch
):
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    for decide in (("refuse", "--reason", "glare,cropped"), ("release",)):
        photo = in_review(runtime, runtime.random(16).hex())
        assert run(runtime, "review", "next", *SRI).exit_code == 0
        (path,) = tmp_path.iterdir()
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
        command, *words = decide
        assert run(runtime, "review", command, photo, *words, *SRI).exit_code == 0
        assert list(tmp_path.iterdir()) == []


def test_no_command_works_without_the_operators_name(runtime, monkeypatch):
    photo = in_review(runtime)
    for words in (["next"], ["accept", photo], ["refuse", photo, "--reason", "glare"]):
        assert run(runtime, "review", *words).exit_code == 2
    assert run(runtime, "review", "next", "--operator", "sri; tono").exit_code == 2
    monkeypatch.setenv("GELOMBANG_OPERATOR", "tono")
    assert run(runtime, "review", "next", "--json").exit_code == 0
    assert acts(runtime) == [("tono", "view", photo)]


def test_a_busy_table_is_one_line_and_nothing_is_done(runtime):
    in_review(runtime)

    class Overtaken(type(runtime.tables)):
        """Another operator's record always comes first."""

        def write(self, *actions):
            if any(action.table == "audit" for action in actions):
                raise ConditionFailed({len(actions) - 1: {"number": 0}})
            super().write(*actions)

    runtime.tables.__class__ = Overtaken
    answer = run(runtime, "review", "next", *SRI)
    assert (answer.exit_code, answer.output) == (
        1,
        "Error: others write the same items: nothing is done\n",
    )
    assert "reviewer" not in waiting(runtime)[0]


def test_a_picture_is_not_written_through_a_link_or_over_a_device(runtime, tmp_path):
    in_review(runtime)
    secret = tmp_path / "secret"
    secret.write_text("keep")
    link = tmp_path / "link.jpg"
    link.symlink_to(secret)
    assert run(runtime, "review", "next", *SRI, "--out", link).exit_code == 0
    assert secret.read_text() == "keep" and not link.is_symlink()
    for wrong in ("/dev/null", tmp_path / "nowhere" / "x.jpg"):
        answer = run(runtime, "review", "next", *SRI, "--out", wrong)
        assert answer.exit_code == 1 and answer.output.startswith("Error: ")


def test_the_audit_commands_show_the_chain_and_say_whether_it_holds(runtime):
    assert run(runtime, "audit", "verify").output == "empty\n"
    photo = in_review(runtime)
    take_next(runtime, "sri")
    refuse(runtime, "sri", photo, ["glare"])
    head = run(runtime, "audit", "verify").output.strip()
    assert head.startswith("1:")
    assert run(runtime, "audit", "verify", "--noted", head).exit_code == 0
    lines = run(runtime, "audit", "show").output.splitlines()
    assert lines[0].endswith(f"sri view {photo} review_asked")
    assert lines[1].endswith(f"sri refuse {photo} glare")
    (last,) = run(runtime, "audit", "show", "--last", 1, "--json").output.splitlines()
    assert json.loads(last)["what"] == "refuse"
    assert len(run(runtime, "audit", "show", "--about", photo).output.splitlines()) == 2
    assert run(runtime, "audit", "show", "--about", "other").output == ""
    runtime.tables.items["audit"]["operators", 0]["what"] = "release"
    broken = run(runtime, "audit", "verify")
    assert broken.exit_code == 1 and "record 0: was changed" in broken.output


def test_nothing_of_who_the_applicant_is_is_printed(runtime):
    photo = in_review(runtime)
    words = run(runtime, "review", "next", *SRI).output + run(runtime, "audit", "show").output
    assert NIK not in words and NIK[-4:] not in words.replace(photo, "")
