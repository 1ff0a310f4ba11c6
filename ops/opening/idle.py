"""What a stage costs in a month in which nobody comes: `python -m ops.opening.idle`."""

from __future__ import annotations

import sys
from pathlib import Path

from ops.opening.costs import Line, total
from ops.opening.measured import memory_mb
from ops.opening.quotas import price

INFRA = Path(__file__).parents[2] / "infra"
MINUTES = 730 * 60
# A tick that finds nothing to do; Lambda reads an empty queue five times at once, 20 seconds each.
TICK_SECONDS = 0.3
READS_A_MINUTE = 5 * 3
# Releases of half a year, an empty site, some logs: GB.
KEPT_GB = 5


def bill() -> list[Line]:
    """Every line of the month's bill that is not nought."""
    template, front = (
        (INFRA / f"{name}.yaml").read_text(encoding="utf-8") for name in ("template", "front")
    )
    workers = ("select_worker", "verify_worker")
    seconds = sum(memory_mb(name) / 1024 * TICK_SECONDS * MINUTES for name in workers)
    metrics = template.count("              MetricName: ") + template.count("\n      MetricName: ")
    keys = template.count("Type: AWS::KMS::Key\n")
    # Only dead letters are read by nobody, and have no further queue.
    queues = template.count("RedrivePolicy:")
    return [
        _line("WAF", "the firewall", 1, "firewall"),
        _line("WAF", "its rules", front.count("        - Name: "), "firewall_rule"),
        _line("KMS", "keys", keys, "kms_key"),
        _line("CloudWatch", "metrics of alarms", metrics, "alarm_metric"),
        _line("Lambda", "GB-seconds of the ticks", seconds, "lambda_gb_second"),
        _line("SQS", "reads of empty queues", queues * READS_A_MINUTE * MINUTES, "queue_request"),
        _line("S3", "GB kept", KEPT_GB, "s3_gb_month"),
    ]


def table(lines: list[Line]) -> str:
    """The lines as docs/deploy.md has them."""
    rows = [f"| {a.part} | {a.what} | {a.count:,.0f} | {a.dollars:.2f} |" for a in lines]
    return "\n".join([*rows, f"| **in all** | | | **{total(lines):.2f}** |"])


def _line(part: str, what: str, count: float, priced: str) -> Line:
    return Line(part, what, count, count * price(priced))


if __name__ == "__main__":
    sys.stdout.write(table(bill()) + "\n")
