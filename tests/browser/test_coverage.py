"""The coverage matrix in a real browser: on paper, on a phone, for those who see or hear it otherwise."""

from io import BytesIO

import pytest
from axe_playwright_python.sync_playwright import Axe
from pypdf import PdfReader
from sqlalchemy import select

from pentahelix.models import Cluster
from pentahelix.unit_of_work import write
from pentahelix.vocabulary import Role
from tests import factories as make
from tests.browser.conftest import DESKTOP, PHONE
from tests.provinces import a_province
from tests.sign_in import cookie_of


@pytest.fixture
def kabid(session):
    a_province()
    kabid = make.user(role=Role.KABID, name="Dra. Aminah Fatmawati, M.Pd.")
    session.commit()
    return kabid


@pytest.fixture
def opened(app, browser, server, kabid):
    """`opened(PHONE)`: the matrix, signed in as the Kabid."""
    contexts = []

    def open_at(size, **options):
        context = browser.new_context(viewport=size, base_url=server.address, locale="id-ID", **options)
        contexts.append(context)
        name, value = cookie_of(app, kabid)
        context.add_cookies([{"name": name, "value": value, "url": server.address}])
        page = context.new_page()
        page.goto("/coverage")
        return page

    yield open_at
    for context in contexts:
        context.close()


def test_eight_clusters_print_on_one_page_across(opened):
    page = opened(DESKTOP)
    paper = PdfReader(BytesIO(page.pdf(prefer_css_page_size=True)))
    (sheet,) = paper.pages
    assert sheet.mediabox.width > sheet.mediabox.height
    text = sheet.extract_text()
    for said in ("28 dari 40", "Agrowisata Serang", "Menurut wilayah", "Celah terbesar"):
        assert said in text


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", [PHONE, DESKTOP], ids=["phone", "desktop"])
def test_axe_finds_nothing_to_say(opened, session, size, scheme):
    page = opened(size, color_scheme=scheme, bypass_csp=True)
    first = session.scalars(select(Cluster).order_by(Cluster.id)).first()
    for address in ("/coverage", "/coverage/gaps", f"/coverage/{first.id}/media"):
        page.goto(address)
        found = Axe().run(page).response["violations"]
        assert [(rule["id"], [node["html"] for node in rule["nodes"]]) for rule in found] == []


@pytest.mark.parametrize("width", [320, 390, 640, 1040, 1280])
def test_no_width_scrolls_sideways(opened, width):
    page = opened({"width": width, "height": 700})
    assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_c05_a_long_name_of_the_chosen_cluster_scrolls_nothing_sideways(opened, session):
    # Written from its first statement on: the scheduler writes beside.
    write()
    first = session.scalars(select(Cluster).order_by(Cluster.id)).first()
    first.short_name = "Pengolahan Hasil Pertanian, Perikanan, dan Peternakan Terpadu"
    session.commit()
    page = opened(PHONE)
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]


def test_on_a_phone_the_gaps_come_before_the_matrix(opened):
    page = opened(PHONE)
    gaps, matrix = page.locator(".rank").bounding_box(), page.locator(".matrix").bounding_box()
    assert gaps["y"] < matrix["y"]
    assert all(cell.bounding_box()["height"] >= 48 for cell in page.locator("a.cell, .rank li").all())


def test_the_matrix_stays_a_table_for_those_who_listen(opened):
    page = opened(PHONE)
    rows = page.get_by_role("table", name="Cakupan kemitraan").get_by_role("row")
    assert rows.count() == 10
    assert page.get_by_role("link", name="Olahan Kuliner Lebak, Media: berisiko, habis 12 hari").count() == 1
