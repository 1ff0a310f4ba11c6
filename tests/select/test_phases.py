"""From the close to the announcement: what each phase does, waits for, and refuses."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from functions.cloud.tables import ConditionFailed, Put, Update
from functions.programme.draw.errors import VerificationError
from functions.programme.draw.proof import verify_proof
from functions.programme.draw.published import ROSTER
from functions.programme.draw.roster import RECORD_SIZE
from functions.programme.draw.verify import verify_wave
from functions.programme.times import MINUTE, SECOND
from functions.select import closing, freezing
from functions.select.entries import find_entry
from functions.select.folder import BUCKET, public_key
from functions.select.lease import LEASE, LeaseLost, take
from functions.select.proofs import find_proof
from functions.select.turn import StepBlocked, Turn
from functions.select.waves import list_waves
from functions.web.errors import Conflict
from tests.fakes import FakeTables
from tests.select.world import CLOSES_AT, MARGIN, OPENS_AT, World


@pytest.fixture
def world():
    made = World()
    made.create()
    return made


def crowd(world, count=8, wave=1):
    return [world.enter(n, wave, family=n // 3) for n in range(count)]


def ledgers(world, kind):
    return {k for k in world.tables.items["ledgers"] if k[0].startswith(kind)}


def test_a_wave_goes_from_its_close_to_the_announcement_and_verifies(world):
    crowd(world)
    world.finish()
    report = verify_wave(world.files(), world.pins())
    assert report.wave.head.n == 8 and report.witnesses == 3
    outcomes = sorted(entry["outcome"] for entry in world.entries().values())
    assert outcomes.count(1) == 3 and outcomes.count(2) == 1
    assert len(ledgers(world, "recipient#")) == len(ledgers(world, "family#")) == 3


def test_before_the_close_nothing_happens(world):
    crowd(world, 2)
    world.clock.now = CLOSES_AT - 1
    world.tick()
    assert world.phase() == "open"
    assert "fence" not in world.wave() or world.wave()["fence"] == 0


def test_readers_see_the_close_before_the_schedule_comes(world):
    world.clock.now = CLOSES_AT
    (shown,) = list_waves(world.runtime)
    assert shown["phase"] == "closed" and world.phase() == "open"


def test_nobody_is_selected_beyond_the_family_limit():
    world = World()
    world.create(quota=9)
    family = [world.enter(n, family=1) for n in range(4)]
    world.finish()
    outcomes = sorted(world.entries()[a]["outcome"] for a in family)
    assert outcomes == [1, 1, 4, 4]
    shown = [find_entry(world.runtime, a, 1)["outcome"]["outcome"] for a in family]
    assert shown.count("family_limit") == 2


def test_a_wave_without_entries_is_announced(world):
    world.finish()
    assert world.wave()["entries"] == 0
    verify_wave(world.files(), world.pins())


def test_each_applicant_gets_one_mail_and_one_sms_about_the_outcome(world):
    crowd(world)
    world.finish()
    for _ in range(3):
        world.tick()
    rows = [r for r in world.tables.items["outbox"].values() if r["template"] != "joined"]
    assert len(rows) == 16
    templates = {(r["applicant"], r["channel"]): r["template"] for r in rows}
    shown = {a: find_entry(world.runtime, a, 1)["outcome"]["outcome"] for a in world.people}
    assert templates == {
        (a, channel): f"outcome_{outcome}"
        for a, outcome in shown.items()
        for channel in ("mail", "sms")
    }
    hurried = [body["message"] for _, body in world.runtime.queues.sent]
    assert len(hurried) == len(set(hurried)) == 24


def test_every_applicant_can_prove_the_own_outcome(world):
    crowd(world)
    world.finish()
    for applicant, (nik, kk) in world.people.items():
        proof = find_proof(world.runtime, applicant, 1)
        receipt = world.answers[applicant]["receipt"]
        proven = verify_proof(proof, world.files(), world.pins(), receipt, nik, kk)
        entry = world.entries()[applicant]
        assert proven.result == (entry["outcome"], entry["outcome_pool"], entry["rank"])


def test_a_proof_from_any_chunk_holds():
    world = World()
    world.create(quota=100)
    for n in range(2 * 256 + 7):
        world.enter(n)
    world.finish()
    by_index = {entry["index"]: a for a, entry in world.entries().items()}
    for index, steps in ((0, 2), (255, 2), (256, 2), (512, 1), (518, 1)):
        applicant = by_index[index]
        nik, kk = world.people[applicant]
        proof = find_proof(world.runtime, applicant, 1)
        assert len(proof["roster_path"]) == len(proof["results_path"]) == steps
        receipt = world.answers[applicant]["receipt"]
        verify_proof(proof, world.files(), world.pins(), receipt, nik, kk)


def test_there_is_no_proof_before_the_draw(world):
    applicant = world.enter(1)
    world.to_close()
    world.tick()
    with pytest.raises(Conflict, match="not_drawn"):
        find_proof(world.runtime, applicant, 1)


def test_before_the_beacon_each_applicant_sees_the_own_record(world):
    excluded, eligible = world.enter(1, official=True), world.enter(2)
    world.to_close()
    world.tick()
    record = find_entry(world.runtime, excluded, 1)["record"]
    assert record == {
        "status": 1,
        "group": 0,
        "room": 0,
        "pool": 0,
        "pool_name": None,
        "shared_by": 0,
        "reasons": ["official"],
    }
    assert find_entry(world.runtime, eligible, 1)["record"]["status"] == 0


def test_the_outcome_says_why_in_figures():
    world = World()
    world.create(quota=3, pools=[("timur", 2, ["91"])])
    timur = [world.enter(n, province="91") for n in range(3)]
    for n in range(3, 6):
        world.enter(n)
    excluded = world.enter(7, official=True)
    world.finish()
    (wave,) = list_waves(world.runtime)
    json.dumps(wave)
    shown = [find_entry(world.runtime, a, 1)["outcome"] for a in timur]
    by_pool = [one["rank"] for one in shown if one["pool"] == "timur"]
    assert len(by_pool) == 2 and wave["last_ranks"]["pools"] == {"timur": max(by_pool)}
    assert {one["last_rank_pool"] for one in shown} == {max(by_pool)}
    assert {(one["quota"], one["entries"]) for one in shown} == {(3, 7)}
    out = find_entry(world.runtime, excluded, 1)["outcome"]
    assert (out["outcome"], out["reasons"], out["rank"]) == ("excluded", ["official"], None)


def test_a_recipient_of_one_wave_is_excluded_from_the_next_that_was_already_joined(world):
    world.create(2, quota=9, opens_at=OPENS_AT + 1000, closes_at=CLOSES_AT + MINUTE)
    people = [world.enter(n) for n in range(5)]
    for applicant in people:
        world.join(applicant, 2)
    world.finish()
    world.clock.advance(2 * MINUTE)
    world.tick()
    world.to_draw(2)
    world.tick()
    assert world.phase(2) == "announced"
    first, second = world.entries(1), world.entries(2)
    for applicant in people:
        taken_before = first[applicant]["outcome"] == 1
        reasons = ["past_recipient"] if taken_before else []
        assert second[applicant]["record"]["reasons"] == reasons
        assert second[applicant]["outcome"] == (0 if taken_before else 1)
        readiness = world.tables.get("readiness", {"applicant": applicant})
        assert readiness["recipient_of"] == (1 if taken_before else 2)
        assert "open_waves" not in readiness


def test_a_later_wave_is_not_frozen_before_the_earlier_one_is_announced(world):
    world.create(2, opens_at=OPENS_AT + 1000, closes_at=CLOSES_AT + MINUTE)
    world.clock.now = CLOSES_AT + 2 * MINUTE
    world.tick()
    assert (world.phase(1), world.phase(2)) == ("roster_published", "closed")
    world.to_draw(1)
    world.tick()
    assert (world.phase(1), world.phase(2)) == ("announced", "closed")
    world.tick()
    assert world.phase(2) == "roster_published"


def test_a_blacklisted_person_is_excluded(world):
    applicant = world.enter(1)
    mac = world.entries()[applicant]["nik_mac"]
    note = {"subject": f"blacklisted#{mac}", "member": "-", "reason": "unused"}
    world.tables.write(Put("ledgers", note))
    world.finish()
    assert world.entries()[applicant]["record"]["reasons"] == ["blacklisted"]


def test_a_lost_entry_stops_the_freeze_loudly(world, caplog):
    applicant = world.enter(1)
    entry = world.entries()[applicant]
    lost = world.tables.items["entries"].pop((entry["gate"], applicant))
    world.to_close()
    with pytest.raises(StepBlocked):
        world.tick()
    assert world.phase() == "closed"
    assert "counts 1 entries, found 0" in caplog.text
    world.tables.write(Put("entries", lost))
    world.tick()
    assert world.phase() == "roster_published"


def test_an_entry_in_the_place_of_another_stops_the_freeze_though_the_count_is_right(world):
    applicant = world.enter(1)
    entry = world.entries()[applicant]
    other = {**entry, "commitment": bytes(reversed(entry["commitment"]))}
    world.tables.write(Put("entries", other))
    world.to_close()
    with pytest.raises(StepBlocked):
        world.tick()
    assert world.phase() == "closed" and "record" not in world.entries()[applicant]


def test_a_wave_that_is_stuck_does_not_hold_up_the_close_of_another(world):
    applicant = world.enter(1)
    world.create(2, opens_at=OPENS_AT + 1000)
    world.tables.items["entries"].pop((world.entries()[applicant]["gate"], applicant))
    world.to_close()
    with pytest.raises(StepBlocked):
        world.tick()
    assert world.phase(2) == "closed"


def test_decisions_stand_once_a_segment_is_chosen_though_a_ledger_changes(world, monkeypatch):
    people = [world.enter(n, family=1) for n in range(3)]
    world.to_close()

    def interrupted(*_):
        raise InterruptedError

    with monkeypatch.context() as patch:
        patch.setattr(freezing, "_tell", interrupted)
        with pytest.raises(StepBlocked):
            world.tick()
    mac = world.entries()[people[0]]["nik_mac"]
    world.tables.write(Put("ledgers", {"subject": f"blacklisted#{mac}", "member": "-"}))
    world.tick()
    records = [entry["record"] for entry in world.entries().values()]
    assert {record["status"] for record in records} == {0}
    assert len({record["group"] for record in records}) == 1


def taken(world, phase, wave=1):
    lease = take(world.runtime, wave, phase)
    assert lease is not None
    return Turn(lease, world.outside, ends_at=world.clock() + 10 * MINUTE)


def test_two_workers_at_once_do_the_work_once(world):
    crowd(world, 4)
    world.to_close()
    first = taken(world, "open")
    world.tick()
    assert world.phase() == "open"
    assert closing.close(first).lease.phase == "closed"
    first.lease.runtime.clock.advance(LEASE)
    world.tick()
    assert world.phase() == "roster_published"


def test_a_paused_closer_that_wakes_late_writes_nothing(world):
    crowd(world, 4)
    world.to_close()
    paused = taken(world, "open")
    world.clock.advance(LEASE)
    world.tick()
    before = world.wave()
    for write in (
        lambda: closing.close(paused),
        lambda: paused.lease.move("closed"),
        lambda: paused.lease.save({"root": b""}),
        lambda: paused.lease.renew(),
    ):
        with pytest.raises(LeaseLost):
            write()
    paused.lease.release()
    assert world.wave() == before


def test_a_paused_worker_writes_nothing_though_the_wave_is_still_in_the_same_phase(world):
    crowd(world, 2)
    world.to_close()
    world.witnesses.away = {witness.name for witness in world.witnesses.signers}
    world.tick()
    paused = taken(world, "frozen")
    world.clock.advance(LEASE)
    other = taken(world, "frozen")
    for write in (
        lambda: paused.lease.save({"roster_head": b"mine"}),
        lambda: paused.lease.move("roster_published"),
        lambda: world.tables.write(Put("ledgers", {**LEDGER}), paused.lease.guard()),
    ):
        with pytest.raises((LeaseLost, ConditionFailed)):
            write()
    paused.lease.release()
    assert world.wave() == other.item


LEDGER = {"subject": "recipient#m", "member": "-"}


class Overtaken(FakeTables):
    """Tables in which another worker is quicker, just before the first write to the table `at`."""

    overtake, at = None, "outbox"

    def write(self, *actions):
        if self.overtake and any(action.table == self.at for action in actions):
            overtake, self.overtake = self.overtake, None
            overtake()
        super().write(*actions)


def test_two_announcers_at_once_tell_each_applicant_once():
    world = World(tables=Overtaken())
    world.create(shards=1)
    crowd(world)
    world.to_close()
    world.tick()
    world.to_draw()

    def overtake():
        world.clock.advance(LEASE)
        world.tick()

    world.tables.overtake = overtake
    world.tick()
    assert world.phase() == "announced"
    hurried = [body["message"] for _, body in world.runtime.queues.sent]
    assert len(hurried) == len(set(hurried)) == 24


def test_a_record_that_was_told_meanwhile_stands():
    world = World(tables=Overtaken())
    world.create(shards=1)
    crowd(world)
    world.to_close()

    def overtake():
        for entry in world.tables.items["entries"].values():
            entry["record"] = {"told": "by another"}

    world.tables.overtake, world.tables.at = overtake, "entries"
    world.tick()
    assert world.phase() == "roster_published"
    assert {entry["record"]["told"] for entry in world.entries().values()} == {"by another"}


@pytest.mark.parametrize("lacking", [["frozen"], ["frozen", "segment"]])
def test_a_paused_freezer_changes_neither_segment_nor_record(world, lacking):
    crowd(world, 4)
    world.to_close()
    closed = closing.close(taken(world, "open"))
    world.clock.advance(LEASE)
    world.tick()
    files = world.runtime.files.read(BUCKET, public_key(1, ROSTER))
    for gate in world.tables.items["gates"].values():
        for name in lacking:
            gate.pop(name)
    for shard in range(2):
        with pytest.raises(LeaseLost):
            freezing.freeze_shard(closed, shard)
    with pytest.raises(LeaseLost):
        closed.lease.confirm()
    assert world.runtime.files.read(BUCKET, public_key(1, ROSTER)) == files
    gates = world.tables.items["gates"].values()
    assert not [name for gate in gates for name in lacking if name in gate]


def test_the_schedule_may_fire_three_times_early_and_late(world):
    crowd(world)
    for at in (CLOSES_AT - MINUTE, CLOSES_AT, CLOSES_AT + 3 * MINUTE):
        world.clock.now = at
        for _ in range(3):
            world.tick()
    head = world.wave()["roster_head"]
    world.to_draw()
    for _ in range(3):
        world.tick()
    assert world.phase() == "announced" and world.wave()["roster_head"] == head
    assert len(world.tables.items["outbox"]) == 24


def test_a_wave_waits_for_a_lost_witness_while_the_quorum_is_missing(world):
    crowd(world, 2)
    names = [witness.name for witness in world.witnesses.signers]
    world.witnesses.away = set(names[1:])
    world.to_close()
    world.tick()
    assert world.phase() == "frozen"
    text = world.wave()["roster_text"]
    world.clock.advance(5 * MINUTE)
    world.witnesses.away = {names[0], names[2]}
    world.tick()
    assert world.phase() == "roster_published"
    assert world.wave()["roster_text"] == text
    assert verify_after(world).witnesses == 2


def verify_after(world):
    world.to_draw()
    world.tick()
    return verify_wave(world.files(), world.pins())


def test_no_line_is_added_once_the_quorum_is_reached(world):
    world.witnesses.away = {world.witnesses.signers[2].name}
    world.to_close()
    world.tick()
    head = world.wave()["roster_head"]
    world.witnesses.away = set()
    world.to_draw()
    world.tick()
    assert world.files()["roster.head"] == head == world.wave()["roster_head"]


def test_a_witness_whose_signature_is_wrong_does_not_count(world):
    names = [witness.name for witness in world.witnesses.signers]
    world.witnesses.away, world.witnesses.wrong = {names[0]}, {names[1]}
    world.to_close()
    world.tick()
    assert world.phase() == "frozen"
    world.witnesses.away = set()
    world.tick()
    assert world.phase() == "roster_published"
    assert verify_after(world).witnesses == 2


@pytest.mark.parametrize("offset", [-2 * MINUTE, 20 * MINUTE])
def test_a_witness_whose_clock_is_wrong_does_not_count(world, offset):
    real = world.witnesses.clock
    world.witnesses.clock = lambda: real() + offset
    world.to_close()
    world.tick()
    assert world.phase() == "frozen"


def test_a_roster_that_came_out_late_is_drawn_with_a_later_round(world):
    world.witnesses.away = {witness.name for witness in world.witnesses.signers}
    announced, draw_at = world.wave()["round"], world.wave()["draw_at"]
    world.to_close()
    world.tick()
    world.clock.now = draw_at - MARGIN * SECOND + 1000
    world.witnesses.away = set()
    world.tick()
    assert world.wave()["round"] == announced + 40
    assert world.wave()["draw_at"] > draw_at
    verify_after(world)
    assert world.phase() == "announced"


def test_without_a_quorum_the_operators_word_is_enough():
    world = World(quorum=0)
    world.create()
    world.enter(1)
    world.finish()
    assert verify_wave(world.files(), world.pins()).witnesses == 0


def test_a_late_beacon_is_waited_for(world):
    world.beacons.late = True
    world.to_close()
    world.tick()
    world.to_draw()
    world.tick()
    assert world.phase() == "roster_published" and "beacon" not in world.wave()
    world.clock.advance(60 * MINUTE)
    world.beacons.late = False
    world.tick()
    assert world.phase() == "announced"


def test_the_beacon_is_not_asked_before_its_time(world):
    world.to_close()
    world.tick()
    world.clock.now = world.wave()["draw_at"] - 1
    world.tick()
    assert world.beacons.asked == 0 and world.phase() == "roster_published"


def test_a_wrong_beacon_is_refused_and_the_wave_waits(world):
    world.beacons.only_wrong = True
    world.to_close()
    world.tick()
    world.to_draw()
    world.tick()
    assert world.phase() == "roster_published" and "beacon" not in world.wave()


def test_a_lying_relay_does_not_hide_an_honest_one(world):
    world.beacons.wrong_first = True
    world.finish()
    verify_wave(world.files(), world.pins())


def test_a_roster_changed_after_publication_is_never_drawn(world):
    for n in range(3):
        world.enter(n)
    world.to_close()
    world.tick()
    roster = world.runtime.files.read(BUCKET, public_key(1, ROSTER))
    shorter = roster[RECORD_SIZE:]
    world.runtime.files.write(BUCKET, public_key(1, ROSTER), shorter, content_type="x")
    world.to_draw()
    with pytest.raises(VerificationError, match="roster_entries"):
        world.tick()
    assert world.phase() == "roster_published"
    assert world.runtime.files.names(BUCKET, "undian/1/result") == []


def test_an_account_that_is_gone_does_not_stop_the_announcement(world):
    people = crowd(world, 3)
    world.to_close()
    world.tick()
    world.tables.items["readiness"].pop((people[0],))
    world.to_draw()
    world.tick()
    assert world.phase() == "announced"
    assert "outcome" in world.entries()[people[0]]
    assert world.tables.get("readiness", {"applicant": people[0]}) is None


def test_a_second_selection_of_a_person_is_refused_and_seen_by_a_person(world):
    applicant = world.enter(1)
    world.to_close()
    world.tick()
    mac = world.entries()[applicant]["nik_mac"]
    world.tables.write(Put("ledgers", {"subject": f"recipient#{mac}", "member": "-", "wave": 9}))
    world.to_draw()
    with pytest.raises(StepBlocked):
        world.tick()
    assert world.phase() == "drawn" and "outcome" not in world.entries()[applicant]


def test_shards_side_by_side_give_the_same_roster(world):
    crowd(world, 12)
    world.outside = replace(world.outside, at_once=2)
    world.finish()
    verify_wave(world.files(), world.pins())


def test_a_turn_that_runs_out_of_time_is_continued_by_the_next():
    world = World()
    world.create(shards=32)
    crowd(world, 6)
    world.to_close()
    turn = replace(taken(world, "open"), ends_at=0)
    assert closing.close(turn) is None
    assert world.phase() == "open"
    turn.lease.release()
    world.tick()
    assert world.phase() == "roster_published"


def test_a_gate_that_was_never_made_stops_the_close(world):
    world.tables.items["gates"].pop(("1#1",))
    world.to_close()
    with pytest.raises(StepBlocked):
        world.tick()
    assert world.phase() == "open"
    gate = {"gate": "1#1", "open": False, "entries": 0, "opens_at": 0, "closes_at": 0}
    world.tables.write(Put("gates", gate))
    world.tick()
    assert world.phase() == "roster_published"


def test_a_void_wave_is_left_alone(world):
    world.tables.write(Update("waves", {"wave": 1}, set={"phase": "void"}))
    world.to_close()
    before = world.wave()
    world.tick()
    assert world.wave() == before
