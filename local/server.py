"""A threaded HTTP server on this machine only."""

from __future__ import annotations

from typing import Any

from werkzeug.serving import ThreadedWSGIServer, WSGIRequestHandler

from local.settings import HOST

# Seconds in which nothing comes: a sender that dribbles is let go, as API Gateway lets it go.
SLOWEST = 60
# 200 phones may connect at once; Linux's usual limit for waiting connections is far above.
WAITING_CONNECTIONS = 512


class _Server(ThreadedWSGIServer):
    request_queue_size = WAITING_CONNECTIONS
    daemon_threads = True


class _QuietHandler(WSGIRequestHandler):
    """Logs no requests: whose URLs they are is nobody's business."""

    protocol_version = "HTTP/1.1"
    timeout = SLOWEST

    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        return


def serve(app: Any, port: int) -> None:
    """Serve a WSGI application on a port until the process ends. Raises OSError if it is taken."""
    server = _Server(HOST, port, app, handler=_QuietHandler)
    server.serve_forever(poll_interval=0.2)
