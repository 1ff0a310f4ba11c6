"""Schemas: what a request may hold. They validate it, and OpenAPI is made from them.

A validator raises `ValidationError(code)`; the code reaches the applicant as the
code of that field.
"""

from __future__ import annotations

from typing import Any

from marshmallow import RAISE, Schema, ValidationError, fields

from functions.web.errors import InvalidFields

MISSING, WRONG_TYPE, UNKNOWN = "missing", "wrong_type", "unknown_field"

_MESSAGES = {
    "required": MISSING,
    "null": MISSING,
    "type": WRONG_TYPE,
    "invalid": WRONG_TYPE,
    "invalid_utf8": WRONG_TYPE,
    "validator_failed": WRONG_TYPE,
    "too_large": WRONG_TYPE,
}


class RequestSchema(Schema):
    """A request body. Unknown fields are refused, so that none is silently ignored."""

    class Meta:
        unknown = RAISE

    error_messages = {"unknown": UNKNOWN, "type": WRONG_TYPE}  # noqa: RUF012

    def on_bind_field(self, field_name: str, field_obj: fields.Field) -> None:
        field_obj.error_messages = {**field_obj.error_messages, **_MESSAGES}


class AnswerSchema(Schema):
    """An answer. It documents; answers are built by the use cases."""


class Empty(RequestSchema):
    """A body without fields."""


def loaded(schema: RequestSchema, body: Any) -> dict[str, Any]:
    """The body as the schema understands it. Raises InvalidFields with a code per field."""
    try:
        return schema.load(body)
    except ValidationError as error:
        raise InvalidFields(_flat(error.normalized_messages())) from error


def _flat(messages: Any, prefix: str = "") -> dict[str, str]:
    """{"address": {"village": ["text_length"]}} becomes {"address.village": "text_length"}."""
    if isinstance(messages, list):
        return {prefix: str(messages[0])}
    flat: dict[str, str] = {}
    for name, inner in messages.items():
        path = str(name) if not prefix else f"{prefix}.{name}"
        flat.update(_flat(inner, prefix if name == "_schema" and prefix else path))
    return flat
