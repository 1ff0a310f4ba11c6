"""Three verifiers, written apart, agree: the programme's, the public's Python file, the browser's.

All get the same waves: the vectors, changed bytes, and what an operator could sign and publish.
Each must give the same verdict, the same step and the same words.
"""

from __future__ import annotations

import base64
import hashlib
import importlib.util
import json
import random
from collections.abc import Iterator, Mapping
from dataclasses import replace
from types import ModuleType
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from playwright.sync_api import Browser, Page

from functions.programme.draw import proof as proofs
from functions.programme.draw import verify
from functions.programme.draw.beacon import beacon_json
from functions.programme.draw.errors import VerificationError
from functions.programme.draw.heads import open_roster_head
from functions.programme.draw.notes import add_signatures, cosign, parse_note, sign_note
from functions.programme.draw.proof import make_proof, verify_proof
from functions.programme.draw.results import RECORD_SIZE as RESULT_SIZE
from functions.programme.draw.results import parse_results, results_bytes
from functions.programme.draw.roster import RECORD_SIZE, parse_records, roster_bytes
from functions.programme.draw.tree import ChunkTree
from functions.programme.draw.void import NO_HEAD, void_text
from tests.programme.draw.test_tampering import unknown_if_changed
from tests.programme.draw.world import (
    CLOSES_AT,
    OPERATOR,
    RECEIPTS,
    SECRET,
    WAVES,
    WITNESSES,
    World,
    make_world,
    private,
    quick_beacon,
    sign_round,
    vector,
)
from tests.site.conftest import ROOT, WITHOUT_ED25519

Files = dict[str, bytes]
BYTES_A_LIST = 500
# What runs in the page: a wave from base64, its beacon checked once for each signature.
SCRIPT = """
async ([folder]) => {
  const ofWave = await import(`${folder}modules/wave-worker.js`);
  const ofProof = await import(`${folder}modules/proof-worker.js`);
  const { $draw_wave: wave, $draw_crypto: crypto } = ofWave;
  const { $draw_proof: proof } = ofProof;
  const known = new Map();
  const verifyRound = (key, round, signature) => {
    const name = [key, round, signature].join(";");
    if (!known.has(name)) known.set(name, crypto.verifyRound(key, round, signature));
    return known.get(name);
  };
  const data = (text) => Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
  const said = async (work) => {
    const steps = [];
    try {
      const held = await work({ onStep: (name) => steps.push(name), verifyRound });
      return { steps, held };
    } catch (error) {
      if (error.step === undefined) throw error;
      return { steps, step: error.step, text: error.message };
    }
  };
  window.draws = {
    open: (files) =>
      Object.fromEntries(Object.entries(files).map(([name, text]) => [name, data(text)])),
    wave: (files, pins) =>
      said((options) => wave.verifyWave(async (name) => files[name] || null, pins, options)),
    proof: (files, pins, own) =>
      said((options) => proof.verifyProof(async (name) => files[name] || null, pins, own, options)),
    ofWave,
    ofProof,
  };
}
"""


@pytest.fixture(scope="module")
def draws(browser: Browser, origin: str, built: Any) -> Iterator[Page]:
    """A page of the site with its verifier loaded."""
    context = browser.new_context(base_url=origin)
    page = context.new_page()
    page.goto("/undian/periksa/")
    folder = f"/aset/{next((built / 'aset').iterdir()).name}/"
    page.evaluate(SCRIPT, [folder])
    yield page
    context.close()


@pytest.fixture(scope="module")
def public() -> ModuleType:
    """The public's single file as a module."""
    path = ROOT / "site" / "undian" / "verify.py"
    spec = importlib.util.spec_from_file_location("public_verify", path)
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    held: dict[tuple[bytes, int, bytes], str] = {}
    slow = module.verify_beacon

    def once(key: bytes, number: int, signature: bytes) -> None:
        """Really verified, but only the first time that it is met."""
        if (key, number, signature) not in held:
            try:
                slow(key, number, signature)
                held[key, number, signature] = ""
            except module.Refused as refused:
                held[key, number, signature] = str(refused)
        module.demand(not held[key, number, signature], held[key, number, signature])

    module.verify_beacon = once
    return module


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """The programme's own check of a round, done once for each."""
    monkeypatch.setattr(verify, "verify_beacon", quick_beacon)
    monkeypatch.setattr(proofs, "verify_beacon", quick_beacon)


def _encoded(files: Mapping[str, bytes]) -> dict[str, str]:
    return {name: base64.b64encode(data).decode() for name, data in files.items()}


def _programme(files: Files, pins: bytes) -> list[str]:
    """What the programme's verifier says, as the command prints it."""
    lines: list[str] = []
    try:
        verify.verify_wave(files, pins, lambda name: lines.append(f"ok {name}"))
    except VerificationError as error:
        lines.append(f"FAILED {error.step}: {error}")
    return lines


def _public(public: ModuleType, files: Files, pins: bytes) -> list[str]:
    lines: list[str] = []
    public.say = lines.append

    def read(name: str) -> bytes:
        public.demand(name in files, "file_missing", file=name)
        return files[name]

    public.Check(read, pins).run()
    return [line for line in lines if line.startswith(("ok ", "FAILED "))]


def _browser(draws: Page, files: Files, pins: bytes) -> list[str]:
    said = draws.evaluate(
        "([files, pins]) => draws.wave(draws.open(files), draws.open({ pins }).pins)",
        [_encoded(files), base64.b64encode(pins).decode()],
    )
    lines = [f"ok {name}" for name in said["steps"]]
    return lines if "held" in said else [*lines, f"FAILED {said['step']}: {said['text']}"]


@pytest.mark.parametrize("name", WAVES)
def test_all_accept_the_vectors_with_the_same_steps(
    name: str, draws: Page, public: ModuleType
) -> None:
    files, pins = vector(name)
    said = _programme(files, pins)
    assert said[-1] == "ok beacon_signature" and len(said) == 9
    assert _public(public, files, pins) == said
    assert _browser(draws, files, pins) == said


@pytest.mark.parametrize("name", WAVES)
def test_the_browser_gives_the_results_byte_for_byte(name: str, draws: Page) -> None:
    files, _ = vector(name)
    lists = draws.evaluate(
        """async ([files, seed, limit]) => {
          const { parseRoster, ranking, allocate, treeRoot } = draws.ofWave.$draw_lists;
          const opened = draws.open(files);
          const params = JSON.parse(new TextDecoder().decode(opened["params.json"]));
          const columns = parseRoster(opened["roster.bin"], limit, params.pools.length);
          const key = Uint8Array.from(seed.match(/../g), (pair) => parseInt(pair, 16));
          const results = allocate(columns, await ranking(key, columns), params);
          const text = (data) => Array.from(data, (b) => b.toString(16).padStart(2, "0")).join("");
          const roots = [await treeRoot(opened["roster.bin"], 40), await treeRoot(results, 8)];
          return [text(results), ...roots.map(text)];
        }""",
        [_encoded(files), files["result.head"].splitlines()[4].decode(), 2],
    )
    assert lists[0] == files["results.bin"].hex()
    assert lists[1].encode() == files["roster.head"].splitlines()[4]
    assert lists[2].encode() == files["result.head"].splitlines()[6]


def _changes(wave: str, files: Files, lists_too: bool) -> Iterator[tuple[str, int, int]]:
    """Each byte of the small files once, and so many of each list: file, place, new byte."""
    choice = random.Random(wave)
    for name, data in sorted(files.items()):
        if name.endswith(".bin") and not lists_too:
            continue
        few = name.endswith(".bin") and len(data) > BYTES_A_LIST
        places = sorted(choice.sample(range(len(data)), BYTES_A_LIST)) if few else range(len(data))
        for at in places:
            yield name, at, data[at] ^ choice.randrange(1, 256)


def test_the_browser_refuses_every_changed_byte_of_a_wave_with_the_same_words(draws: Page) -> None:
    files, pins = vector("fallback")
    changes = list(_changes("fallback", files, lists_too=True))
    said = draws.evaluate(
        """async ([files, pins, changes]) => {
          const opened = draws.open(files);
          const said = [];
          for (const [name, at, byte] of changes) {
            const changed = opened[name].slice();
            changed[at] = byte;
            const files = { ...opened, [name]: changed };
            const { step, text } = await draws.wave(files, draws.open({ pins }).pins);
            said.push(step ? `${step}: ${text}` : null);
          }
          return said;
        }""",
        [_encoded(files), base64.b64encode(pins).decode(), changes],
    )
    free = unknown_if_changed(files["roster.head"])
    for (name, at, byte), words in zip(changes, said, strict=True):
        if words is None:
            assert name == "roster.head" and at in free, (name, at, byte)
    refused = [one for one, words in zip(changes, said, strict=True) if words is not None]
    assert len(refused) > len(changes) - len(free)
    for place in random.Random(1).sample(range(len(changes)), 150):
        name, at, byte = changes[place]
        changed = files[name][:at] + bytes([byte]) + files[name][at + 1 :]
        last = _programme(files | {name: changed}, pins)[-1]
        assert last == ("ok beacon_signature" if said[place] is None else f"FAILED {said[place]}")


def test_the_public_file_refuses_every_changed_byte_with_the_same_words(
    public: ModuleType,
) -> None:
    files, pins = vector("tiny")
    changes = list(_changes("tiny", files, lists_too=True))
    for name, at, byte in random.Random(2).sample(changes, 400):
        changed = files | {name: files[name][:at] + bytes([byte]) + files[name][at + 1 :]}
        assert _public(public, changed, pins) == _programme(changed, pins), (name, at, byte)


def _with(world: World, **files: bytes) -> World:
    names = {"roster_head": "roster.head", "beacon": "beacon.json", "void": "void.note"}
    return replace(world, files=world.files | {names[name]: data for name, data in files.items()})


def _head_with(world: World, line: int, text: str) -> World:
    lines = open_roster_head(world.files["roster.head"], world.pins).text.decode().splitlines()
    lines[line] = text
    return world.with_head_text("".join(f"{one}\n" for one in lines).encode())


def _void(world: World, at: int, digest: bytes = NO_HEAD, witnesses: int = 3) -> World:
    text = void_text(7, world.params.digest, digest, at, "authority", "A court has ordered it.")
    lines = [cosign(text, witness, at) for witness in WITNESSES[:witnesses]]
    return _with(world, void=add_signatures(sign_note(text, OPERATOR), lines))


def _forgeries() -> dict[str, World]:
    """Waves that an operator could sign and publish."""
    world = make_world(40)
    head = open_roster_head(world.files["roster.head"], world.pins)
    records = parse_records(world.files["roster.bin"])
    results = parse_results(world.files["results.bin"], 0)
    winner = next(i for i, one in enumerate(results) if one.outcome == 1)
    loser = next(i for i, one in enumerate(results) if one.outcome != 1)
    swapped = list(results)
    swapped[winner], swapped[loser] = swapped[loser], swapped[winner]
    note = parse_note(world.files["roster.head"])
    family = [one for one in records if one.group]
    lone = [one for one in records if one.group != family[0].group]
    signature = sign_round(SECRET, world.params.round).signature
    made = {
        "whole": world,
        "swapped": world.with_results(results_bytes(swapped)),
        "roster unordered": world.with_roster(roster_bytes(records)[::-1][:0] + _rotated(world)),
        "too much room": world.with_roster(
            roster_bytes(one._replace(room=3) if one.group else one for one in records)
        ),
        "no such pool": world.with_roster(
            roster_bytes([records[0]._replace(pool=1), *records[1:]])
        ),
        "two rooms": world.with_roster(
            roster_bytes(one._replace(room=1) if one is family[0] else one for one in records)
        ),
        "group too small": world.with_roster(roster_bytes([*lone, family[0]])),
        "no operator": _with(world, roster_head=replace(note, lines=note.lines[1:]).to_bytes()),
        "one witness": _with(world, roster_head=replace(note, lines=note.lines[:2]).to_bytes()),
        "a line twice": _with(
            world, roster_head=replace(note, lines=(*note.lines, note.lines[0])).to_bytes()
        ),
        "seventeen lines": _with(
            world, roster_head=replace(note, lines=note.lines[:1] * 17).to_bytes()
        ),
        "receipts key": _with(world, roster_head=sign_note(head.text, RECEIPTS)),
        "too early": world.with_roster(world.files["roster.bin"], CLOSES_AT - 31),
        "too late": world.with_roster(world.files["roster.bin"], CLOSES_AT + 86_400),
        "drawn late": world.with_roster(world.files["roster.bin"], CLOSES_AT + 86_400).drawn(),
        "another chain": _with(world, beacon=beacon_json(sign_round(SECRET + 1, 25_101_412))),
        "void in time": _void(world, CLOSES_AT + 3_600),
        "void of this head": _void(world, CLOSES_AT + 3_600, head.digest),
        "void of another head": _void(world, CLOSES_AT + 3_600, bytes([1]) * 32),
        "void too late": _void(world, CLOSES_AT + 172_800),
        "void unseen": _void(world, CLOSES_AT + 3_600, witnesses=1),
    }
    for at, byte in ((0, 0x20), (0, 0x40), (47, 1)):
        changed = signature[:at] + bytes([signature[at] ^ byte]) + signature[at + 1 :]
        forged = replace(sign_round(SECRET, world.params.round), signature=changed)
        made[f"point {at} {byte}"] = _signed_with(world, forged)
    for line, text in (
        (1, "07"),
        (1, "8"),
        (2, "00" * 32),
        (3, "+40"),
        (3, "39"),
        (4, "AA" * 32),
        (5, "2026-02-30T05:20:00Z"),
        (5, "2026-01-09T05:20:60Z"),
        (5, "0026-01-09T05:20:00Z"),
        (5, "2026-01-09T05:20:00Z\nmore"),
        (0, "gelombang/roster/v2"),
        (1, "７"),
    ):
        made[f"head line {line} {text}"] = _head_with(world, line, text)
    return made


def _rotated(world: World) -> bytes:
    roster = world.files["roster.bin"]
    return roster[40:] + roster[:40]


def _signed_with(world: World, forged: Any) -> World:
    """A result made honestly from a round that is no round."""
    from functions.programme.draw.heads import result_head_text
    from functions.programme.draw.order import make_seed
    from functions.programme.draw.results import draw

    head = open_roster_head(world.files["roster.head"], world.pins)
    seed = make_seed(head, forged)
    results = draw(world.files["roster.bin"], world.params, world.pins.family_limit, seed)
    root = ChunkTree(results, RESULT_SIZE).root
    text = result_head_text(7, head.digest, forged.round, seed, head.n, root)
    files = {
        "beacon.json": beacon_json(forged),
        "results.bin": results,
        "result.head": sign_note(text, OPERATOR),
    }
    return replace(world, files=world.files | files)


def test_all_refuse_the_same_forgeries_in_the_same_words(draws: Page, public: ModuleType) -> None:
    held = set()
    for name, world in _forgeries().items():
        said = _programme(world.files, world.pins_bytes)
        if not said[-1].startswith("FAILED"):
            held.add(name)
        assert _public(public, world.files, world.pins_bytes) == said, name
        assert _browser(draws, world.files, world.pins_bytes) == said, name
    harmless = {"void of another head", "void too late", "void unseen"}
    assert held == {"whole", "drawn late", *harmless}


@pytest.mark.parametrize(
    "text",
    [
        b'{"a":1.0}',
        b'{"a":1e2}',
        b'{"a":-1}',
        b'{"a":9007199254740992}',
        b'{"a":9007199254740991}',
        b'{"a":1,"a":2}',
        b'{"b":1,"a":2}',
        b'{"a": 1}',
        b'{"a":true}',
        b'{"a":null}',
        b'{"a":"\\u0041"}',
        b'{"a":"\\/"}',
        b'{"a":"\xc3\xa9"}',
        b'{"a":"\\u00e9"}',
        b'{"a":"\x7f"}',
        b'{"a":"\\"\\\\~"}',
        b'{"__proto__":1}',
        b"[" * 17 + b"]" * 17,
        b"[" * 16 + b"]" * 16,
        b"{}\n",
        b"\xef\xbb\xbf{}",
        b"NaN",
        b"",
        b"01",
        b"-0",
    ],
)
def test_all_agree_on_what_is_canonical(text: bytes, draws: Page, public: ModuleType) -> None:
    from functions.programme.draw import canonical

    def holds(parse: Any, refusal: type[Exception]) -> bool:
        try:
            parse(text)
        except refusal:
            return False
        return True

    expected = holds(canonical.parse, VerificationError)
    assert holds(public.from_json, public.Refused) == expected
    in_browser = draws.evaluate(
        """([text]) => {
          const { fromJson } = draws.ofProof.$draw_values;
          try { fromJson(draws.open({ text }).text); return true; } catch (error) { return false; }
        }""",
        [base64.b64encode(text).decode()],
    )
    assert in_browser == expected


def own_entry(name: str) -> tuple[Files, bytes, dict[str, Any]]:
    """A person of a vector with their proof, and the wave's small files."""
    files, pins = vector(name)
    person = private(name)["people"][0]
    commitment = bytes.fromhex(person["receipt"]["commitment"])
    records = parse_records(files["roster.bin"])
    index = next(i for i, one in enumerate(records) if one.commitment == commitment)
    trees = (
        ChunkTree(files["roster.bin"], RECORD_SIZE),
        ChunkTree(files["results.bin"], RESULT_SIZE),
    )
    proof = make_proof(person["receipt"]["wave"], index, *trees)
    own = {"proof": proof, "receipt": person["receipt"], "nik": person["nik"], "kk": person["kk"]}
    small = {file: data for file, data in files.items() if not file.endswith(".bin")}
    return small, pins, own


@pytest.mark.parametrize("name", ["plain", "pools", "fallback", "tiny", "one", "unwitnessed"])
def test_the_browser_shows_of_a_proof_what_the_programme_shows(name: str, draws: Page) -> None:
    files, pins, own = own_entry(name)
    said = draws.evaluate(
        "([files, pins, own]) => draws.proof(draws.open(files), draws.open({ pins }).pins, own)",
        [_encoded(files), base64.b64encode(pins).decode(), own],
    )
    proven = verify_proof(own["proof"], files, pins, own["receipt"], own["nik"], own["kk"])
    held = said["held"]
    assert held["index"] == proven.index and held["number"] == proven.number.hex()
    assert held["result"]["rank"] == proven.result.rank
    assert held["result"]["outcome"] == proven.result.outcome
    assert held["record"]["group"] == proven.record.group


@pytest.mark.parametrize("name", ["tiny", "plain"])
def test_the_browser_refuses_every_changed_byte_of_a_proof(name: str, draws: Page) -> None:
    files, pins, own = own_entry(name)
    text = json.dumps(own["proof"], separators=(",", ":")).encode()
    choice = random.Random(name)
    places = range(len(text)) if name == "tiny" else choice.sample(range(len(text)), BYTES_A_LIST)
    accepted = draws.evaluate(
        """async ([files, pins, own, text, bytes]) => {
          const { checkProof, checkReceipt } = draws.ofProof.$draw_proof;
          const { openPublished, openResult } = draws.ofProof.$draw_published;
          const opened = draws.open(files);
          const read = async (name) => opened[name] || null;
          const wave = await openPublished(read, draws.open({ pins }).pins, () => {});
          const root = await openResult(read, wave, () => {});
          const commitment = await checkReceipt(own, wave);
          const proof = draws.open({ text }).text;
          await checkProof(JSON.parse(new TextDecoder().decode(proof)), wave, root, commitment);
          const accepted = [];
          for (const [at, byte] of bytes) {
            const changed = proof.slice();
            changed[at] ^= byte;
            try {
              const value = JSON.parse(new TextDecoder().decode(changed));
              await checkProof(value, wave, root, commitment);
              accepted.push(at);
            } catch (error) {
              if (error.code === undefined && !(error instanceof SyntaxError)) throw error;
            }
          }
          return accepted;
        }""",
        [
            *(_encoded(files), base64.b64encode(pins).decode(), own),
            *(base64.b64encode(text).decode(), [[at, choice.randrange(1, 256)] for at in places]),
        ],
    )
    assert accepted == []


def test_the_browser_refuses_anothers_numbers_and_receipt_as_the_programme_does(
    draws: Page,
) -> None:
    files, pins, own = own_entry("plain")
    other = private("plain")["people"][1]
    for change in (
        {"nik": own["kk"]},
        {"kk": "1" * 15},
        {"receipt": {**own["receipt"], "joined_at": "2026-01-01T00:00:00Z"}},
        {"receipt": {**own["receipt"], "more": 1}},
        {"receipt": other["receipt"], "nik": other["nik"], "kk": other["kk"]},
        {"proof": {**own["proof"], "index": own["proof"]["index"] ^ 1}},
        {"proof": {**own["proof"], "wave": 1}},
        {"proof": {**own["proof"], "roster_path": own["proof"]["roster_path"][1:]}},
    ):
        given = {**own, **change}
        said = draws.evaluate(
            "([files, pins, own]) => draws.proof("
            "draws.open(files), draws.open({ pins }).pins, own)",
            [_encoded(files), base64.b64encode(pins).decode(), given],
        )
        with pytest.raises(VerificationError) as refused:
            verify_proof(given["proof"], files, pins, given["receipt"], given["nik"], given["kk"])
        assert (said["step"], said["text"]) == (refused.value.step, str(refused.value)), change


@pytest.mark.parametrize("missing", [True, False])
def test_signatures_hold_with_and_without_the_browsers_own_ed25519(
    missing: bool, browser: Browser, origin: str, built: Any
) -> None:
    context = browser.new_context(base_url=origin)
    page = context.new_page()
    if missing:
        page.add_init_script(WITHOUT_ED25519)
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto("/undian/periksa/")
    page.evaluate(SCRIPT, [f"/aset/{next((built / 'aset').iterdir()).name}/"])
    files, pins = vector("tiny")
    assert _browser(page, files, pins) == _programme(files, pins)
    wrong = files | {"result.head": files["result.head"].replace(b"/result/v1", b"/result/v2")}
    assert _browser(page, wrong, pins) == _programme(wrong, pins)
    assert any(url.endswith("/ed25519.js") for url in asked) == missing
    context.close()


def _ed25519_cases() -> dict[str, tuple[bool, bytes, bytes, bytes]]:
    """What it is: whether it holds, the key, the message, the signature."""
    seed, message = bytes(range(32)), b"gelombang"
    private_key = Ed25519PrivateKey.from_private_bytes(seed)
    key, good = private_key.public_key().public_bytes_raw(), private_key.sign(message)
    secret = int.from_bytes(hashlib.sha512(seed).digest()[:32], "little")
    secret = secret % 2**254 // 8 * 8 + 2**254
    order = 2**252 + 27742317777372353535851937790883648493

    def number(value: int) -> bytes:
        return value.to_bytes(32, "little")

    def made(first: bytes, hashed: bytes) -> bytes:
        """The signature by whoever has the secret, for R as the neutral point."""
        k = int.from_bytes(hashlib.sha512(hashed + key + message).digest(), "little")
        return first + number(k * secret % order)

    # The neutral point's y is 1; as p + 1 it is the same point, written as it must not be.
    neutral, above = number(1), number(2**255 - 18)
    large = int.from_bytes(good[32:], "little") + order
    return {
        "good": (True, key, message, good),
        "empty": (True, key, b"", private_key.sign(b"")),
        "R neutral": (True, key, message, made(neutral, neutral)),
        "R above p": (False, key, message, made(above, neutral)),
        "R above p, hashed so": (False, key, message, made(above, above)),
        "another message": (False, key, message[1:], good),
        "s + L": (False, key, message, good[:32] + number(large)),
        "key of small order": (False, neutral, message, neutral + bytes(32)),
        "key above p": (False, above, message, neutral + bytes(32)),
        "no point": (False, number(2), message, good),
        "short key": (False, key[:31], message, good),
        "long signature": (False, key, message, good + b"\0"),
    }


def test_the_vendored_ed25519_keeps_to_the_strict_rules(draws: Page, built: Any) -> None:
    cases = _ed25519_cases()
    said = draws.evaluate(
        """async ([file, cases]) => {
          const { verify } = await import(file);
          const data = (text) => Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
          return Promise.all(cases.map((given) => verify(...given.map(data))));
        }""",
        [
            f"/aset/{next((built / 'aset').iterdir()).name}/vendor/ed25519.js",
            [[base64.b64encode(part).decode() for part in given] for _, *given in cases.values()],
        ],
    )
    assert dict(zip(cases, said, strict=True)) == {name: case[0] for name, case in cases.items()}
