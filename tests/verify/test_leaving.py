"""Export, and the deletion of an account with everything in it."""

import json
from contextlib import suppress

import pytest

from functions.cloud import chain
from functions.cloud.tables import Put, Update
from functions.programme import audit
from functions.programme.times import DAY, HOUR, MINUTE
from functions.verify import erasure, exporting, leaving, phone
from functions.web.errors import Forbidden, InvalidFields, TooMany
from functions.web.sessions import find_session
from tests.fakes import fake_runtime
from tests.faults.fuse import Killed, fused_runtime, fuses
from tests.verify.people import (
    CHEAP,
    EMAIL,
    HERE,
    NAME,
    PASSWORD,
    SARI,
    applicant_of,
    join_programme,
    last_letter,
    letters,
    login,
    prove_identity,
    ready,
)
from tests.verify.test_second_proof import code_for, sms

ENTRY = {"entry": "e" * 32, "commitment": b"c" * 32, "salt": b"s", "traits": b"t"}
MACS = {"nik_mac": "9" * 64, "kk_mac": "8" * 64}


@pytest.fixture
def runtime():
    return fake_runtime()


@pytest.fixture
def applicant(runtime):
    applicant = join_programme(runtime)
    phone.start(runtime, applicant, "0812-3456-9001", address=HERE, cost=CHEAP)
    phone.confirm(runtime, applicant, sms(runtime, "phone_code"))
    prove_identity(runtime, applicant)
    return applicant


def ask(runtime, applicant, code=None, password=PASSWORD):
    return leaving.ask(runtime, applicant, password, code, cost=CHEAP)


def joined(runtime, applicant, wave=1, **entry):
    """An entry in a wave of four shards, as select leaves it."""
    shard = ready(runtime, applicant)["shard"]
    gate = f"{wave}#{shard * 4 // 1024}"
    key = {"applicant": applicant}
    runtime.tables.write(
        Put("waves", {"wave": wave, "shards": 4}),
        Put("entries", {"gate": gate, **key, **ENTRY, **MACS, **entry}),
        Update("readiness", key, set={"entries": {str(wave): shard}}, add={"open_waves": {wave}}),
    )
    return {"gate": gate, **key}


def announced(runtime, applicant, wave=1):
    key = {"applicant": applicant}
    runtime.tables.write(Update("readiness", key, discard={"open_waves": {wave}}))


def store_photos(runtime, applicant):
    """An accepted card sent twice over, and one that waits for a person."""
    for photo, state in (("a" * 32, "accepted"), ("b" * 32, "in_review")):
        item = {"applicant": applicant, "photo": photo, "state": state}
        runtime.tables.write(Put("photos", item))
        for bucket in ("incoming", "photos"):
            for data in (b"first", b"second"):
                key = f"{applicant}/{photo}"
                runtime.files.write(bucket, key, data, content_type="image/jpeg")


def everything(runtime):
    stored = {t: items for t, items in runtime.tables.items.items() if t not in ("audit", "outbox")}
    return repr(stored) + repr(runtime.files.objects)


def test_deletion_takes_password_and_code_and_is_dated_and_told(runtime, applicant):
    for given, field in (({"password": "salah sekali ini"}, "password"), ({}, "code")):
        with pytest.raises(InvalidFields) as error:
            ask(runtime, applicant, **given)
        assert set(error.value.params["fields"]) == {field}
    code = code_for(runtime, applicant)
    first = ask(runtime, applicant, code)
    assert first == {"asked_at": "2026-01-05T05:11:00Z", "waits_for": []}
    assert last_letter(runtime)["template"] == "deletion_asked"
    assert ready(runtime, applicant)["held"] == {"leaving"}
    told = len(letters(runtime))
    runtime.clock.advance(MINUTE)
    assert ask(runtime, applicant) == first
    assert len(letters(runtime)) == told


def test_the_next_tick_removes_every_trace_of_the_person(runtime, applicant):
    store_photos(runtime, applicant)
    token = login(runtime)
    ask(runtime, applicant, code_for(runtime, applicant))
    assert erasure.run_due(runtime) == 1
    assert applicant_of(runtime) is None
    assert find_session(runtime, token) is None
    for table in ("accounts", "readiness", "photos", "sessions", "tests"):
        assert runtime.tables.items[table] == {}
    assert runtime.files.objects == {}
    assert runtime.tables.items["claims"] == {}
    assert not [c for c in runtime.tables.items["challenges"].values() if "applicant" in c]
    kept = everything(runtime)
    for text in (EMAIL, NAME, SARI["nik"], "81234569001"):
        assert text not in kept
    letter = last_letter(runtime)
    assert (letter["template"], letter["to"]) == ("account_deleted", EMAIL)


def test_a_deletion_is_recorded_once_in_a_chain_that_holds(runtime, applicant):
    store_photos(runtime, applicant)
    ask(runtime, applicant, code_for(runtime, applicant))
    case = leaving.find(runtime, applicant)
    erasure.run_due(runtime)
    erasure.erase(runtime, case)
    assert erasure.run_due(runtime) == 0
    records = list(chain.records(runtime.tables, chain.JOBS))
    assert audit.check(records) == records[-1]
    assert [(r.what, r.about, r.details) for r in records] == [
        ("account_deleted", f"deletion#{applicant}", ("photos:8", "entries:0"))
    ]
    assert leaving.find(runtime, applicant)["done_at"] == runtime.clock()


@pytest.mark.parametrize("outcome", [1, 3])
def test_who_has_joined_is_deleted_after_the_announcement_and_the_commitment_stays(
    runtime, applicant, outcome
):
    key = joined(runtime, applicant)
    assert ask(runtime, applicant, code_for(runtime, applicant))["waits_for"] == [1]
    assert erasure.run_due(runtime) == 0
    assert applicant_of(runtime) == applicant
    assert runtime.tables.get("entries", key)["salt"]
    runtime.tables.write(Update("entries", key, set={"outcome": outcome}))
    ledger = {"subject": f"recipient#{MACS['nik_mac']}", "member": "-", "wave": 1}
    runtime.tables.write(Put("ledgers", ledger))
    announced(runtime, applicant)
    runtime.clock.advance(HOUR)
    assert erasure.run_due(runtime) == 1
    entry = runtime.tables.get("entries", key)
    assert entry["commitment"] == ENTRY["commitment"]
    assert not {"salt", "traits", "receipt_signature"} & set(entry)
    # The macs of someone selected are in the ledgers as well; those of others are gone.
    assert ("nik_mac" in entry) is (outcome == 1)
    assert runtime.tables.get("ledgers", {"subject": ledger["subject"], "member": "-"}) == ledger


def test_a_deletion_that_is_killed_at_any_call_is_finished_by_the_next_tick():
    for fuse, arm in fuses(fewest=15):
        runtime = fused_runtime(fuse, ("tables", "files", "queues"))
        applicant = join_programme(runtime)
        prove_identity(runtime, applicant)
        store_photos(runtime, applicant)
        joined(runtime, applicant)
        announced(runtime, applicant)
        ask(runtime, applicant)
        arm()
        with suppress(Killed):
            erasure.run_due(runtime)
        fuse.arm(None)
        erasure.run_due(runtime)
        assert runtime.files.objects == {}
        assert runtime.tables.items["accounts"] == {}
        assert len(letters(runtime, "account_deleted")) == 1
        assert len(list(chain.records(runtime.tables, chain.JOBS))) == 1


def test_one_request_that_cannot_be_carried_out_does_not_stop_the_others(
    runtime, applicant, caplog
):
    other = join_programme(runtime, email="budi@contoh.id", name="Budi")
    ask(runtime, applicant, code_for(runtime, applicant))
    ask(runtime, other)
    real = runtime.files.versions

    def versions(bucket, prefix):
        if prefix.startswith(applicant):
            raise OSError
        return real(bucket, prefix)

    runtime.files.versions = versions
    assert erasure.run_due(runtime) == 1
    assert applicant_of(runtime) == applicant
    assert f"deletion#{applicant} is not carried out" in caplog.text
    runtime.files.versions = real
    runtime.clock.advance(HOUR)
    assert erasure.run_due(runtime) == 1
    assert applicant_of(runtime) is None


def test_a_deleted_person_may_register_again_and_the_nik_is_free(runtime, applicant):
    ask(runtime, applicant, code_for(runtime, applicant))
    erasure.run_due(runtime)
    again = join_programme(runtime)
    assert again != applicant
    prove_identity(runtime, again)
    assert "held" not in ready(runtime, again)


def export(runtime):
    return exporting.export(runtime, find_session(runtime, login(runtime)))


def test_an_export_holds_everything_in_full_and_the_mailbox_is_told(runtime, applicant):
    found = export(runtime)
    account = found["account"]
    assert (account["nik"], account["kk"]) == (SARI["nik"], SARI["kk"])
    assert (account["birth_date"], account["sex"]) == ("1995-06-01", SARI["sex"])
    assert (account["email"], account["name"], account["phone"]) == (EMAIL, NAME, "+6281234569001")
    assert set(found["readiness"]) == {"email", "phone", "identity"}
    assert len(found["sessions"]) == 1
    assert found["elsewhere"] == ["/api/upload/photos", "/api/select/entries"]
    assert last_letter(runtime)["template"] == "data_exported"
    json.dumps(found)


def test_an_export_takes_a_recent_log_in_and_is_had_five_times_a_day(runtime, applicant):
    session = find_session(runtime, login(runtime))
    runtime.clock.advance(15 * MINUTE)
    with pytest.raises(Forbidden) as error:
        exporting.export(runtime, session)
    assert error.value.code == "login_again"
    for _ in range(5):
        export(runtime)
    with pytest.raises(TooMany):
        export(runtime)
    runtime.clock.advance(DAY)
    assert export(runtime)


def test_no_other_account_is_in_an_export(runtime, applicant):
    join_programme(runtime, email="budi@contoh.id", name="Budi Contoh")
    text = json.dumps(export(runtime))
    assert "udi" not in text
