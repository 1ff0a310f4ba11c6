"""A stage on moto, in this process, with a Zappa that does to Lambda what the real one does."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError
from moto import mock_aws

from infra.bundle import ZIP
from infra.deploy.stage import EDGE_REGION, HTTP_FUNCTIONS, Stage
from infra.settings import FUNCTIONS, function_name

ACCOUNT, REGION = "123456789012", "ap-southeast-3"
# Reading a service's description is most of a test here; moto answers any client.
CLIENTS: dict[tuple[str, str], Any] = {}


@pytest.fixture
def stage(monkeypatch: pytest.MonkeyPatch) -> Iterator[Stage]:
    """The stage `dev` in an account that is empty but for queues and roles."""
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "testing")
    monkeypatch.delenv("AWS_ENDPOINT_URL", raising=False)
    with mock_aws():
        yield Stage("dev", ACCOUNT, REGION, CLIENTS)
    for key in [key for key in CLIENTS if key[0] in ("cloudformation", "acm", "sesv2")]:
        del CLIENTS[key]


@pytest.fixture
def cloudformation(stage: Stage) -> FakeCloudFormation:
    """One CloudFormation for all regions."""
    fake = FakeCloudFormation()
    for region in (REGION, EDGE_REGION):
        stage._clients["cloudformation", region] = fake
    return fake


@pytest.fixture
def registrars(stage: Stage) -> FakeNames:
    """ACM and SES."""
    fake = FakeNames()
    stage._clients["acm", EDGE_REGION] = stage._clients["sesv2", REGION] = fake
    return fake


@pytest.fixture
def bucket(stage: Stage):
    """Makes a bucket of the stage, versioned as the templates' are."""

    def make(thing: str) -> str:
        s3, name = stage.client("s3"), stage.bucket(thing)
        place = {"LocationConstraint": REGION}
        s3.create_bucket(Bucket=name, CreateBucketConfiguration=place)
        s3.put_bucket_versioning(Bucket=name, VersioningConfiguration={"Status": "Enabled"})
        return name

    return make


class FakeCloudFormation:
    """Stacks without what is in them; moto's would make each of it, in seconds."""

    class exceptions:
        ClientError = ClientError

    def __init__(self) -> None:
        self.stacks: dict[str, dict[str, Any]] = {}
        self.resources: dict[tuple[str, str], str] = {}
        self.outputs: dict[str, dict[str, str]] = {}
        self.changes: list[str] = []

    def describe_stacks(self, StackName: str) -> dict[str, Any]:
        """As boto3 answers, and refuses."""
        if StackName not in self.stacks:
            raise self._refusal(f"Stack with id {StackName} does not exist")
        outputs = self.outputs.get(StackName, {})
        told = [{"OutputKey": key, "OutputValue": value} for key, value in outputs.items()]
        return {"Stacks": [{**self.stacks[StackName], "Outputs": told}]}

    def create_stack(self, StackName: str, **about: Any) -> None:
        """Make one, whole at once."""
        assert StackName not in self.stacks
        self._set(StackName, "CREATE_COMPLETE", about)

    def update_stack(self, StackName: str, **about: Any) -> None:
        """Change one that is there."""
        assert StackName in self.stacks
        self._set(StackName, "UPDATE_COMPLETE", about)

    def get_template(self, StackName: str) -> dict[str, Any]:
        """What it was made of."""
        return {"TemplateBody": self.stacks[StackName]["TemplateBody"]}

    def describe_stack_resource(
        self,
        StackName: str,
        LogicalResourceId: str,
    ) -> dict[str, Any]:
        """The physical id of one thing."""
        if (StackName, LogicalResourceId) not in self.resources:
            raise self._refusal(f"Stack '{StackName}' does not exist")
        found = self.resources[StackName, LogicalResourceId]
        return {"StackResourceDetail": {"PhysicalResourceId": found}}

    def get_waiter(self, name: str) -> FakeCloudFormation:
        """Nothing here takes time."""
        return self

    def wait(self, StackName: str) -> None:
        """Nothing here takes time."""

    def _set(self, name: str, status: str, about: dict[str, Any]) -> None:
        assert len(about.get("TemplateBody", "")) <= 51_200
        self.changes.append(name)
        self.stacks[name] = {"StackName": name, "StackStatus": status, **about}

    def _refusal(self, text: str) -> ClientError:
        return ClientError({"Error": {"Code": "ValidationError", "Message": text}}, "Describe")


class FakeNames:
    """ACM and SES, as far as names go: moto's know no envelope domain and no waiting for DNS."""

    class exceptions:
        class NotFoundException(Exception):
            """SES knows no such identity."""

    def __init__(self) -> None:
        self.certificates: dict[str, dict[str, Any]] = {}
        self.identities: dict[str, dict[str, Any]] = {}

    def request_certificate(self, DomainName: str, **about: str) -> None:
        """Ask for one, which then waits."""
        record = {"Name": f"_1.{DomainName}", "Type": "CNAME", "Value": "_2.acm-validations.aws"}
        self.certificates[f"arn:{DomainName}"] = {
            "CertificateArn": f"arn:{DomainName}",
            "DomainName": DomainName,
            "Status": "PENDING_VALIDATION",
            "DomainValidationOptions": [{"ResourceRecord": record}],
            **about,
        }

    def issue(self) -> None:
        """What ACM does when it has seen the records."""
        for found in self.certificates.values():
            found["Status"] = "ISSUED"

    def get_paginator(self, name: str) -> FakeNames:
        """Of list_certificates."""
        return self

    def paginate(self) -> list[dict[str, Any]]:
        """One page of them."""
        return [{"CertificateSummaryList": list(self.certificates.values())}]

    def describe_certificate(self, CertificateArn: str) -> dict[str, Any]:
        """One of them."""
        return {"Certificate": self.certificates[CertificateArn]}

    def get_email_identity(self, EmailIdentity: str) -> dict[str, Any]:
        """One, or an error."""
        if EmailIdentity not in self.identities:
            raise self.exceptions.NotFoundException
        return self.identities[EmailIdentity]

    def create_email_identity(self, EmailIdentity: str) -> None:
        """One with its DKIM tokens."""
        tokens = {"Tokens": ["t1", "t2", "t3"], "SigningHostedZone": "dkim.example"}
        self.identities[EmailIdentity] = {"DkimAttributes": tokens}

    def put_email_identity_mail_from_attributes(self, EmailIdentity: str, **about: str) -> None:
        """Its envelope domain."""
        self.identities[EmailIdentity]["MailFromAttributes"] = about


def packages(folder: Path, text: str) -> Path:
    """Six packages whose code is a text."""
    for name in FUNCTIONS:
        (folder / name).mkdir(parents=True, exist_ok=True)
        with zipfile.ZipFile(folder / name / ZIP, "w") as archive:
            archive.writestr("handler.py", f"{name} {text}")
    return folder


class FakeZappa:
    """Makes and updates functions as Zappa 0.63 does, but for its stack of the API."""

    def __init__(self, stage: Stage):
        self.stage = stage
        self.calls: list[tuple[str, str]] = []

    def __call__(
        self, command: str, stage_name: str, settings: dict[str, Any], package: str
    ) -> None:
        self.calls.append((command, stage_name))
        client = self.stage.client("lambda")
        name, (bucket, key) = function_name(stage_name, settings), package[5:].split("/", 1)
        about = {
            "FunctionName": name,
            "Runtime": settings["runtime"],
            "Role": role(self.stage, settings["role_name"]),
            "Handler": "handler.lambda_handler",
            "Timeout": settings["timeout_seconds"],
            "MemorySize": settings["memory_size"],
        }
        if command == "deploy":
            client.create_function(**about, Code={"S3Bucket": bucket, "S3Key": key})
            for event in settings.get("events", ()):
                client.create_event_source_mapping(
                    FunctionName=name,
                    EventSourceArn=queue(self.stage, event["event_source"]["arn"]),
                    BatchSize=event["event_source"]["batch_size"],
                )
        else:
            client.update_function_code(FunctionName=name, S3Bucket=bucket, S3Key=key)
            client.update_function_configuration(**about)
        short = stage_name.removeprefix(f"{self.stage.name}_")
        assert ("events" in settings) <= (short not in HTTP_FUNCTIONS)


def role(stage: Stage, name: str) -> str:
    """A role that Lambda may take on."""
    iam = stage.client("iam")
    trust = {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Effect": "Allow",
                "Principal": {"Service": "lambda.amazonaws.com"},
                "Action": "sts:AssumeRole",
            }
        ],
    }
    try:
        made = iam.create_role(RoleName=name, AssumeRolePolicyDocument=json.dumps(trust))
    except iam.exceptions.EntityAlreadyExistsException:
        made = iam.get_role(RoleName=name)
    return str(made["Role"]["Arn"])


def queue(stage: Stage, arn: str) -> str:
    """A queue of the stage's stack."""
    stage.client("sqs").create_queue(QueueName=arn.rsplit(":", 1)[1])
    return arn
