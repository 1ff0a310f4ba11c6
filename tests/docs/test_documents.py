"""The documents say what the code does: commands, settings, tables, routes, links."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import time
from pathlib import Path

import pytest

from functions.cloud.config import Config
from functions.cloud.tables import INDEXES, KEYS
from functions.web.access import ACCESS
from ops.commands import cli
from tests.fakes import CONFIG
from tests.infra.roles import POLICIES
from tests.local.stack import free_port

ROOT = Path(__file__).parents[2]
DOCUMENTS = sorted(
    p for p in [*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md"), *ROOT.glob("infra/**/*.md")]
)
START_SECONDS = 120


def read(name):
    return (ROOT / name).read_text(encoding="utf-8")


def shell_commands(text):
    blocks = re.findall(r"^```sh\n(.*?)^```", text, re.MULTILINE | re.DOTALL)
    return [line for block in blocks for line in block.splitlines() if line]


def run(command):
    return subprocess.run(
        command, shell=True, cwd=ROOT, capture_output=True, text=True, timeout=120, check=False
    )


def test_the_readme_has_the_two_commands():
    commands = shell_commands(read("README.md"))
    assert {"make run", "make test"} <= set(commands)


@pytest.mark.parametrize(
    "command",
    [c for c in shell_commands(read("README.md")) if c not in ("make run", "make test")],
)
def test_each_other_command_of_the_readme_succeeds(command):
    done = run(command)
    assert done.returncode == 0, done.stdout + done.stderr


def test_make_test_is_what_runs_these_tests():
    assert "python -m pytest" in run("make --dry-run test").stdout


def test_make_run_starts_everything_and_ctrl_c_ends_it():
    port = free_port()
    process = subprocess.Popen(
        ["make", "run"],
        cwd=ROOT,
        env={**os.environ, "PORT": str(port)},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )
    try:
        lines = _lines_until(process, f"ready http://127.0.0.1:{port}")
        assert lines[-1].startswith("ready "), "".join(lines)
    finally:
        os.killpg(process.pid, signal.SIGINT)
        process.communicate(timeout=60)
    assert not _processes_of_group(process.pid)


def _lines_until(process, text):
    deadline = time.monotonic() + START_SECONDS
    lines = []
    for line in process.stdout:
        lines.append(line)
        if text in line or time.monotonic() > deadline:
            break
    return lines


def _processes_of_group(group):
    deadline = time.monotonic() + 10
    while True:
        found = []
        for stat in Path("/proc").glob("[0-9]*/stat"):
            try:
                fields = stat.read_text().rsplit(")", 1)[1].split()
            except OSError:
                continue
            if int(fields[2]) == group and fields[0] != "Z":
                found.append(stat.parent.name)
        if not found or time.monotonic() > deadline:
            return found
        time.sleep(0.1)


def test_make_help_lists_every_target():
    targets = set(re.findall(r"^([a-z-]+):", read("Makefile"), re.MULTILINE)) - {"browser"}
    shown = run("make help").stdout
    assert {t for t in targets if f"make {t} " not in shown} == set()


def settings_in_code():
    """Every environment variable that a configuration can be read from."""
    asked = set()

    class Asking(dict):
        def get(self, name, default=None):
            asked.add(name)
            return default if default is not None else "1"

    Config.from_environment(Asking())
    return {name for name in asked if name.startswith("GELOMBANG_")}


def test_every_setting_is_described_and_no_other():
    described = set(re.findall(r"`(GELOMBANG_[A-Z_]+)`", read("docs/settings.md")))
    read_elsewhere = {"GELOMBANG_OPERATOR_SEED"}
    assert described - read_elsewhere == settings_in_code()


def test_every_table_and_index_is_described():
    data = read("docs/data.md")
    for table, keys in KEYS.items():
        section = re.search(rf"^### {table} — (.*?)(?=^##)", data, re.MULTILINE | re.DOTALL)
        assert section, f"docs/data.md does not describe {table}"
        for key in filter(None, keys):
            assert f"`{key}`" in section[1], f"{table}: key {key}"
    for index, keys in INDEXES.items():
        assert f"index `{index}` (`{keys[0]}`, `{keys[1]}`)" in data


def test_every_route_is_described_and_no_other():
    described = set()
    for function, section in re.findall(
        r"^## (verify|upload|select)\n(.*?)(?=^## |\Z)", read("docs/data.md"), re.M | re.S
    ):
        for method, rule in re.findall(r"^\| `([A-Z]+) (\S+)` \|", section, re.M):
            described.add((method, f"/api/{function}/" + re.sub(r"<\w+>", "<>", rule)))
    served = {
        (method, re.sub(r"<[\w:]+>", "<>", rule))
        for method, rule in ACCESS
        if not rule.endswith("openapi.json")
    }
    assert described == served


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda p: p.name)
def test_every_link_between_documents_resolves(document):
    text = document.read_text(encoding="utf-8")
    for target in re.findall(r"\]\(([^)#\s]+)[^)]*\)", text):
        if "://" not in target:
            assert (document.parent / target).exists(), f"{document.name}: {target}"


def commands_of(group, words=()):
    for name, command in group.commands.items():
        if hasattr(command, "commands"):
            yield from commands_of(command, (*words, name))
        else:
            yield " ".join((*words, name))


def test_every_operators_command_is_described_with_its_role_and_no_other():
    roles = r"none of AWS|administrators|`[a-z-]+`"
    rows = re.findall(rf"^\| `([a-z -]+)` \| ({roles})", read("docs/operate.md"), re.M)
    described = {command: role.strip("`") for command, role in rows}
    assert set(described) == set(commands_of(cli))
    assert set(described.values()) == {*POLICIES, "none of AWS", "administrators"}


def test_every_alarm_says_what_to_do():
    rows = re.findall(r"^\| `([a-z-]+)` \| [a-zA-Z]", read("docs/operate.md"), re.M)
    made = re.findall(r"AlarmName: !Sub gelombang-\$\{Stage\}-(\S+)", read("infra/template.yaml"))
    assert made
    assert set(made) <= set(rows)


def test_the_configuration_of_the_tests_is_a_whole_one():
    assert CONFIG.secure
    assert CONFIG.domain == "gelombang.example"
