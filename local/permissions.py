"""What a role must allow for a call of AWS: the IAM action, the resource, and what conditions see.

Account, region and stage stand in ARNs as words, and ids and numbers as `<id>` and `<n>`, so that
the same call is the same line on every machine. infra/template.yaml, read with the words as its
parameters, gives the same ARNs. Source of actions and resources: AWS's Service Authorization
Reference.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from local.template import Unsupported

ACCOUNT, REGION, STAGE = "ACCOUNT", "REGION", "STAGE"
# Names of the KMS keys in the template.
KEYS = {"data": "DataKey", "signing": "SigningKey"}
ID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}|[0-9a-f]{16,}")
NUMBER = re.compile(r"\d+")
# Notes that are being carried out bear their operator's name (ops/changes.py).
OPERATOR = re.compile(r"(?<=/changes/)[A-Za-z0-9.-]+(?=-(removals|promotions)-)")
NAME = re.compile(r"gelombang-[a-z][a-z0-9]{1,15}-")
BUCKET = re.compile(r"-\d{12}$")
PARAMETER = re.compile(r"^/?gelombang/[a-z][a-z0-9]{1,15}/")

Params = Mapping[str, Any]


@dataclass(frozen=True, order=True)
class Need:
    """One thing that must be allowed; `context` are condition keys of the request."""

    action: str
    resource: str
    context: tuple[tuple[str, str], ...] = ()

    def __str__(self) -> str:
        return " ".join((self.action, self.resource, *(f"{k}={v}" for k, v in self.context)))


def parse_need(words: list[str]) -> Need:
    """The inverse of `str(need).split()`."""
    action, resource, *context = words
    pairs = [text.partition("=") for text in context]
    return Need(action, resource, tuple((key, value) for key, _, value in pairs))


def needs(service: str, operation: str, params: Params) -> list[Need]:
    """What a call needs, in the words of botocore. Raises Unsupported for one not known here."""
    found = SERVICES.get(service)
    if found is None:
        raise Unsupported(f"{service}:{operation}: give its permission in {__name__}")
    return found(operation, params)


def missing_object(bucket: str) -> Need:
    """S3 answers 404 only to who may list the bucket, and 403 to others."""
    return Need("s3:ListBucket", _bucket(bucket))


def without_ids(text: str) -> str:
    """A name without what identifies a person, a wave or a run."""
    return NUMBER.sub("<n>", ID.sub("<id>", OPERATOR.sub("<who>", text)))


def _arn(service: str, rest: str) -> str:
    return f"arn:aws:{service}:{REGION}:{ACCOUNT}:{rest}"


def _name(name: str) -> str:
    return NAME.sub(f"gelombang-{STAGE}-", name, count=1)


ON_TABLES = (
    *("GetItem", "PutItem", "UpdateItem", "DeleteItem", "Query", "Scan"),
    *("DescribeTable", "DeleteTable"),
)


def _dynamodb(operation: str, params: Params) -> list[Need]:
    if operation == "TransactWriteItems":
        verbs = {"Put": "PutItem", "Update": "UpdateItem", "Delete": "DeleteItem"}
        verbs["ConditionCheck"] = "ConditionCheckItem"
        pairs = [pair for item in params["TransactItems"] for pair in item.items()]
        return [_on_table(verbs[kind], about) for kind, about in pairs]
    if operation == "BatchGetItem":
        return [_on_table(operation, {"TableName": table}) for table in params["RequestItems"]]
    if operation in ON_TABLES:
        return [_on_table(operation, params)]
    if operation == "RestoreTableToPointInTime":
        source, target = params["SourceTableName"], params["TargetTableName"]
        return [_on_table(operation, {"TableName": name}) for name in (source, target)]
    raise Unsupported(f"dynamodb:{operation}")


def _on_table(action: str, about: Params) -> Need:
    name, index = _name(about["TableName"]), about.get("IndexName")
    place = f"table/{name}" + (f"/index/{index}" if index else "")
    seen = WATCHED.get(name.rsplit("-", 1)[1], lambda action, about: ())
    return Need(f"dynamodb:{action}", _arn("dynamodb", place), tuple(seen(action, about)))


def _chain(action: str, about: Params) -> Iterator[tuple[str, str]]:
    """Which audit chain is meant; its name tells nothing of a person."""
    values = about.get("Key") or about.get("Item") or {}
    chain = values.get("chain") or about.get("ExpressionAttributeValues", {}).get(":p")
    if chain is not None:
        yield "dynamodb:LeadingKeys", chain["S"]


def _attributes(action: str, about: Params) -> Iterator[tuple[str, str]]:
    """Which attributes of an entry an update names, and what it wants back."""
    if action == "UpdateItem":
        names = {*about["Key"], *about.get("ExpressionAttributeNames", {}).values()}
        yield "dynamodb:Attributes", ",".join(sorted(names))
        if "ReturnValues" in about:
            yield "dynamodb:ReturnValues", about["ReturnValues"]


def _read_attributes(action: str, about: Params) -> Iterator[tuple[str, str]]:
    """Which attributes a reading asks for; without a projection it is all of them."""
    if action in ("GetItem", "Scan"):
        names = about.get("ExpressionAttributeNames", {}).values()
        asked = "SPECIFIC_ATTRIBUTES" if "ProjectionExpression" in about else "ALL_ATTRIBUTES"
        if names:
            yield "dynamodb:Attributes", ",".join(sorted({*names, *about.get("Key", ())}))
        yield "dynamodb:Select", asked


# Tables on which conditions of the template see more of a request.
WATCHED: dict[str, Callable[[str, Params], Iterable[tuple[str, str]]]] = {
    "audit": _chain,
    "entries": _attributes,
    "readiness": _read_attributes,
}


# Operation -> (action, action when the request names a version).
ON_OBJECTS = {
    "GetObject": ("GetObject", "GetObjectVersion"),
    "HeadObject": ("GetObject", "GetObjectVersion"),
    "PutObject": ("PutObject", "PutObject"),
    "CreateMultipartUpload": ("PutObject", "PutObject"),
    "UploadPart": ("PutObject", "PutObject"),
    "CompleteMultipartUpload": ("PutObject", "PutObject"),
    "AbortMultipartUpload": ("AbortMultipartUpload", "AbortMultipartUpload"),
    "DeleteObject": ("DeleteObject", "DeleteObjectVersion"),
    "PutObjectTagging": ("PutObjectTagging", "PutObjectVersionTagging"),
}
ON_BUCKETS = {"ListObjectsV2": "ListBucket", "ListObjectVersions": "ListBucketVersions"}


def _s3(operation: str, params: Params) -> list[Need]:
    if operation in ON_BUCKETS:
        return [Need(f"s3:{ON_BUCKETS[operation]}", _bucket(params["Bucket"]))]
    if operation == "DeleteObjects":
        named = params["Delete"]["Objects"]
        return [n for one in named for n in _s3("DeleteObject", {**params, **one})]
    if operation not in ON_OBJECTS:
        raise Unsupported(f"s3:{operation}")
    plain, versioned = ON_OBJECTS[operation]
    actions = [versioned if "VersionId" in params else plain]
    if "Tagging" in params and actions == ["PutObject"]:
        actions.append("PutObjectTagging")
    place = f"{_bucket(params['Bucket'])}/{without_ids(params['Key'])}"
    return [Need(f"s3:{action}", place) for action in actions]


def _bucket(name: str) -> str:
    return f"arn:aws:s3:::{BUCKET.sub(f'-{ACCOUNT}', _name(name))}"


def _sqs(operation: str, params: Params) -> list[Need]:
    name = params.get("QueueName") or params["QueueUrl"].rsplit("/", 1)[1]
    return [Need(f"sqs:{operation.removesuffix('Batch')}", _arn("sqs", _name(name)))]


def _ssm(operation: str, params: Params) -> list[Need]:
    if operation not in ("GetParameter", "PutParameter"):
        raise Unsupported(f"ssm:{operation}")
    name = PARAMETER.sub(f"/gelombang/{STAGE}/", params["Name"])
    return [Need(f"ssm:{operation}", _arn("ssm", f"parameter{without_ids(name)}"))]


def _kms(operation: str, params: Params) -> list[Need]:
    """The context names what is wrapped, and functions/cloud/vault.py wraps seeds by a key of
    their own; a ciphertext does not show its key."""
    context = params["EncryptionContext"]
    kind = "signing" if context["key"].startswith("seeds/") else "data"
    if "KeyId" in params:
        kind = params["KeyId"].rsplit("-", 1)[1]
    seen = {"key": without_ids(context["key"]), "stage": STAGE}
    pairs = tuple((f"kms:EncryptionContext:{name}", value) for name, value in seen.items())
    return [Need(f"kms:{operation}", _arn("kms", f"key/{KEYS[kind]}"), pairs)]


def _ses(operation: str, params: Params) -> list[Need]:
    if operation != "SendRawEmail":
        raise Unsupported(f"ses:{operation}")
    sender = params["Source"]
    kinds = {"identity": sender.rsplit("@", 1)[1]}
    if "ConfigurationSetName" in params:
        kinds["configuration-set"] = _name(params["ConfigurationSetName"])
    context = (("ses:FromAddress", sender),)
    return [
        Need("ses:SendRawEmail", _arn("ses", f"{kind}/{name}"), context)
        for kind, name in kinds.items()
    ]


def _sns(operation: str, params: Params) -> list[Need]:
    if operation != "Publish" or "PhoneNumber" not in params:
        raise Unsupported(f"sns:{operation}")
    # A telephone number has no ARN.
    return [Need("sns:Publish", "*")]


def _states(operation: str, params: Params) -> list[Need]:
    if operation not in ("StartExecution", "DescribeExecution"):
        raise Unsupported(f"states:{operation}")
    arn = params.get("stateMachineArn") or params["executionArn"]
    kind, name, *run = arn.split(":")[5:]
    place = ":".join((kind, _name(name), *map(without_ids, run)))
    return [Need(f"states:{operation}", _arn("states", place))]


SERVICES: dict[str, Callable[[str, Params], list[Need]]] = {
    "dynamodb": _dynamodb,
    "s3": _s3,
    "sqs": _sqs,
    "ssm": _ssm,
    "kms": _kms,
    "ses": _ses,
    "sns": _sns,
    "stepfunctions": _states,
}
