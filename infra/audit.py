"""`make audit`: checkov over the templates, and a bill of materials for each deployed package.

Every finding must stand in `accepted.yaml` with its reason; one more, or one that stands there and
is found no more, makes exit 1. The bills (CycloneDX, JSON) go to `build/sbom/`.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import yaml

from infra.settings import FUNCTIONS

ROOT = Path(__file__).parent.parent
ACCEPTED = ROOT / "infra" / "accepted.yaml"
TEMPLATES = sorted(set(ACCEPTED.parent.glob("*.yaml")) - {ACCEPTED})
BILLS = ROOT / "build" / "sbom"

# A check's id and the logical name of a resource.
Finding = tuple[str, str]


def accepted(text: str) -> set[Finding]:
    """The findings of `accepted.yaml`. Raises ValueError for one without a reason."""
    found = set()
    for entry in yaml.safe_load(text):
        if not entry["why"].strip():
            raise ValueError(f"{entry['check']} has no reason")
        found |= {(entry["check"], resource) for resource in entry["resources"]}
    return found


def findings(report: dict[str, Any]) -> set[Finding]:
    """The failed checks of a report of checkov. Raises ValueError if nothing was read."""
    if report["summary"]["parsing_errors"] or not report["summary"]["resource_count"]:
        raise ValueError("checkov could not read a template")
    failed = report["results"]["failed_checks"]
    return {(check["check_id"], check["resource"].rsplit(".", 1)[1]) for check in failed}


def differences(found: set[Finding], known: set[Finding]) -> list[str]:
    """One line for each finding that is new, or known and gone."""
    new = [f"{check} on {resource}: not accepted" for check, resource in sorted(found - known)]
    gone = [f"{check} on {resource}: found no more" for check, resource in sorted(known - found)]
    return new + gone


def scan(tools: Path) -> dict[str, Any]:
    """checkov's report on the templates."""
    command = [str(tools / "checkov"), "--framework", "cloudformation"]
    command += ["--file", *map(str, TEMPLATES)]
    # Its policies are in the package; nothing is fetched and nothing sent.
    command += ["--skip-download", "--quiet", "--compact", "--output", "json"]
    quiet = {**os.environ, "LOG_LEVEL": "CRITICAL"}
    ran = subprocess.run(command, capture_output=True, env=quiet, cwd=ROOT)  # noqa: S603
    report: dict[str, Any] = json.loads(ran.stdout)
    return report


def write_bill(tools: Path, package: str) -> Path:
    """The bill of materials of one package, from its pinned requirements."""
    BILLS.mkdir(parents=True, exist_ok=True)
    bill = BILLS / f"{package}.json"
    pinned = ROOT / "requirements" / f"{package}.txt"
    command = [str(tools / "cyclonedx-py"), "requirements", str(pinned)]
    command += ["--output-reproducible", "--of", "JSON", "-o", str(bill)]
    subprocess.run(command, check=True, capture_output=True)  # noqa: S603
    return bill


def main(tools: Path) -> int:
    for package in (*(name.replace("_", "-") for name in FUNCTIONS), "models"):
        bill = write_bill(tools, package)
        parts = len(json.loads(bill.read_text())["components"])
        sys.stdout.write(f"{bill.relative_to(ROOT)}: {parts} parts\n")
    report = scan(tools)
    found = findings(report)
    wrong = differences(found, accepted(ACCEPTED.read_text()))
    sys.stdout.writelines(f"{line}\n" for line in wrong)
    held = report["summary"]["passed"]
    counts = f"{held} checks hold, {len(found)} findings, {len(wrong)} to look at"
    sys.stdout.write(f"checkov: {counts}\n")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
