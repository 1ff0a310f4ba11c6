"""Tokens, masks and codes: what may be shown, what may be stored."""

from __future__ import annotations

import hashlib
import hmac

CODE_DIGITS = 6


def hash_secret(secret: str) -> str:
    """What is stored of a secret that someone else keeps (256 random bits need no salt)."""
    return hashlib.sha256(secret.encode()).hexdigest()


def secret_matches(secret: str, stored: str) -> bool:
    """Whether a secret is the one whose hash is stored, compared in constant time."""
    return hmac.compare_digest(hash_secret(secret), stored)


def one_time_code(key: bytes, challenge: str, purpose: str, subject_mac: str) -> str:
    """The six digits of a challenge: derived, so that a resend needs no stored code."""
    message = f"{challenge}|{purpose}|{subject_mac}".encode()
    number = int.from_bytes(hmac.digest(key, message, "sha256"), "big")
    return f"{number % 10**CODE_DIGITS:0{CODE_DIGITS}d}"


def mask_digits(number: str, shown: int = 4) -> str:
    """`************9001`: a NIK, KK or phone number as it may be shown."""
    return "*" * (len(number) - shown) + number[-shown:]


def mask_email(address: str) -> str:
    """`s***i@contoh.id`."""
    name, _, domain = address.rpartition("@")
    return (name[0] + "***" + name[-1] if len(name) > 2 else "***") + "@" + domain
