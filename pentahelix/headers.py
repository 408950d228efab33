"""What every answer tells the browser about trust."""

from flask import Flask, Response, g, request

from pentahelix.config import Settings

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; font-src 'self'; "
    "connect-src 'self'; form-action 'self'; frame-src 'self'; manifest-src 'self'; base-uri 'none'; "
    "frame-ancestors 'none'"
)


def register(app: Flask, settings: Settings) -> None:
    @app.after_request
    def _headers(response: Response) -> Response:
        headers = response.headers
        headers.setdefault("Content-Security-Policy", POLICY)
        headers["X-Content-Type-Options"] = "nosniff"
        # same-origin, not no-referrer: a form's check for forgery needs the address it came from.
        headers["Referrer-Policy"] = "same-origin"
        headers["Cross-Origin-Opener-Policy"] = "same-origin"
        headers["Permissions-Policy"] = "camera=(), geolocation=(), microphone=()"
        headers["X-Request-ID"] = g.get("request_id", "")
        if settings.https:
            headers["Strict-Transport-Security"] = "max-age=31536000; includeSubDomains"
        if request.endpoint != "static":
            # no-cache rather than no-store: Back must bring back what was typed.
            headers.setdefault("Cache-Control", "private, no-cache")
            headers.add("Vary", "Cookie")
        return response
