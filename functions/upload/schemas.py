"""Requests and answers of upload."""

from __future__ import annotations

from marshmallow import fields, validate

from functions.programme.photos import CONTENT_TYPES, KINDS, MAX_BYTES
from functions.web.schemas import AnswerSchema, RequestSchema


class NewPhoto(RequestSchema):
    """What the phone is about to send."""

    kind = fields.String(required=True, validate=validate.OneOf(KINDS, error="not_a_choice"))
    size = fields.Integer(
        required=True,
        strict=True,
        validate=validate.Range(min=1, max=MAX_BYTES, error="too_large"),
    )
    content_type = fields.String(
        required=True, validate=validate.OneOf(CONTENT_TYPES, error="wrong_format")
    )


class Form(AnswerSchema):
    """Where and with which fields to post the bytes."""

    photo = fields.String()
    url = fields.String()
    fields_ = fields.Dict(keys=fields.String(), values=fields.String(), data_key="fields")
    expires_at = fields.String()


class Photo(AnswerSchema):
    """One photo and what became of it."""

    photo = fields.String()
    kind = fields.String()
    state = fields.String()
    reasons = fields.List(fields.String())
    details = fields.Dict(keys=fields.String(), values=fields.Dict())
    review = fields.List(fields.String())
    created_at = fields.String()
    decided_at = fields.String(allow_none=True)
    may_review = fields.Boolean()
    review_asked_at = fields.String(allow_none=True)
    by_person = fields.Boolean()


class Photos(AnswerSchema):
    """All photos of an applicant, newest first."""

    photos = fields.List(fields.Nested(Photo))
    server_time = fields.String()
