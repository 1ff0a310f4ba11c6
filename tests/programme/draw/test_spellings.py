"""Other spellings of what was published: a lax parser would read the same, this one does not."""

from dataclasses import replace

import pytest

from functions.programme.draw import verify
from functions.programme.draw.errors import VerificationError
from functions.programme.draw.heads import open_result_head
from functions.programme.draw.notes import sign_note
from functions.programme.draw.verify import verify_wave
from tests.programme.draw.world import OPERATOR, make_world, quick_beacon, refused

N = 40


@pytest.fixture(autouse=True)
def quick(monkeypatch):
    monkeypatch.setattr(verify, "verify_beacon", quick_beacon)


def json_forgeries(data: bytes, name: str) -> dict[str, bytes]:
    """Other spellings of a JSON file, of which a lax parser would read the same values."""
    number = name + b'":' + data.split(name + b'":')[1].split(b",")[0].rstrip(b"}")
    return {
        "a key twice": data.replace(number, number + b',"' + number, 1),
        "a float": data.replace(number, number + b".0", 1),
        "an exponent": data.replace(number, number + b"e0", 1),
        "a space": data.replace(b":", b": ", 1),
        "an escape": data.replace(b'"' + name[:1], b'"\\u%04x' % name[0], 1),
        "other letters": data.replace(number, "｢".encode() + number, 1),
        "a byte order mark": b"\xef\xbb\xbf" + data,
        "a final newline": data + b"\n",
        "a second value": data + b"{}",
        "keys in another order": b'{"' + number + b"," + data.replace(b',"' + number, b"")[1:],
    }


@pytest.mark.parametrize("kind", json_forgeries(b'{"a":1}', b"a"))
@pytest.mark.parametrize(
    ("file", "name", "step"),
    [("params.json", b"quota", "params"), ("beacon.json", b"round", "beacon")],
)
def test_a_file_that_a_lax_parser_would_read_alike_is_refused(file, name, step, kind):
    world = make_world(N)
    forged = json_forgeries(world.files[file], name)[kind]
    assert forged != world.files[file]
    refused(replace(world, files=world.files | {file: forged}), "json_not_canonical", step)


@pytest.mark.parametrize("kind", json_forgeries(b'{"a":1}', b"a"))
def test_pins_that_a_lax_parser_would_read_alike_are_refused(kind):
    world = make_world(N)
    forged = json_forgeries(world.pins_bytes, b"quorum")[kind]
    with pytest.raises(VerificationError, match="json_not_canonical") as error:
        verify_wave(world.files, forged)
    assert error.value.step == "pins"


@pytest.mark.parametrize(
    ("line", "text", "code"),
    [
        (0, "gelombang/result/v2", "head_malformed"),
        (1, "8", "result_wave"),
        (2, "00" * 32, "result_roster"),
        (3, "25101413", "result_round"),
        (3, "025101412", "decimal_malformed"),
        (4, "00" * 32, "result_seed"),
        (5, "39", "result_entries"),
        (6, "00" * 32, "results_root"),
        (6, "00" * 31, "hex_malformed"),
        (6, "00" * 32 + "\n", "head_malformed"),
        (6, "00" * 32 + "\nmore", "head_malformed"),
    ],
)
def test_a_results_head_with_another_text_is_refused_although_it_is_signed(line, text, code):
    world = make_world(N)
    lines = open_result_head(world.files["result.head"], world.pins).text.decode().splitlines()
    lines[line] = text
    note = sign_note("".join(f"{one}\n" for one in lines).encode(), OPERATOR)
    step = "results" if code == "results_root" else "result_head"
    refused(replace(world, files=world.files | {"result.head": note}), code, step)
