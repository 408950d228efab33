"""Logs: one JSON object a line on standard output, times in UTC.

A line names the route's pattern, never the path, since a path may carry a token.
"""

import logging
import sys
from uuid import uuid4

import structlog
from flask import Flask, Response, g, request

from pentahelix import clock, principal

log = structlog.get_logger()


def configure(*, quiet: bool = False) -> None:
    """Send everything, what libraries log included, to standard output."""
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            structlog.processors.JSONRenderer(),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.ERROR if quiet else logging.INFO),
        logger_factory=structlog.PrintLoggerFactory(sys.stdout),
        cache_logger_on_first_use=False,
    )
    logging.basicConfig(level=logging.WARNING, stream=sys.stdout, format="%(message)s")


def register(app: Flask) -> None:
    @app.before_request
    def _begin() -> None:
        g.request_id = uuid4().hex
        g.started = clock.monotonic()
        structlog.contextvars.clear_contextvars()
        structlog.contextvars.bind_contextvars(request_id=g.request_id)

    @app.after_request
    def _end(response: Response) -> Response:
        person = principal.current()
        log.info(
            "request",
            method=request.method,
            route=request.url_rule.rule if request.url_rule else None,
            status=response.status_code,
            principal=person.id if person else None,
            milliseconds=round((clock.monotonic() - g.get("started", clock.monotonic())) * 1000, 1),
        )
        return response
