"""Accounts, and the doors that open by mail, which hang their pages on the same blueprint."""

from pentahelix.blueprints.accounts import doors, views

__all__ = ["doors", "views"]
