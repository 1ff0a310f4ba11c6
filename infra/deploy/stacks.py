"""CloudFormation: whether a stack is as it should be, what would change, and the change."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from botocore.exceptions import ClientError, WaiterError

from infra.deploy.emulator import understood
from infra.deploy.stage import Refused, Stage
from infra.deploy.templates import differences

# A stack carries a digest of its template and parameters, so that a second run knows it again;
# CloudFormation itself does not tell the values of secret ones.
MARK = "inputs"
# More than this CloudFormation reads out of a bucket only.
MOST_INLINE = 51_200
UPDATABLE = ("CREATE_COMPLETE", "UPDATE_COMPLETE", "UPDATE_ROLLBACK_COMPLETE")


@dataclass(frozen=True)
class Stack:
    """A stack as it should be. `bucket`: where a large template is put for CloudFormation."""

    stage: Stage
    name: str
    file: Path
    parameters: Mapping[str, str]
    region: str = ""
    bucket: str = ""

    @property
    def text(self) -> str:
        """The template, as far as an emulator understands it."""
        text = self.file.read_text(encoding="utf-8")
        return understood(text) if self.stage.emulated else text

    @property
    def digest(self) -> str:
        """Of all that makes it what it is."""
        whole = [self.text, dict(sorted(self.parameters.items()))]
        return hashlib.sha256(json.dumps(whole).encode()).hexdigest()[:32]

    def plan(self) -> list[str]:
        """What would be done; nothing when it is as it should be."""
        found = self.described()
        if found is None:
            return [f"make stack {self.name} of {self.file.name}"]
        if marked(found) == self.digest:
            return []
        before = str(self._client().get_template(StackName=self.name)["TemplateBody"])
        said = ", ".join(differences(before, self.text)) or "parameters"
        return [f"update stack {self.name}: {said}"]

    def apply(self) -> None:
        """Make or update it and wait. Raises Refused for one that CloudFormation cannot update."""
        found = self.described()
        if found is not None and marked(found) == self.digest:
            return
        if found is not None and found["StackStatus"] not in UPDATABLE:
            status = found["StackStatus"]
            raise Refused(f"stack {self.name} is {status}: see its events, or delete it")
        client = self._client()
        about = {
            "StackName": self.name,
            **self._template(),
            "Capabilities": ["CAPABILITY_NAMED_IAM"],
            "Parameters": [
                {"ParameterKey": key, "ParameterValue": value}
                for key, value in self.parameters.items()
            ],
            "Tags": [{"Key": MARK, "Value": self.digest}],
        }
        change, done = client.create_stack, "stack_create_complete"
        if found is not None:
            change, done = client.update_stack, "stack_update_complete"
        change(**about)
        try:
            client.get_waiter(done).wait(StackName=self.name)
        except WaiterError as error:
            raise Refused(f"stack {self.name}: {'; '.join(failures(client, self.name))}") from error

    def outputs(self) -> dict[str, str]:
        """What it tells others; empty when it is not there."""
        found = self.described() or {}
        return {each["OutputKey"]: each["OutputValue"] for each in found.get("Outputs", ())}

    def described(self) -> dict[str, Any] | None:
        """CloudFormation's description, if there is such a stack."""
        return described(self._client(), self.name)

    def _client(self) -> Any:
        return self.stage.client("cloudformation", self.region)

    def _template(self) -> dict[str, str]:
        text = self.text
        if len(text.encode()) <= MOST_INLINE:
            return {"TemplateBody": text}
        s3 = self.stage.client("s3")
        key = f"templates/{self.file.stem}-{self.digest}.yaml"
        s3.put_object(Bucket=self.bucket, Key=key, Body=text.encode())
        if self.stage.emulated:
            return {"TemplateURL": f"{s3.meta.endpoint_url}/{self.bucket}/{key}"}
        host = f"{self.bucket}.s3.{self.stage.region}.amazonaws.com"
        return {"TemplateURL": f"https://{host}/{key}"}


def described(client: Any, name: str) -> dict[str, Any] | None:
    """CloudFormation's description of a stack, if there is one."""
    try:
        found: dict[str, Any] = client.describe_stacks(StackName=name)["Stacks"][0]
    except ClientError as error:
        if "does not exist" in str(error):
            return None
        raise
    return None if found["StackStatus"] == "DELETE_COMPLETE" else found


def failures(client: Any, name: str) -> list[str]:
    """What CloudFormation says of the resources that it could not make."""
    events = client.describe_stack_events(StackName=name)["StackEvents"]
    return [
        f"{event['LogicalResourceId']}: {event.get('ResourceStatusReason', 'no reason given')}"
        for event in events
        if event["ResourceStatus"].endswith("_FAILED")
    ]


def marked(found: dict[str, Any]) -> str:
    """The digest that a stack carries."""
    return next((tag["Value"] for tag in found.get("Tags", ()) if tag["Key"] == MARK), "")
