"""The functions' applications behind Zappa's own handler, as Lambda asks them."""

from __future__ import annotations

import sys
from typing import Any

from flask import Flask

from infra.settings import render
from local.settings import ACCOUNT, REGION, STAGE
from local.zappa import handler_of, settings_module


class Handler:
    """One function's HTTP side, in this process, under the settings that are deployed."""

    def __init__(self, function: str, app: Flask) -> None:
        stage, name = f"{STAGE}_{function}", f"bench_settings_{function}"
        settings: Any = settings_module(name, stage, render(stage, ACCOUNT, REGION), {})
        # Zappa takes the application from a module; here it stands in that of the settings.
        settings.APP_MODULE, settings.APP_FUNCTION, settings.app = name, "app", app
        sys.modules[name] = settings
        self._handler = handler_of(name)

    def ask(self, event: dict[str, Any]) -> dict[str, Any]:
        """The answer to one of API Gateway's events: statusCode, headers, cookies, body."""
        answer: dict[str, Any] = self._handler.handler(event, None)
        return answer
