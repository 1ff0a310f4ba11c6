"""The one error of the draw: what did not hold, as a stable code with parameters."""

from __future__ import annotations

Param = str | int


class VerificationError(Exception):
    """Something published, received or pinned is not what the protocol demands.

    `code` is a stable word (docs/draw.md lists them all), `params` says where; neither ever
    holds personal data. `step` is set by `verify.verify_wave` to the step that failed.
    """

    def __init__(self, code: str, **params: Param) -> None:
        super().__init__(code, params)
        self.code = code
        self.params = params
        self.step = ""

    def __str__(self) -> str:
        return " ".join([self.code, *(f"{name}={value}" for name, value in self.params.items())])
