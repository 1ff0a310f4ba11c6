"""Zappa's own Lambda handler for each worker, under the settings that are deployed.

On Lambda the handler reads a module `zappa_settings` that Zappa wrote into the
package. Here one such module is made for each worker, and the handler, a
singleton by design, is built once for each of them.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass
from types import ModuleType
from typing import Any

from infra.settings import function_name, render


@dataclass(frozen=True)
class Source:
    """An SQS queue that Lambda reads for a function."""

    arn: str
    batch_size: int

    @property
    def queue(self) -> str:
        """The queue's name."""
        return self.arn.rsplit(":", 1)[1]


@dataclass(frozen=True)
class Worker:
    """One event function as Lambda would run it."""

    name: str
    arn: str
    sources: tuple[Source, ...]
    handler: Any

    def invoke(self, event: dict[str, Any]) -> Any:
        """Hand one Lambda payload to Zappa's handler and return its answer."""
        return self.handler.handler(event, None)


def worker(stage_name: str, account: str, region: str, environment: dict[str, str]) -> Worker:
    """The worker of a Zappa stage such as `dev_verify_worker`.

    `environment` stands in for the stage's own environment variables.
    """
    settings = render(stage_name, account, region)
    name = function_name(stage_name, settings)
    module = f"zappa_settings_{stage_name}"
    sys.modules[module] = settings_module(module, stage_name, settings, environment)
    return Worker(
        name=name,
        arn=f"arn:aws:lambda:{region}:{account}:function:{name}",
        sources=tuple(
            Source(event["event_source"]["arn"], event["event_source"]["batch_size"])
            for event in settings.get("events", ())
        ),
        handler=handler_of(module),
    )


def settings_module(
    name: str, stage_name: str, settings: dict[str, Any], environment: dict[str, str]
) -> ModuleType:
    """The module Zappa would write for these settings (zappa/cli.py, get_zappa_settings_string)."""
    mapping: dict[str, list[str]] = {}
    for event in settings.get("events", ()):
        mapping.setdefault(event["event_source"]["arn"], []).append(event["function"])
    module = ModuleType(name)
    values = {
        "EXCEPTION_HANDLER": settings.get("exception_handler"),
        "DEBUG": settings["debug"],
        # The worker's own log level, not Zappa's: its INFO repeats whole events.
        "LOG_LEVEL": "WARNING",
        "BINARY_SUPPORT": settings["binary_support"],
        "CONTEXT_HEADER_MAPPINGS": {},
        "DOMAIN": None,
        "BASE_PATH": None,
        "ENVIRONMENT_VARIABLES": environment,
        "API_STAGE": stage_name,
        "PROJECT_NAME": settings["project_name"],
        "SETTINGS_FILE": None,
        "DJANGO_SETTINGS": None,
        "AWS_EVENT_MAPPING": mapping,
        "AWS_BOT_EVENT_MAPPING": {},
        "COGNITO_TRIGGER_MAPPING": {},
        "ASYNC_RESPONSE_TABLE": "",
        "ADDITIONAL_TEXT_MIMETYPES": [],
    }
    for key, value in values.items():
        setattr(module, key, value)
    return module


def handler_of(module: str) -> Any:
    """Zappa's handler under a settings module, one for each."""
    from zappa.handler import LambdaHandler

    handler = object.__new__(LambdaHandler)
    handler.__init__(settings_name=module)
    return handler
