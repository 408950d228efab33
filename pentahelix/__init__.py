"""Pentahelix: the partnerships of vocational school clusters, and the reminding."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pentahelix.config import Settings
    from pentahelix.unit_of_work import Pentahelix

ROOT = Path(__file__).resolve().parent.parent


def create_app(settings: Settings | None = None) -> Pentahelix:
    """The application for `settings`; for `flask …`, which gives none, those of the environment."""
    from jinja2 import StrictUndefined

    from pentahelix import (
        addresses,
        audit,
        blueprints,
        cli,
        clock,
        compiled_templates,
        database,
        documents,
        headers,
        identity,
        logs,
        navigation,
        passwords,
        permissions,
        presentation,
        scope,
        search_index,
        static_files,
        templating,
    )
    from pentahelix.extensions import babel, db, login
    from pentahelix.readiness import settings_of_command
    from pentahelix.unit_of_work import Pentahelix

    settings = settings or settings_of_command()
    if settings.clock:
        clock.start_at(settings.clock, settings.clock_started)
    logs.configure(quiet=settings.env == "test")
    if settings.env == "test":
        passwords.configure(time_cost=1, memory_kib=8, parallelism=1)
    else:
        passwords.configure()

    static = static_files.StaticFolder()
    app = Pentahelix(
        __name__, template_folder=ROOT / "templates", static_folder=static.folder, static_url_path=static.url
    )
    app.extensions["settings"] = settings
    app.config.update(
        SECRET_KEY=settings.secret,
        SECRET_KEY_FALLBACKS=settings.secret_key_fallbacks.split(),
        SESSION_COOKIE_NAME="__Host-phx" if settings.https else "phx",
        SESSION_COOKIE_SECURE=settings.https,
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        PERMANENT_SESSION_LIFETIME=timedelta(days=14),
        SQLALCHEMY_DATABASE_URI=settings.database,
        SQLALCHEMY_ENGINE_OPTIONS=database.engine_options(settings.database),
        BABEL_DEFAULT_LOCALE="id",
        BABEL_DEFAULT_TIMEZONE="UTC",
        BABEL_TRANSLATION_DIRECTORIES=str(ROOT / "pentahelix" / "translations"),
        TRUSTED_HOSTS=settings.hosts,
        WTF_CSRF_TIME_LIMIT=None,
        MAX_CONTENT_LENGTH=25 * 1024 * 1024,
        MAX_FORM_MEMORY_SIZE=4 * 1024 * 1024,
        MAX_FORM_PARTS=20_000,
        # Pages are a fifth smaller than as zstd, which the extension would rather send.
        COMPRESS_ALGORITHM=["br", "gzip"],
        COMPRESS_BR_LEVEL=5,
        COMPRESS_MIMETYPES=["text/html", "application/json", "text/css", "text/javascript", "image/svg+xml"],
    )

    # A name that a template misspells is an error, not an empty place on the page.
    app.jinja_env.undefined = StrictUndefined

    addresses.register(app)
    db.init_app(app)
    with app.app_context():
        database.prepare(db.engine)
    audit.listen()
    scope.listen()
    search_index.listen()
    logs.register(app)
    identity.register(app, babel, login)
    templating.register(app)
    # Tests have texts and templates of their own.
    if settings.env != "test":
        compiled_templates.register(app)
    presentation.register(app)
    headers.register(app, settings)
    documents.register(app, settings)
    navigation.init_app(app)
    blueprints.register(app, settings)
    cli.register(app)
    static_files.serve(app, static, settings)
    permissions.refuse_unlisted(app)
    return app
