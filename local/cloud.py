"""moto as one server, made safe to stand on.

Around moto's own dispatcher stand, from the outside in: the inbox, what SES tells of mails, the
buckets' CORS, presigned POSTs enforced, and DynamoDB one request at a time, because moto's
conditional writes are not atomic between threads.
"""

from __future__ import annotations

import functools
import itertools
import logging
import threading
import warnings
from collections.abc import Callable, Iterable
from typing import Any

from functions.cloud.config import Config
from local.clock import FileClock, real_time
from local.cors import BucketCors, Rule
from local.inbox import Inbox
from local.mail_events import MailEvents, to_event_bridge
from local.post_policy import Application, PostPolicy
from local.server import serve
from local.settings import ACCESS_KEY, SECRET_KEY, Place, config
from local.transactions import copy_only_what_they_name


class OneAtATime:
    """WSGI layer: serialises the requests of DynamoDB."""

    def __init__(self, app: Application):
        self._app = app
        self._lock = threading.Lock()

    def __call__(
        self, environ: dict[str, Any], start_response: Callable[..., Any]
    ) -> Iterable[bytes]:
        if not environ.get("HTTP_X_AMZ_TARGET", "").startswith("DynamoDB_"):
            return self._app(environ, start_response)
        with self._lock:
            return list(self._app(environ, start_response))


def application(settings: Config, clock: Callable[[], int]) -> Application:
    """moto with all layers."""
    from moto.moto_server.werkzeug_app import DomainDispatcherApplication, create_backend_app

    complete_s3_events()
    queues_follow(clock)
    copy_only_what_they_name()
    dispatcher = DomainDispatcherApplication(create_backend_app)
    # For each request it would look through its own folders for a service of that name.
    find = functools.lru_cache(64)(dispatcher.get_backend_for_host)
    setattr(dispatcher, "get_backend_for_host", find)  # noqa: B010 - it is a method
    moto = OneAtATime(dispatcher)
    posts = PostPolicy(moto, {ACCESS_KEY: SECRET_KEY}, real_time)
    cors = BucketCors(posts, lambda bucket: bucket_rules(settings.account, bucket))
    tell = to_event_bridge(settings.account, settings.region)
    mails = MailEvents(cors, tell, settings.account, clock)
    return Inbox(mails, lambda: taken(settings), clock)


def complete_s3_events() -> None:
    """Make moto's S3 events as whole as AWS's: with the version, and an order (`sequencer`)."""
    from moto.s3 import notifications

    as_moto_writes = notifications._get_s3_event
    count = itertools.count(1)

    def event(event_name: str, bucket: Any, key: Any, notification_id: str) -> Any:
        whole = as_moto_writes(event_name, bucket, key, notification_id)
        about = whole["Records"][0]["s3"]["object"]
        about["sequencer"] = f"{next(count):016X}"
        if key.version_id is not None:
            about["versionId"] = key.version_id
        return whole

    notifications._get_s3_event = event


def queues_follow(clock: Callable[[], int]) -> None:
    """Let SQS hide and hand out messages by the local clock, so that advancing it moves them.

    For each message that it hands out moto counts the whole queue, only to know how long the queue
    keeps messages; a thousand letters held it for minutes.
    """
    from moto.sqs import models

    def still_kept(backend: Any, queue_name: str, message: Any) -> bool:
        seconds = backend.get_queue(queue_name).message_retention_period
        return bool(message.sent_timestamp + 1000 * seconds > clock())

    replaced = "is_message_valid_based_on_retention_period"
    setattr(models.SQSBackend, replaced, still_kept)
    setattr(models, "unix_time_millis", lambda: float(clock()))  # noqa: B010 - it is a function
    setattr(models, "unix_time", lambda: clock() / 1000)  # noqa: B010


def bucket_rules(account: str, bucket: str) -> list[Rule]:
    """The CORS rules that moto keeps for a bucket."""
    from moto.s3.models import s3_backends

    found = s3_backends[account]["aws"].buckets.get(bucket)
    return [
        Rule(
            origins=tuple(rule.allowed_origins or ()),
            methods=tuple(rule.allowed_methods or ()),
            headers=tuple(rule.allowed_headers or ()),
            exposed=tuple(rule.exposed_headers or ()),
            seconds=None if rule.max_age_seconds is None else int(rule.max_age_seconds),
        )
        for rule in (found.cors if found else None) or ()
    ]


def taken(settings: Config) -> tuple[list[Any], list[tuple[str, str]]]:
    """What SES and SNS took so far: raw mails, and (number, text)."""
    from moto.ses.models import ses_backends
    from moto.sns.models import sns_backends

    mails = ses_backends[settings.account][settings.region].sent_messages
    texts = sns_backends[settings.account][settings.region].sms_messages
    return list(mails), list(texts.values())


def run(where: Place) -> None:
    """Serve until the process ends."""
    for noisy in ("werkzeug", "moto"):
        logging.getLogger(noisy).setLevel(logging.ERROR)
    # It warns of every type of the template that the filler makes in its place.
    warnings.filterwarnings("ignore", message="Tried to parse")
    app = application(config(where), FileClock(where.clock_file))
    serve(app, where.port + 1)
