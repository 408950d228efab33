"""The browser's cookie: Flask's own, signed, but made anew once an hour and not with every answer.

Its time stamp is the idle limit: who comes back within PERMANENT_SESSION_LIFETIME, less that hour, stays in.
"""

from functools import cache

from flask import Flask, request
from flask.sessions import SecureCookieSessionInterface, SessionMixin
from itsdangerous import URLSafeTimedSerializer
from itsdangerous.encoding import base64_decode, bytes_to_int

from pentahelix import clock

#: seconds
FRESH = 3600


class Cookies(SecureCookieSessionInterface):
    @cache  # noqa: B019 - there is one of each
    def get_signing_serializer(self, app: Flask) -> URLSafeTimedSerializer | None:
        return super().get_signing_serializer(app)

    def should_set_cookie(self, app: Flask, session: SessionMixin) -> bool:
        return session.modified or (session.permanent and not self._is_fresh(app))

    def _is_fresh(self, app: Flask) -> bool:
        """Whether the cookie that came, which was found to be ours when the request began, is still new."""
        parts = request.cookies.get(self.get_cookie_name(app), "").rsplit(".", 2)
        return len(parts) == 3 and clock.system_seconds() - bytes_to_int(base64_decode(parts[1])) < FRESH
