"""The stack on this machine: created by moto's CloudFormation, completed by the filler."""

from __future__ import annotations

import warnings
from typing import Any

import boto3
from botocore.config import Config as Settings

from functions.cloud.config import Config
from local.filler import fill
from local.template import FILE, Template

CREATION_SECONDS = 120


def parameters(config: Config) -> dict[str, str]:
    """The template's parameters here. moto speaks plain HTTP, so TLS cannot be demanded."""
    return {
        "Stage": config.stage,
        "Origin": config.origin,
        "MailFrom": config.mail_from,
        "TlsOnly": "false",
    }


def create_stack(clients: Any, config: Config) -> Template:
    """Create everything of infra/template.yaml; answers the template with its ids."""
    cloudformation = _patient_cloudformation(config)
    name = f"gelombang-{config.stage}"
    wanted = parameters(config)
    with warnings.catch_warnings():
        # moto warns of each type that it drops; the filler makes those.
        warnings.simplefilter("ignore")
        cloudformation.create_stack(
            StackName=name,
            TemplateBody=FILE.read_text(),
            Capabilities=["CAPABILITY_NAMED_IAM"],
            Parameters=[
                {"ParameterKey": key, "ParameterValue": value} for key, value in wanted.items()
            ],
        )
    template = described_stack(clients, config)
    fill(clients, template)
    return template


def _patient_cloudformation(config: Config) -> Any:
    """A client that waits and never repeats: moto answers when the whole stack is made, and a
    repeated creation finds the first one's tables and fails."""
    patience = Settings(read_timeout=CREATION_SECONDS, retries={"total_max_attempts": 1})
    return boto3.client(
        "cloudformation",
        region_name=config.region,
        endpoint_url=config.endpoint,
        config=patience,
    )


def described_stack(clients: Any, config: Config) -> Template:
    """The template with the ids of the stack that exists."""
    name = f"gelombang-{config.stage}"
    answer = clients("cloudformation").describe_stack_resources(StackName=name)
    physical = {
        found["LogicalResourceId"]: found["PhysicalResourceId"]
        for found in answer["StackResources"]
        if "PhysicalResourceId" in found and "LogicalResourceId" in found
    }
    return Template(parameters(config), config.account, config.region, physical)
