"""What infra/template.yaml allows: the functions' roles and the operators' policies.

Knows just the elements of a policy that the template uses; any other is an error.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from itertools import product

from infra.settings import FUNCTIONS
from local.permissions import ACCOUNT, REGION, STAGE, Need
from local.template import Template, Unsupported
from tests.fakes import CONFIG

FUNCTION_ROLES = tuple(name.replace("_", "-") for name in FUNCTIONS)
POLICIES = (
    *("reviewer", "objections", "disputes", "accounts", "helpdesk"),
    *("wave-operator", "registrar", "auditor", "key-keeper", "queues", "restorer", "flags"),
)
VIA_S3 = (("kms:ViaService", f"s3.{REGION}.amazonaws.com"),)


@dataclass(frozen=True)
class Grant:
    """One action on one resource pattern, under conditions: (operator, key, values)."""

    who: str
    effect: str
    action: str
    resource: str
    conditions: tuple[tuple[str, str, tuple[str, ...]], ...] = ()

    def covers(self, need: Need) -> bool:
        """Whether it speaks of this need."""
        seen = dict(need.context)
        return (
            self.action == need.action
            and _like(self.resource, need.resource)
            and all(OPERATORS[op](values, seen.get(key)) for op, key, values in self.conditions)
        )


def _equals(values: tuple[str, ...], said: str | None) -> bool:
    return said in values


# Condition operator -> whether what the request says (None: nothing) satisfies the values.
OPERATORS = {
    "StringEquals": _equals,
    "StringEqualsIfExists": lambda values, said: said is None or _equals(values, said),
    "StringLike": lambda values, said: said is not None and any(_like(v, said) for v in values),
    "ForAllValues:StringEquals": lambda values, said: (
        said is None or set(said.split(",")) <= set(values)
    ),
}


@cache
def template() -> Template:
    """The template with words for stage, account and region, as in the recorded calls."""
    given = {"Stage": STAGE, "Origin": CONFIG.origin, "MailFrom": CONFIG.mail_from}
    return Template(given, ACCOUNT, REGION)


@cache
def grants(who: str) -> tuple[Grant, ...]:
    """All that a function's role, or an operators' policy, says."""
    kind, name = (
        ("AWS::IAM::Role", "RoleName")
        if who in FUNCTION_ROLES
        else ("AWS::IAM::ManagedPolicy", "ManagedPolicyName")
    )
    about = next(
        r.properties
        for r in template().of_type(kind)
        if r.properties[name] == f"gelombang-{STAGE}-{who}"
    )
    documents = [p["PolicyDocument"] for p in about.get("Policies", [about])]
    return tuple(g for d in documents for s in d["Statement"] for g in grants_of(who, s))


def grants_of(who: str, statement: dict) -> Iterator[Grant]:
    """A statement, taken apart."""
    unknown = set(statement) - {"Sid", "Effect", "Action", "Resource", "Condition"}
    conditions = [
        [(op, key, part) for part in _parts(op, _listed(values))]
        for op, pairs in statement.get("Condition", {}).items()
        for key, values in pairs.items()
    ]
    if unknown or set(statement.get("Condition", {})) - set(OPERATORS):
        raise Unsupported(f"{who}: {statement}")
    for action, resource, *each in product(
        _listed(statement["Action"]), _listed(statement["Resource"]), *conditions
    ):
        yield Grant(who, statement["Effect"], action, resource, tuple(each))


def _parts(op: str, values: list[str]) -> list[tuple[str, ...]]:
    """Each value is a grant of its own, so that one that nobody needs is seen."""
    return [tuple(values)] if op.startswith("ForAllValues:") else [(value,) for value in values]


def allows(said: tuple[Grant, ...], need: Need) -> bool:
    """As IAM decides: something allows it, and nothing denies it."""
    effects = {grant.effect for grant in said if grant.covers(need)}
    return effects == {"Allow"}


def asked_by_s3(need: Need) -> Iterator[Need]:
    """What S3 itself asks of KMS in the caller's name, for a bucket that is sealed by our key.

    Objects are read with Decrypt and written with GenerateDataKey; the parts of one that is sent
    in several would need Decrypt too (S3 guide, "Protecting data with SSE-KMS").
    """
    action = {
        "s3:GetObject": "kms:Decrypt",
        "s3:GetObjectVersion": "kms:Decrypt",
        "s3:PutObject": "kms:GenerateDataKey",
    }.get(need.action)
    key = _sealing().get(need.resource.split(":::")[-1].split("/")[0])
    if action and key:
        yield Need(action, key, VIA_S3)


@cache
def _sealing() -> dict[str, str]:
    """Bucket -> ARN of the key by which KMS seals it."""
    found = {}
    for bucket in template().of_type("AWS::S3::Bucket"):
        (rule,) = bucket.properties["BucketEncryption"]["ServerSideEncryptionConfiguration"]
        by = rule["ServerSideEncryptionByDefault"]
        if by["SSEAlgorithm"] == "aws:kms":
            found[bucket.properties["BucketName"]] = by["KMSMasterKeyID"]
    return found


def _like(pattern: str, text: str) -> bool:
    """IAM's wildcards: `*` any characters, also slashes; `?` one."""
    parts = {"*": ".*", "?": "."}
    return re.fullmatch("".join(parts.get(c, re.escape(c)) for c in pattern), text) is not None


def _listed(value):
    return value if isinstance(value, list) else [value]
