"""Who may call what: every route of the three functions, in one table."""

from __future__ import annotations

from enum import Enum


class Access(Enum):
    """PUBLIC: anyone. REGISTRATION: a registration cookie. SESSION: a valid session.
    EITHER: a session, else a registration cookie."""

    PUBLIC = "public"
    REGISTRATION = "registration"
    SESSION = "session"
    EITHER = "either"


PUBLIC, REGISTRATION, SESSION, EITHER = Access

ACCESS: dict[tuple[str, str], Access] = {
    ("GET", "/api/verify/openapi.json"): PUBLIC,
    ("POST", "/api/verify/accounts"): PUBLIC,
    ("POST", "/api/verify/email/confirm"): PUBLIC,
    ("POST", "/api/verify/email/resend"): REGISTRATION,
    ("GET", "/api/verify/email"): REGISTRATION,
    ("PUT", "/api/verify/email"): EITHER,
    ("POST", "/api/verify/sessions"): PUBLIC,
    ("DELETE", "/api/verify/sessions"): SESSION,
    ("POST", "/api/verify/password/forgot"): PUBLIC,
    ("POST", "/api/verify/password/reset"): PUBLIC,
    ("PUT", "/api/verify/password"): SESSION,
    ("GET", "/api/verify/me"): SESSION,
    ("PUT", "/api/verify/identity"): SESSION,
    ("PUT", "/api/verify/profile"): SESSION,
    ("POST", "/api/verify/phone"): SESSION,
    ("POST", "/api/verify/phone/code"): SESSION,
    ("POST", "/api/verify/phone/confirm"): SESSION,
    ("PUT", "/api/verify/declaration"): SESSION,
    ("GET", "/api/verify/test"): SESSION,
    ("POST", "/api/verify/test"): SESSION,
    ("PUT", "/api/verify/test/answers/<int:number>"): SESSION,
    ("POST", "/api/verify/test/submit"): SESSION,
    ("POST", "/api/verify/not-me"): SESSION,
    ("POST", "/api/verify/recovery/stop"): PUBLIC,
    ("GET", "/api/verify/export"): SESSION,
    ("DELETE", "/api/verify/me"): SESSION,
    ("GET", "/api/upload/openapi.json"): PUBLIC,
    ("POST", "/api/upload/photos"): SESSION,
    ("GET", "/api/upload/photos"): SESSION,
    ("GET", "/api/upload/photos/<photo>"): SESSION,
    ("POST", "/api/upload/photos/<photo>/review"): SESSION,
    ("GET", "/api/select/openapi.json"): PUBLIC,
    ("GET", "/api/select/waves"): PUBLIC,
    ("GET", "/api/select/waves/<int:wave>"): PUBLIC,
    ("POST", "/api/select/waves/<int:wave>/entry"): SESSION,
    ("DELETE", "/api/select/waves/<int:wave>/entry"): SESSION,
    ("GET", "/api/select/entries"): SESSION,
    ("GET", "/api/select/entries/<int:wave>"): SESSION,
    ("POST", "/api/select/entries/<int:wave>/objection"): SESSION,
    ("GET", "/api/select/entries/<int:wave>/proof"): SESSION,
}
