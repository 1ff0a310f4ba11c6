#!/usr/bin/env python3
"""Check a draw of Gelombang by yourself: one file, to be read beside the protocol.

    python -m pip install cryptography py_ecc
    python verify.py https://DOMAIN/undian/N/ --pins my-pins.json
    python verify.py FOLDER --pins my-pins.json

Take pins.json (the keys) from a source other than the operator's site: a newspaper, a witness,
your own earlier copy. Without --pins they are taken from beside the wave, and the last line says
so. Your own entry is checked by the site's page /undian/periksa/, which needs your receipt.

Written from the protocol (docs/draw-protocol.md, § names its sections) and apart from the
programme's code, so that the two have to agree. Python 3.8 or newer;
a million entries take 13 seconds of CPU and 220 MB.
Exit code 0: every step holds; 1: one does not, and FAILED names it; 2: wrong usage. Apache-2.0.
"""

from __future__ import annotations

import argparse
import base64
import calendar
import hashlib
import json
import re
import struct
import sys
import time
import urllib.request
from array import array
from functools import lru_cache
from pathlib import Path

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

FILES = ("params.json", "roster.bin", "roster.head", "beacon.json", "results.bin", "result.head")
U32, U64, SAFE = 2**32 - 1, 2**64 - 1, 2**53 - 1
CHUNK, RECORD, RESULT = 256, 40, 8
VOID_REASONS = [
    "records_wrong",
    "ledgers_wrong",
    "announcement_wrong",
    "not_reachable",
    "authority",
]
OPERATOR_TYPE, WITNESS_TYPE = 0x01, 0x04
SELECTED, RESERVE, NOT_SELECTED, FAMILY_LIMIT = 1, 2, 3, 4


class Refused(Exception):
    """Something does not hold: a stable code, and where."""

    def __init__(self, code, **where):
        self.code = code
        super().__init__(" ".join([code] + [f"{name}={value}" for name, value in where.items()]))


class WrongUsage(Exception):
    """The check cannot begin."""


def demand(holds, code, **where):
    """Refuse unless `holds`."""
    if not holds:
        raise Refused(code, **where)


def sha256(*parts):
    """H of the protocol."""
    return hashlib.sha256(b"".join(parts)).digest()


def from_hex(text, size=None):
    """Lower-case hex; `size` in bytes."""
    good = re.fullmatch("(?:[0-9a-f]{2})*", text) and (size is None or len(text) == 2 * size)
    demand(good, "hex_malformed")
    return bytes.fromhex(text)


def from_base64(text):
    """Padded base64 that would be written in the same way again."""
    try:
        data = base64.b64decode(text, validate=True)
    except ValueError:
        raise Refused("base64_malformed") from None
    demand(base64.b64encode(data).decode() == text, "base64_malformed")
    return data


def from_decimal(text, highest):
    """A number without leading zeros."""
    good = re.fullmatch("0|[1-9][0-9]{0,19}", text)
    demand(good and int(text) <= highest, "decimal_malformed")
    return int(text)


def from_time(text):
    """Seconds since 1970 of YYYY-MM-DDTHH:MM:SSZ, years from 1000."""
    form = "%Y-%m-%dT%H:%M:%SZ"
    try:
        demand(re.fullmatch("[1-9][0-9]{3}(-[0-9]{2}){2}T[0-9]{2}(:[0-9]{2}){2}Z", text), "")
        seconds = calendar.timegm(time.strptime(text, form))
        demand(time.strftime(form, time.gmtime(seconds)) == text, "")
    except (ValueError, OverflowError, Refused):
        raise Refused("time_malformed") from None
    return seconds


def canonical(value):
    """The canonical JSON of a value, or a refusal if it has none."""
    if isinstance(value, str):
        demand(all(" " <= letter <= "~" for letter in value), "json_not_canonical")
        return json.dumps(value)
    if isinstance(value, int) and not isinstance(value, bool):
        demand(0 <= value <= SAFE, "json_not_canonical")
        return str(value)
    if isinstance(value, list):
        return "[" + ",".join(canonical(member) for member in value) + "]"
    demand(isinstance(value, dict), "json_not_canonical")
    pairs = (canonical(key) + ":" + canonical(value[key]) for key in sorted(value))
    return "{" + ",".join(pairs) + "}"


def from_json(data):
    """The value of a canonical file: writing it again must give the same bytes."""
    deep = deepest = 0
    for part in re.findall(rb'"(?:[^"\\]|\\.)*"|[][{}]', data):
        deep += (part in b"[{") - (part in b"]}")
        deepest = max(deep, deepest)
    demand(deepest <= 16, "json_not_canonical")
    try:
        value = json.loads(data.decode("ascii"))
    except ValueError:
        raise Refused("json_not_canonical") from None
    demand(canonical(value).encode() == data, "json_not_canonical")
    return value


class Fields:
    """An object with exactly the named keys, read with its types and bounds."""

    def __init__(self, value, *names):
        if not isinstance(value, dict) or set(value) != set(names):
            raise Refused("json_fields", expected=",".join(names))
        self.value = value

    def number(self, name, low=0, high=SAFE):
        """An integer low…high."""
        value = self.value[name]
        good = isinstance(value, int) and not isinstance(value, bool)
        demand(good and low <= value <= high, "json_value", field=name)
        return value

    def text(self, name):
        """A string."""
        demand(isinstance(self.value[name], str), "json_value", field=name)
        return self.value[name]

    def list(self, name, kind=object):
        """An array of `kind`."""
        value = self.value[name]
        good = isinstance(value, list) and all(isinstance(member, kind) for member in value)
        demand(good, "json_value", field=name)
        return value


class Key:
    """A verifier key: name+keyid+base64(type || Ed25519 key)."""

    def __init__(self, text, kind):
        self.name, given, encoded = [*text.split("+", 2), "", ""][:3]
        demand(re.fullmatch("[!-*,-~]+", self.name), "key_malformed")
        try:
            data, self.id = from_base64(encoded), from_hex(given, 4)
        except Refused:
            raise Refused("key_malformed") from None
        self.kind, self.key = kind, data[1:]
        expected = sha256(self.name.encode(), b"\n", data)[:4]
        demand(len(data) == 33 and data[0] == kind and self.id == expected, "key_malformed")

    def signed(self, message, signature):
        """Whether `signature` is this key's over `message`."""
        try:
            Ed25519PublicKey.from_public_bytes(self.key).verify(signature, message)
        except (InvalidSignature, ValueError):
            return False
        return True


class Pins:
    """pins.json: keys, beacon and rules, known before and apart from the wave."""

    def __init__(self, data):
        names = "version operator receipts witnesses quorum beacon family_limit margin_seconds"
        file = Fields(from_json(data), *(names + " fallback_rounds draw_delay_seconds").split())
        file.number("version", 1, 1)
        self.digest = sha256(data)
        self.witnesses = [Key(text, WITNESS_TYPE) for text in file.list("witnesses", str)]
        self.operator = Key(file.text("operator"), OPERATOR_TYPE)
        self.receipts = Key(file.text("receipts"), OPERATOR_TYPE)
        self.quorum = file.number("quorum", 0, len(self.witnesses))
        beacon = Fields(file.value["beacon"], "chain", "public_key", "scheme", "genesis", "period")
        scheme = beacon.value["scheme"]
        demand(scheme == "bls-unchained-g1-rfc9380", "json_value", field="scheme")
        from_hex(beacon.text("chain"))
        self.beacon_key = from_hex(beacon.text("public_key"), 96)
        self.genesis, self.period = beacon.number("genesis"), beacon.number("period", 1)
        self.family_limit = file.number("family_limit", 1, 255)
        self.margin = file.number("margin_seconds")
        self.fallback = file.number("fallback_rounds", 1)
        self.delay = file.number("draw_delay_seconds")
        # The quorum counts institutions: no two witnesses alike, none the operator.
        names = {key.name for key in self.witnesses}
        keys = {key.key for key in [*self.witnesses, self.operator]}
        alone = len(names) == len(self.witnesses) and len(keys) == len(self.witnesses) + 1
        demand(alone, "pins_witness_twice")

    def round_time(self, number):
        """When a round of the beacon comes out (§6)."""
        return self.genesis + (number - 1) * self.period


class Params:
    """params.json: what was announced before the wave opened."""

    def __init__(self, data, pins):
        names = "version programme wave quota reserve opens_at closes_at round pools policy"
        file = Fields(from_json(data), *names.split())
        self.digest = sha256(data)
        file.number("version", 1, 1)
        file.text("programme")
        self.wave = file.number("wave", 1, U32)
        self.quota, self.reserve = file.number("quota", 0, U32), file.number("reserve", 0, U32)
        opens, self.closes = from_time(file.text("opens_at")), from_time(file.text("closes_at"))
        self.round = file.number("round", 1)
        names, self.seats = set(), []
        for pool in file.list("pools"):
            pool = Fields(pool, "name", "seats")
            names.add(pool.text("name"))
            self.seats.append(pool.number("seats", 1, U32))
        policy = from_hex(file.text("policy"), 32)
        demand(opens < self.closes, "params_times")
        unique = len(names) == len(self.seats) <= 255
        demand(unique and sum(self.seats) <= self.quota, "params_pools")
        demand(policy == pins.digest, "params_policy")
        earliest = self.closes + pins.delay
        demand(pins.round_time(self.round) >= earliest, "params_round", round=self.round)


def open_note(data, pins):
    """The text of a note that the operator signed, and the times of its pinned witnesses."""
    end = data.rfind(b"\n\n")
    demand(end >= 1 and data.endswith(b"\n"), "note_malformed")
    text, lines = data[: end + 1], data[end + 2 : -1].split(b"\n")
    demand(1 <= len(lines) <= 16, "note_malformed")
    lines = [open_line(line) for line in lines]
    keys = {(key.name, key.id): key for key in [pins.operator, pins.receipts, *pins.witnesses]}
    met, times = set(), {}
    for name, key_id, signature in lines:
        key, message = keys.get((name, key_id)), text
        if key is None:
            continue  # someone we do not know
        demand((name, key_id) not in met, "note_signature_twice", name=name)
        met.add((name, key_id))
        if key.kind == WITNESS_TYPE:
            times[name] = int.from_bytes(signature[:8], "big")
            message = f"cosignature/v1\ntime {times[name]}\n".encode() + text
            signature = signature[8:]
        demand(key.signed(message, signature), "note_signature", name=name)
    demand((pins.operator.name, pins.operator.id) in met, "operator_signature_missing")
    return text, sorted(times.values())


def open_line(line):
    """Name, key id and signature of one line."""
    try:
        dash, name, encoded = line.decode("utf-8").split(" ")
        data = from_base64(encoded)
    except (ValueError, Refused):
        raise Refused("note_malformed") from None
    good = dash == "\u2014" and re.fullmatch("[!-*,-~]+", name) and len(data) >= 5
    demand(good, "note_malformed")
    return name, data[:4], data[4:]


def text_lines(text, kind, count):
    """The lines of a head."""
    try:
        lines = text.decode("ascii").split("\n")
    except UnicodeDecodeError:
        raise Refused("head_malformed") from None
    demand(len(lines) == count + 1 and [lines[0], lines[-1]] == [kind, ""], "head_malformed")
    return lines[:-1]


def tree_root(data, record_size):
    """The root over chunks of 256 records, pairing neighbours level by level."""
    size = CHUNK * record_size
    level = [sha256(b"\0", data[at : at + size]) for at in range(0, len(data), size)]
    while len(level) > 1:
        pairs = zip(level[0::2], level[1::2])  # noqa: B905 - an odd last node is carried up
        odd = level[-1:] if len(level) % 2 else []
        level = [sha256(b"\1", left, right) for left, right in pairs] + odd
    return level[0] if level else sha256()


def round_that_counts(pins, params, published):
    """R: the announced round, or the first fallback round that leaves the margin."""
    demand(published >= params.closes, "published_before_close")
    late = published - (pins.round_time(params.round) - pins.margin)
    if late <= 0:
        return params.round
    return params.round + -(-late // (pins.fallback * pins.period)) * pins.fallback


def verify_beacon(public_key, number, signature):
    """BLS on BLS12-381, signature on G1: e(signature, -G2) · e(H(H(u64 round)), key) = 1."""
    limit = sys.getrecursionlimit()
    from py_ecc.bls import g2_primitives as points
    from py_ecc.bls.hash_to_curve import hash_to_G1
    from py_ecc.fields import optimized_bls12_381_FQ12 as FQ12
    from py_ecc.optimized_bls12_381 import G2, final_exponentiate, is_inf, neg, pairing

    sys.setrecursionlimit(limit)  # py_ecc raises it to 100,000 for everyone

    def point(data, parse, write, code):
        """A canonical point: these bytes again when written, in the subgroup, not infinity."""
        try:
            found = parse(data)
            good = not is_inf(found) and write(found) == data and points.subgroup_check(found)
        except ValueError:
            good = False
        demand(good, code)
        return found

    signed = point(signature, points.pubkey_to_G1, points.G1_to_pubkey, "beacon_point")
    key = point(public_key, points.signature_to_G2, points.G2_to_signature, "beacon_key")
    domain = b"BLS_SIG_BLS12381G1_XMD:SHA-256_SSWU_RO_NUL_"
    hashed = hash_to_G1(sha256(number.to_bytes(8, "big")), domain, hashlib.sha256)
    product = pairing(neg(G2), signed, final_exponentiate=False)
    product *= pairing(key, hashed, final_exponentiate=False)
    demand(final_exponentiate(product) == FQ12.one(), "beacon_signature")


class Roster:
    """roster.bin by columns, every record checked."""

    def __init__(self, data, family_limit, pools):
        self.group, self.room = array("L"), bytearray()
        self.pool, self.status = bytearray(), bytearray()
        wrong = next((at for at, byte in enumerate(data[RECORD - 1 :: RECORD]) if byte), None)
        demand(wrong is None, "roster_record", index=wrong)
        before, rooms, members = b"", {}, {}
        records = enumerate(struct.iter_unpack(">32sIBBBx", data))
        for index, (commitment, group, room, pool, status) in records:
            demand(commitment > before, "roster_order", index=index)
            before = commitment
            if status == 1:
                good = group == room == pool == 0
            else:
                fits = 1 <= room <= family_limit if group else room == family_limit
                good = status == 0 and pool <= pools and fits
            demand(good, "roster_record", index=index)
            if group:
                demand(rooms.setdefault(group, room) == room, "roster_room", index=index)
                members[group] = members.get(group, 0) + 1
            self.group.append(group)
            self.room.append(room)
            self.pool.append(pool)
            self.status.append(status)
        for group, room in rooms.items():
            demand(members[group] > room, "roster_group", group=group)


def numbers(seed, count):
    """The keystream of AES-256-CTR, counter from zero: 16 bytes for each entry."""
    stream = Cipher(algorithms.AES(seed), modes.CTR(bytes(16))).encryptor()
    return stream.update(bytes(16 * count)) + stream.finalize()


def draw(roster, params, seed):
    """results.bin: who is selected, on reserve, or neither, and with which rank."""
    count = len(roster.status)
    stream = numbers(seed, count)
    keys = [stream[at : at + 16] for at in range(0, len(stream), 16)]
    order = [index for index in range(count) if not roster.status[index]]
    order.sort(key=keys.__getitem__)
    del keys, stream
    outcome, by_pool, family = bytearray(count), bytearray(count), {}

    def fill(places, what, pool=0):
        """One pass over the entries not yet taken, in order; how many places it filled."""
        filled = 0
        for index in order:
            if filled == places:
                break
            if outcome[index] or (pool and roster.pool[index] != pool):
                continue
            group = roster.group[index]
            if group:
                if family.get(group, 0) >= roster.room[index]:
                    continue
                family[group] = family.get(group, 0) + 1
            outcome[index], by_pool[index] = what, pool
            filled += 1
        return filled

    in_pools = sum(fill(seats, SELECTED, pool) for pool, seats in enumerate(params.seats, 1))
    fill(params.quota - in_pools, SELECTED)
    fill(params.reserve, RESERVE)
    results = bytearray(RESULT * count)
    for rank, index in enumerate(order, 1):
        what = outcome[index]
        if not what:
            full = family.get(roster.group[index], 0) >= roster.room[index]
            what = FAMILY_LIMIT if roster.group[index] and full else NOT_SELECTED
        struct.pack_into(">BBHI", results, RESULT * index, what, by_pool[index], 0, rank)
    return bytes(results)


class Check:
    """All steps, quick ones first. `read` gives the bytes of a file of the wave."""

    def __init__(self, read, pins_bytes):
        self.read, self.pins_bytes = read, pins_bytes

    def run(self):
        """Whether every step holds."""
        names = "pins params roster_head beacon roster result_head results draw beacon_signature"
        for name in names.split():
            try:
                getattr(self, name)()
            except Refused as refused:
                say(f"FAILED {name}: {refused}")
                say("witnesses: not counted, since the wave does not hold")
                return False
            say("ok " + name)
        held, all_pinned = len(self.times), len(self.keys.witnesses)
        say(f"witnesses: {held} of {all_pinned}, quorum {self.keys.quorum}")
        if not self.keys.quorum:
            say("publication time: operator's word only")
        say(f"wave {self.announced.wave}: every step holds, {self.n} entries")
        return True

    def pins(self):
        """§0"""
        self.keys = Pins(self.pins_bytes)

    def params(self):
        """§1"""
        self.announced = Params(self.read("params.json"), self.keys)

    def roster_head(self):
        """§5: the list's root was public, and seen by witnesses, at a known time."""
        text, self.times = open_note(self.read("roster.head"), self.keys)
        lines = text_lines(text, "gelombang/roster/v1", 6)
        self.head, wave = sha256(text), from_decimal(lines[1], U32)
        params = from_hex(lines[2], 32)
        self.n, self.root = from_decimal(lines[3], U32), from_hex(lines[4], 32)
        published, quorum = from_time(lines[5]), self.keys.quorum
        demand(wave == self.announced.wave, "roster_wave", wave=wave)
        demand(params == self.announced.digest, "roster_params")
        held = len(self.times)
        demand(held >= quorum, "witness_quorum", witnesses=held, quorum=quorum)
        when = self.times[quorum - 1] if quorum else published
        self.round = round_that_counts(self.keys, self.announced, when)
        self.not_void()

    def not_void(self):
        """§13: no void note that holds, seen by witnesses in time, lies beside the head."""
        try:
            text, times = open_note(self.read("void.note"), self.keys)
            lines = text_lines(text, "gelombang/void/v1", 7)
            reason, sentence = lines[5:]
            plain = all(" " <= letter <= "~" for letter in sentence)
            demand(reason in VOID_REASONS and plain and 1 <= len(sentence.strip()) <= 300, "")
            own = from_decimal(lines[1], U32) == self.announced.wave
            own = from_hex(lines[2], 32) == self.announced.digest and own
            own = from_hex(lines[3], 32) in (self.head, bytes(32)) and own
            voided, quorum = from_time(lines[4]), self.keys.quorum
            demand(own and len(times) >= quorum, "")
        except Refused:
            return  # there is none, or it says nothing
        seen = times[quorum - 1] if quorum else voided
        latest = self.keys.round_time(self.round) - self.keys.margin
        demand(seen >= latest, "wave_void", reason=reason)

    def beacon(self):
        """§6, §7: the file of the round that counts, and the seed made from it."""
        file = Fields(from_json(self.read("beacon.json")), "round", "signature", "randomness")
        number = file.number("round", 1)
        self.signature = from_hex(file.text("signature"), 48)
        randomness = from_hex(file.text("randomness"), 32)
        demand(randomness == sha256(self.signature), "beacon_randomness")
        demand(number == self.round, "beacon_round", round=number, expected=self.round)
        parts = (self.head, number.to_bytes(8, "big"), randomness)
        self.seed = sha256(b"gelombang/seed/v1", *parts)

    def roster(self):
        """§3, §4: the list is the one that was published, and keeps its rules."""
        data = self.read("roster.bin")
        demand(len(data) == self.n * RECORD, "roster_entries", expected=self.n)
        demand(tree_root(data, RECORD) == self.root, "roster_root")
        self.list = Roster(data, self.keys.family_limit, len(self.announced.seats))

    def result_head(self):
        """§10: the operator signed a result of this list and this round."""
        text, _ = open_note(self.read("result.head"), self.keys)
        lines = text_lines(text, "gelombang/result/v1", 7)
        said = (
            ("result_wave", from_decimal(lines[1], U32), self.announced.wave),
            ("result_roster", from_hex(lines[2], 32), self.head),
            ("result_round", from_decimal(lines[3], U64), self.round),
            ("result_seed", from_hex(lines[4], 32), self.seed),
            ("result_entries", from_decimal(lines[5], U32), self.n),
        )
        self.results_root = from_hex(lines[6], 32)
        for code, value, expected in said:
            demand(value == expected, code)

    def results(self):
        """§10: results.bin is what was signed."""
        self.told = self.read("results.bin")
        demand(len(self.told) == self.n * RESULT, "results_size", bytes=len(self.told))
        demand(tree_root(self.told, RESULT) == self.results_root, "results_root")

    def draw(self):
        """§8, §9: and it is what the draw gives."""
        expected = draw(self.list, self.announced, self.seed)
        if self.told != expected:
            at = next(at for at in range(len(expected)) if self.told[at] != expected[at])
            raise Refused("results_differ", index=at // RESULT)

    def beacon_signature(self):
        """§6: nobody but the beacon's nodes together could have made it."""
        verify_beacon(self.keys.beacon_key, self.round, self.signature)


def download(folder, name):
    """The bytes of a file at an address."""
    try:
        with urllib.request.urlopen(folder + name, timeout=60) as answer:  # noqa: S310
            return answer.read()
    except OSError as error:
        demand(getattr(error, "code", None) not in (403, 404), "file_missing", file=name)
        raise WrongUsage(f"{folder}{name}: {error}") from None


def reader(place):
    """How to read a file of the wave, each once, and where its pins are if none are given."""
    online, folder = re.match("https?://", place), Path(place)
    if not online and not folder.is_dir():
        raise WrongUsage(f"{place} is not a folder")

    @lru_cache(maxsize=None)  # noqa: UP033 - Python 3.8
    def read(name):
        if online:
            return download(place.rstrip("/") + "/", name)
        demand((folder / name).is_file(), "file_missing", file=name)
        return (folder / name).read_bytes()

    return read, "../pins.json" if online else "pins.json"


def say(line):
    """One line, at once."""
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


def main(arguments):
    """Run the check; the exit code."""
    form = argparse.RawDescriptionHelpFormatter
    parser = argparse.ArgumentParser("verify.py", description=__doc__, formatter_class=form)
    parser.add_argument("wave", metavar="FOLDER|ADDRESS")
    parser.add_argument("--pins", metavar="FILE", help="your own copy of pins.json")
    options = parser.parse_args(arguments)
    try:
        read, beside = reader(options.wave)
        pins = Path(options.pins).read_bytes() if options.pins else read(beside)
        held = Check(read, pins).run()
    except (WrongUsage, Refused, OSError, ValueError) as error:
        sys.stderr.write(f"{error}\n")
        return 2
    say("keys pinned" if options.pins else "keys not pinned")
    return 0 if held else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
