"""Assets: one digest of the whole folder stands in their address, so that each of them may be kept for ever.

Hashed file names would break the relative imports of modules and the url(…) of fonts. What is served is what
`make` built from the sources; where they have changed since, or nothing was built, the sources themselves.
"""

import hashlib
from pathlib import Path

from flask_compress import Compress
from werkzeug.middleware.proxy_fix import ProxyFix
from whitenoise import WhiteNoise

from pentahelix.config import Settings
from pentahelix.permissions import public
from pentahelix.unit_of_work import Pentahelix

ROOT = Path(__file__).resolve().parent.parent
SOURCES = ROOT / "static"
BUILT = ROOT / "var" / "static"
_COMPRESSED = {".br", ".gz"}


class StaticFolder:
    """The folder and the address it is served under, with the digest of its content."""

    def __init__(self) -> None:
        built = BUILT / digest(SOURCES)
        self.folder = built if built.is_dir() else SOURCES
        self.url = f"/static/{digest(self.folder)}"


def digest(folder: Path) -> str:
    told = hashlib.sha256()
    for file in sorted(
        path for path in folder.rglob("*") if path.is_file() and path.suffix not in _COMPRESSED
    ):
        told.update(file.relative_to(folder).as_posix().encode() + file.read_bytes())
    return told.hexdigest()[:8]


def serve(app: Pentahelix, static: StaticFolder, settings: Settings) -> None:
    """Put whitenoise, compression of pages and the trusted proxies around the application."""
    app.view_functions["static"] = public(app.view_functions["static"])
    Compress(app)
    app.wsgi_app = WhiteNoise(  # type: ignore[method-assign]
        app.wsgi_app,
        root=str(static.folder),
        prefix=static.url.lstrip("/") + "/",
        max_age=365 * 24 * 3600,
        immutable_file_test=lambda _path, _url: True,
        allow_all_origins=False,
        add_headers_function=_headers,
    )
    if hops := settings.trusted_proxies:
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=hops, x_proto=hops, x_host=0, x_prefix=0)  # type: ignore[method-assign]


def _headers(headers: dict[str, str], _path: str, _url: str) -> None:
    headers["X-Content-Type-Options"] = "nosniff"
    headers["Cross-Origin-Resource-Policy"] = "same-origin"
