"""What an answer makes possible next: the `links` of the OpenAPI documents, in one table.

A link says where the parts of the next route's path, and of its `body`, come from: "Link Object"
and "Runtime Expressions" of OpenAPI 3.1. One that gives nothing leads on for the same session.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

Route = tuple[str, str]
# Part of the path, or `body` -> where its value comes from.
Given = Mapping[str, Any]

NOTHING: Given = {}
PHOTO: Given = {"photo": "$response.body#/photo"}
NEWEST_PHOTO: Given = {"photo": "$response.body#/photos/0/photo"}
WAVE: Given = {"wave": "$response.body#/wave"}
NEWEST_WAVE: Given = {"wave": "$response.body#/waves/0/wave"}
NEWEST_ENTRY: Given = {"wave": "$response.body#/entries/0/wave"}
ASKED_WAVE: Given = {"wave": "$request.path.wave"}
ADDRESS: Given = {"body": {"email": "$request.body#/email"}}
ATTEMPT: Given = {"body": {"attempt": "$response.body#/attempt"}}
SAME_ATTEMPT: Given = {"body": {"attempt": "$request.body#/attempt"}}
QUESTION: Given = {"number": "$response.body#/questions/0/n", **ATTEMPT}

ME: Route = ("GET", "/api/verify/me")
EXPORT: Route = ("GET", "/api/verify/export")
TEST: Route = ("GET", "/api/verify/test")
START: Route = ("POST", "/api/verify/test")
ANSWER: Route = ("PUT", "/api/verify/test/answers/<int:number>")
SUBMIT: Route = ("POST", "/api/verify/test/submit")
ALL_PHOTOS: Route = ("GET", "/api/upload/photos")
ONE_PHOTO: Route = ("GET", "/api/upload/photos/<photo>")
REVIEW: Route = ("POST", "/api/upload/photos/<photo>/review")
ONE_WAVE: Route = ("GET", "/api/select/waves/<int:wave>")
JOIN: Route = ("POST", "/api/select/waves/<int:wave>/entry")
WITHDRAW: Route = ("DELETE", "/api/select/waves/<int:wave>/entry")
ENTRIES: Route = ("GET", "/api/select/entries")
ENTRY: Route = ("GET", "/api/select/entries/<int:wave>")
PROOF: Route = ("GET", "/api/select/entries/<int:wave>/proof")
OBJECT: Route = ("POST", "/api/select/entries/<int:wave>/objection")

LINKS: dict[Route, dict[Route, Given]] = {
    ("POST", "/api/verify/accounts"): {
        ("POST", "/api/verify/email/confirm"): ADDRESS,
        ("POST", "/api/verify/email/resend"): NOTHING,
        ("PUT", "/api/verify/email"): NOTHING,
    },
    ("POST", "/api/verify/sessions"): {
        ME: NOTHING,
        TEST: NOTHING,
        EXPORT: NOTHING,
        ("PUT", "/api/verify/identity"): NOTHING,
        ("PUT", "/api/verify/profile"): NOTHING,
        ("PUT", "/api/verify/declaration"): NOTHING,
        ("POST", "/api/verify/phone"): NOTHING,
        ("DELETE", "/api/verify/sessions"): NOTHING,
    },
    ME: {EXPORT: NOTHING, ("POST", "/api/verify/not-me"): NOTHING},
    ("PUT", "/api/verify/identity"): {ME: NOTHING},
    ("PUT", "/api/verify/profile"): {ME: NOTHING},
    ("PUT", "/api/verify/declaration"): {ME: NOTHING},
    ("POST", "/api/verify/phone"): {("POST", "/api/verify/phone/confirm"): NOTHING},
    ("POST", "/api/verify/phone/confirm"): {ME: NOTHING},
    ("POST", "/api/verify/phone/code"): {
        ("PUT", "/api/verify/password"): NOTHING,
        ("PUT", "/api/verify/email"): NOTHING,
        ("POST", "/api/verify/phone"): NOTHING,
        ("DELETE", "/api/verify/me"): NOTHING,
    },
    ("DELETE", "/api/verify/me"): {ME: NOTHING},
    TEST: {START: NOTHING, ANSWER: QUESTION, SUBMIT: ATTEMPT},
    START: {TEST: NOTHING, ANSWER: QUESTION, SUBMIT: ATTEMPT},
    ANSWER: {TEST: NOTHING, SUBMIT: SAME_ATTEMPT},
    SUBMIT: {TEST: NOTHING, ME: NOTHING},
    ("POST", "/api/upload/photos"): {ALL_PHOTOS: NOTHING, ONE_PHOTO: PHOTO, REVIEW: PHOTO},
    ALL_PHOTOS: {ONE_PHOTO: NEWEST_PHOTO, REVIEW: NEWEST_PHOTO},
    ONE_PHOTO: {REVIEW: PHOTO},
    REVIEW: {ONE_PHOTO: PHOTO},
    ("GET", "/api/select/waves"): {ONE_WAVE: NEWEST_WAVE, JOIN: NEWEST_WAVE},
    ONE_WAVE: {JOIN: WAVE},
    JOIN: {ENTRIES: NOTHING, ENTRY: ASKED_WAVE, WITHDRAW: ASKED_WAVE},
    WITHDRAW: {ENTRIES: NOTHING, JOIN: WAVE},
    ENTRIES: {ENTRY: NEWEST_ENTRY, PROOF: NEWEST_ENTRY, OBJECT: NEWEST_ENTRY},
    ENTRY: {PROOF: WAVE, OBJECT: WAVE, WITHDRAW: WAVE},
    OBJECT: {ENTRY: ASKED_WAVE},
}
