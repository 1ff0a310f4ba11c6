"""Every change to what was published is refused, with one code by both readings of the lists,
and before anyone has waited for the beacon's slow signature."""

import random
from collections.abc import Iterator

import pytest

from functions.programme.draw import verify
from functions.programme.draw.errors import VerificationError
from functions.programme.draw.quick.verify import QuickLists
from tests.programme.draw.world import PUBLIC, WAVES, quick_beacon, vector

EVERYWHERE = "tiny"
SAMPLED = 60  # positions a file of the other vectors


@pytest.fixture(autouse=True)
def beacon_checks(monkeypatch):
    """The rounds whose signatures were looked at."""
    looked_at = []

    def look(pins, beacon):
        looked_at.append(beacon.round)
        quick_beacon(pins, beacon)

    monkeypatch.setattr(verify, "verify_beacon", look)
    return looked_at


def refusal(files: dict[str, bytes], pins: bytes) -> VerificationError:
    """Why both readings of the lists refuse these files: for the same reason."""
    with pytest.raises(VerificationError) as plain:
        verify.verify_wave(files, pins)
    with pytest.raises(VerificationError) as quick:
        verify.verify_wave(files, pins, lists=QuickLists(files))
    found = [(error.value.step, str(error.value)) for error in (plain, quick)]
    assert found[0] == found[1]
    return plain.value


def positions(wave: str, file: str, data: bytes) -> Iterator[tuple[int, int]]:
    """Where to change a file, and to which byte: everywhere in the smallest with families."""
    choice = random.Random(f"{wave}/{file}")
    places = range(len(data))
    sampled = choice.sample(places, min(SAMPLED, len(data)))
    for at in places if wave == EVERYWHERE else sorted(sampled):
        yield at, data[at] ^ choice.randrange(1, 256)


def unknown_if_changed(head: bytes) -> set[int]:
    """Positions of names and key ids in witness lines: a change makes a line an unknown one."""
    free: set[int] = set()
    start = head.rfind(b"\n\n") + 2
    for line in head[start:].splitlines(keepends=True):
        dash, name, _ = line.split(b" ")
        if name.startswith(b"witness."):
            name_at = start + len(dash) + 1
            free.update(range(name_at, name_at + len(name)))
            key_id_at = name_at + len(name) + 1
            free.update(range(key_id_at, key_id_at + 6))
        start += len(line)
    return free


@pytest.mark.parametrize("file", PUBLIC)
@pytest.mark.parametrize("wave", WAVES)
def test_a_changed_byte_is_refused_before_the_beacon_is_looked_at(wave, file, beacon_checks):
    files, pins = vector(wave)
    free = unknown_if_changed(files[file]) if file == "roster.head" else set()
    for at, byte in positions(wave, file, files[file]):
        changed = files | {file: files[file][:at] + bytes([byte]) + files[file][at + 1 :]}
        if at in free and _holds_with_two_witnesses(changed, pins):
            beacon_checks.clear()
            continue
        error = refusal(changed, pins)
        assert error.code and error.step, (file, at)
        assert not beacon_checks, (file, at)


def _holds_with_two_witnesses(files: dict[str, bytes], pins: bytes) -> bool:
    try:
        return verify.verify_wave(files, pins).witnesses == 2
    except VerificationError:
        return False


@pytest.mark.parametrize("flip", [0x20, 0x80])
def test_a_witness_beyond_the_quorum_may_become_unknown_but_not_wrong(flip):
    files, pins = vector("tiny")
    head = bytearray(files["roster.head"])
    at = head.rfind(b"witness.example/c")
    head[at] ^= flip
    if flip == 0x20:
        report = verify.verify_wave(files | {"roster.head": bytes(head)}, pins)
        assert report.witnesses == 2
    else:
        with pytest.raises(VerificationError, match="note_malformed"):
            verify.verify_wave(files | {"roster.head": bytes(head)}, pins)


@pytest.mark.parametrize("file", PUBLIC)
@pytest.mark.parametrize("wave", WAVES)
def test_an_appended_byte_is_refused(wave, file):
    files, pins = vector(wave)
    for more in (b"\n", b" ", b"\x00", b"0", b"}"):
        refusal(files | {file: files[file] + more}, pins)


@pytest.mark.parametrize("file", PUBLIC)
def test_a_file_that_is_cut_short_or_missing_is_refused(file):
    files, pins = vector("fallback")
    for length in (0, 1, len(files[file]) // 2, len(files[file]) - 1):
        refusal(files | {file: files[file][:length]}, pins)
    del files[file]
    assert refusal(files, pins).code == "file_missing"


def test_other_pins_than_those_announced_are_refused():
    files, pins = vector("tiny")
    for at, byte in positions("tiny", "pins.json", pins):
        changed = pins[:at] + bytes([byte]) + pins[at + 1 :]
        assert refusal(files, changed).step in ("pins", "params"), at


@pytest.mark.parametrize("file", PUBLIC)
def test_a_file_of_another_wave_is_refused(file):
    files, pins = vector("plain")
    other, _ = vector("pools")
    refusal(files | {file: other[file]}, pins)
