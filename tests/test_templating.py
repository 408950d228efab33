"""What pages are made of is put together once; what a reader sees is as if it had been each time."""

from datetime import date

import flask
import pytest
from flask import current_app, render_template_string
from flask_babel import force_locale
from jinja2 import DictLoader
from markupsafe import Markup

from pentahelix import addresses, clock, templating
from pentahelix.models import Partner

BADGE = '{% from "_components/bits.html" import badge %}{{ badge("ok", text) }}'
DAYS = '{% from "partners/_parts.html" import silence %}{{ silence(last, today) }}'

WHEN = '{% set drawn_once = ("when",) %}{% macro when(day) %}{{ day | days_ago }}{% endmacro %}'


@pytest.fixture
def at_partners(app):
    with app.test_request_context("/partners"):
        yield


@pytest.mark.usefixtures("at_partners")
def test_a_text_that_is_safe_is_not_taken_for_one_that_looks_the_same():
    drawn = [render_template_string(BADGE, text=text) for text in (Markup("<b>"), "<b>", Markup("<b>"))]
    assert [one.count("<b>") for one in drawn] == [1, 0, 1]


@pytest.mark.usefixtures("at_partners")
def test_what_is_drawn_once_is_drawn_once_in_each_language():
    given = {"last": date(2026, 11, 21), "today": date(2026, 11, 24)}
    drawn = []
    for language in ("id", "en", "id"):
        with force_locale(language):
            drawn.append(render_template_string(DAYS, **given))
    assert drawn == ["3 hari", "3 days", "3 hari"]


@pytest.mark.usefixtures("at_partners")
@pytest.mark.parametrize(
    ("endpoint", "values"),
    [
        ("partners.index", {}),
        (".index", {}),
        (".show", {"partner_id": 7}),
        ("partners.show", {"partner_id": 7, "back": "1"}),
        ("coverage.cell", {"cluster_id": 1, "helix": "media"}),
        ("partners.index", {"q": "keripik & kopi", "page": None}),
        ("static", {"filename": "js/enhance.js"}),
    ],
)
def test_an_address_is_the_one_that_flask_gives(endpoint, values):
    assert addresses.url_for(endpoint, **values) == flask.url_for(endpoint, **values)


def test_an_address_stands_under_the_path_that_a_proxy_adds(app):
    with app.test_request_context("/partners", environ_overrides={"SCRIPT_NAME": "/mitra"}):
        assert addresses.url_for("partners.show", partner_id=7) == "/mitra/partners/7"
        assert current_app.jinja_env.globals["url_for"] is addresses.url_for


@pytest.mark.usefixtures("at_partners")
def test_what_is_drawn_once_knows_no_row_of_a_session():
    with pytest.raises(TypeError, match="must not know a row"):
        render_template_string(BADGE, text=Partner(name="PT Baja Nusa"))


@pytest.mark.usefixtures("at_partners")
def test_what_is_drawn_once_does_not_ask_what_time_it_is_unless_it_is_told():
    sources = {"drawn.html": WHEN, "told.html": WHEN.replace("(day)", "(reading, day)")}
    environment = current_app.jinja_env.overlay(loader=DictLoader(sources), cache_size=-1)
    environment.languages = {}
    with clock.frozen("2026-11-24T07:00+07:00"):
        told = environment.get_template("told.html").module
        assert told.when(templating.reading(), date(2026, 11, 23)) == "kemarin"
        with pytest.raises(RuntimeError, match="not always the same time"):
            environment.get_template("drawn.html").module.when(date(2026, 11, 23))
    with clock.frozen("2026-11-25T07:00+07:00"):
        assert told.when(templating.reading(), date(2026, 11, 23)) == "2 hari lalu"
