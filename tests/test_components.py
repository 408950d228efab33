"""The macros that draw forms and lists: what a person who listens, or works by keyboard, is given."""

import re
from collections.abc import Callable

import pytest
from flask import render_template_string

from pentahelix.blueprints.forms import Form
from pentahelix.blueprints.style.forms import SampleForm
from pentahelix.queries.page import Page

FIELDS = '{% from "_components/fields.html" import post_form, field, actions, post_button, choice_cards %}'
BITS = '{% from "_components/bits.html" import pager, entry, name_cell, sort_header %}'


@pytest.fixture
def draw(app):
    """Draws a piece of a template at an address."""

    def draw(
        piece: str, at: str = "/partners", form: Callable[[], Form] | None = None, **given: object
    ) -> str:
        with app.test_request_context(at):
            return render_template_string(FIELDS + BITS + piece, form=form() if form else None, **given)

    return draw


def attribute(html: str, tag: str, of: str, name: str) -> str:
    """The attribute `name` of the first <tag> that carries `of`."""
    element = re.search(rf"<{tag}\b[^>]*{re.escape(of)}[^>]*>", html)
    assert element, f"no <{tag}> with {of}"
    found = re.search(rf'{name}="([^"]*)"', element[0])
    return found[1] if found else ""


# ---------------------------------------------------------------------------- forms


def test_a_refused_field_is_tied_to_its_hint_and_its_error(draw):
    html = draw("{{ field(form.value) }}", form=SampleForm.refused)
    described = attribute(html, "input", 'id="refused-value"', "aria-describedby").split()
    assert described == ["refused-value-hint", "refused-value-error"]
    assert all(f'id="{name}"' in html for name in described)
    assert attribute(html, "input", 'id="refused-value"', "aria-invalid") == "true"
    assert 'value="empat juta-an"' in html


def test_the_summary_counts_what_is_wrong_and_leads_to_it(draw):
    html = draw("{% call post_form(form) %}{{ field(form.ends) }}{% endcall %}", form=SampleForm.refused)
    assert "Dua isian perlu diperbaiki." in html
    assert 'role="alert" tabindex="-1"' in html
    links = re.findall(r'<li><a href="#([^"]+)"', html)
    assert links == ["refused-ends", "refused-value"]


def test_a_link_to_a_group_leads_to_its_first_choice(draw):
    def unanswered() -> SampleForm:
        form = SampleForm.refused()
        form.helix.errors = ["Wajib diisi."]
        return form

    html = draw("{% call post_form(form) %}{{ field(form.helix) }}{% endcall %}", form=unanswered)
    assert 'href="#refused-helix-0"' in html
    assert 'id="refused-helix-0"' in html


@pytest.mark.parametrize(
    ("made", "begins"),
    [(SampleForm.refused, "Galat: "), (SampleForm.in_conflict, "Galat: "), (SampleForm, "Mitra")],
)
def test_the_title_of_a_refused_form_says_so_first(app, made, begins):
    with app.test_request_context("/partners"):
        page = render_template_string(
            '{% extends "bare.html" %}{% block title %}Mitra{% endblock %}', form=made()
        )
    assert f"<title>{begins}" in page
    assert "Mitra · Pentahelix</title>" in page


def test_a_conflict_shows_both_texts_at_the_field(draw):
    html = draw(
        "{% call post_form(form) %}{{ field(form.decision) }}{% endcall %}", form=SampleForm.in_conflict
    )
    assert "Kraf untuk 500 bungkus pertama." in html
    assert "Kraf berjendela untuk 1.000 bungkus, mulai Januari." in html
    assert attribute(html, "textarea", "conflict-decision", "aria-describedby") == "conflict-decision-theirs"
    assert "Tulisan Anda tetap ada." in html


def test_only_what_may_stay_empty_is_marked(draw):
    assert "(bila perlu)" not in draw("{{ field(form.name) }}", form=SampleForm)
    assert "(bila perlu)" in draw("{{ field(form.decision) }}", form=SampleForm)


def test_the_browser_leaves_checking_to_the_server(draw):
    html = draw("{% call post_form(form) %}{{ field(form.name) }}{% endcall %}", form=SampleForm)
    assert "novalidate" in html
    assert re.search(r"\srequired\b", html.replace("aria-required", "")) is None


def test_fields_of_a_choice_follow_its_card(draw):
    html = draw(
        "{% call(value) choice_cards(form.answer) %}"
        '{% if value == "proposed" %}{{ field(form.ends) }}{% endif %}{% endcall %}',
        form=SampleForm,
    )
    assert html.index("Usulkan waktu lain") < html.index('id="ends"') < html.index("Tidak dapat hadir")


def test_a_button_of_its_own_form_is_named_in_full_and_sent_once(draw):
    html = draw(
        '{{ post_button("/follow-ups/3/done", "Selesai", what="Kirim label", fields={"note": "<b>"}) }}'
    )
    assert attribute(html, "form", "one", "action") == "/follow-ups/3/done"
    assert len(attribute(html, "input", 'name="submission_id"', "value")) == 36
    assert attribute(html, "input", 'name="csrf_token"', "value")
    assert '<span class="sr">: Kirim label</span>' in html
    assert 'value="&lt;b&gt;"' in html


# ---------------------------------------------------------------------------- lists


def test_a_page_of_a_list_says_where_one_is_and_keeps_the_filters(draw):
    page = Page(range(25), 2, 61)
    html = draw('{{ pager(page, "mitra") }}', at="/partners?helix=media&page=2", page=page)
    assert "26–50 dari 61 mitra" in html
    assert 'href="/partners?helix=media&amp;page=3" rel="next"' in html
    assert attribute(html, "a", "page=2", "aria-current") == "page"


def test_a_list_without_end_advises_to_narrow_it_down(draw):
    page = Page(range(25), 40, 1000, total_is_exact=False)
    assert "976–1.000 dari lebih dari 1.000 mitra. Persempit" in draw('{{ pager(page, "mitra") }}', page=page)


def test_an_order_is_announced_and_turned_by_a_second_press(draw):
    html = draw(
        '{{ sort_header("Kontak", "contact", "-contact") }}{{ sort_header("Nama", "name", "-contact") }}'
    )
    assert attribute(html, "th", "aria-sort", "aria-sort") == "descending"
    assert 'href="/partners?sort=contact"' in html
    assert html.count("aria-sort") == 1


def test_names_are_shown_as_they_are_written(draw):
    html = draw(
        '{{ name_cell(name, "/partners/1") }}{{ entry("notes", name, "", "2026-11-24") }}',
        name="<b>Ma'mun & Co",
    )
    assert html.count("&lt;b&gt;Ma&#39;mun &amp; Co") == 2
