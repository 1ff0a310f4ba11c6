"""The runbook: a page for each alarm of the template, whose commands exist, and no other."""

from __future__ import annotations

import re
import shlex
from functools import cache

import botocore.session
import click
import pytest
from botocore import xform_name

from ops.commands import cli
from tests.docs.test_documents import ROOT, read, shell_commands

FOLDER = ROOT / "docs" / "runbook"
SECTIONS = ["What it means for people", "See it", "Do", "It is over"]
# Options of the AWS command line itself.
GLOBAL = {"query", "output", "region", "profile", "no-cli-pager"}
# Options that the command line adds to an operation, for paging.
PAGING = {"max-items", "limit"}


def alarms():
    made = re.findall(
        r"AlarmName: !Sub gelombang-\$\{Stage\}-(\S+)", read("infra/template.yaml"), re.M
    )
    return sorted(made)


def pages():
    """Name -> text of the pages that are about an alarm; others may lie beside them."""
    texts = {p.stem: p.read_text(encoding="utf-8") for p in FOLDER.glob("*.md")}
    return {name: text for name, text in texts.items() if text.startswith("# Alarm ")}


PAGES = pages()
COMMANDS = sorted({command for text in PAGES.values() for command in shell_commands(text)})


def test_each_alarm_has_its_page_and_each_page_its_alarm():
    assert alarms() and sorted(PAGES) == alarms()


def test_the_runbooks_list_and_the_operators_table_name_each_page():
    for name, place in (("docs/runbook/README.md", ""), ("docs/operate.md", "runbook/")):
        listed = re.findall(rf"\]\({place}([a-z-]+)\.md\)", read(name))
        assert set(PAGES) <= set(listed), name


@pytest.mark.parametrize("name", PAGES)
def test_a_page_says_what_it_means_how_it_is_seen_what_to_do_and_when_it_is_over(name):
    text = PAGES[name]
    assert text.splitlines()[0] == f"# Alarm `{name}`"
    assert re.findall(r"^## (.*)$", text, re.M) == SECTIONS
    parts = re.split(r"^## .*$", text, flags=re.M)[1:]
    assert all(part.strip() for part in parts)
    assert shell_commands(parts[1]), "it does not say how to see it"


@pytest.mark.parametrize("command", COMMANDS)
def test_each_command_of_a_page_exists_with_its_options(command):
    check(command)


@pytest.mark.parametrize(
    "command",
    [
        "python -m ops queues drain",
        "python -m ops queues depth --all",
        "python -m ops review accept",
        "aws sqs purge --queue-url x",
        "aws sqs purge-queue --queue x",
        "aws nothing at-all",
        "rm -r /",
    ],
)
def test_a_command_that_does_not_exist_is_found(command):
    with pytest.raises((click.UsageError, AssertionError)):
        check(command)


def check(command):
    """Fail unless a shell line is a command of ours, or of AWS's, with options that it has."""
    words = shlex.split(command)
    if words[:3] == ["python", "-m", "ops"]:
        of_ours(cli, words[3:])
        return
    assert words[0] == "aws", command
    service, operation, *rest = words[1:]
    options = {word.removeprefix("--") for word in rest if word.startswith("--")}
    known = operations(service)
    assert operation in known, command
    assert options <= known[operation] | GLOBAL | PAGING, command


def of_ours(command, words):
    """Follow a command to its end and let it read its options; it is not run, and asks nothing."""
    while isinstance(command, click.Group):
        name, *words = words
        found = command.get_command(click.Context(command), name)
        assert found is not None, name
        command = found
    context = click.Context(command)
    given, rest, _ = command.make_parser(context).parse_args(list(words))
    lacking = [p.name for p in command.params if p.required and given.get(p.name) is None]
    asked_for = [p.name for p in command.params if getattr(p, "prompt", None)]
    assert not rest and set(lacking) <= set(asked_for), (rest, lacking)


@cache
def operations(service):
    """Operation -> options, as the AWS command line names them."""
    session = botocore.session.get_session()
    assert service in session.get_available_services(), service
    model = session.get_service_model(service)
    return {
        xform_name(name, "-"): {
            xform_name(member, "-")
            for member in getattr(model.operation_model(name).input_shape, "members", ())
        }
        for name in model.operation_names
    }
