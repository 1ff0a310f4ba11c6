"""The HTTP side of verify: each endpoint calls one use case."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import cache
from typing import Any

from flask import Flask

from functions.cloud.runtime import Runtime, current
from functions.programme.holds import missing_shown
from functions.verify import (
    ability_test,
    confirmation,
    disputes,
    exporting,
    identity,
    leaving,
    mailbox,
    me,
    passwords,
    phone,
    recovery,
    registration,
    schemas,
    second_proof,
    sessions,
    statements,
)
from functions.web.application import create_app
from functions.web.cookies import SetCookie
from functions.web.endpoints import Call, Reply, Room
from functions.web.errors import Forbidden, InvalidFields, Unauthorized
from functions.web.schemas import MISSING, Empty

room = Room("verify")


@room.endpoint(
    "POST",
    "/accounts",
    body=schemas.Registration,
    answers={202: schemas.Nothing},
    idempotent=True,
)
def post_account(call: Call) -> Reply:
    """Register: the answer is the same for a known address."""
    cookie = registration.register(
        call.runtime,
        registration.Form(**call.body),
        key=call.idempotency_key,
        address=call.address,
    )
    return Reply(202, {}, (SetCookie("registration", cookie),))


@room.endpoint(
    "POST",
    "/email/confirm",
    body=schemas.Confirmation,
    answers={200: schemas.Confirmed},
)
def post_email_confirmation(call: Call) -> Reply:
    """Confirm an address by the mailed token, or by the mailed code with the cookie."""
    body = call.body
    if "token" in body:
        confirmation.by_link(call.runtime, body["token"], address=call.address)
    else:
        absent = {name: MISSING for name in ("email", "code") if name not in body}
        if absent:
            raise InvalidFields(absent)
        confirmation.by_code(
            call.runtime, call.registration, body["email"], body["code"], address=call.address
        )
    return Reply(200, {"confirmed": True}, (SetCookie("registration", ""),))


@room.endpoint("POST", "/email/resend", body=Empty, answers={202: schemas.NextSending})
def post_email_resend(call: Call) -> Reply:
    """Send the mail of a waiting registration or change of address again."""
    answer = registration.resend(call.runtime, _registration(call), address=call.address)
    return Reply(202, answer)


@room.endpoint("GET", "/email", answers={200: schemas.MailStanding})
def get_email(call: Call) -> Reply:
    """Whether the mail of a waiting registration or change of address could be delivered."""
    return Reply(200, registration.standing(call.runtime, _registration(call)))


@room.endpoint("PUT", "/email", body=schemas.NewEmail, answers={202: schemas.NextSending})
def put_email(call: Call) -> Reply:
    """Correct the address of a registration, or (with a session) move to another one."""
    if call.session is None:
        answer = registration.change_address(
            call.runtime, _registration(call), call.body["email"], address=call.address
        )
        return Reply(202, answer)
    if "password" not in call.body:
        raise InvalidFields({"password": MISSING})
    answer, cookie = mailbox.change(
        call.runtime,
        call.applicant,
        call.body["email"],
        call.body["password"],
        address=call.address,
        code=call.body.get("code"),
    )
    return Reply(202, answer, (SetCookie("registration", cookie),))


@room.endpoint("POST", "/sessions", body=schemas.Login, answers={201: schemas.LoggedIn})
def post_session(call: Call) -> Reply:
    """Log in."""
    applicant, token, device = sessions.login(
        call.runtime,
        call.body["email"],
        call.body["password"],
        address=call.address,
        device=call.device,
    )
    cookies = SetCookie("session", token), SetCookie("device", device)
    return Reply(201, {"applicant": applicant}, cookies)


@room.endpoint("DELETE", "/sessions", answers={204: None})
def delete_session(call: Call) -> Reply:
    """Log out, here only."""
    if call.session is not None:
        sessions.logout(call.runtime, call.applicant, call.session.session)
    return Reply(204, None, (SetCookie("session", ""),))


@room.endpoint("POST", "/password/forgot", body=schemas.Address, answers={202: schemas.Nothing})
def post_password_forgot(call: Call) -> Reply:
    """Mail a link to set a new password: the answer is the same for an unknown address."""
    passwords.forgot(call.runtime, call.body["email"], address=call.address)
    return Reply(202, {})


@room.endpoint(
    "POST",
    "/password/reset",
    body=schemas.NewPasswordByLink,
    answers={200: schemas.Nothing},
)
def post_password_reset(call: Call) -> Reply:
    """Set a new password with a mailed token; ends all sessions."""
    device = passwords.reset(
        call.runtime, call.body["token"], call.body["password"], address=call.address
    )
    return Reply(200, {}, (SetCookie("session", ""), SetCookie("device", device)))


@room.endpoint("PUT", "/password", body=schemas.NewPassword, answers={200: schemas.Nothing})
def put_password(call: Call) -> Reply:
    """Change the password; ends all other sessions."""
    token = passwords.change(
        call.runtime,
        call.applicant,
        call.body["current"],
        call.body["password"],
        code=call.body.get("code"),
    )
    return Reply(200, {}, (SetCookie("session", token),))


@room.endpoint("GET", "/me", answers={200: schemas.Me})
def get_me(call: Call) -> Reply:
    """The own account: readiness, masked data, delivery of mail and SMS."""
    return Reply(200, me.show(call.runtime, call.applicant))


@room.endpoint("POST", "/not-me", body=Empty, answers={202: schemas.Nothing})
def post_not_me(call: Call) -> Reply:
    """Someone else uses the caller's NIK: let officers look at it."""
    disputes.ask(call.runtime, call.applicant)
    return Reply(202, {})


@room.endpoint("POST", "/recovery/stop", body=schemas.Token, answers={200: schemas.Nothing})
def post_recovery_stop(call: Call) -> Reply:
    """Stop a recovery of the account that its owner did not ask for, with the mailed token."""
    recovery.stop(call.runtime, call.body["token"], address=call.address)
    return Reply(200, {})


@room.endpoint("GET", "/export", answers={200: schemas.Export})
def get_export(call: Call) -> Reply:
    """Everything that is held here of the caller, in full."""
    if call.session is None:
        raise Unauthorized("no_session")
    return Reply(200, exporting.export(call.runtime, call.session))


@room.endpoint("DELETE", "/me", body=schemas.Proofs, answers={202: schemas.Leaving})
def delete_me(call: Call) -> Reply:
    """Ask for the account and everything in it to be deleted."""
    answer = leaving.ask(call.runtime, call.applicant, call.body["password"], call.body.get("code"))
    return Reply(202, answer)


@room.endpoint("PUT", "/identity", body=schemas.Identity, answers={200: schemas.IdentityKept})
def put_identity(call: Call) -> Reply:
    """Set NIK, KK, birth date and sex."""
    warnings, ready = identity.put(call.runtime, call.applicant, **call.body)
    return Reply(200, {"warnings": warnings, "missing": missing_shown(ready)})


@room.endpoint("PUT", "/profile", body=schemas.Profile, answers={200: schemas.StepsLeft})
def put_profile(call: Call) -> Reply:
    """Set addresses, education, family, work and topic."""
    ready = statements.put_profile(call.runtime, call.applicant, call.body)
    return Reply(200, {"missing": missing_shown(ready)})


@room.endpoint("POST", "/phone", body=schemas.Phone, answers={202: schemas.CodeSent})
def post_phone(call: Call) -> Reply:
    """Send a code to a mobile number."""
    answer = phone.start(
        call.runtime,
        call.applicant,
        call.body["phone"],
        address=call.address,
        password=call.body.get("password"),
        code=call.body.get("code"),
    )
    return Reply(202, answer)


@room.endpoint("POST", "/phone/code", body=schemas.Password, answers={202: schemas.CodeSent})
def post_phone_code(call: Call) -> Reply:
    """Send a code for a change of password, address or number to the number proved now."""
    answer = second_proof.send(
        call.runtime, call.applicant, call.body["password"], address=call.address
    )
    return Reply(202, answer)


@room.endpoint("POST", "/phone/confirm", body=schemas.Code, answers={200: schemas.StepsLeft})
def post_phone_confirmation(call: Call) -> Reply:
    """Prove the number with its code."""
    ready, token = phone.confirm(call.runtime, call.applicant, call.body["code"])
    cookies = (SetCookie("session", token),) if token else ()
    return Reply(200, {"missing": missing_shown(ready)}, cookies)


@room.endpoint("PUT", "/declaration", body=schemas.Declaration, answers={200: schemas.StepsLeft})
def put_declaration(call: Call) -> Reply:
    """Declare schooling, office and work."""
    told = {name: call.body[name] for name in ("in_education", "official", "employment")}
    ready = statements.put_declaration(call.runtime, call.applicant, **told)
    return Reply(200, {"missing": missing_shown(ready)})


@room.endpoint("GET", "/test", answers={200: schemas.Test})
def get_test(call: Call) -> Reply:
    """The readiness test as it stands; starts nothing."""
    return Reply(200, ability_test.show(call.runtime, call.applicant))


@room.endpoint("POST", "/test", body=Empty, answers={201: schemas.Test})
def post_test(call: Call) -> Reply:
    """Start an attempt, or resume the running one."""
    return Reply(201, ability_test.start(call.runtime, call.applicant))


@room.endpoint("PUT", "/test/answers/<int:number>", body=schemas.Choice, answers={204: None})
def put_test_answer(call: Call, number: int) -> Reply:
    """Choose an answer; the last choice counts."""
    ability_test.answer(call.runtime, call.applicant, number, **call.body)
    return Reply(204)


@room.endpoint("POST", "/test/submit", body=schemas.WhichAttempt, answers={200: schemas.TestResult})
def post_test_submission(call: Call) -> Reply:
    """End the attempt and get its score."""
    return Reply(200, ability_test.submit(call.runtime, call.applicant, **call.body))


def _registration(call: Call) -> str:
    if call.registration is None:
        raise Forbidden("no_registration")
    return call.registration


def create(runtime: Runtime) -> Flask:
    """The Flask application of verify on these ports."""
    return create_app(room, runtime)


@cache
def _deployed() -> Flask:
    return create(current())


def application(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
    """WSGI; made when first called, so that importing this module does nothing."""
    return _deployed()(environ, start_response)
