"""The tests' browser sends a form as a browser would."""

import pytest
from flask import Response

from tests.clients import forms_of, words

PAGE = Response(
    """<!doctype html><title>Judul</title><body class="x"><svg><text>9</text></svg><h1>Mitra &amp; kawan</h1>
    <form method="get" action="/search"><input name="q"></form>
    <form method="post" action="/partners/new">
      <input type="hidden" name="version" value="3">
      <input name="name" value="CV &quot;Maju&quot;">
      <textarea name="notes">
satu
dua</textarea>
      <select name="helix"><option value="industry">DUDI<option value="media" selected>Media</select>
      <select name="district"><option value="">Semua<option value="36.02">Lebak</select>
      <select name="tags" multiple><option value="1" selected>a<option value="2" selected>b</select>
      <input type="checkbox" name="primary" checked><input type="checkbox" name="guest" value="yes">
      <input type="radio" name="mode" value="a"><input type="radio" name="mode" value="b" checked>
      <input name="gone" value="x" disabled><button name="then" value="more">Simpan</button>
    </form><script>var hidden = 1</script></body>"""
)


def test_it_finds_the_forms_of_a_page():
    assert [(form.method, form.action) for form in forms_of(PAGE)] == [
        ("get", "/search"),
        ("post", "/partners/new"),
    ]


@pytest.mark.parametrize(
    ("name", "values"),
    [
        ("version", ["3"]),
        ("name", ['CV "Maju"']),
        ("notes", ["satu\r\ndua"]),
        ("helix", ["media"]),
        ("district", [""]),
        ("tags", ["1", "2"]),
        ("primary", ["on"]),
        ("guest", None),
        ("mode", ["b"]),
        ("gone", None),
        ("then", None),
    ],
)
def test_it_would_send(name, values):
    assert forms_of(PAGE)[1].fields.get(name) == values


def test_it_reads_what_a_person_reads():
    assert words(PAGE).startswith("Mitra & kawan")
    assert "hidden" not in words(PAGE)


def test_a_button_elsewhere_sends_the_form_that_it_names():
    page = Response(
        """<form id="acts" method="post"><input type="hidden" name="csrf_token" value="abc"></form>
        <button form="acts" formaction="/keep/7?a=1&amp;b=2" name="version" value="3">x</button>"""
    )
    shared, pressed = forms_of(page)
    assert (shared.action, shared.fields) == ("", {"csrf_token": ["abc"]})
    assert (pressed.action, pressed.method) == ("/keep/7?a=1&b=2", "post")
    assert pressed.fields == {"csrf_token": ["abc"], "version": ["3"]}
