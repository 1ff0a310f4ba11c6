"""The pages and answers under /local/: inbox, sample photos, clock, invented applicants."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from functools import cache, partial
from typing import Any
from urllib.parse import urlencode

from flask import Flask, Response, abort, redirect, render_template, request
from werkzeug.wrappers import Response as AnyResponse

from functions.cloud.runtime import Runtime
from functions.programme.admission import EVERYONE
from functions.programme.times import HOUR, MINUTE, SECOND, from_iso, iso
from functions.web.errors import ApiError
from local import applicants
from local.cards.person import invented_person
from local.cards.samples import SAMPLES, SEED
from local.clock import FileClock
from local.inbox import PATH
from local.journey import LONGEST, Journey, ask, asked
from local.processes import lives
from local.settings import ROOT, Place
from ops import flags
from ops.errors import Refused

# A browser that waits longer for an answer to `advance` is told how far it got instead.
PATIENCE_SECONDS = 25.0
LOOK_EVERY_SECONDS = 0.1
# People a second of the waiting room here: nobody comes, so the share only rises.
ROOM = {"rate": 1}
# Newest messages shown on the inbox page; the JSON has all.
SHOWN = 200


def create_app(where: Place, runtime: Runtime, clock: FileClock) -> Flask:
    """The WSGI application of /local/."""
    app = Flask("gelombang-local", template_folder=str(where.templates), static_folder=None)
    views: dict[tuple[str, str], Callable[..., Any]] = {
        ("GET", "/"): partial(start_page, runtime, where),
        ("GET", "/icon.svg"): icon,
        ("GET", "/inbox"): partial(inbox_page, where),
        ("GET", "/inbox/<int:number>.html"): partial(mail, where),
        ("GET", "/inbox.json"): partial(inbox_json, where),
        ("GET", "/photos"): photos_page,
        ("GET", "/photos/<name>"): photo,
        ("GET", "/clock"): partial(told, clock),
        ("POST", "/clock"): partial(advance, where, clock, runtime),
        ("POST", "/applicants"): partial(add_applicants, runtime),
        ("POST", "/waiting-room"): partial(waiting_room, runtime),
    }
    for (method, rule), view in views.items():
        app.add_url_rule(rule, f"{method} {rule}", view, methods=[method])
    app.after_request(_with_headers)
    return app


def start_page(runtime: Runtime, where: Place) -> str:
    """What there is, the clock and its buttons, the newest wave."""
    wave = newest_wave(runtime)
    return render_template(
        "start.html",
        now=iso(runtime.clock()),
        wave=wave and {**wave, "closes": iso(wave["closes_at"]), "draw": iso(wave["draw_at"])},
        working=lives(where.lock("worker")),
        travelling=asked(where.journey_file) is not None,
        said=request.args.get("said", ""),
        most=applicants.MOST_AT_ONCE,
    )


def newest_wave(runtime: Runtime) -> dict[str, Any] | None:
    """The item of the wave with the highest number."""
    waves = sorted(runtime.tables.scan("waves"), key=lambda item: item["wave"])
    return waves[-1] if waves else None


def icon() -> Response:
    """The site's own icon."""
    data = (ROOT / "site" / "icons" / "icon.svg").read_bytes()
    return Response(data, mimetype="image/svg+xml")


# --- inbox


def messages(where: Place, to: str = "") -> list[dict[str, str]]:
    """Every mail and SMS so far (to one address or number), newest last; moto has them."""
    import urllib3

    answer = urllib3.request("GET", f"{where.cloud}{PATH}?{urlencode({'to': to})}")
    found: list[dict[str, str]] = answer.json()
    return found


def inbox_json(where: Place) -> Response:
    return _json(messages(where, request.args.get("to", "")))


def inbox_page(where: Place) -> str:
    numbered = list(enumerate(messages(where)))
    return render_template("inbox.html", messages=numbered[::-1][:SHOWN])


def mail(where: Place, number: int) -> Response:
    """The HTML of one mail, for a frame that runs nothing; its links open in a new tab."""
    found = messages(where)
    if number >= len(found) or not found[number]["html"]:
        abort(404)
    response = Response('<base target="_blank">' + found[number]["html"], mimetype="text/html")
    response.headers["Content-Security-Policy"] = (
        "default-src 'none'; style-src 'unsafe-inline'; img-src data:; "
        "sandbox allow-popups allow-popups-to-escape-sandbox"
    )
    return response


# --- sample photos


def photos_page() -> str:
    return render_template("photos.html", samples=SAMPLES, person=invented_person(SEED))


def photo(name: str) -> Response:
    """One sample file, to be saved and uploaded."""
    sample = next((s for s in SAMPLES if s.file_name == name), None)
    if sample is None:
        abort(404)
    response = Response(_drawn(name), mimetype="application/octet-stream")
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


@cache
def _drawn(name: str) -> bytes:
    return next(s for s in SAMPLES if s.file_name == name).make()


# --- clock


def told(clock: FileClock, status: int = 200, **more: Any) -> Response:
    """The clock's answer: {`now`, `offset_seconds`}."""
    return _json({"now": iso(clock()), "offset_seconds": clock.offset // SECOND, **more}, status)


def advance(where: Place, clock: FileClock, runtime: Runtime) -> AnyResponse:
    """POST {`now`: time} or {`advance_seconds`: n} or {`until`: "result"}; with `others`, so many
    invented applicants join the newest wave first, if it is open.

    200 when the clock is there, 202 while it is under way, 400 for anything else, 503 when no
    worker runs: the clock moves only with the ticks that lie between.
    """
    wanted = _wanted()
    journey = journey_to(wanted, clock())
    if journey is None:
        return told(clock, 400, error="now, advance_seconds or until=result; never backwards")
    if not lives(where.lock("worker")):
        return told(clock, 503, error="no worker runs: python -m local worker")
    add_others(runtime, wanted)
    ask(where.journey_file, journey)
    arrived = _wait(lambda: asked(where.journey_file) != journey)
    if request.form:
        return redirect(f"/local/?said={'clock' if arrived else 'moving'}", 303)
    return told(clock, 200 if arrived else 202, to=iso(journey.to))


def add_others(runtime: Runtime, wanted: dict[str, Any]) -> None:
    """Company for whoever plays alone: without it everyone who joins is selected."""
    wave, others = newest_wave(runtime), str(wanted.get("others", ""))
    if wave is None or not others.isdigit() or int(others) > applicants.MOST_AT_ONCE:
        return
    try:
        applicants.add(runtime, wave["wave"], int(others))
    except ApiError:
        # The wave is not open: it goes on with whoever has joined.
        return


def journey_to(wanted: dict[str, Any], now: int) -> Journey | None:
    """The journey that a request means, or None when it means none."""
    try:
        if wanted.get("until") == "result":
            return Journey(now + LONGEST, result=True)
        if "advance_seconds" in wanted:
            to = now + int(wanted["advance_seconds"]) * SECOND
        else:
            to = from_iso(wanted["now"])
    except (KeyError, ValueError, TypeError):
        return None
    return Journey(to) if now // SECOND * SECOND <= to <= now + LONGEST else None


def _wait(arrived: Callable[[], bool]) -> bool:
    ends = time.monotonic() + PATIENCE_SECONDS
    while not (there := arrived()) and time.monotonic() < ends:
        time.sleep(LOOK_EVERY_SECONDS)
    return there


# --- applicants


def waiting_room(runtime: Runtime) -> AnyResponse:
    """POST {`percent`}: so many of those who come are let in from the next tick on, for an hour;
    100: the room is closed. 400 for anything else."""
    given = str(_wanted().get("percent", ""))
    if not given.isdigit() or not 1 <= int(given) <= 100:
        return _json({"error": "percent from 1 to 100"}, 400)
    room = ROOM | {"share": int(given) * EVERYONE // 100}
    try:
        if int(given) == 100:
            flags.clear(runtime, "local", "waiting_room", "over")
        else:
            flags.set_flag(runtime, "local", "waiting_room", HOUR // MINUTE, "drill", **room)
    except Refused:
        return _json({"error": "the room is not open"}, 409)
    return redirect("/local/?said=room", 303) if request.form else _json({"percent": int(given)})


def add_applicants(runtime: Runtime) -> AnyResponse:
    """POST {`count`}: so many invented applicants join the newest wave, as real ones do."""
    try:
        count = int(_wanted()["count"])
    except (KeyError, ValueError, TypeError):
        count = 0
    wave = newest_wave(runtime)
    if wave is None or not 1 <= count <= applicants.MOST_AT_ONCE:
        return _json({"error": f"count must be 1 to {applicants.MOST_AT_ONCE}"}, 400)
    try:
        joined = applicants.add(runtime, wave["wave"], count)
    except ApiError as error:
        if request.form:
            return redirect(f"/local/?said={error.code}", 303)
        return _json(error.body(), error.status)
    if request.form:
        return redirect("/local/?said=joined", 303)
    return _json({"wave": wave["wave"], "joined": joined}, 201)


def _wanted() -> dict[str, Any]:
    """The request's body, JSON or a form."""
    if request.form:
        return dict(request.form)
    body = request.get_json(silent=True)
    return body if isinstance(body, dict) else {}


def _json(body: Any, status: int = 200) -> Response:
    text = json.dumps(body, ensure_ascii=False)
    return Response(text, status=status, mimetype="application/json")


def _with_headers(response: Response) -> Response:
    response.headers["Cache-Control"] = "no-store"
    response.headers.setdefault(
        "Content-Security-Policy",
        "default-src 'none'; style-src 'unsafe-inline'; img-src 'self'; frame-src 'self'; "
        "form-action 'self'; base-uri 'none'",
    )
    return response
