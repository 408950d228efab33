"""One search over all nouns: what is found, in which order, and by whom."""

from datetime import date, timedelta

import pytest

from pentahelix import clock
from pentahelix.models import Contact
from pentahelix.queries import search
from pentahelix.vocabulary import AgreementStatus, FollowUpStatus, Helix
from tests import factories as make

pytestmark = pytest.mark.both_engines


def titles(typed: str) -> list[str]:
    return [hit.title for group in search.find(typed) for hit in group.hits]


def nouns(typed: str) -> list[str]:
    return [group.noun for group in search.find(typed)]


@pytest.fixture
def lebak(cast):
    return cast.lebak


# ── every noun ──────────────────────────────────────────────────────────────────────────────────────────────


def test_each_noun_is_found_by_its_name(cast, lebak):
    make.school(lebak, name="SMKN 9 Durian")
    make.product(lebak, name="Dodol Durian")
    partner = make.partner(lebak, name="CV Durian Jaya")
    make.contact(partner, name="Durian Sasmita")
    make.meeting(lebak, partner, title="Rapat durian")
    make.follow_up(lebak, cast.lilis, title="Kirim durian")
    make.agreement(lebak, title="PKS durian")
    make.guidance(lebak, topic="Bimtek durian")
    make.contribution(lebak, partner, title="Durian contoh")
    make.cluster(name="Klaster Durian")
    assert nouns("durian") == [
        "partner",
        "contact",
        "cluster",
        "school",
        "product",
        "meeting",
        "follow_up",
        "agreement",
        "guidance_session",
        "contribution",
    ]


def test_a_hit_tells_what_it_belongs_to(cast, lebak):
    make.affiliation(cast.kemasindo, make.contact(name="Ratna Dewi"), position="Pemasaran")
    (group,) = search.find("ratna")
    assert (group.hits[0].about, group.hits[0].where) == ("Pemasaran", "CV Kemasindo Lebak")
    make.follow_up(lebak, cast.lilis, title="Kirim contoh label", due_on=date(2026, 11, 20))
    (group,) = search.find("contoh label")
    hit = group.hits[0]
    assert (hit.word, hit.day, hit.about) == (FollowUpStatus.NOT_STARTED, date(2026, 11, 20), cast.lilis.name)
    make.meeting(lebak, title="Rapat akses pasar")
    (group,) = search.find("akses pasar")
    assert group.hits[0].moment is not None
    assert clock.now() > group.hits[0].moment
    assert group.hits[0].zone == "Asia/Jakarta"


def test_a_partner_is_found_by_its_district_though_only_the_code_is_kept(cast):
    assert titles("rangkasbitung") == ["CV Kemasindo Lebak"]


def test_what_was_archived_is_not_found(cast, lebak):
    partner = make.partner(lebak, name="CV Durian Jaya")
    assert titles("durian") == ["CV Durian Jaya"]
    partner.archived_at = clock.now()
    assert titles("durian") == []


def test_a_new_name_is_found_and_the_old_one_is_not(cast):
    cast.kemasindo.name = "CV Sampul Lebak"
    assert titles("sampul") == ["CV Sampul Lebak"]
    assert titles("kemasindo") == []


# ── the best first ──────────────────────────────────────────────────────────────────────────────────────────


def test_whoever_is_called_so_comes_before_whoever_is_spoken_of(cast, lebak):
    spoken_of = make.partner(lebak, name="Toko Ciujung", description="Menjual keripik. " * 5)
    begins = make.partner(lebak, name="Keripikita")
    whole = make.partner(lebak, name="UD Sari Keripik Pisang dan Aneka Makanan Ringan Khas Lebak Selatan")
    assert titles("keripik") == [whole.name, begins.name, spoken_of.name]


def test_what_is_found_equally_well_goes_by_its_day_the_latest_first(cast, lebak):
    titles_of = {days: f"Rapat bumbu {days}" for days in (30, 2, 400)}
    for days, title in titles_of.items():
        make.meeting(lebak, title=title, starts_at=clock.now() - timedelta(days=days), notes="bumbu " * days)
        make.follow_up(
            lebak, cast.lilis, title=f"Kirim bumbu {days}", due_on=clock.today() - timedelta(days=days)
        )
    meetings, follow_ups = (group.hits for group in search.find("bumbu"))
    assert [hit.title for hit in meetings] == [titles_of[2], titles_of[30], titles_of[400]]
    assert [hit.title for hit in follow_ups] == ["Kirim bumbu 2", "Kirim bumbu 30", "Kirim bumbu 400"]
    assert search.page_of("meeting", "bumbu", 1).items == meetings


def test_a_noun_that_is_called_so_stands_before_one_in_which_it_is_written(cast, lebak):
    make.partner(lebak, name="Toko Ciujung", description="Tempat menitipkan ranginang.")
    make.product(lebak, name="Ranginang Kencur")
    assert nouns("ranginang") == ["product", "partner"]


def test_of_each_noun_five_are_shown_and_all_are_counted(cast, lebak):
    for number in range(7):
        make.product(lebak, name=f"Opak {number}")
    (group,) = search.find("opak")
    assert len(group.hits) == search.SHOWN
    assert group.total == 7


# ── numbers as people write them ────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    "typed",
    ["0812-3456-7890", "081234567890", "0812 345 678 90", "+62 812 3456 7890", "6281234567890", "0812-3456"],
)
def test_a_mobile_number_is_found_as_people_write_it(cast, typed):
    make.contact(cast.kemasindo, name="Ratna Dewi", phone="+6281234567890", email=None)
    assert titles(typed) == ["Ratna Dewi"]


@pytest.mark.parametrize("typed", ["(0252) 201234", "0252201234", "0252-201-234", "201234"])
def test_a_landline_is_found_with_and_without_its_area(cast, typed):
    cast.kemasindo.phone = "+62252201234"
    assert titles(typed) == ["CV Kemasindo Lebak"]


@pytest.mark.parametrize("typed", ["01.234.567.8-901.000", "0012345678901000", "0012 3456 7890 1000"])
def test_an_npwp_is_found_in_its_old_and_its_new_form(cast, typed):
    cast.kemasindo.npwp = "0012345678901000"
    assert titles(typed) == ["CV Kemasindo Lebak"]


# ── cases ───────────────────────────────────────────────────────────────────────────────────────────────────


def test_c03_names_with_digits_are_found(cast, lebak):
    """ "CV 3 Saudara Jaya" is found by "3 saudara", "Budi 2" by its name."""
    make.contact(make.partner(lebak, name="CV 3 Saudara Jaya"), name="Budi 2")
    assert titles("3 saudara") == ["CV 3 Saudara Jaya"]
    assert titles("budi 2") == ["Budi 2"]


@pytest.mark.parametrize(
    "email", ["pic+smk@example.org", "O'Neil@example.org", "PIC@EXAMPLE.ORG", "a" * 64 + "@example.org"]
)
def test_c34_an_address_is_found_to_the_letter(cast, email):
    """Plus signs, apostrophes, capitals, 64 letters before the @: found whole and by its beginning."""
    make.contact(cast.kemasindo, name="Ratna Dewi", email=email)
    assert titles(email) == ["Ratna Dewi"]
    assert titles(email.split("@")[0]) == ["Ratna Dewi"]


@pytest.mark.parametrize(
    "typed", ["%", "_", "\\", "%%%", "__", "*", "?", "'", '"', ";--", "()", "\x00", "–", " "]
)
def test_c99_signs_find_nothing_rather_than_everything(cast, typed):
    """A sign alone has no meaning; above all it is no wildcard."""
    assert titles(typed) == []


def test_c99_signs_within_words_are_only_signs(cast, lebak):
    """ "50%" finds what says 50, "A_B" what says A and B, not whatever fits a pattern."""
    make.product(lebak, name="Diskon 50% untuk pelanggan")
    make.product(lebak, name="Kotak A_B")
    make.product(lebak, name="Kotak AxB")
    assert titles("50%") == ["Diskon 50% untuk pelanggan"]
    assert titles("A_B") == ["Kotak A_B"]


@pytest.mark.parametrize(
    "typed",
    ["421.5/37-SMKN1 WRG/II/2026", "37-SMKN1", "WRG", "421.5", "wrg/ii", "smkn 1", "421.5/37", "II/2026"],
)
def test_c100_the_number_of_a_document_is_found_whole_and_in_parts(lebak, typed):
    """Dots, slashes and hyphens are signs of the number, not of the engine."""
    make.agreement(lebak, title="PKS produksi", number_first="421.5/37-SMKN1 WRG/II/2026")
    assert titles(typed) == ["PKS produksi"]


@pytest.mark.parametrize(
    "typed",
    [
        "Ma'mun", '"PKS"', "POL-358", "AND", "OR", "NOT", "NEAR(", "NEAR(a b, 5)", "*", "-a", "a", "folded:x",
        "a" * 5000, "a " * 5000, "1" * 5000, "1-" * 5000, "^a", "{a b}", "a & b | !c", "'a':*", "<->", "a:b",
        "\\", "\x00a", "a\x00b", "😀", "é" * 300, "%s", "$1", ":x", "SELECT", "٣", "ﬁ",
    ],
)  # fmt: skip
def test_c100_nothing_that_is_typed_is_an_error(cast, typed):
    """Words of the engines' own languages, signs, letters by the thousand: an answer, mostly an empty one."""
    search.find(typed)


@pytest.mark.parametrize(
    ("name", "typed"),
    [
        ("IA promosi", "IA"),
        ("PKS promosi", "PKS"),
        ("MoU promosi", "MoU"),
        ("Café Ciujung", "cafe"),
        ("Cafe Ciujung", "café"),
        ("Prof. Siti Nur'aini", "nuraini"),
        ("Prof. Siti Nuraini", "nur'aini"),
        ("SMKN 1 Kalanganyar", "smkn1"),
        ("SMKN1 Kalanganyar", "SMKN 1"),
    ],
)
def test_c101_short_words_and_accents_are_found_either_way(lebak, name, typed):
    make.partner(lebak, name=name)
    assert titles(typed) == [name]


def test_c101_a_word_that_is_meant_whole_comes_before_longer_ones(lebak):
    """ "IA" finds the IA before the Iain that begins with it."""
    make.partner(lebak, name="Iain Lestari")
    make.partner(lebak, name="Pelaksana IA")
    assert titles("ia") == ["Pelaksana IA", "Iain Lestari"]


# ── by whom ─────────────────────────────────────────────────────────────────────────────────────────────────


def test_c65_one_finds_what_ones_clusters_hold_and_nothing_else(cast, acting_as):
    """Every noun of two clusters bears the same word; each coordinator finds, and counts, one's own."""
    for cluster, owner in ((cast.lebak, cast.lilis), (cast.pandeglang, cast.ujang)):
        make.school(cluster, name=f"SMKN 9 Durian {cluster.short_name}")
        make.product(cluster, name=f"Dodol Durian {cluster.short_name}")
        partner = make.partner(cluster, name=f"CV Durian {cluster.short_name}", helix=Helix.MEDIA)
        make.contact(partner, name=f"Durian di {cluster.short_name}")
        make.meeting(cluster, partner, title=f"Rapat durian {cluster.short_name}")
        make.follow_up(cluster, owner, title=f"Kirim durian {cluster.short_name}")
        make.agreement(cluster, title=f"PKS durian {cluster.short_name}", status=AgreementStatus.DRAFT)
        make.guidance(cluster, topic=f"Bimtek durian {cluster.short_name}")
        make.contribution(cluster, partner, title=f"Durian dari {cluster.short_name}")
    everybody = search.find("durian")
    assert [group.total for group in everybody] == [2] * 9
    for person, own in ((cast.lilis, cast.lebak.short_name), (cast.ujang, cast.pandeglang.short_name)):
        with acting_as(person):
            groups = search.find("durian")
            assert [group.total for group in groups] == [1] * 9
            assert all(own in hit.title for group in groups for hit in group.hits)
    with acting_as(cast.lilis):
        assert [hit.title for group in search.find("pandeglang") for hit in group.hits] == []


def test_a_contact_is_not_told_to_work_where_one_may_not_look(cast, session, acting_as):
    cast.siti.is_primary = False
    session.flush()
    hendrik = session.get(Contact, cast.hendrik.contact_id)
    make.affiliation(cast.badak, hendrik, position="Penasihat", is_primary=True)
    with acting_as(cast.lilis):
        (group,) = search.find("hendrik")
        assert group.hits[0].where == "CV Kemasindo Lebak"


def test_it_is_one_statement_whatever_there_is(cast, lebak, statements, session):
    with statements() as few:
        search.find("opak")
    for number in range(60):
        make.product(lebak, name=f"Opak {number}")
        make.partner(lebak, name=f"Opak {number}")
    session.flush()
    with statements() as many:
        search.find("opak")
    assert len(few) == len(many) == 1


def test_all_of_a_noun_asks_the_index_of_words_once(cast, lebak, statements):
    """SQLite's planner, left alone, asks it again for each record: ten seconds for 3,500 meetings."""
    with statements() as ran:
        search.page_of("meeting", "rapat", 1)
    assert len(ran) == 2
    assert all(statement.startswith("WITH ranked AS MATERIALIZED") for statement in ran)
