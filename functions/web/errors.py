"""One error shape, and the one place that gives each error its HTTP status.

Codes are stable words; the sentences for them live in the site's translations.
"""

from __future__ import annotations

from typing import Any


class ApiError(Exception):
    """An answer other than success: a stable code and parameters for its sentence."""

    status = 400

    def __init__(self, code: str, **params: Any):
        super().__init__(code)
        self.code = code
        self.params = params

    def body(self) -> dict[str, Any]:
        return {"error": {"code": self.code, "params": self.params}}


class BadRequest(ApiError):
    """The request is not one that this API understands."""


class Unauthorized(ApiError):
    """There is no valid session."""

    status = 401


class Forbidden(ApiError):
    """Not from here, or not with this cookie."""

    status = 403


class NotFound(ApiError):
    """There is no such thing, or it is someone else's."""

    status = 404


class Conflict(ApiError):
    """The state of things does not allow it (now)."""

    status = 409


class Unprocessable(ApiError):
    """A value is not acceptable."""

    status = 422


class InvalidFields(Unprocessable):
    """One code for each field that is not acceptable."""

    def __init__(self, fields: dict[str, str]):
        super().__init__("invalid", fields=fields)


class TooMany(ApiError):
    """A limit is reached; `seconds` until it makes sense to try again."""

    status = 429

    def __init__(self, code: str, seconds: int, **params: Any):
        super().__init__(code, seconds=seconds, **params)
        self.seconds = seconds


class Unavailable(ApiError):
    """Too busy at this moment; nothing was changed."""

    status = 503

    def __init__(self, code: str = "busy", seconds: int = 2):
        super().__init__(code, seconds=seconds)
        self.seconds = seconds
