"""Sequences of calls along the links of the OpenAPI documents (schemathesis' stateful phase).

A scenario begins with the tables as the stage was furnished and one log-in. Each step follows a
link of an earlier answer, or begins anew. Two of three valid bodies are ones that the applicant may
really send, since made-up ones seldom lead on; what a link gave stays in them. One in ten is
damaged. The session is the applicant's own until the API takes it away.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from http.cookies import SimpleCookie
from typing import Any

import schemathesis
from hypothesis import HealthCheck, Phase, settings
from schemathesis.core.failures import Failure, FailureGroup
from schemathesis.core.parameters import ParameterLocation

from functions.cloud.tables import KEYS, Delete, Item, Put
from functions.programme.times import SECOND
from functions.web.access import ACCESS
from functions.web.openapi import path_of
from infra.openapi import merged
from tests.attack.stage import ROOMS, Stage, valid_body
from tests.chaos.fuzz import LEFT_OUT, Found, stage_on_moto
from tests.fakes import CONFIG

STEPS = 12
# Of so many valid bodies one is made up.
MADE_UP = 3
# A gate is only counted in, and there are a thousand for each wave.
LEFT_AS_THEY_ARE = ("gates",)
ROUTES = {(method.lower(), path_of(rule)): (method, rule) for method, rule in ACCESS}


class Beginning:
    """The tables and the clock as they are now; `again` puts them back."""

    def __init__(self, stage: Stage):
        self._stage = stage
        self._now = stage.world.clock.now
        self._items = {table: self._found(table) for table in self._names()}

    def again(self) -> None:
        """Everything as it was."""
        tables = self._stage.runtime.tables
        self._stage.world.clock.now = self._now
        for table, before in self._items.items():
            found = self._found(table)
            for key in found.keys() - before.keys():
                tables.write(Delete(table, dict(key)))
            for key, item in before.items():
                if found.get(key) != item:
                    tables.write(Put(table, item))

    def _names(self) -> Iterable[str]:
        return (table for table in KEYS if table not in LEFT_AS_THEY_ARE)

    def _found(self, table: str) -> dict[tuple[tuple[str, Any], ...], Item]:
        names = [name for name in KEYS[table] if name]
        items = self._stage.runtime.tables.scan(table)
        return {tuple((name, item[name]) for name in names): item for item in items}


def run(scenarios: int) -> tuple[Found, Counter[str]]:
    """So many scenarios on moto in each function, and as many that go through all three.

    Also how often each link was followed.
    """
    found, followed = Found(), Counter[str]()
    with stage_on_moto() as stage:
        asked = (stage.send("GET", f"/api/{room}/openapi.json") for room in ROOMS)
        documents = [answer.get_json() for answer in asked]
        for document in (*documents, merged(documents)):
            follow(stage, document, scenarios, found, followed)
    return found, followed


def follow(
    stage: Stage, document: dict[str, Any], scenarios: int, found: Found, followed: Counter[str]
) -> None:
    """So many scenarios over the routes of a document."""
    schema = schemathesis.openapi.from_dict(document)
    schema.app = whole_origin(stage)
    machine = scenario(schema.as_state_machine(), stage, found, followed)
    chosen = settings(
        max_examples=scenarios,
        stateful_step_count=STEPS,
        deadline=None,
        database=None,
        derandomize=True,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    try:
        machine.run(settings=chosen)
    except Exception as error:  # noqa: BLE001 - what cannot be generated is told, not hidden
        found.failures.setdefault("sequences", f"{type(error).__name__}: {error}")


def whole_origin(stage: Stage) -> Callable[..., Iterable[bytes]]:
    """The three functions as one WSGI application."""

    def answer(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        room = environ["PATH_INFO"].split("/")[2]
        served: Iterable[bytes] = stage.app(room)(environ, start_response)
        return served

    return answer


def scenario(machine: Any, stage: Stage, found: Found, followed: Counter[str]) -> Any:
    """schemathesis' state machine as an applicant who is logged in."""
    beginning = Beginning(stage)
    excluded = [
        check for check in schemathesis.checks.CHECKS.get_all() if check.__name__ in LEFT_OUT
    ]

    class Scenario(machine):  # type: ignore[misc]
        def setup(self) -> None:
            beginning.again()
            self.cookies = {"__Host-registration": stage.budi.owned["registration"]}

        def step(self, input: Any) -> Any:
            case, transition = input.case, input.transition
            parent = transition.parent_id if transition else None
            self.recorder.record_case(case=case, parent_id=parent, transition=transition)
            self.control.record_step(input, self.recorder)
            if transition and input.is_applied:
                followed[transition.id] += 1
            if case.meta.generation.mode.is_positive and len(self.recorder.cases) % MADE_UP:
                real_body(stage, input)
            return super().step(input)

        def before_call(self, case: Any) -> None:
            stage.world.clock.advance(SECOND)
            if not self.cookies.get("__Host-session"):
                self.cookies["__Host-session"] = stage.log_in(stage.budi)
            case.cookies = {**(case.cookies or {}), **self.cookies}

        def get_call_kwargs(self, case: Any) -> dict[str, Any]:
            return {"headers": {"Origin": CONFIG.origin}}

        def after_call(self, response: Any, case: Any) -> None:
            super().after_call(response, case)
            found.calls[f"{response.status_code // 100}xx"] += 1
            for line in response.headers.get("set-cookie", ()):
                self.cookies |= {name: one.value for name, one in SimpleCookie(line).items()}

        def validate_response(self, response: Any, case: Any, **more: Any) -> None:
            try:
                case.validate_response(response, excluded_checks=excluded, recorder=self.recorder)
            except (Failure, FailureGroup) as error:
                for failure in getattr(error, "exceptions", [error]):
                    place = f"{case.operation.label}, in a sequence: {failure.title}"
                    steps = [
                        str(node.value.operation.label) for node in self.recorder.cases.values()
                    ]
                    told = f"{failure.message}\n{case.as_curl_command()}\nafter {steps}"
                    found.failures.setdefault(place, told)

    return Scenario


def real_body(stage: Stage, step: Any) -> None:
    """Put a body that the applicant may really send in place of a made-up one."""
    case = step.case
    body = valid_body(stage, ROUTES[case.method.lower(), case.path])
    if body is None or not isinstance(case.body, dict):
        return
    linked = {
        name: case.body[name]
        for location, name in step.applied_parameters
        if location is ParameterLocation.BODY and name in case.body
    }
    case.body = {**body, **linked}
