"""The stage that is rehearsed: its packages, its deploys, and its way back."""

from __future__ import annotations

import os
import shutil
import time
import zipfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from infra.bundle import ROOT, ZIP
from infra.deploy import names, site, smoke, zappa
from infra.deploy.__main__ import earlier
from infra.deploy.course import Course, Wanted
from infra.deploy.functions import PARTIAL, Functions, api_id, package_digest
from infra.deploy.releases import Release, load
from infra.deploy.site import is_asset, photo_origin
from infra.deploy.stage import HTTP_FUNCTIONS, Stage
from infra.package import build_and_inspect
from infra.serving import site_headers
from infra.settings import FUNCTIONS
from local.settings import ACCOUNT, REGION, STAGE
from tests.rehearsal.front import Front
from tests.rehearsal.report import expect

FOLDER = ROOT / "build" / "rehearsal"
BUILT, POINTED = FOLDER / "packages", FOLDER / "pointed"
SETTINGS = "zappa_settings.py"
# Who asks the beacon and the witnesses.
ASKING = "select_worker"


def build(python: str, again: bool) -> str:
    """Build the six packages for a Python such as `3.12`, unless they are built already."""
    if not again and all((BUILT / name / ZIP).is_file() for name in FUNCTIONS):
        return "those of the last build"
    megabytes = 0.0
    for name in FUNCTIONS:
        place = {"stage": STAGE, "account": ACCOUNT, "region": REGION}
        _, report = build_and_inspect(name, python, BUILT, **place)
        expect(not report.problems, f"{name}: {'; '.join(report.problems)}")
        megabytes += report.zipped / 1e6
    return f"{len(FUNCTIONS)} packages for Python {python}, {megabytes:.0f} MB"


def point(settings: Mapping[str, str]) -> None:
    """Lay out the packages of the next release: one of them asks other institutions.

    On AWS that is two lines of zappa_settings.json, which Zappa writes into the package.
    """
    shutil.rmtree(POINTED, ignore_errors=True)
    for name in FUNCTIONS:
        (POINTED / name).mkdir(parents=True)
        if name == ASKING:
            amend(BUILT / name / ZIP, POINTED / name / ZIP, settings)
        else:
            os.link(BUILT / name / ZIP, POINTED / name / ZIP)


def amend(package: Path, changed: Path, settings: Mapping[str, str]) -> None:
    """A package whose environment holds other settings besides its own."""
    with zipfile.ZipFile(package) as before, zipfile.ZipFile(changed, "w") as after:
        for entry in before.infolist():
            data = before.read(entry)
            if entry.filename == SETTINGS:
                data += f"\nENVIRONMENT_VARIABLES.update({dict(settings)!r})\n".encode()
            after.writestr(entry, data)


@dataclass(frozen=True)
class Deployed:
    """The stage on the emulator. `say`: takes what the deploy tells."""

    stage: Stage
    say: Callable[[str], None]

    def deploy(self, packages: Path) -> str:
        """What `make deploy` does once the packages are built."""
        release = self._carried_out(self._wanted(packages))
        expect(release is not None, "nothing was deployed")
        functions, files = len(release.functions), len(release.site)
        return f"release {release.number}: {functions} functions, {files} files of the site"

    def deploy_again(self, packages: Path) -> str:
        """The same once more, which has nothing to do."""
        wanted, before = self._wanted(packages), load(self.stage)
        lines = self._course(wanted).plan()
        expect(not lines, f"it wants to: {'; '.join(lines)}")
        expect(self._course(wanted).carry_out() is None, "it made a release")
        expect(load(self.stage) == before, "the releases changed")
        return "nothing to do, no new release"

    def go_back_and_forward(self, packages: Path) -> str:
        """`make rollback`, and forward again."""
        live, before = load(self.stage)[-1], load(self.stage)[-2]
        back = self._carried_out(earlier(self.stage))
        expect(back is not None and back.restores == before.number, "it went nowhere")
        found = self._live()
        expect(found == before.functions, "a function has another package than the release before")
        expect(before.site != live.site, "both releases have the same site, so nothing was tried")
        forward = self._carried_out(self._wanted(packages))
        expect(forward is not None, "it did not come forward again")
        expect(self._live() == live.functions, "a function has not come forward again")
        changed = [name for name in FUNCTIONS if before.functions[name] != live.functions[name]]
        return f"to release {before.number} ({', '.join(changed)} and the pages), and back to now"

    def answers_in_part(self) -> str:
        """Each event source deletes what was done and keeps what failed."""
        client, seen = self.stage.client("lambda"), 0
        for name in FUNCTIONS:
            function = self.stage.function(name)
            found = client.list_event_source_mappings(FunctionName=function)["EventSourceMappings"]
            for about in found:
                types = about.get("FunctionResponseTypes")
                expect(types == PARTIAL, f"{function} reads {about['EventSourceArn']}: {types}")
                seen += 1
        wanted = sum(len(self.stage.settings(name).get("events", ())) for name in FUNCTIONS)
        expect(seen == wanted > 0, f"{seen} event sources, not {wanted}")
        return f"{seen} event sources"

    def apis(self, address: Callable[[str, str], str]) -> dict[str, str]:
        """{HTTP function: address of its API}; `address`: of an API's id and stage."""
        return {
            name: address(api_id(self.stage, name), f"{self.stage.name}_{name}")
            for name in HTTP_FUNCTIONS
        }

    def look(self, front: Front) -> str:
        """What `make deploy` looks at as a reader on AWS."""
        files = load(self.stage)[-1].site
        asset = next(key for key in files if is_asset(key))
        headers = site_headers(photo_origin(self.stage))
        wrong = smoke.complaints(front.origin, headers, asset, front.apis, front.fetch)
        expect(not wrong, "; ".join(wrong))
        described = front.ask("GET", "/api/openapi.json").json
        return f"pages, headers, {len(described['paths'])} paths in /api/openapi.json, 403 past it"

    def _wanted(self, packages: Path) -> Wanted:
        pages = FOLDER / "site"
        pins = site.published_pins(self.stage, FOLDER / "pins.json")
        return Wanted(
            commit="rehearsal",
            packages={name: package_digest(packages / name / ZIP) for name in FUNCTIONS},
            site=site.build(self.stage, pages, pins),
            packages_folder=packages,
            site_folder=pages,
        )

    def _course(self, wanted: Wanted) -> Course:
        return Course(self.stage, wanted, int(time.time()), zappa.run, self.say)

    def _carried_out(self, wanted: Wanted) -> Release | None:
        return self._course(wanted).carry_out()

    def _live(self) -> dict[str, str]:
        """{function: digest of the package that it has now}."""
        functions = Functions(self.stage, {}, names.front_key(self.stage) or "", zappa.run)
        found = {name: functions.found(name) for name in FUNCTIONS}
        return {name: about["Tags"]["package"] for name, about in found.items() if about}
