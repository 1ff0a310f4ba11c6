"""The refusal of an operator's command."""

from __future__ import annotations


class Refused(Exception):
    """The command makes no sense or would change what is public; the message says why."""
