"""docs/deploy.md: every command in it exists, and its sums are those that are computed."""

import importlib.util
import json
import re
from pathlib import Path

from infra.deploy.__main__ import STAGES, deploy
from infra.deploy.stage import HTTP_FUNCTIONS
from infra.settings import FILE
from local.template import FILE as TEMPLATE
from local.template import read as read_template
from ops.commands import cli
from ops.opening.idle import bill, table
from ops.opening.quotas import CHECKED, price
from tests.docs.test_documents import commands_of

TEXT = Path("docs/deploy.md").read_text(encoding="utf-8")
OPTIONS = {option for parameter in deploy.params for option in parameter.opts}


def test_every_target_of_make_exists_with_a_stage_that_exists():
    targets = set(re.findall(r"^([a-z-]+):", Path("Makefile").read_text(), re.MULTILINE))
    said = set(re.findall(r"\bmake ([a-z-]+) STAGE=(\w+)", TEXT))
    assert {target for target, _ in said} == {"deploy", "rollback"} <= targets
    assert {stage for _, stage in said} <= set(STAGES) <= set(json.loads(FILE.read_text()))


def test_every_module_option_and_operators_command_exists():
    lines = re.findall(r"python -m ([\w.]+)([^`\n]*)", TEXT)
    assert {"infra.deploy", "ops", "infra.front", "ops.opening.idle"} == {m for m, _ in lines}
    commands = set(commands_of(cli))
    for module, rest in lines:
        assert importlib.util.find_spec(module)
        if module == "ops" and not rest.startswith(" …"):
            words = re.match(r"((?: [a-z]+)+)", rest)[1].split()
            assert " ".join(words) in commands, rest
            group = cli
            for word in words:
                group = group.commands[word]
            known = {option for parameter in group.params for option in parameter.opts}
            assert set(re.findall(r"--[a-z-]+", rest)) <= known
        if module == "infra.deploy":
            assert set(re.findall(r"--[a-z-]+", rest)) <= OPTIONS


def test_the_month_without_readers_costs_what_is_computed():
    assert table(bill()) in TEXT
    assert f"as of {CHECKED}" in TEXT


def test_prices_and_counts_in_the_text_are_those_of_the_table():
    assert f"US${price('firewall_request') * 1e6:.2f} and the functions" in TEXT
    # Two functions at the edge see each request.
    assert f"US${2 * price('edge_function_call') * 1e6:.2f} for each million" in TEXT
    kinds = [r["Type"] for r in read_template(TEMPLATE)["Resources"].values()]
    assert f"| {kinds.count('AWS::DynamoDB::Table')} tables," in TEXT
    assert f"| {kinds.count('AWS::KMS::Key')} keys |" in TEXT
    assert f"{len(HTTP_FUNCTIONS)} HTTP APIs" in TEXT
