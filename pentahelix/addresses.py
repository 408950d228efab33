"""What stands in the addresses of pages."""

from flask import Flask
from werkzeug.routing import IntegerConverter, ValidationError

from pentahelix.columns import LARGEST_ID


class RowNumber(IntegerConverter):
    """The id of a row; a number that none can have leads to no page, as one that none has."""

    def to_python(self, value: str) -> int:
        # Of thousands of digits Python makes no number at all.
        if len(value) > len(str(LARGEST_ID)) or int(value) > LARGEST_ID:
            raise ValidationError
        return int(value)


def register(app: Flask) -> None:
    app.url_map.converters["int"] = RowNumber
