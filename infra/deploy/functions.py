"""The six functions: the right package, the right settings, the right event sources."""

from __future__ import annotations

import hashlib
import time
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from infra.bundle import ZIP
from infra.deploy.stage import HTTP_FUNCTIONS, Refused, Stage
from infra.deploy.zappa import Zappa
from infra.settings import FUNCTIONS

PARTIAL = ["ReportBatchItemFailures"]
# Of an event source in the settings: batches at once, at most. Zappa does not know it.
MOST = "maximum_concurrency"
FRONT_KEYS = "GELOMBANG_FRONT_KEYS"
# Tags of a function: its package's digest, and Lambda's own of the code that came of it.
PACKAGE, CODE = "package", "code"
SAME = {"MemorySize": "memory_size", "Timeout": "timeout_seconds", "Runtime": "runtime"}


@dataclass(frozen=True)
class Functions:
    """The functions as they should be. `packages`: {function: digest}; `front_key`: what
    CloudFront shows; `folder`: where new packages lie, as infra.package leaves them."""

    stage: Stage
    packages: dict[str, str]
    front_key: str
    zappa: Zappa
    folder: Path | None = None

    def plan(self) -> list[str]:
        """What would be done; nothing when all are as they should be."""
        return [line for name in FUNCTIONS for line in self._differences(name)]

    def apply(self, tell: Callable[[str], None]) -> None:
        """Deploy those that differ, and hold all of them to what Zappa cannot set."""
        for name in FUNCTIONS:
            found = self.found(name)
            if (
                found is None
                or self._code_differs(name, found)
                or self._settings_differ(name, found)
            ):
                tell(f"{self.stage.function(name)}: package {self.packages[name][:12]}")
                self._deploy(name, "deploy" if found is None else "update")
            self._show_key(name)
            self._hold_sources(name)
        wrong = self.plan()
        if wrong:
            raise Refused("after the deploy this is still to be done: " + "; ".join(wrong))

    def found(self, name: str) -> dict[str, Any] | None:
        """A function as Lambda has it: Configuration, Tags."""
        client = self.stage.client("lambda")
        try:
            answer: dict[str, Any] = client.get_function(FunctionName=self.stage.function(name))
        except client.exceptions.ResourceNotFoundException:
            return None
        return answer

    def apis(self) -> dict[str, str]:
        """{HTTP function: id of its API}. Raises Refused for one without."""
        return {name: api_id(self.stage, name) for name in HTTP_FUNCTIONS}

    def _differences(self, name: str) -> Iterator[str]:
        function, found = self.stage.function(name), self.found(name)
        if found is None:
            yield f"make function {function} with package {self.packages[name][:12]}"
            return
        if self._code_differs(name, found):
            before = found.get("Tags", {}).get(PACKAGE, "unknown")[:12]
            yield f"update function {function}: package {before} to {self.packages[name][:12]}"
        for ours, wanted, there in self._settings_differ(name, found):
            yield f"update function {function}: {ours} {there} to {wanted}"
        if self._keys_differ(name, found):
            yield f"update function {function}: {FRONT_KEYS}"
        for arn, about in self._sources(name).items():
            if about is None:
                yield f"read {arn} with {function}"
                continue
            if about.get("FunctionResponseTypes") != PARTIAL:
                yield f"let {function} answer batches of {arn} in part"
            if (most := self._most(name, arn)) != (there := _bound(about)):
                yield f"batches of {arn} at once: {there or 'no bound'} to {most or 'no bound'}"

    def _code_differs(self, name: str, found: dict[str, Any]) -> bool:
        tags = found.get("Tags", {})
        known = tags.get(CODE) == found["Configuration"]["CodeSha256"]
        return not known or tags.get(PACKAGE) != self.packages[name]

    def _settings_differ(self, name: str, found: dict[str, Any]) -> list[tuple[str, Any, Any]]:
        there, settings = found["Configuration"], self.stage.settings(name)
        differing = [
            (ours, settings[ours], there.get(theirs))
            for theirs, ours in SAME.items()
            if there.get(theirs) != settings[ours]
        ]
        if not str(there.get("Role", "")).endswith(f":role/{settings['role_name']}"):
            differing.append(("role_name", settings["role_name"], there.get("Role")))
        return differing

    def _keys_differ(self, name: str, found: dict[str, Any]) -> bool:
        variables = found["Configuration"].get("Environment", {}).get("Variables", {})
        return name in HTTP_FUNCTIONS and variables.get(FRONT_KEYS) != key_digest(self.front_key)

    def _deploy(self, name: str, command: str) -> None:
        bucket, key = self.stage.bucket("packages"), package_key(name, self.packages[name])
        if self.folder is not None:
            self._upload(self.folder / name / ZIP, bucket, key)
        elif not self._is_kept(bucket, key):
            raise Refused(f"{key} is kept no longer: deploy from the commit of then")
        settings = self.stage.settings(name)
        self.zappa(command, f"{self.stage.name}_{name}", settings, f"s3://{bucket}/{key}")
        client, function = self.stage.client("lambda"), self.stage.function(name)
        client.get_waiter("function_updated_v2").wait(FunctionName=function)
        about = client.get_function(FunctionName=function)["Configuration"]
        tags = {PACKAGE: self.packages[name], CODE: about["CodeSha256"]}
        client.tag_resource(Resource=about["FunctionArn"], Tags=tags)

    def _upload(self, file: Path, bucket: str, key: str) -> None:
        if not self._is_kept(bucket, key):
            self.stage.client("s3").upload_file(str(file), bucket, key)

    def _is_kept(self, bucket: str, key: str) -> bool:
        found = self.stage.client("s3").list_objects_v2(Bucket=bucket, Prefix=key)
        return bool(found.get("Contents"))

    def _show_key(self, name: str) -> None:
        found = self.found(name)
        if found is None or not self._keys_differ(name, found):
            return
        about = found["Configuration"]
        variables = dict(about.get("Environment", {}).get("Variables", {}))
        variables[FRONT_KEYS] = key_digest(self.front_key)
        client = self.stage.client("lambda")
        client.update_function_configuration(
            FunctionName=about["FunctionName"], Environment={"Variables": variables}
        )
        client.get_waiter("function_updated_v2").wait(FunctionName=about["FunctionName"])

    def _sources(self, name: str) -> dict[str, dict[str, Any] | None]:
        """{ARN that the settings name: Lambda's mapping}. Raises Refused for any other mapping:
        Zappa's handler would drop its messages, and Lambda then deletes them."""
        client, function = self.stage.client("lambda"), self.stage.function(name)
        pages = client.get_paginator("list_event_source_mappings")
        there = {
            about["EventSourceArn"]: about
            for page in pages.paginate(FunctionName=function)
            for about in page["EventSourceMappings"]
        }
        events = self.stage.settings(name).get("events", ())
        wanted = [event["event_source"]["arn"] for event in events]
        if unknown := sorted(set(there) - set(wanted)):
            raise Refused(f"{function} reads what its settings do not name: {', '.join(unknown)}")
        return {arn: there.get(arn) for arn in wanted}

    def _most(self, name: str, arn: str) -> int | None:
        """How many batches of a queue the settings let its function work at once."""
        events = self.stage.settings(name).get("events", ())
        sources = [event["event_source"] for event in events]
        return next((source.get(MOST) for source in sources if source["arn"] == arn), None)

    def _hold_sources(self, name: str) -> None:
        """Partial batch answers on each event source, and the bound that the settings name."""
        client = self.stage.client("lambda")
        for arn, about in self._sources(name).items():
            if about is None:
                raise Refused(f"{self.stage.function(name)} does not read {arn}")
            most = self._most(name, arn)
            if about.get("FunctionResponseTypes") == PARTIAL and _bound(about) == most:
                continue
            client.update_event_source_mapping(
                UUID=about["UUID"],
                FunctionResponseTypes=PARTIAL,
                ScalingConfig={"MaximumConcurrency": most} if most else {},
            )
            _settled(client, about["UUID"])


def _bound(about: dict[str, Any]) -> int | None:
    """Batches at once that Lambda holds an event source to."""
    return (about.get("ScalingConfig") or {}).get("MaximumConcurrency")


def _settled(client: Any, mapping: str) -> None:
    for _ in range(60):
        if client.get_event_source_mapping(UUID=mapping)["State"] in ("Enabled", "Disabled"):
            return
        time.sleep(2)
    raise Refused(f"event source {mapping} is being updated for two minutes")


def api_id(stage: Stage, name: str) -> str:
    """The id of a function's HTTP API, which Zappa makes in a stack of the function's name."""
    function, client = stage.function(name), stage.client("cloudformation")
    try:
        answer = client.describe_stack_resource(StackName=function, LogicalResourceId="ApiV2")
    except client.exceptions.ClientError as error:
        raise Refused(
            f"{function} has no API: its first deploy was cut off. Delete the function "
            f"(aws lambda delete-function --function-name {function}), then deploy again"
        ) from error
    return str(answer["StackResourceDetail"]["PhysicalResourceId"])


def package_key(name: str, digest: str) -> str:
    """Where a package lies in the packages' bucket."""
    return f"packages/{name}/{digest}.zip"


def package_digest(file: Path) -> str:
    """Of the names and bytes in a package; the zip itself holds the time of its making."""
    digest = hashlib.sha256()
    with zipfile.ZipFile(file) as archive:
        for name in sorted(archive.namelist()):
            digest.update(name.encode() + b"\0" + hashlib.sha256(archive.read(name)).digest())
    return digest.hexdigest()


def key_digest(key: str) -> str:
    """What a function knows of the key at the door."""
    return hashlib.sha256(key.encode()).hexdigest()
