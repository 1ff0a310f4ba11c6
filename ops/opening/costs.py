"""What a day costs, in dollars, part by part."""

from __future__ import annotations

from dataclasses import dataclass

from ops.opening.measured import batch_size, memory_mb
from ops.opening.quotas import price
from ops.opening.simulation import PHOTOS, Day

# The site's files for one person over the journey: requests and GB at the edge (docs/performance.md
# says what a page weighs; files stay in the browser), and what the API answers.
STATIC_REQUESTS, STATIC_GB = 60, 0.0006
ANSWER_GB = 2e-6
# A photo as sent and the copy that is kept: GB; kept for a month here.
PHOTO_GB = 0.0004
LOG_GB_EACH = 1e-6
SQS_CALLS_EACH_BATCH = 2
# On-demand tables that take part, each with its own warm throughput.
WARMED_TABLES = 13


@dataclass(frozen=True)
class Line:
    """One line of the bill."""

    part: str
    what: str
    count: float
    dollars: float


def bill(day: Day) -> list[Line]:
    """Every line, AWS's first; SMS last since it is most of it."""
    writes, reads = sum(day.writes.values()), sum(day.reads.values())
    calls = sum(day.calls.values())
    photos = sum(day.worker_calls[name] for name in PHOTOS)
    letters = sum(day.worker_calls.values()) - photos
    mails = day.sent["mail confirm_email"] + day.sent["mail joined"]
    batches = letters / batch_size("verify_worker") + photos / batch_size("upload_worker")
    seconds = sum(memory_mb(name) / 1024 * busy for name, busy in day.busy.items())
    people = day.books.came
    return [
        _line("CloudFront", "requests, site and API",
              people * STATIC_REQUESTS + calls, "cloudfront_request"),
        _line("CloudFront", "GB to readers",
              people * STATIC_GB + calls * ANSWER_GB, "cloudfront_gb"),
        _line("API Gateway", "requests, refused ones too", day.requests, "gateway_request"),
        _line("Lambda", "calls", calls + batches, "lambda_request"),
        _line("Lambda", "GB-seconds", seconds, "lambda_gb_second"),
        _line("Lambda", "GB-seconds kept warm, for the hours given", _kept_warm(day),
              "lambda_gb_second", 0.25),
        _line("DynamoDB", "write units", writes, "table_write"),
        _line("DynamoDB", "read units", reads, "table_read"),
        _line("DynamoDB", "write units/s warmed beyond a new table's, once",
              WARMED_TABLES * max(0.0, day.settings.tables.warm_writes - 4_000),
              "table_warm_write"),
        _line("SQS", "requests", letters + photos + batches * SQS_CALLS_EACH_BATCH,
              "queue_request"),
        _line("S3", "puts, of photos and of copies", 2 * photos, "s3_put"),
        _line("S3", "gets", 2 * photos, "s3_get"),
        _line("S3", "GB for a month", photos * PHOTO_GB, "s3_gb_month"),
        _line("CloudWatch", "GB of logs", (calls + letters + photos) * LOG_GB_EACH, "log_gb"),
        _line("SSM and KMS", "keys read by new processes", day.cold_starts * 10,
              "parameter_read"),
        _line("SES", "mails", mails, "mail"),
        _line("SMS", f"by {day.settings.sms.provider}", day.sent["sms phone_code"],
              "sms_sns" if day.settings.sms.provider == "sns" else "sms_gateway"),
    ]  # fmt: skip


def by_part(lines: list[Line]) -> dict[str, float]:
    """{part: dollars}, in the order of the bill."""
    parts: dict[str, float] = {}
    for line in lines:
        parts[line.part] = parts.get(line.part, 0.0) + line.dollars
    return parts


def total(lines: list[Line]) -> float:
    """Dollars."""
    return sum(line.dollars for line in lines)


def _kept_warm(day: Day) -> float:
    hours = day.asked.hours + day.asked.drain
    return sum(
        memory_mb(name) / 1024 * count * hours * 3600
        for name, count in day.settings.functions.warm.items()
    )


def _line(part: str, what: str, count: float, priced: str, factor: float = 1.0) -> Line:
    return Line(part, what, count, count * price(priced) * factor)
