"""The page of the search, as people use it."""

from datetime import date, timedelta

import pytest

from pentahelix import clock
from pentahelix.blueprints.admin.links import PAGES
from pentahelix.blueprints.search import results
from pentahelix.queries import search, trail, trail_words
from pentahelix.search_index import SEARCHED, noun
from pentahelix.vocabulary import Basis
from tests import factories as make
from tests.clients import words

pytestmark = pytest.mark.both_engines


@pytest.fixture
def lilis(cast, browser_of):
    return browser_of(cast.lilis)


def test_what_is_found_has_a_page_a_name_and_words():
    """A new entity is told here what it lacks; docs/adding.md says what each list is for."""
    searched = {noun(entity) for entity in SEARCHED}
    assert searched <= set(PAGES), "blueprints/admin/links.py: where is it read?"
    assert set(PAGES) <= set(trail.NAMES), "queries/trail.py: what is one of them called?"
    assert set(trail.NAMES) <= set(trail_words.NOUNS), "queries/trail_words.py: what is such a thing called?"
    # People who work here are found on the admin's page only.
    assert {noun(each.entity) for each in search.NOUNS} == searched - {"user"}, (
        "queries/search.py: how is it shown?"
    )
    assert set(results.NOUNS) == searched - {"user"}, "blueprints/search/results.py: in which words?"


def test_it_says_what_can_be_searched_before_anything_was_typed(lilis):
    page = lilis.get("/search")
    assert page.status_code == 200
    assert "nomor telepon" in words(page)
    assert "autofocus" in page.text


def test_the_bar_of_every_page_leads_to_it(lilis):
    assert 'href="/search"' in lilis.get("/clusters").text


def test_what_was_found_is_linked_and_grouped_by_noun(cast, lilis):
    make.product(cast.lebak, name="Keripik Kemasindo")
    page = lilis.get("/search?q=kemasindo")
    assert "2 hasil untuk “kemasindo”" in words(page)
    assert f'href="/partners/{cast.kemasindo.id}"' in page.text
    assert "Dunia usaha & industri (DUDI) · Rangkasbitung · Kabupaten Lebak" in words(page)
    assert words(page).index("CV Kemasindo Lebak") < words(page).index("Keripik Kemasindo")


def test_a_hit_says_when_the_word_stands_only_inside(cast, lilis):
    make.meeting(cast.lebak, title="Rapat bulanan", notes="Sepakat memakai kertas kraf.")
    assert "disebut di dalamnya" in words(lilis.get("/search?q=kraf"))
    assert "disebut di dalamnya" not in words(lilis.get("/search?q=bulanan"))


def test_what_is_late_says_so(cast, lilis):
    make.follow_up(cast.lebak, cast.lilis, title="Kirim contoh label", due_on=date(2026, 11, 20))
    assert "Terlambat 4 hari" in words(lilis.get("/search?q=label"))


def test_a_contact_who_withdrew_says_so(cast, lilis, session):
    make.contact(cast.kemasindo, name="Ratna Dewi", basis=Basis.WITHDRAWN, basis_since=clock.today())
    assert "Persetujuan ditarik" in words(lilis.get("/search?q=ratna"))


def test_an_agreement_is_found_by_its_numbers_and_a_contribution_by_its_title(cast, lilis):
    pks = make.agreement(
        cast.lebak,
        title="PKS produksi",
        number_first="421.5/37-SMKN1 WRG/II/2026",
        number_second="07/KMS/2026",
    )
    given = make.contribution(cast.lebak, cast.kemasindo, title="Desain label keripik")
    for typed in ("37-SMKN1", "07/KMS"):
        page = lilis.get(f"/search?q={typed}")
        assert "421.5/37-SMKN1 WRG/II/2026 · Ditandatangani" in words(page)
        assert f'href="/agreements/{pks.id}"' in page.text
    make.agreement(cast.lebak, title="PKS konsinyasi", ends_on=clock.today() - timedelta(days=1))
    assert "Kedaluwarsa · sampai" in words(lilis.get("/search?q=konsinyasi"))
    page = lilis.get("/search?q=label")
    assert "CV Kemasindo Lebak · Diusulkan · Kuliner Lebak" in words(page)
    assert f'href="/contributions/{given.id}"' in page.text


def test_the_rest_of_a_noun_stands_in_its_list_under_the_same_words(cast, lilis):
    for number in range(7):
        make.product(cast.lebak, name=f"Opak {number}")
    page = lilis.get("/search?q=opak")
    assert "Semua 7" in words(page)
    assert 'href="/products?q=opak"' in page.text
    assert words(lilis.get("/products?q=opak")).count("Opak") == 7


def test_a_noun_without_such_a_list_is_leafed_through_here(cast, lilis):
    for number in range(30):
        make.follow_up(cast.lebak, cast.lilis, title=f"Kirim opak {number:02}")
    assert "/search?q=opak&amp;noun=follow_up" in lilis.get("/search?q=opak").text
    first = words(lilis.get("/search?q=opak&noun=follow_up"))
    second = words(lilis.get("/search?q=opak&noun=follow_up&page=2"))
    assert "1–25 dari 30 hasil" in first
    assert first.count("Kirim opak") + second.count("Kirim opak") == 30
    assert words(lilis.get("/search?q=opak&noun=follow_up&page=999")) == second


def test_nothing_found_is_said_kindly_with_a_way_on(cast, lilis, browser_of):
    page = lilis.get("/search?q=zzzz")
    assert "Belum ada yang bernama atau memuat itu" in words(page)
    assert 'href="/partners/new?name=zzzz"' in page.text
    assert 'href="/partners"' in browser_of(cast.aminah).get("/search?q=zzzz").text


def test_whoever_is_signed_out_is_asked_to_sign_in(cast, client):
    answer = client.get("/search?q=kemasindo")
    assert answer.status_code == 303
    assert answer.location.startswith("/sign-in")


def test_c65_nothing_foreign_is_found(cast, lilis):
    """Neither the partner, nor the person, nor the number of hits tells that there is another cluster."""
    for typed in ("badak", "siti", "pandeglang", "radio"):
        assert "Tidak ada hasil" in words(lilis.get(f"/search?q={typed}"))
    assert lilis.get("/search?q=siti&noun=contact").text.count("Siti") == 0


@pytest.mark.parametrize(
    "query",
    ["q='", 'q="', "q=%00", "q=%ff%fe", "q=" + "x" * 10_000, "q=a&noun=nothing", "q=a&page=-1", "q=a&page=x",
     "q=a&noun=partner&page=-1", "q=a&noun=partner&page=x", "q=%25", "q=AND", "q=NEAR(", "q=*", "noun=user",
     "q=a&q=b", "q[]=a", "q=%F0%9F%98%80", "q=%0d%0aSet-Cookie:x"],
)  # fmt: skip
def test_c71_c99_c100_no_address_is_an_error(lilis, query):
    """Quotes, zero bytes, broken UTF-8, ten thousand letters, words of the engines: a page in Indonesian."""
    page = lilis.get(f"/search?{query}")
    assert page.status_code == 200
    assert 'lang="id"' in page.text
    assert not {"sqlite", "psycopg", "Traceback", "fts5", "tsquery"} & set(page.text.split())


def test_typed_text_is_never_markup(lilis):
    assert "<script>alert" not in lilis.get("/search?q=<script>alert(1)</script>").text


def test_the_page_takes_three_statements_whatever_there_is(cast, lilis, statements):
    with statements() as few:
        lilis.get("/search?q=opak")
    for number in range(40):
        make.product(cast.lebak, name=f"Opak {number}")
        make.partner(cast.lebak, name=f"Opak {number}")
    with statements() as many:
        assert "80 hasil" in words(lilis.get("/search?q=opak"))
    assert len(few) == len(many) == 3
