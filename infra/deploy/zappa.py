"""Zappa's own commands, run with the settings of one function."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from infra.deploy.stage import Refused

# (deploy or update, Zappa's stage, its settings, s3:// address of the package)
Zappa = Callable[[str, str, dict[str, Any], str], None]


def run(command: str, stage_name: str, settings: dict[str, Any], package: str) -> None:
    """Run it in a folder of its own, where it finds these settings only. Raises Refused."""
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "zappa_settings.json").write_text(json.dumps({stage_name: settings}))
        line = [sys.executable, "-m", "zappa.cli", command, stage_name, "--zip", package]
        done = subprocess.run(  # noqa: S603 - our own interpreter and Zappa
            line,
            cwd=folder,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
        )
    if done.returncode:
        raise Refused(f"zappa {command} {stage_name}: {done.stdout[-2000:]}{done.stderr[-2000:]}")
