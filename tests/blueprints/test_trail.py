"""The pages of the trail: who may read which."""

import pytest

from pentahelix import models as m
from tests import factories as make
from tests.clients import words


def test_the_administrator_reads_the_whole_trail(browser_of, cast, acting_as):
    with acting_as(cast.lilis) as hers:
        hers.get(m.Partner, cast.kemasindo.id).name = "CV Kemasindo Baru"
    page = words(browser_of(cast.rudi).get("/admin/trail?noun=partner&action=changed"))
    assert (
        "Lilis Nurhayati Agustin, S.E. Sel., 24 Nov., 07.00 WIB Mitra: CV Kemasindo Baru Diubah Nama" in page
    )
    assert "sebelumnya: CV Kemasindo Lebak" in page
    assert "menjadi: CV Kemasindo Baru" in page


@pytest.mark.parametrize("who", ["aminah", "lilis"])
def test_the_whole_trail_is_the_administrators(browser_of, cast, who):
    client = browser_of(getattr(cast, who))
    answer = client.get("/admin/trail")
    assert (answer.status_code, words(answer)) == (404, words(client.get("/nowhere")))


@pytest.mark.parametrize("who", ["rudi", "aminah", "lilis"])
def test_a_records_trail_is_read_by_whoever_sees_the_record(browser_of, cast, who):
    client = browser_of(getattr(cast, who))
    page = client.get(f"/trail/partner/{cast.kemasindo.id}")
    assert page.status_code == 200
    assert "Riwayat perubahan CV Kemasindo Lebak" in words(page)
    assert "Perintah operator: test" in words(page)


def test_foreign_missing_and_unknown_look_the_same(browser_of, cast):
    client = browser_of(cast.lilis)
    pages = [
        client.get(f"/trail/{path}")
        for path in (
            f"partner/{cast.badak.id}", "partner/999999", "nothing/1", f"cluster/{cast.pandeglang.id}",
            f"contact/{cast.siti.contact_id}", f"user/{cast.lilis.id}", "setting/1", "sign_in/1",
        )
    ]  # fmt: skip
    assert {page.status_code for page in pages} == {404}
    assert len({words(page) for page in pages}) == 1


def test_the_trail_of_an_account_is_the_administrators(browser_of, cast):
    assert browser_of(cast.rudi).get(f"/trail/user/{cast.lilis.id}").status_code == 200
    assert browser_of(cast.aminah).get(f"/trail/user/{cast.lilis.id}").status_code == 404


def test_an_archived_record_keeps_its_trail(browser_of, cast, session):
    cast.kemasindo.archived_at = make.clock.now()
    page = browser_of(cast.lilis).get(f"/trail/partner/{cast.kemasindo.id}")
    assert "Diarsipkan" in words(page)


@pytest.mark.parametrize(
    "noun", ["cluster", "school", "product", "partner", "contact", "meeting", "follow_up"]
)
def test_every_noun_has_a_page_of_its_trail(browser_of, cast, noun, session):
    made = {
        "cluster": lambda: cast.lebak,
        "school": lambda: make.school(cast.lebak),
        "product": lambda: make.product(cast.lebak),
        "partner": lambda: cast.kemasindo,
        "contact": lambda: session.get_one(m.Contact, cast.hendrik.contact_id),
        "meeting": lambda: make.meeting(cast.lebak, cast.kemasindo, present=(cast.hendrik, cast.lilis)),
        "follow_up": lambda: make.follow_up(cast.lebak, cast.lilis),
    }[noun]()
    page = browser_of(cast.lilis).get(f"/trail/{noun}/{made.id}")
    assert page.status_code == 200
    assert "Dibuat" in words(page)


QUERIES = [
    "before=x",
    "day=besok",
    "day=0001-01-01",
    "who=u:x",
    "who=u:99999999999",
    "noun=%00",
    "action=x",
    "who='",
]


@pytest.mark.parametrize("query", QUERIES)
def test_c71_an_odd_address_shows_the_trail(browser_of, cast, query):
    assert browser_of(cast.rudi).get(f"/admin/trail?{query}").status_code == 200


def test_older_changes_stand_on_the_next_page_with_the_filters_kept(browser_of, cast, session):
    for number in range(60):
        make.tag(name=f"label {number}")
    admin = browser_of(cast.rudi)
    page = admin.get("/admin/trail?noun=tag").text
    link = page.split('class="older" href="')[1].split('"')[0].replace("&amp;", "&")
    assert "noun=tag" in link
    assert "Kembali ke yang terbaru" not in page
    older = admin.get(link)
    assert "label 0" in words(older)
    assert "Lihat perubahan sebelumnya" not in older.text
    assert 'href="/admin/trail?noun=tag#found">Kembali ke yang terbaru' in older.text


def test_only_those_who_did_something_can_be_asked_for(browser_of, cast, acting_as):
    make.user(name="Hanya Tercatat, S.Pd.")
    with acting_as(cast.lilis) as hers:
        hers.get(m.Partner, cast.kemasindo.id).name = "CV Kemasindo Baru"
    page = browser_of(cast.rudi).get("/admin/trail?noun=partner").text
    assert f'<option value="u:{cast.lilis.id}">' in page
    assert "Hanya Tercatat" not in page


def test_an_answer_of_nothing_says_so(browser_of, cast):
    assert "Tidak ada perubahan yang cocok" in words(browser_of(cast.rudi).get("/admin/trail?who=scheduler"))


def test_the_pages_cost_few_statements(browser_of, cast, statements):
    admin = browser_of(cast.rudi)
    for path, most in (("/admin/trail", 8), (f"/trail/partner/{cast.kemasindo.id}", 8)):
        with statements() as ran:
            admin.get(path)
        assert len(ran) <= most
