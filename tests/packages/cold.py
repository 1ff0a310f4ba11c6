"""How long each package takes to import, beside the least that Flask and Zappa take."""

from __future__ import annotations

import json
import shutil
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from infra import dependencies
from infra.bundle import Bundle, pack, packages_folder
from infra.settings import render
from local.settings import ACCOUNT, REGION, STAGE
from tests.packages.clean import Clean

TIMES = 5
BARE = "bare"
# Flask, what Zappa's handler imports, and what those need.
BARE_PACKAGES = frozenset(
    {"flask", "blinker", "click", "itsdangerous", "jinja2", "markupsafe", "werkzeug"}
    | {"zappa", "durationpy"}
)
APPLICATION = """from flask import Flask

application = Flask(__name__)
"""


@dataclass(frozen=True)
class Import:
    """Milliseconds from a started Python to a handler that is ready, the middle of several.

    `cpu` is the better one to compare: other work on this machine does not count in it.
    """

    wall: int
    cpu: int


def import_times(clean: Clean, package: Path, stage_name: str, told: dict[str, str]) -> Import:
    """Import a package's handler several times, each in a new interpreter."""
    modules: tuple[str, ...] = ()
    if stage_name.endswith("_worker"):
        # Zappa imports a worker's module with its first event only.
        modules = (f"functions.{stage_name.split('_')[1]}.worker",)
    runs = [clean.invoke(package, [], told, modules) for _ in range(TIMES)]
    return Import(
        wall=round(median(run["import_millis"] for run in runs)),
        cpu=round(median(run["import_cpu_millis"] for run in runs)),
    )


def bare_package(python: str, out: Path) -> Path:
    """Build a package that is an empty Flask application, the same way; where it is unpacked."""
    bundle = Bundle(BARE, python, out / BARE)
    shutil.rmtree(bundle.folder, ignore_errors=True)
    pinned = (dependencies.REQUIREMENTS / "upload.txt").read_text()
    tree = packages_folder(bundle.folder)
    dependencies.install(dependencies.only(pinned, BARE_PACKAGES), tree, python)
    source = bundle.folder / "source"
    source.mkdir()
    (source / "bare.py").write_text(APPLICATION)
    settings = render(f"{STAGE}_upload", ACCOUNT, REGION)
    settings |= {"app_function": "bare.application", "exclude_glob": []}
    (source / "zappa_settings.json").write_text(json.dumps({BARE: settings}))
    pack(bundle, BARE)
    return bundle.unpacked
