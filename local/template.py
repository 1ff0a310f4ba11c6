"""infra/template.yaml with its functions resolved, for what has to read it besides CloudFormation.

Knows just the functions that the template uses; any other is an error, so that
nothing is misread in silence.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import yaml

FILE = Path(__file__).parent.parent / "infra" / "template.yaml"
PARTITION = "aws"
NOTHING = object()


class Unsupported(Exception):
    """The template uses something that the local system does not know."""


@dataclass(frozen=True)
class Resource:
    """One resource of the template: its type, and its properties as plain values.

    `physical` is the id that CloudFormation gave it, empty when it is not known.
    """

    logical: str
    type: str
    properties: dict[str, Any]
    physical: str = ""


@dataclass
class Template:
    """The template under given parameters in one account and region.

    `physical` maps logical names to the ids that CloudFormation gave; only a `Ref`
    to a resource and the ARN of a key need it.
    """

    parameters: Mapping[str, str]
    account: str
    region: str
    physical: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._source = _source()
        defaults = {
            name: str(about["Default"])
            for name, about in self._source["Parameters"].items()
            if "Default" in about
        }
        self._words = {
            **defaults,
            **self.parameters,
            "AWS::AccountId": self.account,
            "AWS::Region": self.region,
            "AWS::Partition": PARTITION,
        }

    @property
    def resources(self) -> dict[str, Resource]:
        """Every resource whose condition holds, by logical name."""
        return {
            logical: Resource(
                logical,
                about["Type"],
                self._value(about.get("Properties", {})),
                self.physical.get(logical, ""),
            )
            for logical, about in self._source["Resources"].items()
            if "Condition" not in about or self._condition(about["Condition"])
        }

    def of_type(self, kind: str) -> list[Resource]:
        """The resources of one type, in the template's order."""
        return [found for found in self.resources.values() if found.type == kind]

    def _condition(self, name: str) -> bool:
        return bool(self._value(self._source["Conditions"][name]))

    def _value(self, value: Any) -> Any:
        if isinstance(value, list):
            return [v for v in map(self._value, value) if v is not NOTHING]
        if not isinstance(value, dict):
            return value
        if len(value) == 1:
            ((name, argument),) = value.items()
            if name in ("Ref", "Condition") or name.startswith("Fn::"):
                if name == "Condition" and not isinstance(argument, str):
                    return {name: self._value(argument)}
                return self._function(name, argument)
        plain = {key: self._value(part) for key, part in value.items()}
        return {key: part for key, part in plain.items() if part is not NOTHING}

    def _function(self, name: str, argument: Any) -> Any:
        if name == "Ref":
            return self._reference(argument)
        if name == "Fn::GetAtt":
            return self._attribute(*argument)
        if name == "Fn::Sub":
            return re.sub(r"\$\{([^}]+)\}", lambda m: str(self._named(m[1])), argument)
        if name == "Fn::If":
            condition, then, otherwise = argument
            return self._value(then if self._condition(condition) else otherwise)
        if name == "Fn::Equals":
            left, right = map(self._value, argument)
            return str(left) == str(right)
        if name == "Fn::Not":
            return not self._value(argument[0])
        raise Unsupported(name)

    def _named(self, name: str) -> Any:
        return self._attribute(*name.split(".")) if "." in name else self._reference(name)

    def _reference(self, name: str) -> Any:
        if name == "AWS::NoValue":
            return NOTHING
        if name in self._words:
            return self._words[name]
        about = self._source["Resources"][name]
        if name in self.physical:
            return self.physical[name]
        named = {
            "AWS::S3::Bucket": "BucketName",
            "AWS::IAM::Role": "RoleName",
            "AWS::Logs::LogGroup": "LogGroupName",
        }
        if about["Type"] in named:
            return self._value(about["Properties"][named[about["Type"]]])
        if about["Type"] == "AWS::IAM::ManagedPolicy":
            policy = self._value(about["Properties"]["ManagedPolicyName"])
            return f"arn:{PARTITION}:iam::{self.account}:policy/{policy}"
        return name

    def _attribute(self, logical: str, attribute: str) -> str:
        about = self._source["Resources"][logical]
        kind, properties = about["Type"], about["Properties"]
        place = f"{self.region}:{self.account}"
        if (kind, attribute) == ("AWS::SQS::Queue", "QueueName"):
            return self._value(properties["QueueName"])
        if attribute != "Arn":
            raise Unsupported(f"{kind} {attribute}")
        if kind == "AWS::DynamoDB::Table":
            return f"arn:{PARTITION}:dynamodb:{place}:table/{self._value(properties['TableName'])}"
        if kind == "AWS::S3::Bucket":
            return f"arn:{PARTITION}:s3:::{self._value(properties['BucketName'])}"
        if kind == "AWS::SQS::Queue":
            return f"arn:{PARTITION}:sqs:{place}:{self._value(properties['QueueName'])}"
        if kind == "AWS::IAM::Role":
            role = self._value(properties["RoleName"])
            return f"arn:{PARTITION}:iam::{self.account}:role/{role}"
        if kind == "AWS::KMS::Key":
            return f"arn:{PARTITION}:kms:{place}:key/{self._reference(logical)}"
        if kind == "AWS::Logs::LogGroup":
            group = self._value(properties["LogGroupName"])
            return f"arn:{PARTITION}:logs:{place}:log-group:{group}:*"
        raise Unsupported(f"{kind} {attribute}")


@cache
def _source() -> dict[str, Any]:
    """The file as it stands; nobody changes what comes out."""
    return read(FILE)


def read(file: Path) -> dict[str, Any]:
    """A template's text as plain values, its functions in their long form."""
    source: dict[str, Any] = yaml.load(file.read_text(), Loader=_Loader)  # noqa: S506 - is safe
    return source


class _Loader(yaml.CSafeLoader):
    """YAML with CloudFormation's short forms (`!Ref x` is `{Ref: x}`)."""


def _short_form(loader: yaml.CSafeLoader, tag: str, node: yaml.Node) -> dict[str, Any]:
    value: Any
    if isinstance(node, yaml.ScalarNode):
        value = loader.construct_scalar(node)
    elif isinstance(node, yaml.SequenceNode):
        value = loader.construct_sequence(node, deep=True)
    else:
        value = loader.construct_mapping(node, deep=True)
    if tag == "GetAtt" and isinstance(value, str):
        value = value.split(".", 1)
    return {tag if tag in ("Ref", "Condition") else f"Fn::{tag}": value}


_Loader.add_multi_constructor("!", _short_form)
# CloudFormation takes policy dates such as 2012-10-17 as text.
_Loader.yaml_implicit_resolvers = {
    first: [(tag, regexp) for tag, regexp in resolvers if tag != "tag:yaml.org,2002:timestamp"]
    for first, resolvers in yaml.CSafeLoader.yaml_implicit_resolvers.items()
}
