"""Answers that are for one reader and once: nothing on the way keeps them."""

from typing import TypeVar

from werkzeug.wrappers import Response

R = TypeVar("R", bound=Response)


def unstored(response: R) -> R:
    """For no cache."""
    response.headers["Cache-Control"] = "no-store"
    return response


def unlisted(response: R) -> R:
    """For no cache and no search engine."""
    response.headers["X-Robots-Tag"] = "noindex"
    return unstored(response)
