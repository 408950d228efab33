"""Addresses that stand in mails: whole, on the one configured host, whoever asked for the page."""

from typing import Any

from flask import current_app

from pentahelix.config import Settings


def absolute(endpoint: str, **values: Any) -> str:
    """The address of a page, as one types it; `values` that the route does not name become its query."""
    settings: Settings = current_app.extensions["settings"]
    return settings.base_url + current_app.url_map.bind("").build(endpoint, values)
