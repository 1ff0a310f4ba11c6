"""Applies what moto's CloudFormation drops, reading the same template.

moto creates resources but ignores many of their properties, and some types, in
silence. tests/local/test_stack.py compares every property of the template with
what exists afterwards, so a new one that is dropped does not go unnoticed.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from local.template import Resource, Template


def fill(clients: Any, template: Template) -> None:
    """Set what was dropped. `template.physical` must hold the ids of the created stack."""
    for resource in template.resources.values():
        if resource.type in FILLERS:
            FILLERS[resource.type](clients, resource)


def _table(clients: Any, resource: Resource) -> None:
    dynamodb, wanted = clients("dynamodb"), resource.properties
    name = wanted["TableName"]
    dynamodb.update_continuous_backups(
        TableName=name, PointInTimeRecoverySpecification=wanted["PointInTimeRecoverySpecification"]
    )
    if "TimeToLiveSpecification" in wanted:
        dynamodb.update_time_to_live(
            TableName=name, TimeToLiveSpecification=wanted["TimeToLiveSpecification"]
        )


def _key(clients: Any, resource: Resource) -> None:
    # moto keeps a template's key policy in a form that its own DescribeKey cannot read.
    clients("kms").put_key_policy(
        KeyId=resource.physical,
        PolicyName="default",
        Policy=json.dumps(resource.properties["KeyPolicy"]),
    )


def _role(clients: Any, resource: Resource) -> None:
    # moto keeps a template's policies as Python text, which no tool can read.
    wanted = resource.properties
    for policy in wanted.get("Policies", ()):
        clients("iam").put_role_policy(
            RoleName=wanted["RoleName"],
            PolicyName=policy["PolicyName"],
            PolicyDocument=json.dumps(policy["PolicyDocument"]),
        )
    # Managed ones it does not attach at all.
    for arn in wanted.get("ManagedPolicyArns", ()):
        clients("iam").attach_role_policy(RoleName=wanted["RoleName"], PolicyArn=arn)


def _bucket(clients: Any, resource: Resource) -> None:
    s3, wanted = clients("s3"), resource.properties
    name = wanted["BucketName"]
    s3.put_public_access_block(
        Bucket=name, PublicAccessBlockConfiguration=wanted["PublicAccessBlockConfiguration"]
    )
    s3.put_bucket_ownership_controls(Bucket=name, OwnershipControls=wanted["OwnershipControls"])
    s3.put_bucket_versioning(Bucket=name, VersioningConfiguration=wanted["VersioningConfiguration"])
    s3.put_bucket_encryption(Bucket=name, ServerSideEncryptionConfiguration=encryption(wanted))
    s3.put_bucket_lifecycle_configuration(Bucket=name, LifecycleConfiguration=lifecycle(wanted))
    if "CorsConfiguration" in wanted:
        s3.put_bucket_cors(Bucket=name, CORSConfiguration=cors(wanted))
    if "NotificationConfiguration" in wanted:
        s3.put_bucket_notification_configuration(
            Bucket=name, NotificationConfiguration=notification(wanted)
        )


def encryption(wanted: dict[str, Any]) -> dict[str, Any]:
    """A bucket's encryption in the words of S3's API, which differ from the template's."""
    rules = wanted["BucketEncryption"]["ServerSideEncryptionConfiguration"]
    return {
        "Rules": [
            {
                "ApplyServerSideEncryptionByDefault": rule["ServerSideEncryptionByDefault"],
                "BucketKeyEnabled": rule.get("BucketKeyEnabled", False),
            }
            for rule in rules
        ]
    }


def lifecycle(wanted: dict[str, Any]) -> dict[str, Any]:
    """A bucket's lifecycle in the words of S3's API."""
    rules = []
    for rule in wanted["LifecycleConfiguration"]["Rules"]:
        rule = {"ID" if key == "Id" else key: value for key, value in rule.items()}
        if "ExpirationInDays" in rule:
            rule["Expiration"] = {"Days": rule.pop("ExpirationInDays")}
        if "TagFilters" in rule:
            (tag,) = rule.pop("TagFilters")
            rule["Filter"] = {"Tag": tag}
        if "Prefix" in rule:
            rule["Filter"] = {"Prefix": rule.pop("Prefix")}
        rules.append({"Filter": {"Prefix": ""}, **rule})
    return {"Rules": rules}


def cors(wanted: dict[str, Any]) -> dict[str, Any]:
    """A bucket's CORS rules in the words of S3's API."""
    return {
        "CORSRules": [
            {"MaxAgeSeconds" if key == "MaxAge" else key: value for key, value in rule.items()}
            for rule in wanted["CorsConfiguration"]["CorsRules"]
        ]
    }


def notification(wanted: dict[str, Any]) -> dict[str, Any]:
    """A bucket's notifications in the words of S3's API."""
    return {
        "QueueConfigurations": [
            {"QueueArn": rule["Queue"], "Events": [rule["Event"]]}
            for rule in wanted["NotificationConfiguration"]["QueueConfigurations"]
        ]
    }


def _bucket_policy(clients: Any, resource: Resource) -> None:
    wanted = resource.properties
    clients("s3").put_bucket_policy(
        Bucket=wanted["Bucket"], Policy=json.dumps(wanted["PolicyDocument"])
    )


def _queue_policy(clients: Any, resource: Resource) -> None:
    wanted = resource.properties
    for url in wanted["Queues"]:
        clients("sqs").set_queue_attributes(
            QueueUrl=url, Attributes={"Policy": json.dumps(wanted["PolicyDocument"])}
        )


def _schedule(clients: Any, resource: Resource) -> None:
    clients("scheduler").create_schedule(**resource.properties)


def _machine(clients: Any, resource: Resource) -> None:
    clients("stepfunctions").update_state_machine(
        stateMachineArn=resource.physical, loggingConfiguration=logging(resource.properties)
    )


def logging(wanted: dict[str, Any]) -> dict[str, Any]:
    """A machine's logging in the words of the API, whose keys begin with small letters."""

    def small(value: Any) -> Any:
        if isinstance(value, list):
            return [small(part) for part in value]
        if isinstance(value, dict):
            return {key[0].lower() + key[1:]: small(part) for key, part in value.items()}
        return value

    found: dict[str, Any] = small(wanted["LoggingConfiguration"])
    return found


def _alarm(clients: Any, resource: Resource) -> None:
    clients("cloudwatch").put_metric_alarm(**resource.properties)


def _metric_filter(clients: Any, resource: Resource) -> None:
    wanted = {key[0].lower() + key[1:]: value for key, value in resource.properties.items()}
    wanted["metricTransformations"] = [
        {key[0].lower() + key[1:]: value for key, value in transformation.items()}
        for transformation in wanted["metricTransformations"]
    ]
    clients("logs").put_metric_filter(**wanted)


def _configuration_set(clients: Any, resource: Resource) -> None:
    wanted = resource.properties
    clients("sesv2").create_configuration_set(
        ConfigurationSetName=wanted["Name"],
        ReputationOptions=wanted["ReputationOptions"],
        SuppressionOptions=wanted["SuppressionOptions"],
    )


def _subscription(clients: Any, resource: Resource) -> None:
    clients("sns").subscribe(**resource.properties)


FILLERS: dict[str, Callable[[Any, Resource], None]] = {
    "AWS::DynamoDB::Table": _table,
    "AWS::IAM::Role": _role,
    "AWS::KMS::Key": _key,
    "AWS::S3::Bucket": _bucket,
    "AWS::S3::BucketPolicy": _bucket_policy,
    "AWS::SQS::QueuePolicy": _queue_policy,
    "AWS::Scheduler::Schedule": _schedule,
    "AWS::StepFunctions::StateMachine": _machine,
    "AWS::CloudWatch::Alarm": _alarm,
    "AWS::Logs::MetricFilter": _metric_filter,
    "AWS::SES::ConfigurationSet": _configuration_set,
    "AWS::SNS::Subscription": _subscription,
}
