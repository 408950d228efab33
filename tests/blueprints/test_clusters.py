"""The pages of clusters, schools and products: who may what, what is kept, what is told."""

import pytest
from sqlalchemy import func, select

from pentahelix import clock
from pentahelix.models import AuditEntry, Cluster, Membership, Product, School, User
from pentahelix.vocabulary import AgreementStatus, Helix, ProductStage, Regency
from tests import factories as make
from tests.clients import forms_of, words

pytestmark = pytest.mark.both_engines

NEW = {"name": "Klaster Teaching Factory Sate Bandeng", "short_name": "Sate Bandeng", "regency": "36.04"}


@pytest.fixture
def rudi(cast, browser_of):
    return browser_of(cast.rudi)


@pytest.fixture
def aminah(cast, browser_of):
    return browser_of(cast.aminah)


@pytest.fixture
def lilis(cast, browser_of):
    return browser_of(cast.lilis)


@pytest.fixture
def school(cast):
    return make.school(cast.lebak, name="SMKN 1 Kalanganyar")


@pytest.fixture
def product(cast, school):
    return make.product(cast.lebak, name="Keripik Pisang", price=15_000, lead_school_id=school.id)


# ── who may ─────────────────────────────────────────────────────────────────────────────────────────────────


def test_everybody_sees_clusters_a_coordinator_only_ones_own(cast, rudi, aminah, lilis):
    for browser in (rudi, aminah):
        shown = words(browser.get("/clusters"))
        assert "2 klaster di 2 kabupaten/kota" in shown
        assert "Olahan Laut Pandeglang" in shown
        assert browser.get(f"/clusters/{cast.pandeglang.id}").status_code == 200
    shown = words(lilis.get("/clusters"))
    assert "1 klaster" in shown
    assert "Pandeglang" not in shown


def test_the_kabid_makes_clusters_and_only_the_admin_changes_them(cast, rudi, aminah, lilis, session):
    for browser in (rudi, aminah):
        assert browser.get("/clusters/new").status_code == 200
    assert lilis.get("/clusters/new").status_code == 404
    answer = aminah.fill("/clusters/new", NEW, begins="2026-07-01", is_pilot="y", cold_after_days="60")
    cluster = session.scalars(select(Cluster).where(Cluster.short_name == "Sate Bandeng")).one()
    assert (answer.status_code, answer.location) == (303, f"/clusters/{cluster.id}")
    assert "Tambahkan sekolah dan koordinatornya" in words(aminah.get(answer.location))
    assert (cluster.regency, cluster.is_pilot, cluster.cold_after_days) == (Regency.SERANG, True, 60)
    for act in ("edit", "archive", "restore"):
        for browser in (aminah, lilis):
            assert browser.press(f"/clusters/{cluster.id}/{act}").status_code == 404
    assert rudi.fill(f"/clusters/{cluster.id}/edit", short_name="Bandeng").status_code == 303
    session.refresh(cluster)
    assert cluster.short_name == "Bandeng"


def test_the_kabid_adds_schools_and_only_the_admin_changes_them(cast, rudi, aminah, lilis, school, session):
    new = f"/clusters/{cast.lebak.id}/schools/new"
    assert lilis.get(new).status_code == 404
    answer = aminah.fill(new, name="SMKN 1 Warunggunung", district_code="36.02.15", npsn="2060 1234")
    made = session.scalars(select(School).where(School.name == "SMKN 1 Warunggunung")).one()
    assert answer.location == f"/schools/{made.id}"
    assert (made.district, made.npsn, made.cluster_id) == ("Warunggunung", "20601234", cast.lebak.id)
    for act in ("edit", "archive", "restore"):
        for browser in (aminah, lilis):
            assert browser.press(f"/schools/{school.id}/{act}").status_code == 404
    assert rudi.fill(f"/schools/{school.id}/edit", role_in_cluster="Pengemasan").status_code == 303
    assert "Pengemasan" in words(lilis.get(f"/schools/{school.id}"))


def test_a_coordinator_keeps_the_products_of_the_own_cluster_and_nobody_else(
    cast, rudi, aminah, lilis, school, session
):
    new = f"/clusters/{cast.lebak.id}/products/new"
    for browser in (rudi, aminah):
        assert browser.get(new).status_code == 404
    assert lilis.get(f"/clusters/{cast.pandeglang.id}/products/new").status_code == 404
    answer = lilis.fill(
        new, name="Opak Ketan", stage="market_test", price="Rp 12.000", unit="kotak 100 g",
        shelf_life_days="45", lead_school_id=str(school.id),
    )  # fmt: skip
    made = session.scalars(select(Product).where(Product.name == "Opak Ketan")).one()
    assert answer.location == f"/products/{made.id}"
    assert (made.stage, made.price, made.shelf_life_days) == (ProductStage.MARKET_TEST, 12_000, 45)
    shown = words(lilis.get(answer.location))
    assert "Rp12.000 per kotak 100 g" in shown
    assert "45 hari" in shown
    for browser in (rudi, aminah):
        assert browser.get(f"/products/{made.id}").status_code == 200
        for act in ("edit", "archive", "restore"):
            assert browser.press(f"/products/{made.id}/{act}").status_code == 404


@pytest.mark.parametrize("act", ["", "/edit", "/archive", "/restore"])
def test_what_is_foreign_looks_like_what_does_not_exist(cast, lilis, act):
    foreign = make.product(cast.pandeglang)
    send = lilis.press if act in ("/archive", "/restore") else lilis.get
    there, nowhere = send(f"/products/{foreign.id}{act}"), send(f"/products/99999{act}")
    assert there.status_code == nowhere.status_code == 404
    assert words(there) == words(nowhere)


def test_foreign_clusters_and_schools_are_not_there(cast, lilis):
    foreign = make.school(cast.pandeglang)
    for address in (
        f"/clusters/{cast.pandeglang.id}",
        f"/schools/{foreign.id}",
        f"/schools?cluster={cast.pandeglang.id}",
        f"/products?cluster={cast.pandeglang.id}",
    ):
        assert lilis.get(address).status_code == 404


def test_whoever_is_signed_out_is_asked_to_sign_in_whether_it_exists_or_not(cast, client):
    for address in (
        "/clusters",
        f"/clusters/{cast.lebak.id}",
        "/clusters/99999",
        "/clusters/choose",
        "/schools",
    ):
        assert client.get(address).status_code == 303
    assert client.press(f"/clusters/{cast.lebak.id}/archive").status_code == 401
    assert client.press("/clusters/choose", cluster_id=cast.lebak.id).status_code == 401


# ── what one types ──────────────────────────────────────────────────────────────────────────────────────────


def test_a_refused_form_says_where_and_keeps_what_was_typed(rudi, session):
    answer = rudi.fill(
        "/clusters/new",
        name="Klaster Baru",
        short_name="",
        regency="",
        begins="31/02/2027",
        cold_after_days="nol",
    )
    assert answer.status_code == 422
    shown = words(answer)
    assert "4 isian perlu diperbaiki" in shown
    assert "Tanggal tidak sah" in shown
    assert "Tulis bilangan bulat" in shown
    assert 'value="Klaster Baru"' in answer.text
    assert 'value="31/02/2027"' in answer.text
    assert session.scalar(select(func.count()).select_from(Cluster)) == 2


def test_a_name_that_is_taken_is_refused_at_its_field(cast, rudi):
    answer = rudi.fill("/clusters/new", {**NEW, "name": cast.lebak.name.upper()})
    assert answer.status_code == 422
    assert "Sudah ada klaster dengan nama ini." in words(answer)


@pytest.mark.parametrize(
    ("npsn", "says"),
    [
        ("2060123", "NPSN terdiri atas 8 angka. Yang Anda tulis 7 angka."),
        ("2060123x", "Tulis dengan angka saja."),
    ],
)
def test_an_npsn_is_checked_and_kept_as_typed(cast, rudi, npsn, says):
    answer = rudi.fill(f"/clusters/{cast.lebak.id}/schools/new", name="SMKN 9", npsn=npsn)
    assert answer.status_code == 422
    assert says in words(answer)
    assert f'value="{npsn}"' in answer.text


def test_lebak_offers_its_28_districts_and_elsewhere_one_writes(cast, rudi, session):
    lebak, pandeglang = (f"/clusters/{c.id}/schools/new" for c in (cast.lebak, cast.pandeglang))
    assert rudi.get(lebak).text.count('<option value="36.02.') == 28
    assert "<select" not in rudi.get(pandeglang).text
    assert rudi.fill(pandeglang, name="SMKN 2", district="Labuan").status_code == 303
    assert rudi.fill(lebak, name="SMKN 3", district_code=None, district="Cikande").status_code == 303
    kept = session.execute(select(School.district_code, School.district).order_by(School.id)).all()
    assert [tuple(row) for row in kept] == [(None, "Labuan"), (None, "Cikande")]
    both = rudi.fill(lebak, name="SMKN 4", district_code="36.02.14", district="Cikande")
    assert both.status_code == 422
    assert "jangan keduanya" in words(both)


def test_a_school_of_a_listed_district_is_edited_without_touching_it(cast, rudi, session):
    made = make.school(cast.lebak, district_code="36.02.14", district="Rangkasbitung")
    assert rudi.fill(f"/schools/{made.id}/edit", role_in_cluster="Gerai").status_code == 303
    session.refresh(made)
    assert (made.district_code, made.district) == ("36.02.14", "Rangkasbitung")


@pytest.mark.parametrize(
    ("noun", "field"), [("clusters", "focus"), ("schools", "role_in_cluster"), ("products", "description")]
)
def test_c75_two_people_at_one_record_lose_nothing(cast, browser_of, school, product, noun, field):
    """The second is told, sees both texts, and may save after comparing."""
    number = {"clusters": cast.lebak, "schools": school, "products": product}[noun].id
    who = cast.lilis if noun == "products" else cast.rudi
    one, other = browser_of(who), browser_of(who)
    mine = one.get(f"/{noun}/{number}/edit")
    assert other.fill(f"/{noun}/{number}/edit", {field: "Tulisan dia"}).status_code == 303
    conflict = one.send(mine, {field: "Tulisan saya"})
    assert conflict.status_code == 409
    assert "Orang lain mengubah catatan ini" in words(conflict)
    assert "Tulisan dia" in words(conflict)
    assert "Tulisan saya" in conflict.text
    assert one.send(conflict).status_code == 303
    assert "Tulisan saya" in words(one.get(f"/{noun}/{number}"))


def test_c73_a_form_sent_twice_makes_one_cluster(rudi, session):
    """The second answer leads to the same record; with other words it asks instead of making another."""
    page = rudi.get("/clusters/new")
    first, second = rudi.send(page, NEW), rudi.send(page, NEW)
    assert first.location == second.location
    changed = rudi.send(page, {**NEW, "short_name": "Lain"})
    assert changed.status_code == 409
    assert "sudah pernah dikirim dengan isi lain" in words(changed)
    assert session.scalar(select(func.count()).where(Cluster.name == NEW["name"])) == 1


def test_c05_the_longest_names_are_taken_whole_or_refused_with_the_limit(cast, rudi, lilis):
    """200 letters are kept and shown everywhere, one more is refused and kept in the field."""
    name = "Klaster " + "x" * 192
    assert rudi.fill("/clusters/new", {**NEW, "name": name}).status_code == 303
    for address in ("/clusters", "/clusters/choose", "/search?q=klaster"):
        assert name in rudi.get(address).text
    refused = rudi.fill("/clusters/new", {**NEW, "name": name + "y"})
    assert refused.status_code == 422
    assert "paling banyak 200 karakter" in words(refused)
    assert name + "y" in refused.text


@pytest.mark.parametrize(
    "address",
    ["/clusters?sort=nonsense", "/clusters?page=-1", "/clusters?page=x", "/clusters?page=999999",
     "/clusters?q=%00", "/clusters?regency=99", "/schools?sort='", "/schools?cluster=abc",
     "/products?stage=%25", "/products?page=1e9", "/clusters/choose?page=x", "/clusters?q=" + "x" * 10_000],
)  # fmt: skip
def test_c71_no_address_shows_our_insides(rudi, address):
    """What is no filter that we know narrows nothing; no page of the engine's is ever seen."""
    assert rudi.get(address).status_code == 200
    assert rudi.get("/clusters/abc").status_code == 404
    assert rudi.post("/clusters").status_code == 405


# ── put away ────────────────────────────────────────────────────────────────────────────────────────────────


def test_an_archived_cluster_is_read_with_a_banner_and_changed_no_more(cast, rudi, lilis, school):
    number = cast.lebak.id
    answer = rudi.press(f"/clusters/{number}/archive")
    assert answer.location == f"/clusters/{number}"
    shown = rudi.get(answer.location)
    assert "Klaster ini diarsipkan 24 November 2026." in words(shown)
    assert f'action="/clusters/{number}/restore"' in shown.text
    assert "Kuliner Lebak" not in words(rudi.get("/search?q=kuliner"))
    assert "Kuliner Lebak" in words(rudi.get("/clusters?status=archived"))
    assert lilis.get(f"/clusters/{number}").status_code == 200
    for address in (f"/clusters/{number}/edit", f"/clusters/{number}/schools/new"):
        assert rudi.get(address).status_code == 409
    assert lilis.get(f"/clusters/{number}/products/new").status_code == 409
    assert rudi.fill(f"/schools/{school.id}/edit", name="Lain").status_code == 409
    assert rudi.press(f"/clusters/{number}/restore").status_code == 303
    assert rudi.get(f"/clusters/{number}/edit").status_code == 200


def test_a_school_and_a_product_come_back_by_undo(cast, rudi, lilis, school, product):
    for browser, noun, number in ((rudi, "schools", school.id), (lilis, "products", product.id)):
        shown = browser.get(browser.press(f"/{noun}/{number}/archive").location)
        assert "diarsipkan" in words(shown)
        assert "Urungkan" in words(shown)
        assert browser.get(f"/{noun}/{number}/edit").status_code == 409
        assert browser.press(f"/{noun}/{number}/restore").status_code == 303
        assert browser.get(f"/{noun}/{number}/edit").status_code == 200


def test_a_button_whose_token_is_stale_is_offered_again(rudi, cast):
    answer = rudi.post(f"/clusters/{cast.lebak.id}/archive", data={"csrf_token": "x"})
    assert answer.status_code == 422
    assert "Tekan tombolnya sekali lagi" in words(answer)


def test_every_change_is_in_the_trail(cast, rudi, session):
    rudi.fill(f"/clusters/{cast.lebak.id}/edit", focus="Keripik")
    entry = session.scalars(select(AuditEntry).order_by(AuditEntry.id.desc())).first()
    assert (entry.noun, entry.object_id, entry.actor_name) == ("cluster", cast.lebak.id, cast.rudi.name)
    page = rudi.get(f"/clusters/{cast.lebak.id}")
    assert f'href="/trail/cluster/{cast.lebak.id}"' in page.text


# ── the page of a cluster ───────────────────────────────────────────────────────────────────────────────────


def test_everything_that_a_cluster_names_is_linked(cast, rudi, lilis, school, product):
    cast.lilis.school_id = school.id
    shown = lilis.get(f"/clusters/{cast.lebak.id}").text
    for address in (
        f"/partners/{cast.kemasindo.id}", f"/schools/{school.id}", f"/products/{product.id}",
        f"/partners/new?cluster={cast.lebak.id}&amp;helix=media",
    ):  # fmt: skip
        assert f'href="{address}"' in shown
    assert f'href="/admin/users/{cast.lilis.id}"' in rudi.get(f"/clusters/{cast.lebak.id}").text
    assert "Cari mitra" not in words(rudi.get(f"/clusters/{cast.lebak.id}"))


def test_a_side_with_more_partners_leads_to_all_of_them(cast, lilis):
    for number in range(6):
        make.partner(cast.lebak, name=f"Media {number}", helix=Helix.MEDIA)
    six = words(lilis.get(f"/clusters/{cast.lebak.id}"))
    assert "Media 5" in six
    assert "Semua 6" not in six
    make.partner(cast.lebak, name="Media 6", helix=Helix.MEDIA)
    shown = lilis.get(f"/clusters/{cast.lebak.id}")
    assert "Semua 7" in words(shown)
    assert f'href="/partners?cluster={cast.lebak.id}&amp;helix=media"' in shown.text


def test_its_page_counts_agreements_and_contributions_and_leads_to_their_lists(cast, lilis):
    address = f"/clusters/{cast.lebak.id}"
    assert "/contributions?cluster=" not in lilis.get(address).text
    make.agreement(cast.lebak, partners=(cast.kemasindo,))
    make.agreement(cast.lebak, cast.pandeglang, partners=(cast.kemasindo,))
    make.agreement(cast.lebak, status=AgreementStatus.DRAFT)
    make.agreement(cast.lebak, archived_at=clock.now())
    make.agreement(cast.lebak, status=AgreementStatus.ABANDONED)
    make.agreement(cast.pandeglang, partners=(cast.badak,))
    make.contribution(cast.lebak, cast.kemasindo)
    make.contribution(cast.pandeglang, cast.badak)
    page = lilis.get(address)
    assert "Kerja sama 2 berlaku, 1 dalam proses" in words(page)
    assert "Kontribusi 1 tercatat" in words(page)
    assert f'href="/agreements?cluster={cast.lebak.id}"' in page.text
    assert f'href="/contributions?cluster={cast.lebak.id}"' in page.text


def test_pages_take_few_statements_whatever_there_is(cast, rudi, statements):
    pages = ["/clusters", f"/clusters/{cast.lebak.id}", "/clusters/choose", "/schools", "/products"]

    def asked() -> dict[str, int]:
        counts = {}
        for page in pages:
            with statements() as ran:
                assert rudi.get(page).status_code == 200
            counts[page] = len(ran)
        return counts

    few = asked()
    for number in range(40):
        make.partner(cast.lebak, name=f"Mitra {number}")
    for _ in range(27):
        make.user(make.cluster())
        make.product(cast.lebak, lead_school_id=make.school(cast.lebak).id)
    assert asked() == few
    assert few.pop(pages[1]) <= 12
    assert max(few.values()) <= 6


# ── the chosen cluster ──────────────────────────────────────────────────────────────────────────────────────


def test_the_choice_is_kept_and_leads_back_to_where_one_was(cast, lilis, session):
    make.membership(cast.lilis, cast.pandeglang)
    page = lilis.get("/clusters/choose?next=/partners")
    assert words(page).count("Teaching Factory") >= 2
    answer = lilis.press("/clusters/choose", cluster_id=cast.pandeglang.id, next="/partners")
    assert (answer.status_code, answer.location) == (303, "/partners")
    assert session.get(User, cast.lilis.id).chosen_cluster_id == cast.pandeglang.id
    there = lilis.get("/partners").text
    assert 'href="/clusters/choose?next=/partners">Olahan Laut Pandeglang<' in there


def test_who_coordinates_one_cluster_is_offered_no_other(lilis):
    for address in ("/partners", "/more"):
        assert "/clusters/choose" not in lilis.get(address).text


@pytest.mark.parametrize(
    "target", ["https://example.org/", "//example.org", "/\\example.org", "javascript:1", "", None]
)
def test_it_never_leads_to_another_site(cast, lilis, target):
    answer = lilis.press(
        "/clusters/choose", {"cluster_id": cast.lebak.id} | ({} if target is None else {"next": target})
    )
    assert answer.location == "/"


def test_one_chooses_only_what_one_may_see(cast, lilis, aminah):
    for wanted in (cast.pandeglang.id, 99999, "x", "", "-1", "9" * 30):
        assert lilis.press("/clusters/choose", cluster_id=wanted).status_code == 404
    assert lilis.press("/clusters/choose").status_code == 422
    assert aminah.press("/clusters/choose", cluster_id=cast.pandeglang.id).status_code == 303
    assert lilis.post("/clusters/choose", data={"cluster_id": cast.lebak.id}).status_code == 422


def test_an_archived_cluster_is_not_chosen(cast, rudi):
    cast.lebak.archived_at = clock.now()
    assert rudi.press("/clusters/choose", cluster_id=cast.lebak.id).status_code == 409
    assert "Kuliner Lebak" not in words(rudi.get("/clusters/choose"))


def test_the_kabid_finds_among_many(cast, aminah):
    for number in range(30):
        make.cluster(name=f"Klaster Kriya {number:02}", short_name=f"Kriya {number:02}")
    first = aminah.get("/clusters/choose")
    assert "1–25 dari 32 klaster" in words(first)
    found = words(aminah.get("/clusters/choose?q=kriya 07"))
    assert "Klaster Kriya 07" in found
    assert "Klaster Kriya 08" not in found


def test_a_coordinator_without_a_cluster_is_told_whom_to_ask(cast, browser_of):
    nobody = browser_of(make.user())
    for address in ("/clusters", "/clusters/choose"):
        assert "Anda belum menjadi anggota klaster" in words(nobody.get(address))
    assert "Belum ada sekolah" in words(nobody.get("/schools"))
    assert "Belum ada produk" in words(nobody.get("/products"))


# ── who coordinates ─────────────────────────────────────────────────────────────────────────────────────────


def test_a_new_cluster_and_each_new_school_lead_on(rudi, session):
    made = rudi.fill(
        "/clusters/new", name="Klaster Baru", short_name="Baru", regency="36.01", begins="2026-11-24"
    )
    said = rudi.get(made.location)
    assert f'href="{made.location}/schools/new">Tambah sekolah</a>' in said.text
    school = rudi.fill(f"{made.location}/schools/new", name="SMKN 9")
    assert f'href="{made.location}/schools/new">Tambah sekolah lain</a>' in rudi.get(school.location).text


def test_the_kabid_adds_a_coordinator_and_only_the_admin_takes_one_away(cast, rudi, aminah, lilis, session):
    page = f"/clusters/{cast.pandeglang.id}/coordinators"
    assert lilis.get(f"/clusters/{cast.lebak.id}/coordinators").status_code == 404
    assert "Lilis Nurhayati" in words(aminah.get(f"{page}?q=lilis"))
    answer = aminah.press(f"{page}/add", user_id=cast.lilis.id)
    assert answer.location == page
    assert "Lilis Nurhayati Agustin kini koordinator klaster ini." in words(aminah.get(page))
    assert lilis.get(f"/clusters/{cast.pandeglang.id}").status_code == 200
    assert aminah.press(f"{page}/remove", user_id=cast.lilis.id).status_code == 404
    assert rudi.press(f"{page}/remove", user_id=cast.lilis.id).status_code == 303
    assert lilis.get(f"/clusters/{cast.pandeglang.id}").status_code == 404
    (undo, *_add) = [form for form in forms_of(rudi.get(page)) if form.action == f"{page}/add"]
    assert undo.fields["user_id"] == [str(cast.lilis.id)]
    rows = session.scalars(select(Membership).where(Membership.user_id == cast.lilis.id)).all()
    assert [row.archived_at is None for row in sorted(rows, key=lambda row: row.id)] == [True, False]


def test_nobody_becomes_coordinator_who_is_none(cast, aminah):
    page = f"/clusters/{cast.lebak.id}/coordinators"
    assert aminah.press(f"{page}/add", user_id=cast.rudi.id).status_code == 409
    for wanted in (99999, "x", ""):
        assert aminah.press(f"{page}/add", user_id=wanted).status_code == 404
