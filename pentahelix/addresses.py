"""What stands in the addresses of pages."""

import re
from collections.abc import Callable
from functools import cache, lru_cache
from typing import Any
from urllib.parse import urlencode

import flask
from flask import Flask, current_app, has_request_context, request
from werkzeug.routing import IntegerConverter, Rule, ValidationError

from pentahelix.columns import LARGEST_ID


class RowNumber(IntegerConverter):
    """The id of a row; a number that none can have leads to no page, as one that none has."""

    def to_python(self, value: str) -> int:
        # Of thousands of digits Python makes no number at all.
        if len(value) > len(str(LARGEST_ID)) or int(value) > LARGEST_ID:
            raise ValidationError
        return int(value)


class Address(Rule):
    """The way back, from values to an address, is compiled when somebody first goes it: a worker goes few."""

    def _compile_builder(self, append_unknown: bool = True) -> Callable[..., tuple[str, str]]:
        @cache
        def compiled() -> Callable[..., tuple[str, str]]:
            return super(Address, self)._compile_builder(append_unknown)

        return lambda rule, /, **values: compiled()(rule, **values)


#: What stands in a query as it is.
UNQUOTED = "!$'()*,/:;?@"
#: As in "/partners/%(partner_id)d", with the names in it; None where it is not as simple as that.
Pattern = tuple[str, frozenset[str]] | None


def url_for(endpoint: str, **values: Any) -> str:
    """Flask's own; but most links of a page name the page of a row, which takes no search in the map."""
    if has_request_context():
        known = _pattern((request.blueprint or "") + endpoint if endpoint.startswith(".") else endpoint)
        if known and known[1] <= values.keys() and all(type(values[one]) is int for one in known[1]):
            asked = tuple((name, value) for name, value in values.items() if name not in known[1])
            if not any(name.startswith("_") or type(value) not in (str, int) for name, value in asked):
                return request.script_root + known[0] % values + _query(asked)
    return flask.url_for(endpoint, **values)


@lru_cache(maxsize=512)
def _query(asked: tuple[tuple[str, str | int], ...]) -> str:
    """As Werkzeug writes it."""
    return f"?{urlencode(asked, safe=UNQUOTED)}" if asked else ""


def _pattern(endpoint: str) -> Pattern:
    known: dict[str, Pattern] = current_app.extensions.setdefault("addresses", {})
    if endpoint not in known:
        rules = [rule for rule in current_app.url_map.iter_rules() if rule.endpoint == endpoint]
        simple = len(rules) == 1 and not rules[0].defaults and not re.search(r"%|<(?!int:)", rules[0].rule)
        known[endpoint] = None
        if simple:
            pattern = re.sub(r"<int:(\w+)>", r"%(\1)d", rules[0].rule)
            known[endpoint] = pattern, frozenset(rules[0].arguments)
    return known[endpoint]


def register(app: Flask) -> None:
    app.url_rule_class = Address
    app.url_map.converters["int"] = RowNumber
    app.jinja_env.globals["url_for"] = url_for
