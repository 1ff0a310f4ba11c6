"""What a new process takes before its first request: imports, the application, boto3's clients."""

from __future__ import annotations

import json
import subprocess
import sys
from statistics import median

from local.settings import ROOT

REPEATS = 3
# What each function does once in each of its processes.
FIRST = {
    "verify": "from functions.verify import app; app.create(runtime)",
    "upload": "from functions.upload import app; app.create(runtime)",
    "select": "from functions.select import app; app.create(runtime)",
    "verify_worker": "from functions.verify import worker",
    # What the sandbox's nursery loads, here in one process.
    "upload_worker": "from functions.upload import worker; "
    "from functions.upload.photo import judge; judge.warm_up()",
}
SERVICES = {
    "verify": ("dynamodb", "ssm", "kms", "sqs"),
    "upload": ("dynamodb", "ssm", "kms", "s3"),
    "select": ("dynamodb", "ssm", "kms", "sqs"),
    "verify_worker": ("dynamodb", "ssm", "kms", "ses", "sns"),
    "upload_worker": ("dynamodb", "ssm", "kms", "s3"),
}
SCRIPT = """
import json, os, resource, sys
from functions.cloud.config import Config
from functions.cloud.runtime import runtime_from
runtime = runtime_from({environment})
{first}
clients = runtime.tables._clients
for service in {services}:
    clients(service)
used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
print(json.dumps(1000 * sum(one.ru_utime + one.ru_stime for one in used)))
"""
ENVIRONMENT = {
    "GELOMBANG_STAGE": "test",
    "GELOMBANG_ACCOUNT": "123456789012",
    "GELOMBANG_ORIGIN": "https://gelombang.example",
    "GELOMBANG_MAIL_FROM": "no-reply@gelombang.example",
}


def millis() -> dict[str, float]:
    """{function: CPU milliseconds from the start of Python to the first request}."""
    return {name: round(median(_once(name) for _ in range(REPEATS)), 0) for name in FIRST}


def _once(name: str) -> float:
    script = SCRIPT.format(environment=ENVIRONMENT, first=FIRST[name], services=SERVICES[name])
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=True
    )
    return float(json.loads(done.stdout.splitlines()[-1]))
