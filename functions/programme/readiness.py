"""Readiness: what an applicant must have done before joining a wave."""

from __future__ import annotations

from collections.abc import Mapping

# In the order in which the site asks for them. Each is an attribute of the
# applicant's `readiness` item, there once it is done (docs/data.md).
READINESS = (
    "email",
    "phone",
    "identity",
    "profile",
    "ktp",
    "selfie",
    "declaration",
    "test",
)


def said(step: str) -> str:
    """The attribute beside a step that holds, sealed, what was said in it: of `profile` and
    `declaration`."""
    return f"{step}_said"


def missing(item: Mapping[str, object]) -> list[str]:
    """The steps that a readiness item still lacks, in order; an empty list means ready."""
    return [step for step in READINESS if item.get(step) is None]
