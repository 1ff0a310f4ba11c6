"""Devices: a browser in which the owner of an account has logged in before.

Its cookie opens nothing. It only gives this browser tries of its own, so that strangers who guess
at the account do not hold up its owner (OWASP, "Slow Down Online Guessing Attacks with Device
Cookies"). Nothing of it is stored: it is an id and its mac with the address of the account.
"""

from __future__ import annotations

import hmac

from functions.cloud.runtime import Runtime


def new(runtime: Runtime, email_mac: str) -> str:
    """A cookie for a browser in which the owner has just shown who they are."""
    device = runtime.random(16).hex()
    return f"{device}.{_mac(runtime, email_mac, device)}"


def known(runtime: Runtime, email_mac: str, cookie: str | None) -> str | None:
    """The id of a browser that has this account's cookie."""
    device, _, mac = (cookie or "").partition(".")
    right = _mac(runtime, email_mac, device)
    return device if hmac.compare_digest(mac.encode(), right.encode()) else None


def _mac(runtime: Runtime, email_mac: str, device: str) -> str:
    return runtime.vault.mac("limit", f"device|{email_mac}|{device}")
