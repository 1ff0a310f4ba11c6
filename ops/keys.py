"""The keys of a stage: made once, by an operator, and never shown."""

from __future__ import annotations

from typing import Any

from functions.cloud.config import Config
from functions.cloud.vault import create_keys


def create(clients: Any, config: Config) -> list[str]:
    """Make every key and seed that the stage still lacks; returns the names of those made.

    `clients` is a `Clients` with the operator's rights on KMS and SSM.
    """
    return create_keys(clients, config)
