"""Two people and every route: what is Ani's stays Ani's, whatever Budi sends.

One row for each attempt; a route of the access table without a row fails.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pytest

from functions.web.access import ACCESS, Access
from tests.attack.stage import KEY, Stage, valid_body

Route = tuple[str, str]


@dataclass(frozen=True)
class Attempt:
    """A request of Budi's with something of Ani's, and the answer it must get."""

    path: str
    body: Any
    status: int
    code: str = ""
    registration: str | None = None
    key: str = KEY.format(99)


def mixed(mine: str, theirs: str) -> str:
    """Ani's id with Budi's secret."""
    return f"{theirs.partition('.')[0]}.{mine.partition('.')[2]}"


def attempts(stage: Stage) -> dict[Route, list[Attempt]]:
    """The matrix."""
    ani, budi = stage.ani, stage.budi
    has, own = ani.owned, budi.owned
    verify, upload, select = "/api/verify", "/api/upload", "/api/select"
    cookie = mixed(own["registration"], has["registration"])
    asking = f"?applicant={ani.applicant}&account={ani.applicant}&email={ani.email}"
    theirs = {"applicant": ani.applicant}
    invalid = (422, "invalid")
    photo = {"kind": "ktp", "size": 500_000, "content_type": "image/jpeg"}
    new = "teh manis hangat"
    rows: dict[Route, list[Attempt]] = {
        ("GET", f"{verify}/openapi.json"): [Attempt(f"{verify}/openapi.json{asking}", None, 200)],
        ("POST", f"{verify}/accounts"): [
            Attempt(
                f"{verify}/accounts",
                {"name": "Budi", "email": ani.email, "password": new, "language": "id"},
                202,
            ),
            Attempt(
                f"{verify}/accounts",
                {"name": "Budi", "email": has["other"], "password": new, "language": "id"},
                409,
                "idempotency_key_reused",
                key=f"{ani.key}-lain",
            ),
        ],
        ("POST", f"{verify}/email/confirm"): [
            Attempt(
                f"{verify}/email/confirm",
                {"token": mixed(own["link"], has["link"])},
                422,
                "link_invalid",
            ),
            Attempt(
                f"{verify}/email/confirm",
                {"email": has["other"], "code": has["code"]},
                422,
                "code_wrong",
                registration=own["registration"],
            ),
            Attempt(
                f"{verify}/email/confirm",
                {"email": has["other"], "code": has["code"]},
                422,
                "code_expired",
                registration=cookie,
            ),
        ],
        ("POST", f"{verify}/email/resend"): [
            Attempt(f"{verify}/email/resend", {}, 403, "no_registration", registration=cookie),
            Attempt(f"{verify}/email/resend", theirs, *invalid, registration=own["registration"]),
        ],
        ("GET", f"{verify}/email"): [
            Attempt(f"{verify}/email", None, 403, "no_registration", registration=cookie),
            Attempt(f"{verify}/email{asking}", None, 200, registration=own["registration"]),
        ],
        ("PUT", f"{verify}/email"): [
            Attempt(
                f"{verify}/email",
                {"email": "b@contoh.id", "password": ani.password, "code": has["change"]},
                *invalid,
            ),
            Attempt(
                f"{verify}/email",
                {"email": "b@contoh.id", "password": budi.password, "code": has["change"]},
                422,
                "code_wrong",
            ),
        ],
        ("POST", f"{verify}/sessions"): [
            Attempt(
                f"{verify}/sessions",
                {"email": ani.email, "password": budi.password},
                401,
                "login_failed",
            )
        ],
        ("DELETE", f"{verify}/sessions"): [Attempt(f"{verify}/sessions{asking}", theirs, 204)],
        ("POST", f"{verify}/password/forgot"): [
            Attempt(f"{verify}/password/forgot", {"email": ani.email}, 202),
            Attempt(f"{verify}/password/forgot", {"email": ani.email, "to": budi.email}, *invalid),
        ],
        ("POST", f"{verify}/password/reset"): [
            Attempt(
                f"{verify}/password/reset",
                {"token": mixed(own["reset"], has["reset"]), "password": new},
                422,
                "link_invalid",
            ),
            Attempt(
                f"{verify}/password/reset",
                {"token": own["link"], "password": new},
                422,
                "link_invalid",
            ),
        ],
        ("PUT", f"{verify}/password"): [
            Attempt(
                f"{verify}/password",
                {"current": ani.password, "password": new, "code": has["change"]},
                *invalid,
            ),
            Attempt(
                f"{verify}/password",
                {"current": budi.password, "password": new, "code": has["change"]},
                422,
                "code_wrong",
            ),
        ],
        ("GET", f"{verify}/me"): [Attempt(f"{verify}/me{asking}", None, 200)],
        ("GET", f"{verify}/export"): [Attempt(f"{verify}/export{asking}", None, 200)],
        ("DELETE", f"{verify}/me"): [
            Attempt(f"{verify}/me", {"password": ani.password, "code": has["change"]}, *invalid),
            Attempt(f"{verify}/me{asking}", {"password": budi.password, **theirs}, *invalid),
        ],
        ("PUT", f"{verify}/identity"): [
            Attempt(f"{verify}/identity", {**body(stage, "identity"), **theirs}, *invalid),
            # A NIK that is Ani's is taken like a free one (docs/security.md), and frees nothing.
            Attempt(
                f"{verify}/identity",
                {**body(stage, "identity"), "nik": ani.identity["nik"]},
                200,
            ),
        ],
        ("PUT", f"{verify}/profile"): [
            Attempt(f"{verify}/profile", {**body(stage, "profile"), **theirs}, *invalid),
            Attempt(f"{verify}/profile{asking}", body(stage, "profile"), 200),
        ],
        ("POST", f"{verify}/phone"): [
            Attempt(f"{verify}/phone", {"phone": ani.phone, **theirs}, *invalid),
            Attempt(
                f"{verify}/phone",
                {"phone": ani.phone, "password": budi.password, "code": has["change"]},
                422,
                "code_wrong",
            ),
        ],
        ("POST", f"{verify}/phone/code"): [
            Attempt(f"{verify}/phone/code", {"password": ani.password}, *invalid),
            Attempt(f"{verify}/phone/code", {"password": budi.password, **theirs}, *invalid),
        ],
        ("POST", f"{verify}/phone/confirm"): [
            Attempt(f"{verify}/phone/confirm", {"code": has["phone"]}, 422, "code_wrong")
        ],
        ("PUT", f"{verify}/declaration"): [
            Attempt(f"{verify}/declaration", {**body(stage, "declaration"), **theirs}, *invalid),
            Attempt(f"{verify}/declaration{asking}", body(stage, "declaration"), 200),
        ],
        ("GET", f"{verify}/test"): [Attempt(f"{verify}/test{asking}", None, 200)],
        ("POST", f"{verify}/test"): [Attempt(f"{verify}/test", theirs, *invalid)],
        ("PUT", f"{verify}/test/answers/<int:number>"): [
            Attempt(
                f"{verify}/test/answers/1{asking}",
                {"attempt": 1, "choice": 0},
                409,
                "test_over",
            )
        ],
        ("POST", f"{verify}/test/submit"): [
            Attempt(f"{verify}/test/submit{asking}", {"attempt": 1}, 409, "test_over")
        ],
        ("POST", f"{verify}/not-me"): [
            Attempt(f"{verify}/not-me{asking}", {}, 409, "nik_not_contested"),
            Attempt(f"{verify}/not-me", theirs, *invalid),
        ],
        ("POST", f"{verify}/recovery/stop"): [
            Attempt(
                f"{verify}/recovery/stop",
                {"token": mixed(own["stop"], has["stop"])},
                422,
                "link_invalid",
            )
        ],
        ("GET", f"{upload}/openapi.json"): [Attempt(f"{upload}/openapi.json", None, 200)],
        ("POST", f"{upload}/photos"): [
            Attempt(f"{upload}/photos", {**photo, "photo": has["photo"]}, *invalid),
            Attempt(f"{upload}/photos{asking}", photo, 201, key=ani.key + "-2"),
        ],
        ("GET", f"{upload}/photos"): [Attempt(f"{upload}/photos{asking}", None, 200)],
        ("GET", f"{upload}/photos/<photo>"): [
            Attempt(f"{upload}/photos/{has['photo']}", None, 404, "photo_unknown"),
            Attempt(f"{upload}/photos/{ani.applicant}%2F{has['photo']}", None, 404),
        ],
        ("POST", f"{upload}/photos/<photo>/review"): [
            Attempt(f"{upload}/photos/{has['photo']}/review", None, 404, "photo_unknown")
        ],
        ("GET", f"{select}/openapi.json"): [Attempt(f"{select}/openapi.json", None, 200)],
        ("GET", f"{select}/waves"): [Attempt(f"{select}/waves{asking}", None, 200)],
        ("GET", f"{select}/waves/<int:wave>"): [Attempt(f"{select}/waves/1{asking}", None, 200)],
        ("POST", f"{select}/waves/<int:wave>/entry"): [
            Attempt(f"{select}/waves/2/entry", {"consent": True, **theirs}, *invalid),
            # Ani's idempotency key makes Budi an entry of his own.
            Attempt(f"{select}/waves/2/entry{asking}", {"consent": True}, 201, key=ani.key),
        ],
        ("DELETE", f"{select}/waves/<int:wave>/entry"): [
            Attempt(f"{select}/waves/2/entry{asking}", theirs, 404, "entry_unknown"),
            Attempt(f"{select}/waves/1/entry", None, 404, "entry_unknown"),
        ],
        ("GET", f"{select}/entries"): [Attempt(f"{select}/entries{asking}", None, 200)],
        ("GET", f"{select}/entries/<int:wave>"): [
            Attempt(f"{select}/entries/1{asking}", None, 404, "entry_unknown")
        ],
        ("POST", f"{select}/entries/<int:wave>/objection"): [
            Attempt(
                f"{select}/entries/1/objection{asking}",
                {"reason": "other", "text": "Salah."},
                404,
                "entry_unknown",
                key=ani.key,
            )
        ],
        ("GET", f"{select}/entries/<int:wave>/proof"): [
            Attempt(f"{select}/entries/1/proof{asking}", None, 404, "entry_unknown")
        ],
    }
    return rows


def body(stage: Stage, name: str) -> dict[str, Any]:
    """A valid body of Budi's for `PUT <name>`."""
    found = valid_body(stage, ("PUT", f"/api/verify/{name}"))
    assert found is not None
    return found


def test_the_matrix_has_a_row_for_every_route(furnished):
    assert set(attempts(furnished)) == set(ACCESS)


@pytest.mark.parametrize("route", ACCESS, ids=" ".join)
def test_with_the_ids_of_another_nothing_is_reached_and_nothing_changes(stage, route):
    for attempt in attempts(stage)[route]:
        before = stage.items_of(stage.ani, stage.snapshot())
        answer = stage.send(
            route[0],
            attempt.path,
            attempt.body,
            session=stage.log_in(stage.budi),
            registration=attempt.registration,
            key=attempt.key,
        )
        told = answer.get_json(silent=True) or {}
        assert answer.status_code == attempt.status, (attempt.path, answer.text)
        if attempt.code:
            assert told["error"]["code"] == attempt.code, attempt.path
        secrets = (stage.ani.applicant, stage.ani.email, *stage.ani.owned.values())
        assert not [secret for secret in secrets if secret in answer.text]
        after = stage.items_of(stage.ani, stage.snapshot())
        assert {key: after.get(key) for key in before} == before, attempt.path


SESSION = [route for route, access in ACCESS.items() if access in (Access.SESSION, Access.EITHER)]


@pytest.mark.parametrize("route", SESSION, ids=" ".join)
def test_a_session_cannot_be_put_together_from_two(stage, route):
    before = stage.snapshot()
    (ani, his, secret) = stage.ani.applicant, *stage.budi.session.split(".")[1:]
    hers = stage.ani.session.split(".")[1]
    path = route[1].replace("<photo>", stage.ani.owned["photo"])
    path = path.replace("<int:wave>", "1").replace("<int:number>", "1")
    for forged in (f"{ani}.{his}.{secret}", f"{ani}.{hers}.{secret}", f"{ani}..", f"{ani}"):
        answer = stage.send(route[0], path, valid_body(stage, route), session=forged)
        assert (answer.status_code, answer.json["error"]["code"]) == (401, "no_session")
    assert stage.snapshot() == before


def test_every_photo_form_of_budi_is_for_a_key_of_his_own(stage):
    body = {"kind": "ktp", "size": 500_000, "content_type": "image/jpeg"}
    for key in (stage.ani.key, KEY.format(50)):
        answer = stage.send("POST", "/api/upload/photos", body, session=stage.budi.session, key=key)
        folder, _, photo = answer.json["fields"]["key"].partition("/")
        assert (folder, photo) == (stage.budi.applicant, answer.json["photo"])
        assert photo != stage.ani.owned["photo"]
