"""Switching protections off, one at a time, in a copy of the tree; some test must fail for each.

A switch whose tests still pass shows a promise that nothing holds us to.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.util import cache_from_source
from pathlib import Path
from queue import SimpleQueue

ROOT = Path(__file__).parents[2]
# The machine has two cores, and a test run is one process.
SIDE_BY_SIDE = 2
# A machine that does other things too may need ten times the half minute of the longest.
LONGEST_SECONDS = 600
TESTS_PASSED, TESTS_FAILED, NO_END = 0, 1, -1
# A run begins in a second instead of three.
WITHOUT_PLUGINS = {"PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}
COPIED = ("functions", "infra", "local", "ops", "site", "tests", "docs", "requirements")
COPIED_FILES = ("pyproject.toml", "zappa_settings.json", "Makefile", "README.md")


@dataclass(frozen=True)
class Switch:
    """A protection and how it is switched off: in `file`, the one place of `old` becomes `new`.

    `promise` begins a row of docs/security.md (or is a limit's name); `tests` are paths, each with
    ` -k expression` where a part is enough.
    """

    promise: str
    file: str
    old: str
    new: str
    tests: tuple[str, ...]

    @property
    def name(self) -> str:
        return f"{self.promise}: {self.new.strip().splitlines()[0] if self.new.strip() else 'gone'}"


@dataclass(frozen=True)
class Course:
    """What became of a switch: `killed`, `survived`, or `broken` when the tests did not run."""

    switch: Switch
    end: str
    seconds: float
    said: str


def switched_off(switch: Switch, root: Path = ROOT) -> str:
    """The file's text with the protection off. Raises LookupError unless `old` is there once."""
    text = (root / switch.file).read_text()
    if text.count(switch.old) != 1 or switch.old == switch.new:
        raise LookupError(f"{switch.file} has not one {switch.old!r}, but {text.count(switch.old)}")
    return text.replace(switch.old, switch.new)


def run_all(switches: Sequence[Switch], tell: Callable[[Course], None]) -> list[Course]:
    """Every switch in turn, two copies of the tree side by side."""
    trees: SimpleQueue[Path] = SimpleQueue()
    with tempfile.TemporaryDirectory(prefix="switches-") as folder:
        for number in range(SIDE_BY_SIDE):
            trees.put(_copied(Path(folder) / str(number)))

        def one(switch: Switch) -> Course:
            tree = trees.get()
            try:
                course = run(switch, tree)
            finally:
                trees.put(tree)
            tell(course)
            return course

        with ThreadPoolExecutor(SIDE_BY_SIDE) as pool:
            return list(pool.map(one, switches))


def run(switch: Switch, tree: Path) -> Course:
    """One switch in a copy of the tree, which is afterwards as before."""
    begun = time.monotonic()
    try:
        with _patched(tree, switch):
            code, said = _pytest(tree, switch.tests)
    except LookupError as error:
        return Course(switch, "broken", 0, str(error))
    end = {TESTS_PASSED: "survived", TESTS_FAILED: "killed"}.get(code, "broken")
    return Course(switch, end, time.monotonic() - begun, said)


def baseline(switches: Sequence[Switch]) -> str | None:
    """What fails of the tests with nothing switched off; None when all pass, as they must."""
    tests = sorted({test.split(" -k ")[0] for switch in switches for test in switch.tests})
    with tempfile.TemporaryDirectory(prefix="switches-") as folder:
        code, said = _pytest(_copied(Path(folder) / "0"), tests, seconds=4 * LONGEST_SECONDS)
    return None if code == TESTS_PASSED else said


def _pytest(tree: Path, tests: Sequence[str], seconds: int = LONGEST_SECONDS) -> tuple[int, str]:
    """The exit code of the first run of tests that fails, else the last, and its last words."""
    code, said = TESTS_PASSED, ""
    plain = [test for test in tests if " -k " not in test]
    chosen = [test.split(" -k ") for test in tests if " -k " in test]
    runs = [[*plain]] if plain else []
    for arguments in [*runs, *([path, "-k", part] for path, part in chosen)]:
        command = [sys.executable, "-m", "pytest", "-x", "-q", "-p", "pytest_timeout"]
        try:
            done = subprocess.run(
                [*command, "-p", "no:cacheprovider", *arguments],
                cwd=tree,
                env={**os.environ, "PYTHONPATH": "", **WITHOUT_PLUGINS},
                capture_output=True,
                text=True,
                timeout=seconds,
            )
        except subprocess.TimeoutExpired:
            # Slowness is not a failure: it says nothing of the protection.
            return NO_END, f"the tests did not end in {seconds} s"
        code, said = done.returncode, (done.stdout + done.stderr)[-1500:]
        if code != TESTS_PASSED:
            break
    return code, said


@contextmanager
def _patched(tree: Path, switch: Switch) -> Iterator[None]:
    path = tree / switch.file
    before, after = path.read_text(), switched_off(switch, tree)
    _write(path, after)
    try:
        yield
    finally:
        _write(path, before)


def _write(path: Path, text: str) -> None:
    """Also forget what was compiled: a file changed within a second may look the same."""
    path.write_text(text)
    Path(cache_from_source(str(path))).unlink(missing_ok=True)


def _copied(tree: Path) -> Path:
    tree.mkdir(parents=True)
    leave = shutil.ignore_patterns("__pycache__", "*.png", ".local")
    for name in COPIED:
        shutil.copytree(ROOT / name, tree / name, ignore=leave)
    for name in COPIED_FILES:
        shutil.copy2(ROOT / name, tree / name)
    return tree
