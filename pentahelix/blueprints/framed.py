"""The HTML of a mail inside a page: an answer of its own, under a policy that lets nothing in it act."""

import re

from flask import Response

from pentahelix.blueprints.unstored import unstored

#: Styles of its own, as mails need them; no scripts, no pictures from elsewhere, no forms. Only a press on a
#: link leads out of the frame.
POLICY = (
    "sandbox allow-top-navigation-by-user-activation; default-src 'none'; style-src 'unsafe-inline'; "
    "frame-ancestors 'self'"
)

HEAD = re.compile(r"<head\b[^>]*>", re.IGNORECASE)
OUT_OF_THE_FRAME = '<base target="_top">'


def framed(html: str) -> Response:
    """`html` for an `<iframe src>`; its links open in place of the page around it."""
    head = HEAD.search(html)
    at = head.end() if head else 0
    response = Response(html[:at] + OUT_OF_THE_FRAME + html[at:], mimetype="text/html")
    response.headers["Content-Security-Policy"] = POLICY
    return unstored(response)
