""" "Catat kontak": two presses from a partner, corrected and taken back."""

from datetime import date

import pytest
from sqlalchemy import select

from pentahelix.models import ClusterPartner, ContactLog
from pentahelix.vocabulary import Channel
from tests import factories as make
from tests.clients import forms_of, words


@pytest.fixture
def lilis(browser_of, cast):
    return browser_of(cast.lilis)


@pytest.fixture
def page(cast):
    return f"/partners/{cast.kemasindo.id}"


def entries(session):
    return session.scalars(select(ContactLog).order_by(ContactLog.id)).all()


def last_contact(session, cast):
    return session.scalar(
        select(ClusterPartner.last_contact_on).where(ClusterPartner.partner_id == cast.kemasindo.id)
    )


def test_a_press_on_the_channel_saves_with_today_and_nothing_else(lilis, session, cast, page):
    """The first press opened the form on the partner's page; a line is not asked for."""
    shown = lilis.get(page)
    answer = lilis.send(shown, {"channel": "whatsapp"}, form="/log")
    assert answer.status_code == 303
    assert answer.location == page
    entry = entries(session)[0]
    assert (entry.channel, entry.contacted_on, entry.line, entry.contact_id) == (
        Channel.WHATSAPP,
        date(2026, 11, 24),
        None,
        None,
    )
    assert last_contact(session, cast) == date(2026, 11, 24)
    shown = words(lilis.get(page))
    assert "WhatsApp dengan CV Kemasindo Lebak tercatat, hari ini." in shown
    assert "Urungkan" in shown


def test_what_was_noted_is_taken_back_from_the_notice_and_put_back(lilis, session, cast, page):
    lilis.send(lilis.get(page), {"channel": "telephone", "line": "Kabar"}, form="/log")
    entry = entries(session)[0]
    undone = lilis.send(lilis.get(page), form=f"/log/{entry.id}/archive")
    assert undone.status_code == 303
    assert last_contact(session, cast) is None
    shown = lilis.get(page)
    assert "Catatan kontak ditarik kembali." in words(shown)
    assert "Kabar" not in words(shown)
    assert lilis.send(shown, form=f"/log/{entry.id}/restore").status_code == 303
    assert "Kabar" in words(lilis.get(page))


def test_without_a_channel_the_whole_form_asks_for_it_and_keeps_the_line(lilis, session, cast, page):
    answer = lilis.send(
        lilis.get(page), {"line": "Menanyakan stok", "contacted_on": "2026-11-20"}, form="/log"
    )
    assert answer.status_code == 422
    assert entries(session) == []
    fields = forms_of(answer)[-1].fields
    assert (fields["line"], fields["contacted_on"]) == (["Menanyakan stok"], ["2026-11-20"])
    assert lilis.send(answer, {"channel": "visit"}).status_code == 303
    assert entries(session)[0].line == "Menanyakan stok"


def test_a_day_to_come_is_refused_at_its_field(lilis, session, page):
    answer = lilis.fill(f"{page}/log", channel="mail", contacted_on="2026-11-25")
    assert answer.status_code == 422
    assert "Paling lambat hari ini (24 November 2026)." in words(answer)
    assert entries(session) == []


def test_only_people_of_the_partner_are_offered_and_nobody_who_withdrew(lilis, session, cast, page):
    make.affiliation(cast.kemasindo, make.contact(name="Melinda", basis="withdrawn"))
    shown = words(lilis.get(f"{page}/log"))
    assert "Hendrik Sasmita" in shown
    assert "Melinda" not in shown
    assert "Siti" not in shown
    answer = lilis.press(f"{page}/log", channel="mail", contact_id=cast.siti.contact_id)
    assert answer.status_code == 422


def test_an_entry_is_corrected_and_its_person_stays_a_choice_after_leaving(lilis, session, cast, page):
    entry = make.contact_log(cast.lebak, cast.kemasindo, cast.lilis, contact_id=cast.hendrik.contact_id)
    cast.hendrik.ends = date(2026, 11, 23)
    answer = lilis.fill(f"{page}/log/{entry.id}", line="Menanyakan harga", channel="visit")
    assert answer.status_code == 303
    assert (entry.line, entry.channel, entry.contact_id) == (
        "Menanyakan harga",
        Channel.VISIT,
        cast.hendrik.contact_id,
    )


def test_two_who_correct_the_same_entry_see_both_texts(browser_of, cast, page):
    entry = make.contact_log(cast.lebak, cast.kemasindo, cast.lilis)
    first, second = browser_of(cast.lilis), browser_of(cast.lilis)
    mine, theirs = first.get(f"{page}/log/{entry.id}"), second.get(f"{page}/log/{entry.id}")
    assert second.send(theirs, {"line": "Harga naik"}).status_code == 303
    answer = first.send(mine, {"line": "Harga turun"})
    assert answer.status_code == 409
    assert "Tulisan orang lain Harga naik" in words(answer)
    assert 'value="Harga turun"' in answer.text


def test_an_entry_that_was_taken_back_is_read_and_not_changed(lilis, session, cast, page):
    entry = make.contact_log(cast.lebak, cast.kemasindo, cast.lilis, archived_at=make.clock.now())
    shown = lilis.get(f"{page}/log/{entry.id}")
    assert shown.status_code == 200
    assert "Isinya dapat dibaca, tidak dapat diubah." in words(shown)
    assert lilis.press(f"{page}/log/{entry.id}", channel="mail").status_code == 409
    assert lilis.press(f"{page}/log/{entry.id}/archive").status_code == 409


def test_from_a_person_one_comes_back_to_the_person(lilis, session, cast):
    url = f"/contacts/{cast.hendrik.contact_id}"
    answer = lilis.send(lilis.get(url), {"channel": "telephone"}, form="/log")
    assert answer.location == url
    assert entries(session)[0].contact_id == cast.hendrik.contact_id
    assert "Telepon · CV Kemasindo Lebak" in words(lilis.get(url))


def test_in_several_clusters_the_chosen_one_is_meant_and_another_can_be(browser_of, session, cast):
    second = make.cluster(short_name="Anyaman Lebak")
    make.involvement(second, cast.kemasindo)
    both = make.user(cast.lebak, second, chosen_cluster_id=second.id)
    hers = browser_of(both)
    page = f"/partners/{cast.kemasindo.id}"
    hers.send(hers.get(page), {"channel": "mail"}, form="/log")
    hers.fill(f"{page}/log", channel="mail", cluster_id=str(cast.lebak.id))
    assert [entry.cluster_id for entry in entries(session)] == [second.id, cast.lebak.id]


def test_a_double_press_notes_one_contact(lilis, session, page):
    shown = lilis.get(page)
    answers = [lilis.send(shown, {"channel": "visit"}, form="/log") for _ in range(3)]
    assert {answer.location for answer in answers} == {page}
    assert len(entries(session)) == 1


def test_foreign_and_missing_partners_and_entries_look_the_same(lilis, session, cast, page):
    foreign = make.contact_log(cast.pandeglang, cast.badak, cast.ujang)
    own = make.contact_log(cast.lebak, cast.kemasindo, cast.lilis)
    for url in (
        f"/partners/{cast.badak.id}/log",
        "/partners/999999/log",
        f"/partners/{cast.badak.id}/log/{foreign.id}",
        f"{page}/log/{foreign.id}",
        f"{page}/log/999999",
        f"/partners/{cast.badak.id}/log/{own.id}",
    ):
        assert lilis.get(url).status_code == 404
        assert lilis.press(url, channel="mail").status_code == 404
    assert lilis.press(f"{page}/log/{foreign.id}/archive").status_code == 404


def test_an_archived_partner_takes_no_entries(lilis, cast, page):
    cast.kemasindo.archived_at = make.clock.now()
    assert lilis.get(f"{page}/log").status_code == 409
    assert lilis.press(f"{page}/log", channel="mail").status_code == 409


def test_the_log_is_the_coordinators(browser_of, cast, page):
    for user in (cast.aminah, cast.rudi):
        theirs = browser_of(user)
        assert theirs.get(f"{page}/log").status_code == 404
        assert theirs.press(f"{page}/log", channel="mail").status_code == 404
        assert "Catat kontak" not in words(theirs.get(page))


# ── the timeline on the partner's page ──────────────────────────────────────────────────────────────────────


def test_the_history_is_narrowed_and_leafed_through_by_addresses(lilis, session, cast, page):
    for number in range(45):
        make.contact_log(
            cast.lebak, cast.kemasindo, cast.lilis, line=f"Kabar {number}.", contacted_on=date(2026, 11, 23)
        )
    make.meeting(cast.lebak, present=(cast.hendrik,), title="Rapat mutu", decisions="Satu\nDua")
    first = lilis.get(page)
    assert "Rapat mutu" in words(first)
    assert "Rapat: Rapat mutu" not in words(first)
    assert "Hadir Hendrik Sasmita · Keputusan: Satu; Dua" in words(first)
    assert "Lihat 28 riwayat sebelumnya" in words(first)
    logs = lilis.get(f"{page}?kind=log")
    assert "Rapat mutu" not in words(logs)
    assert "Lihat 25 riwayat sebelumnya" in words(logs)
    older = next(part for part in logs.text.split('"') if "before=" in part and "kind=log" in part)
    second = lilis.get(older.replace("&amp;", "&").removesuffix("#history"))
    assert "Kabar 24." in words(second)
    assert "Kabar 25." not in words(second)
    assert "Kembali ke yang terbaru" in words(second)


def test_of_a_crowd_the_history_names_the_first(lilis, session, cast, page):
    crowd = [make.affiliation(cast.kemasindo, make.contact(name=f"Orang {number}")) for number in range(9)]
    make.meeting(cast.lebak, present=tuple(crowd), title="Sosialisasi")
    coming = make.guidance(cast.lebak, topic="Label halal")
    for one in crowd:
        make.invitation(coming, one)
    shown = lilis.get(page)
    assert words(shown).count("dan 4 orang lain") == 2
    assert "Orang 8" not in words(shown).partition("Kerja sama")[0].partition("Riwayat")[2]


@pytest.mark.parametrize("query", ["kind=x", "before=x", "before=20261301T000000000000-1-1", "kind=%00"])
def test_a_broken_address_shows_the_beginning(lilis, page, query):
    assert lilis.get(f"{page}?{query}").status_code == 200


def test_names_and_lines_are_text_wherever_they_stand(lilis, session, cast, page):
    ma_mun = make.affiliation(cast.kemasindo, make.contact(name="Ma'mun <b>Nu'man</b>, S.Pd."))
    make.meeting(
        cast.lebak, present=(ma_mun, cast.hendrik), title="<i>Tajuk</i> & lainnya", decisions="a < b"
    )
    make.contact_log(
        cast.lebak, cast.kemasindo, cast.lilis, contact_id=ma_mun.contact_id, line="<script>1</script>"
    )
    shown = lilis.get(page)
    for told in (
        "Rapat: <i>Tajuk</i> & lainnya",
        "Ma'mun <b>Nu'man</b>, S.Pd.",
        "Keputusan: a < b",
        "<script>1</script>",
        "Telepon dengan Ma'mun <b>Nu'man</b>, S.Pd.",
    ):
        assert told in words(shown)
    assert "<script>1" not in shown.text
    assert "&amp;lt;" not in shown.text
    assert "&amp;#39;" not in shown.text
