"""The portal of partner contacts: its doors, and the pages behind them on the same blueprint."""

from pentahelix.blueprints.portal import doors, views

__all__ = ["doors", "views"]
