"""Files that people upload: read off the line within a limit, looked into, kept under names of our own."""

from flask import Flask, current_app

from pentahelix.config import Settings
from pentahelix.documents.arrival import Request
from pentahelix.documents.store import Store


def register(app: Flask, settings: Settings) -> None:
    app.request_class = Request
    app.extensions["documents"] = Store.in_folder(settings.documents)


def store() -> Store:
    """Where the documents of this installation are kept."""
    kept: Store = current_app.extensions["documents"]
    return kept
