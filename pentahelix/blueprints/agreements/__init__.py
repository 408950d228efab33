"""Agreements, the steps of their lifecycle, and what they owe, whose pages hang on the same blueprint."""

from pentahelix.blueprints.agreements import obligations, steps, views

__all__ = ["obligations", "steps", "views"]
