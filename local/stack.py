"""The stack on this machine: created by moto's CloudFormation, completed by the filler."""

from __future__ import annotations

import warnings
from typing import Any

from functions.cloud.config import Config
from local.filler import fill
from local.template import FILE, Template


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
    cloudformation = clients("cloudformation")
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
