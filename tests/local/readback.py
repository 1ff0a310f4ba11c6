"""What exists in moto of a resource, in the words of the template: one reader for each type."""

from __future__ import annotations

import json

# What cannot exist in moto, however it is asked.
UNFILLABLE = {
    # moto keeps a table's encryption only when the table is made through DynamoDB's own API.
    ("AWS::DynamoDB::Table", "SSESpecification"),
    # moto has no destinations of events; local/mail_events.py tells EventBridge in SES's place.
    ("AWS::SES::ConfigurationSetEventDestination", "EventDestination"),
}


def _document(policy):
    """A policy, which boto3 reads for some services and not for others."""
    return json.loads(policy) if isinstance(policy, str) else policy


def _table(clients, resource):
    wanted = resource.properties
    dynamodb, name = clients("dynamodb"), wanted["TableName"]
    found = dynamodb.describe_table(TableName=name)["Table"]
    life = dynamodb.describe_time_to_live(TableName=name)["TimeToLiveDescription"]
    backups = dynamodb.describe_continuous_backups(TableName=name)["ContinuousBackupsDescription"]
    recovery = backups["PointInTimeRecoveryDescription"]["PointInTimeRecoveryStatus"]
    return {
        "TableName": found["TableName"],
        "BillingMode": found["BillingModeSummary"]["BillingMode"],
        "AttributeDefinitions": found["AttributeDefinitions"],
        "KeySchema": found["KeySchema"],
        "GlobalSecondaryIndexes": [
            {key: index[key] for key in ("IndexName", "KeySchema", "Projection")}
            for index in found["GlobalSecondaryIndexes"]
        ],
        "TimeToLiveSpecification": {
            "AttributeName": life.get("AttributeName"),
            "Enabled": life["TimeToLiveStatus"] == "ENABLED",
        },
        "PointInTimeRecoverySpecification": {"PointInTimeRecoveryEnabled": recovery == "ENABLED"},
        "DeletionProtectionEnabled": found["DeletionProtectionEnabled"],
    }


def _bucket(clients, resource):
    wanted = resource.properties
    s3, name = clients("s3"), wanted["BucketName"]
    s3.head_bucket(Bucket=name)
    encryption = s3.get_bucket_encryption(Bucket=name)["ServerSideEncryptionConfiguration"]
    found = {
        "BucketName": name,
        "PublicAccessBlockConfiguration": s3.get_public_access_block(Bucket=name)[
            "PublicAccessBlockConfiguration"
        ],
        "OwnershipControls": s3.get_bucket_ownership_controls(Bucket=name)["OwnershipControls"],
        "VersioningConfiguration": {"Status": s3.get_bucket_versioning(Bucket=name)["Status"]},
        "BucketEncryption": {
            "ServerSideEncryptionConfiguration": [
                {
                    **({"BucketKeyEnabled": True} if rule["BucketKeyEnabled"] else {}),
                    "ServerSideEncryptionByDefault": rule["ApplyServerSideEncryptionByDefault"],
                }
                for rule in encryption["Rules"]
            ]
        },
        "LifecycleConfiguration": {
            "Rules": [
                _lifecycle_rule(rule)
                for rule in s3.get_bucket_lifecycle_configuration(Bucket=name)["Rules"]
            ]
        },
    }
    if "CorsConfiguration" in wanted:
        rules = s3.get_bucket_cors(Bucket=name)["CORSRules"]
        found["CorsConfiguration"] = {
            "CorsRules": [
                {"MaxAge" if key == "MaxAgeSeconds" else key: v for key, v in rule.items()}
                for rule in rules
            ]
        }
    if "NotificationConfiguration" in wanted:
        told = s3.get_bucket_notification_configuration(Bucket=name)["QueueConfigurations"]
        found["NotificationConfiguration"] = {
            "QueueConfigurations": [
                {"Event": event, "Queue": one["QueueArn"]}
                for one in told
                for event in one["Events"]
            ]
        }
    return found


def _lifecycle_rule(rule):
    found = {"Id": rule["ID"], "Status": rule["Status"]}
    if "Tag" in rule.get("Filter", {}):
        found["TagFilters"] = [rule["Filter"]["Tag"]]
    if rule.get("Filter", {}).get("Prefix"):
        found["Prefix"] = rule["Filter"]["Prefix"]
    if "Expiration" in rule:
        found["ExpirationInDays"] = rule["Expiration"]["Days"]
    for key in ("NoncurrentVersionExpiration", "AbortIncompleteMultipartUpload"):
        if key in rule:
            found[key] = rule[key]
    return found


def _queue_attributes(clients, url):
    answer = clients("sqs").get_queue_attributes(QueueUrl=url, AttributeNames=["All"])
    return answer["Attributes"]


def _queue(clients, resource):
    wanted = resource.properties
    url = clients("sqs").get_queue_url(QueueName=wanted["QueueName"])["QueueUrl"]
    found = _queue_attributes(clients, url)
    return {
        "QueueName": url.rsplit("/", 1)[1],
        "VisibilityTimeout": int(found["VisibilityTimeout"]),
        "MessageRetentionPeriod": int(found["MessageRetentionPeriod"]),
        "SqsManagedSseEnabled": found["SqsManagedSseEnabled"] == "true",
        "RedrivePolicy": json.loads(found.get("RedrivePolicy", "null")),
    }


def _queue_policy(clients, resource):
    wanted = resource.properties
    policies = [_queue_attributes(clients, url)["Policy"] for url in wanted["Queues"]]
    (policy,) = map(json.loads, policies)
    return {"Queues": wanted["Queues"], "PolicyDocument": policy}


def _role(clients, resource):
    wanted = resource.properties
    iam, name = clients("iam"), wanted["RoleName"]
    role = iam.get_role(RoleName=name)["Role"]
    return {
        "RoleName": role["RoleName"],
        "MaxSessionDuration": role["MaxSessionDuration"],
        "ManagedPolicyArns": [
            one["PolicyArn"]
            for one in iam.list_attached_role_policies(RoleName=name)["AttachedPolicies"]
        ],
        "AssumeRolePolicyDocument": _document(role["AssumeRolePolicyDocument"]),
        "Policies": [
            {
                "PolicyName": policy,
                "PolicyDocument": _document(
                    iam.get_role_policy(RoleName=name, PolicyName=policy)["PolicyDocument"]
                ),
            }
            for policy in iam.list_role_policies(RoleName=name)["PolicyNames"]
        ],
    }


def _managed_policy(clients, resource):
    iam, arn = clients("iam"), resource.physical
    about = iam.get_policy(PolicyArn=arn)["Policy"]
    version = iam.get_policy_version(PolicyArn=arn, VersionId=about["DefaultVersionId"])
    return {
        "ManagedPolicyName": about["PolicyName"],
        "PolicyDocument": _document(version["PolicyVersion"]["Document"]),
    }


def _key(clients, resource):
    kms, key = clients("kms"), resource.physical
    about = kms.describe_key(KeyId=key)["KeyMetadata"]
    policy = kms.get_key_policy(KeyId=key, PolicyName="default")["Policy"]
    return {
        "Description": about["Description"],
        "EnableKeyRotation": kms.get_key_rotation_status(KeyId=key)["KeyRotationEnabled"],
        "KeyPolicy": _document(policy),
    }


def _alias(clients, resource):
    wanted = resource.properties
    aliases = clients("kms").list_aliases(KeyId=wanted["TargetKeyId"])["Aliases"]
    return {"AliasName": aliases[0]["AliasName"], "TargetKeyId": aliases[0]["TargetKeyId"]}


def _log_group(clients, resource):
    wanted = resource.properties
    name = wanted["LogGroupName"]
    groups = clients("logs").describe_log_groups(logGroupNamePrefix=name)["logGroups"]
    found = next(g for g in groups if g["logGroupName"] == name)
    # A parameter comes as text; CloudFormation takes it as the number it is.
    return {"LogGroupName": found["logGroupName"], "RetentionInDays": str(found["retentionInDays"])}


def _metric_filter(clients, resource):
    name = resource.properties["FilterName"]
    (found,) = clients("logs").describe_metric_filters(filterNamePrefix=name)["metricFilters"]
    shown = {key[0].upper() + key[1:]: value for key, value in found.items()}
    shown["MetricTransformations"] = [
        {key[0].upper() + key[1:]: value for key, value in transformation.items()}
        for transformation in found["metricTransformations"]
    ]
    return shown


def _schedule(clients, resource):
    wanted = resource.properties
    found = clients("scheduler").get_schedule(Name=wanted["Name"])
    return {key: found[key] for key in wanted}


def _machine(clients, resource):
    found = clients("stepfunctions").describe_state_machine(stateMachineArn=resource.physical)
    logging = found["loggingConfiguration"]
    (destination,) = logging["destinations"]
    group = destination["cloudWatchLogsLogGroup"]["logGroupArn"]
    return {
        "StateMachineName": found["name"],
        "StateMachineType": found["type"],
        "RoleArn": found["roleArn"],
        "DefinitionString": found["definition"],
        "LoggingConfiguration": {
            "Level": logging["level"],
            "IncludeExecutionData": logging["includeExecutionData"],
            "Destinations": [{"CloudWatchLogsLogGroup": {"LogGroupArn": group}}],
        },
    }


def _alarm(clients, resource):
    wanted = resource.properties
    answer = clients("cloudwatch").describe_alarms(AlarmNames=[wanted["AlarmName"]])
    (found,) = answer["MetricAlarms"]
    return found


def _topic(clients, resource):
    wanted = resource.properties
    arns = [topic["TopicArn"] for topic in clients("sns").list_topics()["Topics"]]
    names = {arn.rsplit(":", 1)[1] for arn in arns}
    return {"TopicName": next(n for n in names if n == wanted["TopicName"])}


def _configuration_set(clients, resource):
    name = resource.properties["Name"]
    found = clients("sesv2").get_configuration_set(ConfigurationSetName=name)
    return {
        "Name": found["ConfigurationSetName"],
        "ReputationOptions": found["ReputationOptions"],
        "SuppressionOptions": found["SuppressionOptions"],
    }


def _event_destination(clients, resource):
    name = resource.properties["ConfigurationSetName"]
    found = clients("sesv2").get_configuration_set(ConfigurationSetName=name)
    return {"ConfigurationSetName": found["ConfigurationSetName"]}


def _rule(clients, resource):
    name = resource.properties["Name"]
    found = clients("events").describe_rule(Name=name)
    targets = clients("events").list_targets_by_rule(Rule=name)["Targets"]
    return {**found, "EventPattern": json.loads(found["EventPattern"]), "Targets": targets}


READERS = {
    "AWS::DynamoDB::Table": _table,
    "AWS::S3::Bucket": _bucket,
    "AWS::SQS::Queue": _queue,
    "AWS::SQS::QueuePolicy": _queue_policy,
    "AWS::IAM::ManagedPolicy": _managed_policy,
    "AWS::IAM::Role": _role,
    "AWS::KMS::Alias": _alias,
    "AWS::KMS::Key": _key,
    "AWS::Logs::LogGroup": _log_group,
    "AWS::Logs::MetricFilter": _metric_filter,
    "AWS::Scheduler::Schedule": _schedule,
    "AWS::StepFunctions::StateMachine": _machine,
    "AWS::CloudWatch::Alarm": _alarm,
    "AWS::SES::ConfigurationSet": _configuration_set,
    "AWS::SES::ConfigurationSetEventDestination": _event_destination,
    "AWS::Events::Rule": _rule,
    "AWS::SNS::Topic": _topic,
}


def differences(clients, template):
    """What of the template is not in moto: (logical name, property) for each."""
    found = []
    for logical, resource in template.resources.items():
        wanted = resource.properties
        if resource.type not in READERS:
            found.append((logical, f"no reader for {resource.type}"))
            continue
        actual = READERS[resource.type](clients, resource)
        for name, value in wanted.items():
            if (resource.type, name) not in UNFILLABLE and _plain(actual.get(name)) != _plain(
                value
            ):
                found.append((logical, name))
    return found


def _plain(value):
    """A value without the order of keys, and without the `:*` that moto leaves off log ARNs."""
    return json.loads(json.dumps(value, sort_keys=True, default=str).replace(':*"', '"'))
