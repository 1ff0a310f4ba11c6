"""zappa_settings.json, read the way Zappa reads it, for one stage in one account.

Zappa knows no variables, so the file names the account `ACCOUNT` and the region
`REGION`; whoever deploys (or runs the workers on one machine) fills them here.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

FILE = Path(__file__).parent.parent / "zappa_settings.json"
FUNCTIONS = ("upload", "upload_worker", "verify", "verify_worker", "select", "select_worker")


class UnknownStage(Exception):
    """zappa_settings.json has no such stage."""


def render(stage_name: str, account: str, region: str) -> dict[str, Any]:
    """The settings of one Zappa stage such as `dev_verify_worker`, without `extends`.

    A nearer stage replaces whole values of the one it extends, as in Zappa; what
    extends nothing knows no further. Raises UnknownStage.
    """
    stages = json.loads(FILE.read_text())
    layers = []
    name: str | None = stage_name
    while name is not None:
        if name not in stages:
            raise UnknownStage(name)
        layers.append(stages[name])
        name = stages[name].get("extends")
    settings: dict[str, Any] = {}
    for layer in reversed(layers):
        settings.update(layer)
    settings.pop("extends", None)
    return _filled(settings, {"ACCOUNT": account, "REGION": region})


def function_name(stage_name: str, settings: dict[str, Any]) -> str:
    """The name Zappa gives the Lambda function of a stage."""
    return f"{settings['project_name']}-{stage_name}".replace("_", "-")


def _filled(value: Any, words: dict[str, str]) -> Any:
    """`value` with every placeholder in its strings replaced."""
    if isinstance(value, dict):
        return {key: _filled(part, words) for key, part in value.items()}
    if isinstance(value, list):
        return [_filled(part, words) for part in value]
    if isinstance(value, str):
        for word, meaning in words.items():
            # Names of variables such as GELOMBANG_ACCOUNT are keys and stay as they are.
            value = value.replace(word, meaning)
    return value
