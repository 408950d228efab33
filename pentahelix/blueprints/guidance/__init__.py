"""Guidance sessions, and those who are invited to them, whose pages hang on the same blueprint."""

from pentahelix.blueprints.guidance import invitations, views

__all__ = ["invitations", "views"]
