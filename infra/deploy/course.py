"""The course of a deploy, part by part, each of which does nothing where nothing is to be done."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from infra.deploy import names, smoke
from infra.deploy.functions import Functions, api_id
from infra.deploy.names import Names
from infra.deploy.releases import File, Release, load, save
from infra.deploy.site import Site, is_asset, photo_origin
from infra.deploy.stacks import Stack
from infra.deploy.stage import EDGE_REGION, HTTP_FUNCTIONS, Refused, Stage, bucket_address
from infra.deploy.zappa import Zappa
from infra.serving import site_headers

INFRA = Path(__file__).parent.parent


class Waits(Exception):
    """All is done that can be done before the DNS records are set."""


@dataclass(frozen=True)
class Wanted:
    """What a stage should hold: the digests of its packages and the files of its site; folders
    with both, or none when they lie in the stage's buckets already. `restores`: the release
    that is gone back to, and the stacks stay as they are."""

    commit: str
    packages: dict[str, str]
    site: dict[str, File]
    packages_folder: Path | None = None
    site_folder: Path | None = None
    restores: int = 0


@dataclass(frozen=True)
class Course:
    """One deploy. `now`: seconds since 1970; `tell`: takes a line for whoever watches."""

    stage: Stage
    wanted: Wanted
    now: int
    zappa: Zappa
    tell: Callable[[str], None]
    fetch: smoke.Fetch = smoke.fetch

    def plan(self) -> list[str]:
        """Every line of what would be done; nothing when the stage is as it should be."""
        return [line for part in self._plans() for line in part]

    def _plans(self) -> Iterator[list[str]]:
        releases = load(self.stage)
        if not self.wanted.restores:
            yield self.packages_stack().plan()
            yield Names(self.stage).plan()
            yield self.stack().plan()
        yield self._functions().plan()
        if not self.wanted.restores:
            yield self._front_plan()
        yield self._site(releases).plan()

    def carry_out(self) -> Release | None:
        """Do all of it, look at the stage as a reader would, and record the release; None when
        nothing was to be done. Raises Refused, Waits."""
        releases = load(self.stage)
        if not self.wanted.restores:
            self.packages_stack().apply()
            Names(self.stage).apply()
            self.stack().apply()
        self._functions().apply(self.tell)
        if not self.stage.emulated and not self.wanted.restores:
            self._front()
        site = self._site(releases)
        changes = site.plan()
        files = site.apply(self._invalidate)
        self._smoke(files)
        live = releases[-1] if releases else None
        same = live is not None and not changes and live.functions == self.wanted.packages
        return None if same else self._record(releases, files)

    def packages_stack(self) -> Stack:
        """The bucket that all else is deployed from."""
        parameters = {"Stage": self.stage.name, "TlsOnly": self._tls()}
        name = self.stage.stack("packages")
        return Stack(self.stage, name, INFRA / "packages.yaml", parameters)

    def stack(self) -> Stack:
        """Everything that is no function."""
        parameters = {
            "Stage": self.stage.name,
            "Origin": self.stage.origin,
            "MailFrom": self.stage.mail_from,
            "TlsOnly": self._tls(),
            "DistributionArn": self._distribution("DistributionArn"),
            "DoorArn": self._distribution("DoorArn"),
        }
        bucket = self.stage.bucket("packages")
        name = self.stage.stack()
        return Stack(self.stage, name, INFRA / "template.yaml", parameters, bucket=bucket)

    def front_stack(self, certificate: str, apis: dict[str, str]) -> Stack:
        """CloudFront and what belongs to it. `apis`: {HTTP function: id of its API}."""
        stage = self.stage
        parameters = {
            "Stage": stage.name,
            "Domain": stage.domain,
            "CertificateArn": certificate,
            "SiteBucketDomain": bucket_address(stage, "site"),
            "DrawBucketDomain": bucket_address(stage, "undian"),
            "PhotoOrigin": photo_origin(stage),
            "VerifyApi": apis["verify"],
            "UploadApi": apis["upload"],
            "SelectApi": apis["select"],
            "ApiRegion": stage.region,
            "FrontKey": names.front_key(stage) or "",
        }
        name, bucket = stage.stack("front"), stage.bucket("packages")
        return Stack(stage, name, INFRA / "front.yaml", parameters, EDGE_REGION, bucket)

    def _functions(self) -> Functions:
        key = names.front_key(self.stage) or ""
        folder = self.wanted.packages_folder
        return Functions(self.stage, self.wanted.packages, key, self.zappa, folder)

    def _front_plan(self) -> list[str]:
        if self.stage.emulated:
            return []
        certificate = names.certificate(self.stage)
        if certificate is None or certificate["Status"] != "ISSUED":
            return ["make CloudFront when the DNS records are set (--records shows them)"]
        try:
            apis = {name: api_id(self.stage, name) for name in HTTP_FUNCTIONS}
        except Refused:
            return [f"make stack {self.stage.stack('front')} when the functions are there"]
        return self.front_stack(certificate["CertificateArn"], apis).plan()

    def _front(self) -> None:
        certificate = names.certificate(self.stage)
        if certificate is None or certificate["Status"] != "ISSUED":
            raise Waits
        apis = self._functions().apis()
        self.front_stack(certificate["CertificateArn"], apis).apply()
        # Only now the buckets can know who reads them, and the worker which store it writes.
        self.stack().apply()

    def _distribution(self, output: str) -> str:
        if self.stage.emulated:
            return ""
        name = self.stage.stack("front")
        front = Stack(self.stage, name, INFRA / "front.yaml", {}, EDGE_REGION)
        return front.outputs().get(output, "")

    def _tls(self) -> str:
        return "false" if self.stage.emulated else "true"

    def _site(self, releases: list[Release]) -> Site:
        return Site(self.stage, self.wanted.site, releases, self.now, self.wanted.site_folder)

    def _invalidate(self) -> None:
        """Pages are kept at the edge for seconds; this is for whoever looks at once."""
        distribution = self._distribution("DistributionId")
        if distribution:
            self.stage.client("cloudfront", EDGE_REGION).create_invalidation(
                DistributionId=distribution,
                InvalidationBatch={
                    "Paths": {"Quantity": 1, "Items": ["/*"]},
                    "CallerReference": str(self.now),
                },
            )

    def _smoke(self, files: dict[str, File]) -> None:
        if self.stage.emulated:
            self.tell("no CloudFront on an emulator, so nothing is asked of it")
            return
        origin = f"https://{self._distribution('DistributionDomain')}"
        apis = {
            name: f"https://{identity}.execute-api.{self.stage.region}.amazonaws.com"
            f"/{self.stage.name}_{name}"
            for name, identity in self._functions().apis().items()
        }
        asset = next(key for key in files if is_asset(key))
        headers = site_headers(photo_origin(self.stage))
        if wrong := smoke.complaints(origin, headers, asset, apis, self.fetch):
            raise Refused("deployed, but not as it should be: " + "; ".join(wrong))

    def _record(self, releases: list[Release], files: dict[str, File]) -> Release:
        number = releases[-1].number + 1 if releases else 1
        wanted = self.wanted
        release = Release(number, self.now, wanted.commit, wanted.packages, files, wanted.restores)
        save(self.stage, release)
        return release
