"""What each package has to do when it is run from its zip: a function for each."""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable
from pathlib import Path
from typing import Any

from local import settings
from tests.gateway import request
from tests.packages.clean import Clean
from tests.packages.stage import Stage

EMAIL = "sari@contoh.example"
# Random parts as a true cookie has them: the session is looked up, and not there.
COOKIE = f"__Host-session={'b' * 32}.{'c' * 32}.{'d' * 64}"
VECTORS = settings.ROOT / "tests" / "select" / "vectors" / "plain"
LOAD_MODELS = (
    "from functions.upload.photo import models\n"
    "for name in models.CARRIERS: models.session(name); print(name)"
)


class Wrong(Exception):
    """A package did not do what it has to."""


class Run:
    """One package in clean interpreters, on a stage."""

    def __init__(self, clean: Clean, stage: Stage, package: Path):
        self.clean, self.stage, self.package = clean, stage, package

    def call(self, *events: dict[str, Any]) -> list[Any]:
        """Zappa's answers to events. Raises Crashed, and Wrong for code from elsewhere."""
        told = self.clean.invoke(self.package, list(events), self.stage.told)
        expect(not told["outsiders"], f"imported from elsewhere: {told['outsiders']}")
        return [call["answer"] for call in told["calls"]]


def expect(holds: bool, otherwise: str) -> None:
    """Raise Wrong unless it holds."""
    if not holds:
        raise Wrong(otherwise)


def http(run: Run, function: str, private: str) -> str:
    """The API's description for anyone; 401 for what is someone's, with and without a session."""
    address = f"/api/{function}/openapi.json"
    headers = {"cookie": COOKIE}
    described, refused, unknown = run.call(
        request("GET", address), request("GET", private), request("GET", private, headers)
    )
    expect(described["statusCode"] == 200, f"GET {address} answers {described}")
    paths = json.loads(described["body"])["paths"]
    for answer in (refused, unknown):
        expect(answer["statusCode"] == 401, f"GET {private} answers {answer}")
    return f"openapi.json with {len(paths)} paths; 401 without a session and with an unknown one"


def upload(run: Run) -> str:
    """The HTTP side of photos."""
    return http(run, "upload", "/api/upload/photos")


def select(run: Run) -> str:
    """The HTTP side of waves; the list of waves comes from DynamoDB."""
    (waves,) = run.call(request("GET", "/api/select/waves"))
    expect(waves["statusCode"] == 200, f"GET waves answers {waves}")
    return http(run, "select", "/api/select/entries") + "; the waves"


def verify(run: Run) -> str:
    """The HTTP side of accounts; a registration takes Argon2, the checks of mail and password."""
    form = {
        "name": "Sari Contohan",
        "email": EMAIL,
        "password": "kuda-terbang-di-atas-pelangi",
        "language": "id",
    }
    headers = {"origin": run.stage.runtime.config.origin, "idempotency-key": str(uuid.uuid4())}
    (registered,) = run.call(request("POST", "/api/verify/accounts", headers, form))
    expect(registered["statusCode"] == 202, f"POST accounts answers {registered}")
    return http(run, "verify", "/api/verify/me") + "; a registration"


def verify_worker(run: Run) -> str:
    """The mail of the registration from the queue's message, what became of it, and a tick."""
    tick = {"command": "functions.verify.worker.on_tick"}
    batch = run.stage.messages("verify_worker", "outbox")
    expect(len(batch["Records"]) == 1, f"the queue holds {len(batch['Records'])} messages")
    sent, ticked = run.call(batch, tick)
    expect(sent == {"batchItemFailures": []}, f"the batch answers {sent}")
    expect(ticked["queued"] == 0, f"the tick answers {ticked}")
    mails = run.stage.mails_to(EMAIL)
    expect(len(mails) == 1, f"{len(mails)} mails")
    row = json.loads(batch["Records"][0]["body"])["message"]
    run.stage.runtime.queues.send("mail-events", {"event": "delivered", "message": [row]})
    (taken,) = run.call(run.stage.messages("verify_worker", "mail-events"))
    expect(taken == {"batchItemFailures": []}, f"the mail events answer {taken}")
    state = (run.stage.runtime.tables.get("outbox", {"message": row}) or {})["state"]
    expect(state == "delivered", f"the row is {state}")
    subject = mails[0]["subject"]
    return f"a message of the outbox became the mail “{subject}”, and was delivered; a tick"


def select_worker(run: Run) -> str:
    """A tick closes a wave, the state machine's calls freeze it; the draw's own check, beacon
    included, by its command."""
    run.stage.closed_wave(1)
    run.call({"command": "functions.select.worker.on_tick"})
    run.stage.run_machines("select_worker", lambda payload: run.call(payload)[0])
    phase = (run.stage.runtime.tables.get("waves", {"wave": 1}) or {})["phase"]
    expect(phase == "frozen", f"the wave is {phase}")
    command = ["-m", "functions.select.draw", "verify", str(VECTORS)]
    said = run.clean.run(run.package, command, run.stage.told).stdout.splitlines()
    checked = "; ".join(said)
    return f"a tick and its run of the state machine froze a wave; draw verify: {checked}"


def upload_worker(sample: str, states: tuple[str, ...]) -> Callable[[Run], str]:
    """A posted sample is judged, and its item is then in one of these states."""

    def judged(run: Run) -> str:
        loaded = run.clean.run(run.package, ["-c", LOAD_MODELS], run.stage.told).stdout.split()
        place = run.stage.post_photo(sample)
        batch = run.stage.messages("upload_worker", "photos")
        expect(bool(batch["Records"]), "S3 told nothing of the photo")
        (answer,) = run.call(batch)
        expect(answer == {"batchItemFailures": []}, f"the batch answers {answer}")
        item = run.stage.runtime.tables.get("photos", place) or {}
        verdict = f"{sample} is {item['state']} {item.get('reasons')} {item.get('details')}"
        expect(item["state"] in states, verdict)
        expect("copy" in item or item["state"] == "refused", "no copy of an accepted photo")
        return f"{verdict}; {len(loaded)} networks load"

    return judged
