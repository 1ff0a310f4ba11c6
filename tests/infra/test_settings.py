"""zappa_settings.json: complete, resolvable, and naming only what exists."""

import importlib
import json

import pytest

from functions.cloud.config import Config
from infra.deploy.functions import MOST
from infra.settings import FILE, FUNCTIONS, UnknownStage, function_name, render
from ops.opening.measured import measured
from ops.opening.quotas import quota

STAGES = ("dev", "staging", "production")
ACCOUNT, REGION = "210987654321", "ap-southeast-1"
ALL = [(stage, name) for stage in STAGES for name in FUNCTIONS]


def rendered(stage, name):
    return render(f"{stage}_{name}", ACCOUNT, REGION)


def function_at(path):
    module, name = path.rsplit(".", 1)
    return getattr(importlib.import_module(module), name)


@pytest.mark.parametrize(("stage", "name"), ALL)
def test_what_runs_in_a_function_exists_and_can_be_called(stage, name):
    settings = rendered(stage, name)
    paths = [event["function"] for event in settings.get("events", ())]
    if settings["app_function"] is not None:
        paths.append(settings["app_function"])
    for path in paths:
        assert callable(function_at(path)), path


@pytest.mark.parametrize(("stage", "name"), ALL)
def test_a_function_is_reached_over_http_or_by_events_never_both(stage, name):
    settings = rendered(stage, name)
    is_worker = name.endswith("_worker")
    assert (settings["app_function"] is None) == is_worker
    assert settings.get("apigateway_enabled", True) == (not is_worker)
    assert is_worker or not settings.get("events")


@pytest.mark.parametrize(("stage", "name"), ALL)
def test_the_environment_of_a_stage_is_a_usable_configuration(stage, name):
    config = Config.from_environment(rendered(stage, name)["environment_variables"])
    assert (config.stage, config.account) == (stage, ACCOUNT)
    assert config.secure


@pytest.mark.parametrize(("stage", "name"), ALL)
def test_no_placeholder_is_left(stage, name):
    def strings(value):
        if isinstance(value, dict):
            yield from (s for part in value.values() for s in strings(part))
        elif isinstance(value, list):
            yield from (s for part in value for s in strings(part))
        elif isinstance(value, str):
            yield value

    assert not [s for s in strings(rendered(stage, name)) if "ACCOUNT" in s or "REGION" in s]


@pytest.mark.parametrize("name", FUNCTIONS)
def test_a_function_differs_between_stages_by_the_stage_and_its_bounds_alone(name):
    def shared(stage):
        settings = rendered(stage, name)
        for event in settings.get("events", ()):
            event["event_source"].pop(MOST, None)
        return {k: v for k, v in settings.items() if k != "environment_variables"}

    texts = {
        json.dumps(shared(stage), sort_keys=True)
        .replace(f"gelombang-{stage}", "gelombang-STAGE")
        .replace(f'"{stage}"', '"STAGE"')
        for stage in STAGES
    }
    assert len(texts) == 1


@pytest.mark.parametrize("stage", STAGES)
def test_no_more_letters_are_worked_on_at_once_than_their_provider_takes_in_the_beginning(stage):
    """A worker without a bound takes the functions that the door needs (docs/opening-day.md)."""
    events = rendered(stage, "verify_worker")["events"]
    bounds = {e["event_source"]["arn"].rsplit("-", 1)[1]: e["event_source"] for e in events}
    first = {"outbox": "mail_rate_first", "codes": "sms_rate"}
    seconds = {"outbox": "mail confirm_email", "codes": "sms phone_code"}
    for queue, name in first.items():
        letters_at_once = quota(name) * measured().cost(seconds[queue]).seconds
        # Lambda takes no bound below two.
        assert 2 <= bounds[queue][MOST] <= max(2, round(letters_at_once))


@pytest.mark.parametrize(("stage", "name"), ALL)
def test_roles_come_from_the_template_and_nobody_is_touched(stage, name):
    settings = rendered(stage, name)
    assert settings["manage_roles"] is False
    assert settings["touch"] is False
    assert settings["role_name"] == function_name(f"{stage}_{name}", settings)


def test_the_settings_hold_no_secret():
    text = FILE.read_text().lower()
    assert not [word for word in ("password", "secret", "token", "akia") if word in text]


def test_a_package_holds_no_tests_no_local_system_and_no_settings():
    for stage, name in ALL:
        excluded = rendered(stage, name)["exclude"]
        assert {"tests", "local", "ops", "site", ".*", "zappa_settings.json"} <= set(excluded)


def test_an_unknown_stage_is_refused():
    with pytest.raises(UnknownStage, match="nowhere_verify"):
        render("nowhere_verify", ACCOUNT, REGION)
