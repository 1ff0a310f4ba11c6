"""Requests as Lambda gets them from API Gateway."""

from __future__ import annotations

import json
import time
import uuid
from typing import Any

from local.settings import ACCOUNT


def request(
    method: str, path: str, headers: dict[str, str] | None = None, body: object = None
) -> dict[str, Any]:
    """One request as API Gateway (HTTP API, payload 2.0) hands it over, behind CloudFront."""
    about = {
        "host": "abcdef0123.execute-api.ap-southeast-3.amazonaws.com",
        "x-forwarded-for": "192.0.2.7, 198.51.100.4",
        "x-forwarded-proto": "https",
        **(headers or {}),
    }
    cookies = about.pop("cookie", None)
    event: dict[str, Any] = {
        "version": "2.0",
        "routeKey": "$default",
        "rawPath": path,
        "rawQueryString": "",
        "headers": about,
        "requestContext": {
            "accountId": ACCOUNT,
            "apiId": "abcdef0123",
            "domainName": about["host"],
            "http": {
                "method": method,
                "path": path,
                "protocol": "HTTP/1.1",
                "sourceIp": "198.51.100.4",
                "userAgent": "tests",
            },
            "requestId": uuid.uuid4().hex,
            "stage": "$default",
            "timeEpoch": time.time_ns() // 1_000_000,
        },
        "isBase64Encoded": False,
    }
    if cookies:
        event["cookies"] = [cookies]
    if body is not None:
        about["content-type"] = "application/json"
        event["body"] = json.dumps(body)
    return event
