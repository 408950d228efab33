"""Gunicorn's settings here: servers see what `make install` brings, not what a developer has beside it."""

import sys

# structlog would take it for colours that we never write; it is there for a linter.
sys.modules["rich"] = None  # type: ignore[assignment]
