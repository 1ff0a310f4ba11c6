"""Schemas of verify's routes: what each takes and answers (docs/data.md)."""

from __future__ import annotations

import re
import unicodedata
from typing import Any

from marshmallow import ValidationError, fields, validate

from functions.programme import identity, profile
from functions.programme.passwords import LONGEST
from functions.programme.readiness import READINESS
from functions.web.schemas import AnswerSchema, RequestSchema

# Nothing that is typed by hand is longer; rules give the exact bounds.
LONGEST_ADDRESS = 254
LONGEST_PHONE = 40
LONGEST_TOKEN = 200
# Any that a table can compare; whether it is the running attempt is for the rule to say.
HIGHEST_ATTEMPT = 1_000


def _length(bounds: tuple[int, int]) -> validate.Length:
    return validate.Length(*bounds, error="text_length")


def _choice(choices: tuple[str, ...]) -> validate.OneOf:
    return validate.OneOf(choices, error="unknown_choice")


def _digits(count: int) -> validate.Regexp:
    return validate.Regexp(re.compile(rf"[0-9]{{{count}}}\Z"), error="region_unknown")


def _true(value: bool) -> None:
    if value is not True:
        raise ValidationError("must_agree")


class Text(fields.String):
    """A line of text: spaces at the ends and doubled ones are dropped, controls refused."""

    def _deserialize(self, value: Any, attr: Any, data: Any, **kwargs: Any) -> str:
        text = super()._deserialize(value, attr, data, **kwargs) or ""
        line = " ".join(text.split())
        if any(unicodedata.category(sign) in ("Cc", "Cf", "Cs", "Co", "Cn") for sign in line):
            raise ValidationError("text_signs")
        return line


class Flag(fields.Boolean):
    """true or false, and nothing that looks like them."""

    def _deserialize(self, value: Any, attr: Any, data: Any, **kwargs: Any) -> bool:
        if not isinstance(value, bool):
            raise self.make_error("invalid")
        return value


def _email() -> fields.String:
    long = validate.Length(max=LONGEST_ADDRESS, error="email_invalid")
    return fields.String(required=True, validate=long)


def _password(required: bool = True) -> fields.String:
    """Of any length up to the bound of a body: the rule tells what is wrong with it."""
    long = validate.Length(max=4 * LONGEST, error="password_long")
    return fields.String(required=required, validate=long)


def _token(required: bool = True) -> fields.String:
    long = validate.Length(max=LONGEST_TOKEN, error="link_invalid")
    return fields.String(required=required, validate=long)


class Registration(RequestSchema):
    name = Text(required=True, validate=_length(profile.NAME_LENGTH))
    email = _email()
    password = _password()
    language = fields.String(required=True, validate=_choice(profile.LANGUAGES))


class Confirmation(RequestSchema):
    """A token, or an address and its code."""

    token = _token(required=False)
    email = fields.String(validate=validate.Length(max=LONGEST_ADDRESS, error="email_invalid"))
    code = fields.String(validate=validate.Regexp(re.compile(r"[0-9]{6}\Z"), error="code_format"))


def _code(required: bool = True) -> fields.String:
    six = validate.Regexp(re.compile(r"[0-9]{6}\Z"), error="code_format")
    return fields.String(required=required, validate=six)


class Address(RequestSchema):
    email = _email()


class NewEmail(RequestSchema):
    email = _email()
    password = _password(required=False)
    code = _code(required=False)


class Login(RequestSchema):
    email = _email()
    password = _password()


class Token(RequestSchema):
    token = _token()


class NewPasswordByLink(RequestSchema):
    token = _token()
    password = _password()


class NewPassword(RequestSchema):
    current = _password()
    password = _password()
    code = _code(required=False)


class Password(RequestSchema):
    password = _password()


class Proofs(Password):
    code = _code(required=False)


class Place(RequestSchema):
    province = fields.String(required=True, validate=_digits(2))
    regency = fields.String(required=True, validate=_digits(4))
    district = fields.String(required=True, validate=_digits(6))
    village = Text(required=True, validate=_length(profile.VILLAGE_LENGTH))
    street = Text(required=True, validate=_length(profile.STREET_LENGTH))


class Profile(RequestSchema):
    address = fields.Nested(Place, required=True)
    current_address = fields.Nested(Place, required=True, allow_none=True)
    education = fields.String(required=True, validate=_choice(profile.EDUCATION))
    marital = fields.String(required=True, validate=_choice(profile.MARITAL))
    dependants = fields.Integer(
        required=True,
        strict=True,
        validate=validate.Range(0, profile.MOST_DEPENDANTS, error="out_of_range"),
    )
    employment = fields.String(required=True, validate=_choice(profile.EMPLOYMENT))
    topic = fields.String(required=True, validate=_choice(profile.TOPICS))


class Identity(RequestSchema):
    nik = fields.String(required=True, validate=validate.Length(max=64, error="nik_format"))
    kk = fields.String(required=True, validate=validate.Length(max=64, error="kk_format"))
    birth_date = fields.Date(required=True, format="%Y-%m-%d")
    sex = fields.String(required=True, validate=_choice(identity.SEXES))
    profile = fields.Nested(Profile)


class Phone(RequestSchema):
    phone = fields.String(
        required=True, validate=validate.Length(max=LONGEST_PHONE, error="phone_invalid")
    )
    password = _password(required=False)
    code = _code(required=False)


class Code(RequestSchema):
    code = _code()


class Declaration(RequestSchema):
    in_education = Flag(required=True)
    official = Flag(required=True)
    employment = fields.String(required=True, validate=_choice(profile.EMPLOYMENT))
    truthful = Flag(required=True, validate=_true)
    consent = Flag(required=True, validate=_true)


class WhichAttempt(RequestSchema):
    """The attempt that the page shows: one left open since yesterday must not act on today's."""

    attempt = fields.Integer(
        required=True,
        strict=True,
        validate=validate.Range(0, HIGHEST_ATTEMPT, error="out_of_range"),
    )


class Choice(WhichAttempt):
    choice = fields.Integer(
        required=True, strict=True, validate=validate.Range(0, 3, error="choice_unknown")
    )


class Nothing(AnswerSchema):
    """An empty answer."""


class Confirmed(AnswerSchema):
    confirmed = fields.Boolean(required=True)


class NextSending(AnswerSchema):
    next_at = fields.String(required=True)


class MailStanding(NextSending):
    state = fields.String(required=True)


class LoggedIn(AnswerSchema):
    applicant = fields.String(required=True)


class StepsLeft(AnswerSchema):
    """What the applicant still has to do, so that the next page need not ask."""

    missing = fields.List(fields.String(), required=True)


class IdentityKept(StepsLeft):
    warnings = fields.List(fields.String(), required=True)


class CodeSent(AnswerSchema):
    phone = fields.String(required=True)
    next_at = fields.String(required=True)
    tries_left = fields.Integer(required=True)
    server_time = fields.String(required=True)


class MaskedIdentity(AnswerSchema):
    nik = fields.String(required=True)
    kk = fields.String(required=True)
    birth_date = fields.String(required=True)
    sex = fields.String(required=True)


class Delivery(AnswerSchema):
    channel = fields.String(required=True)
    template = fields.String(required=True)
    state = fields.String(required=True)
    at = fields.String(required=True)


class DeclarationKept(AnswerSchema):
    in_education = fields.Boolean(required=True)
    official = fields.Boolean(required=True)
    employment = fields.String(required=True)


ReadinessSteps = AnswerSchema.from_dict(
    {step: fields.Boolean(required=True) for step in READINESS}, name="Readiness"
)


class Me(AnswerSchema):
    applicant = fields.String(required=True)
    name = fields.String(required=True)
    email = fields.String(required=True)
    email_unreachable = fields.String(required=True, allow_none=True)
    phone = fields.String(required=True, allow_none=True)
    language = fields.String(required=True)
    readiness = fields.Nested(ReadinessSteps, required=True)
    missing = fields.List(fields.String(), required=True)
    identity = fields.Nested(MaskedIdentity, required=True, allow_none=True)
    profile = fields.Nested(Profile, required=True, allow_none=True)
    declaration = fields.Nested(DeclarationKept, required=True, allow_none=True)
    locked = fields.Boolean(required=True)
    held = fields.List(fields.String(), required=True)
    recipient_of = fields.Integer(required=True, allow_none=True)
    delivery = fields.List(fields.Nested(Delivery), required=True)
    server_time = fields.String(required=True)


class Leaving(AnswerSchema):
    asked_at = fields.String(required=True)
    waits_for = fields.List(fields.Integer(), required=True)


class Export(AnswerSchema):
    """Everything that verify holds of an applicant; `elsewhere`: where the rest is shown."""

    made_at = fields.String(required=True)
    applicant = fields.String(required=True)
    account = fields.Dict(required=True)
    readiness = fields.Dict(required=True)
    held = fields.List(fields.String(), required=True)
    entries = fields.List(fields.Integer(), required=True)
    withdrawn = fields.Dict(required=True)
    recipient_of = fields.Integer(required=True, allow_none=True)
    test = fields.Dict(required=True, allow_none=True)
    sessions = fields.List(fields.Dict(), required=True)
    messages = fields.List(fields.Dict(), required=True)
    deletion_asked_at = fields.String(required=True, allow_none=True)
    elsewhere = fields.List(fields.String(), required=True)


class Words(AnswerSchema):
    id = fields.String(required=True)
    en = fields.String(required=True)


class Question(AnswerSchema):
    n = fields.Integer(required=True)
    text = fields.Nested(Words, required=True)
    options = fields.List(fields.Nested(Words), required=True)


class Test(AnswerSchema):
    state = fields.String(required=True)
    attempt = fields.Integer(required=True)
    attempts = fields.Integer(required=True)
    questions = fields.List(fields.Nested(Question), required=True)
    answers = fields.Dict(keys=fields.String(), values=fields.Integer(), required=True)
    deadline = fields.String(required=True, allow_none=True)
    score = fields.Integer(required=True, allow_none=True)
    of = fields.Integer(required=True)
    pass_mark = fields.Integer(required=True)
    next_at = fields.String(required=True, allow_none=True)
    server_time = fields.String(required=True)


class TestResult(AnswerSchema):
    passed = fields.Boolean(required=True)
    score = fields.Integer(required=True)
    of = fields.Integer(required=True)
    pass_mark = fields.Integer(required=True)
    tries_left = fields.Integer(required=True)
    next_at = fields.String(required=True, allow_none=True)
