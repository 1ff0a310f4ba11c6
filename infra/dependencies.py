"""The dependencies inside a package: what is pinned for it and imported on Lambda, nothing else.

They are wheels for the Python and the system of Lambda, whatever Python runs this: the settings
say which one, and `uv` chooses the wheels. Nothing is compiled here, and every file was pinned by
its hash.
"""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path

from functions.upload.photo.models import CARRIERS

ROOT = Path(__file__).parent.parent
REQUIREMENTS = ROOT / "requirements"
# Lambda's python3.12 runs on Amazon Linux 2023, whose glibc is 2.34; python3.11 on Amazon Linux 2,
# whose 2.26 is too old for onnxruntime's wheels.
PLATFORM = "x86_64-manylinux_2_28"
# Lambda's own runtime has boto3 and what it imports.
IN_LAMBDA = frozenset({"boto3", "botocore", "jmespath", "python-dateutil", "s3transfer", "six"})
# Zappa's commands import these; its handler, which is all that runs on Lambda, does not.
FOR_COMMANDS = frozenset(
    {
        "argcomplete",
        "certifi",
        "cfn-flip",
        "charset-normalizer",
        "hjson",
        "pip",
        "placebo",
        "python-slugify",
        "pyyaml",
        "requests",
        "setuptools",
        "text-unidecode",
        "toml",
        "tqdm",
        "troposphere",
        "wheel",
    }
)


class InstallFailed(Exception):
    """uv could not install a set of requirements; the message is uv's own."""


def only(requirements: str, wanted: frozenset[str]) -> str:
    """The lines of a pinned requirements file, hashes included, of the packages named."""
    return "".join(lines for name, lines in _pins(requirements) if name in wanted)


def shipped(requirements: str) -> str:
    """The lines of what has to be in a package: all but IN_LAMBDA and FOR_COMMANDS."""
    left_out = IN_LAMBDA | FOR_COMMANDS
    return "".join(lines for name, lines in _pins(requirements) if name not in left_out)


def install(requirements: str, target: Path, python: str) -> None:
    """Put pinned wheels for a Python such as `3.12` on Lambda's system into a new folder.

    Raises InstallFailed, also when there is no such wheel.
    """
    target.mkdir(parents=True)
    uv = Path(sys.executable).with_name("uv")
    command = [uv, "pip", "install", "--quiet", "--target", target, "--python-version", python]
    command += ["--python-platform", PLATFORM, "--only-binary", ":all:"]
    command += ["--no-deps", "--require-hashes", "--requirements", "-"]
    done = subprocess.run(  # noqa: S603 - our own uv and arguments
        list(map(str, command)), input=requirements, capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise InstallFailed(done.stderr)
    # Commands for a person's shell, and uv's lock.
    shutil.rmtree(target / "bin", ignore_errors=True)
    (target / ".lock").unlink(missing_ok=True)


def install_models(target: Path, python: str, spare: Path) -> None:
    """Add the model files, under the very paths they have in their wheels, and nothing else.

    The wheels are unpacked in `spare`. Raises InstallFailed, FileNotFoundError.
    """
    install((REQUIREMENTS / "models.txt").read_text(), spare, python)
    for file in model_files():
        place = target / file
        place.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(spare / file, place)


def model_files() -> list[str]:
    """Where the models out of wheels lie in a package, such as `rapidocr/models/….onnx`."""
    return [
        str(Path(carrier, folder, model)) for model, (carrier, folder) in sorted(CARRIERS.items())
    ]


def _pins(requirements: str) -> list[tuple[str, str]]:
    """(name, its lines) of each pinned package; a package may stand there for several Pythons."""
    pins: list[tuple[str, str]] = []
    for line in requirements.splitlines(keepends=True):
        found = re.match(r"[a-z0-9][a-z0-9._-]*(?=[=\[ ])", line)
        if found:
            pins.append((found[0], line))
        elif pins:
            name, lines = pins[-1]
            pins[-1] = (name, lines + line)
    return pins
