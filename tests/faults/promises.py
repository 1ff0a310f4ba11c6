"""The promises, looked for in what is stored, published and sent. Each broken one is a sentence.

An acknowledged entry is in the draw; nobody is selected twice or beyond the quota; a wave is drawn
exactly once; nothing acknowledged is lost; one outcome is announced once.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from functions.cloud.runtime import Runtime
from functions.cloud.tables import Item
from functions.programme.draw.allocation import Outcome
from functions.programme.draw.errors import VerificationError
from functions.programme.draw.heads import ROSTER as ROSTER_TEXT
from functions.programme.draw.params import parse_params
from functions.programme.draw.published import RESULT_HEAD, RESULTS, ROSTER, ROSTER_HEAD
from functions.programme.draw.roster import parse_records
from functions.programme.draw.verify import verify_wave
from functions.programme.waves import gate_name
from functions.select.announcing import CHANNELS
from functions.select.entries import OUTCOMES
from functions.select.folder import BUCKET, public_key, read_pins, read_public
from functions.select.joining import letter_id
from functions.verify.writing import write_mail
from tests.select.world import PUBLIC_FILES

FAMILY_LIMIT = 2


@dataclass
class Told:
    """What people were told of one wave, and who may stand in it without having been told.

    `acknowledged` and `possible`: commitments (hex) by applicant; of `possible` the answer was lost
    for good.
    """

    wave: int
    acknowledged: dict[str, str] = field(default_factory=dict)
    possible: set[str] = field(default_factory=set)


def entries_of(runtime: Runtime, item: Item) -> list[Item]:
    """All entries of a wave."""
    gates = [gate_name(item["wave"], shard) for shard in range(item["shards"])]
    return [entry for gate in gates for entry in runtime.tables.query("entries", gate)]


def broken(runtime: Runtime, told: Told, heads: Iterable[tuple[str, bytes]] = ()) -> list[str]:
    """What is broken in an announced wave. `heads`: what each witness has signed of it."""
    item = runtime.tables.get("waves", {"wave": told.wave}) or {}
    if item.get("phase") != "announced":
        return [f"wave {told.wave} stays {item.get('phase')}"]
    entries = entries_of(runtime, item)
    return [
        *_roster(runtime, told, entries),
        *_places(item, entries),
        *_once(runtime, told.wave, heads),
        *_announced(runtime, told.wave, entries),
        *_verified(runtime, told.wave),
    ]


def _roster(runtime: Runtime, told: Told, entries: list[Item]) -> list[str]:
    listed = {
        r.commitment.hex() for r in parse_records(read_public(runtime.files, told.wave, ROSTER))
    }
    stored = {entry["commitment"].hex(): entry["applicant"] for entry in entries}
    wrong = []
    if lost := set(told.acknowledged.values()) - listed:
        wrong.append(f"{len(lost)} acknowledged entries are not on the roster")
    if listed != set(stored):
        wrong.append("the roster is not the list of the entries")
    strangers = {stored[c] for c in listed & set(stored)} - set(told.acknowledged) - told.possible
    if strangers:
        wrong.append(f"{len(strangers)} entries that nobody made are on the roster")
    return wrong


def _places(item: Item, entries: list[Item]) -> list[str]:
    selected = [entry for entry in entries if entry.get("outcome") == Outcome.SELECTED]
    wrong = []
    if len(selected) > parse_params(item["params"]).quota:
        wrong.append(f"{len(selected)} selected, more than the quota")
    if any("outcome" not in entry for entry in entries):
        wrong.append("an entry has no outcome")
    families = Counter(entry["kk_mac"] for entry in selected)
    if families and max(families.values()) > FAMILY_LIMIT:
        wrong.append("a family has too many places")
    return wrong


def _once(runtime: Runtime, wave: int, heads: Iterable[tuple[str, bytes]]) -> list[str]:
    wrong = []
    for name in (ROSTER, ROSTER_HEAD, RESULTS, RESULT_HEAD):
        key = public_key(wave, name)
        versions = [v for k, v in runtime.files.versions(BUCKET, key) if k == key]
        if len({runtime.files.read(BUCKET, key, version=v) for v in versions}) != 1:
            wrong.append(f"{name} was published with two contents")
    begins = f"{ROSTER_TEXT}\n{wave}\n".encode()
    signed: dict[str, set[bytes]] = {}
    for witness, text in heads:
        if text.startswith(begins):
            signed.setdefault(witness, set()).add(text)
    if any(len(texts) > 1 for texts in signed.values()):
        wrong.append("a witness was shown two lists of one wave")
    return wrong


def _announced(runtime: Runtime, wave: int, entries: list[Item]) -> list[str]:
    wrong = []
    for entry in entries:
        applicant = entry["applicant"]
        readiness = runtime.tables.get("readiness", {"applicant": applicant})
        if readiness is None:
            continue
        template = f"outcome_{OUTCOMES[entry.get('outcome', 0)]}"
        for channel in CHANNELS:
            key = {"message": letter_id(f"outcome-{channel}", wave, applicant)}
            row = runtime.tables.get("outbox", key) or {}
            if (row.get("template"), row.get("applicant")) != (template, applicant):
                wrong.append("an outcome has no letter of its own")
        if wave in readiness.get("open_waves", ()):
            wrong.append("an announced wave is still open for its applicant")
        selected = entry.get("outcome") == Outcome.SELECTED
        if (readiness.get("recipient_of") == wave) != selected:
            wrong.append("readiness does not know who received")
    return sorted(set(wrong))


def _verified(runtime: Runtime, wave: int) -> list[str]:
    files = {name: read_public(runtime.files, wave, name) for name in PUBLIC_FILES}
    try:
        verify_wave(files, read_pins(runtime.files))
    except VerificationError as error:
        return [f"a stranger's check fails: {error}"]
    return []


def selected_twice(runtime: Runtime) -> list[str]:
    """Over all waves: each person and at most two of a family, as the ledgers have it."""
    people: Counter[str] = Counter()
    families: Counter[str] = Counter()
    for item in runtime.tables.scan("waves"):
        for entry in entries_of(runtime, item):
            if entry.get("outcome") == Outcome.SELECTED:
                people[entry["nik_mac"]] += 1
                families[entry["kk_mac"]] += 1
    noted = {
        i["subject"].split("#")[1]
        for i in runtime.tables.scan("ledgers")
        if i["subject"].startswith("recipient#")
    }
    wrong = []
    if people and max(people.values()) > 1:
        wrong.append("someone was selected twice")
    if families and max(families.values()) > FAMILY_LIMIT:
        wrong.append("a family received too often")
    if not set(people) <= noted:
        wrong.append("someone selected is not in the ledgers")
    return wrong


def sent_twice(runtime: Runtime, mails: Iterable[Mapping[str, str]]) -> list[str]:
    """Outcomes that reached one mailbox more than once."""
    subjects = {
        write_mail(runtime.config, f"outcome_{outcome}", language, {"wave": item["wave"]}).subject
        for item in runtime.tables.scan("waves")
        for outcome in OUTCOMES.values()
        for language in ("id", "en")
    }
    got = Counter((m["to"], m["subject"]) for m in mails if m["subject"] in subjects)
    return [f"{count} mails of one outcome" for count in got.values() if count > 1]


def written_twice(runtime: Runtime) -> list[str]:
    """Letters of an outcome beyond the one for each entry and channel."""
    expected = {
        letter_id(f"outcome-{channel}", item["wave"], entry["applicant"])
        for item in runtime.tables.scan("waves")
        for entry in entries_of(runtime, item)
        for channel in CHANNELS
    }
    rows = runtime.tables.scan("outbox")
    found = {r["message"] for r in rows if r["template"].startswith("outcome_")}
    return [f"{len(found - expected)} outcomes too many"] if found - expected else []


def unsettled(runtime: Runtime) -> list[str]:
    """Letters that are neither sent nor given up, and outcomes given up though nothing failed."""
    rows = list(runtime.tables.scan("outbox"))
    left = [row for row in rows if row["state"] in ("waiting", "sending")]
    return [f"{len(left)} letters are neither sent nor given up"] if left else []
