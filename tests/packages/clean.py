"""Clean interpreters: of the Python a package is for, with the package, Lambda's boto3, no more."""

from __future__ import annotations

import compileall
import json
import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from infra.dependencies import IN_LAMBDA, REQUIREMENTS, install, only

PROGRAM = Path(__file__).with_name("in_lambda.py")
SECONDS = 300
ASK = "import sys; print(sys._base_executable); print('%d.%d' % sys.version_info[:2])"


class Crashed(Exception):
    """The interpreter ended with an error; the message is what it wrote."""


@dataclass(frozen=True)
class Clean:
    """How to run programs as on Lambda: an interpreter, and the folder of Lambda's own packages."""

    interpreter: Path
    runtime: Path

    def run(
        self, package: Path, arguments: list[str], told: dict[str, str], given: str = ""
    ) -> subprocess.CompletedProcess[str]:
        """Run Python with nothing but `told` in its environment. Raises Crashed."""
        done = subprocess.run(
            # No folder of the caller and none of the person's own is searched for modules.
            [self.interpreter, "-P", "-s", *arguments],
            cwd=package,
            env={
                "PATH": "/usr/bin:/bin",
                "HOME": "/tmp",
                "PYTHONPATH": f"{package}{os.pathsep}{self.runtime}",
                # On Lambda the package cannot be written, so nothing is compiled beside it.
                "PYTHONDONTWRITEBYTECODE": "1",
                **told,
            },
            input=given,
            capture_output=True,
            text=True,
            timeout=SECONDS,
            check=False,
        )
        if done.returncode:
            raise Crashed(f"{done.stdout}\n{done.stderr}")
        return done

    def invoke(
        self,
        package: Path,
        events: list[dict[str, Any]],
        told: dict[str, str],
        modules: tuple[str, ...] = (),
    ) -> dict[str, Any]:
        """Let Zappa's handler take events, after importing `modules` too. Raises Crashed."""
        job = json.dumps({"events": events, "modules": modules})
        return json.loads(self.run(package, [str(PROGRAM)], told, job).stdout)


def clean_for(python: str, folder: Path) -> Clean | None:
    """Clean interpreters for packages of a Python such as `3.12`; None when it is not here.

    Lambda's own packages are laid into `folder` too, at the versions pinned for this project: those
    of Lambda itself differ from month to month.
    """
    base = interpreter_of(python)
    if base is None:
        return None
    shutil.rmtree(folder, ignore_errors=True)
    # An environment with nothing in it: what is installed beside Python itself would help out,
    # here and in the photo worker's sandbox, which starts the same interpreter again.
    empty, packages = folder / "interpreter", folder / "packages"
    subprocess.run([base, "-m", "venv", "--without-pip", empty], capture_output=True, check=True)
    interpreter = empty / "bin" / "python"
    pinned = (REQUIREMENTS / "select.txt").read_text()
    install(only(pinned, IN_LAMBDA | {"urllib3"}), packages, python)
    # Compiled, as Lambda's image may have it, so that what is measured is the package's own.
    done = subprocess.run(
        [interpreter, "-m", compileall.__name__, "-q", packages], capture_output=True, check=False
    )
    if done.returncode:
        raise Crashed(done.stderr.decode())
    return Clean(interpreter, packages)


def interpreter_of(python: str) -> Path | None:
    """An interpreter of this version: $PYTHON, this one, on the PATH, or one of pyenv's."""
    pyenv = Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv")) / "versions"
    candidates = [
        os.environ.get("PYTHON"),
        sys.executable,
        shutil.which(f"python{python}"),
        *sorted(pyenv.glob(f"{python}.*/bin/python{python}")),
    ]
    for candidate in filter(None, candidates):
        try:
            asked = subprocess.run(
                [candidate, "-c", ASK], capture_output=True, text=True, check=True
            )
        except (OSError, subprocess.CalledProcessError):
            continue
        base, version = asked.stdout.split()
        if version == python:
            return Path(base)
    return None
