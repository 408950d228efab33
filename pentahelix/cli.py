"""`flask …`: what an operator does on the command line."""

from flask import Flask


def register(app: Flask) -> None:
    """Add the commands to the application."""
