"""The pages of reminder rules: of a cluster with their dry run, and of the province."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import func, select

from pentahelix import clock as system
from pentahelix.blueprints.reminders.forms import AFTER, UNITS
from pentahelix.mail.digest_words import TOLD
from pentahelix.models import ClusterPartner, OutboxMessage, Reminder, ReminderRule, Submission
from pentahelix.services import reminder_rules as rules
from pentahelix.services.reminder_rules import Wish
from pentahelix.services.reminding.items import QUESTIONS
from pentahelix.vocabulary import Answer, ReminderKind
from tests import factories as make
from tests.clients import forms_of, words

TEMPLATES = Path(__file__).parents[2] / "templates" / "reminders"
ENDS, QUIET = ReminderKind.AGREEMENT_ENDS, ReminderKind.QUIET_DAYS


@pytest.fixture(autouse=True)
def _begun(session, cast):
    rules.begin()
    session.commit()


@pytest.fixture
def address(cast):
    return f"/clusters/{cast.lebak.id}/reminders"


def fields_of(page):
    (form,) = [form for form in forms_of(page) if "guidance_choice" in form.names]
    return {name: values[0] if isinstance(values, list) else values for name, values in form.fields.items()}


# ── a cluster's ─────────────────────────────────────────────────────────────────────────────────────────────


def test_a_cluster_shows_what_it_inherits(browser_of, cast, address):
    page = browser_of(cast.lilis).get(address)
    assert page.status_code == 200
    assert fields_of(page)["agreement_ends_choice"] == "province"
    assert fields_of(page)["agreement_ends_days"] == "180, 90, 30"
    assert (fields_of(page)["obligation_days"], fields_of(page)["obligation_after"]) == ("30, 7", "1")
    assert "Aturan provinsi: 180, 90, 30" in words(page)


def test_the_coordinator_chooses_for_the_own_cluster_and_goes_back(browser_of, cast, session, address):
    hers = browser_of(cast.lilis)
    answer = hers.fill(
        address, agreement_ends_choice="on", agreement_ends_days="60; 14", quiet_days_choice="off"
    )
    assert (answer.status_code, answer.location) == (303, address)
    session.rollback()
    own = rules.effective(cast.lebak.id)
    assert (own[ENDS].days, own[ENDS].is_own, own[QUIET].is_on) == ((60, 14), True, False)
    assert own[ReminderKind.GUIDANCE].is_own is False
    assert fields_of(hers.get(address))["agreement_ends_choice"] == "on"
    hers.fill(address, agreement_ends_choice="province", quiet_days_choice="province")
    session.rollback()
    again = rules.effective(cast.lebak.id)
    assert (again[ENDS].days, again[ENDS].is_own, again[QUIET].is_on) == ((180, 90, 30), False, True)


def test_days_after_the_due_date_have_their_own_field(browser_of, cast, session, address):
    browser_of(cast.lilis).fill(
        address, obligation_choice="on", obligation_days="14", obligation_after="1, 7"
    )
    session.rollback()
    assert rules.effective(cast.lebak.id)[ReminderKind.OBLIGATION].days == (14, -1, -7)


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ({"agreement_ends_days": "tiga"}, "Tulis bilangan dengan koma"),
        ({"agreement_ends_days": "0"}, "Tulis hari dari 1 sampai 730."),
        ({"agreement_ends_days": ""}, "Tulis sedikitnya satu hari"),
        ({"no_answer_choice": "on", "no_answer_days": "1, 2"}, "Tulis satu bilangan saja."),
        ({"guidance_choice": "kadang"}, "Pilih dari daftar."),
    ],
)
def test_what_makes_no_sense_is_refused_and_kept_as_typed(browser_of, cast, session, address, typed, said):
    hers = browser_of(cast.lilis)
    for path in (address, f"{address}/preview"):
        answer = hers.press(path, fields_of(hers.get(address)) | {"agreement_ends_choice": "on"} | typed)
        assert answer.status_code == 422
        assert said in words(answer)
    session.rollback()
    assert session.scalars(select(ReminderRule).where(ReminderRule.cluster_id.is_not(None))).all() == []


def test_two_people_at_the_same_rules_are_told(browser_of, cast, session, address):
    hers = browser_of(cast.lilis)
    before = fields_of(hers.get(address))
    rules.choose(cast.lebak.id, ENDS, Wish(True, (60,)))
    session.commit()
    answer = hers.press(address, before | {"agreement_ends_choice": "on", "agreement_ends_days": "45"})
    assert answer.status_code == 409
    assert "Orang lain mengubah catatan ini" in words(answer)


def test_who_may(browser_of, cast, address):
    statuses = {
        name: browser_of(getattr(cast, name)).get(address).status_code
        for name in ("rudi", "aminah", "lilis", "ujang")
    }
    assert statuses == {"rudi": 200, "aminah": 404, "lilis": 200, "ujang": 404}
    statuses = {
        name: browser_of(getattr(cast, name)).get("/admin/reminders").status_code
        for name in ("rudi", "aminah", "lilis")
    }
    assert statuses == {"rudi": 200, "aminah": 200, "lilis": 404}


def test_an_archived_cluster_has_rules_no_more(browser_of, cast, session, address):
    cast.lebak.archived_at = system.now()
    session.commit()
    hers = browser_of(cast.lilis)
    assert hers.get(address).status_code == 409
    assert hers.get(f"{address}/preview").status_code == 409


def test_the_cluster_and_the_settings_lead_there(browser_of, cast, address):
    assert address in browser_of(cast.lilis).get(f"/clusters/{cast.lebak.id}").text
    assert address not in browser_of(cast.aminah).get(f"/clusters/{cast.lebak.id}").text
    assert "/admin/reminders" in browser_of(cast.aminah).get("/admin/settings").text


# ── the dry run ─────────────────────────────────────────────────────────────────────────────────────────────


@pytest.fixture
def busy(cast, session):
    """What the coming weeks hold: a session, an end, a late promise, a silent partner, an obligation."""
    starts_at = datetime(2026, 12, 3, 2, tzinfo=UTC)
    guidance = make.guidance(cast.lebak, topic="Kemasan keripik", starts_at=starts_at)
    make.invitation(guidance, cast.hendrik, answer=Answer.ATTENDING, mailed_sequence=0)
    today = system.today()
    ends = make.agreement(
        cast.lebak, partners=(cast.kemasindo,), title="PKS Kemasan", ends_on=today + timedelta(days=40)
    )
    make.obligation(ends, title="Mesin kemas", due_on=today + timedelta(days=8))
    make.follow_up(cast.lebak, cast.lilis, title="Kirim contoh", due_on=today + timedelta(days=3))
    involvement = session.scalars(
        select(ClusterPartner).where(ClusterPartner.cluster_id == cast.lebak.id)
    ).one()
    involvement.since = today - timedelta(days=60)
    session.commit()


def test_a_dry_run_tells_who_is_mailed_on_which_day_and_changes_nothing(
    browser_of, cast, session, busy, address
):
    text = words(browser_of(cast.lilis).get(f"{address}/preview"))
    for told in (
        "Kemasan keripik Bimbingan teknis, 3 hari kerja sebelumnya, pukul 08.00 WIB Hendrik Sasmita",
        "PKS Kemasan Kerja sama berakhir, 30 hari sebelum berakhir Dra. Aminah Fatmawati, M.Pd.; Lilis",
        "Mesin kemas Kewajiban jatuh tempo, 7 hari sebelum tenggat kewajiban Lilis",
        "Kirim contoh Tindak lanjut terlambat, sejak hari itu setiap pagi",
        "Kirim contoh Eskalasi kepada Kabid, terlambat lebih dari 7 hari Dra. Aminah",
        "CV Kemasindo Lebak Mitra mulai dingin, tanpa kontak lebih dari 90 hari Lilis",
    ):
        assert told in text
    session.rollback()
    for entity in (OutboxMessage, Reminder):
        assert session.scalar(select(func.count(entity.id))) == 0


def test_a_dry_run_tries_rules_that_are_not_saved(browser_of, cast, session, busy, address):
    hers = browser_of(cast.lilis)
    before = session.scalar(select(func.count(Submission.id)))
    tried = fields_of(hers.get(address)) | {
        "agreement_ends_choice": "on",
        "agreement_ends_days": "20",
        "guidance_choice": "off",
    }
    answer = hers.press(f"{address}/preview", tried)
    assert answer.status_code == 200
    assert "20 hari sebelum berakhir" in words(answer)
    assert "Kemasan keripik" not in words(answer)
    session.rollback()
    assert not rules.effective(cast.lebak.id)[ENDS].is_own
    assert session.scalar(select(func.count(Submission.id))) == before
    saved = hers.press(address, fields_of(answer))
    assert saved.status_code == 303
    session.rollback()
    assert rules.effective(cast.lebak.id)[ENDS].days == (20,)


def test_a_dry_run_with_nothing_says_so(browser_of, cast, session, address):
    hers = browser_of(cast.lilis)
    for kind in rules.DEFAULTS:
        rules.choose(cast.lebak.id, kind, Wish(False, rules.DEFAULTS[kind]))
    session.commit()
    assert "Tidak ada yang akan dikirim" in words(hers.get(f"{address}/preview"))


def test_a_dry_run_asks_a_fixed_number_of_statements(browser_of, cast, session, busy, address, statements):
    hers = browser_of(cast.lilis)
    with statements() as few:
        hers.get(f"{address}/preview")
    for _ in range(8):
        other = make.affiliation(cast.kemasindo, make.contact())
        guidance = make.guidance(cast.lebak, starts_at=system.now() + timedelta(days=9))
        make.invitation(guidance, other)
        make.follow_up(cast.lebak, cast.lilis)
        make.agreement(cast.lebak, partners=(cast.kemasindo,), ends_on=system.today() + timedelta(days=40))
    session.commit()
    with statements() as many:
        hers.get(f"{address}/preview")
    assert len(few) == len(many) <= 30


def test_every_kind_has_its_rule_its_question_and_its_words():
    """A new kind is told here what it lacks; docs/adding.md says what each of them is for."""
    kinds = set(ReminderKind)
    with_days = kinds - {QUIET}
    letters = {ReminderKind.GUIDANCE, ReminderKind.NO_ANSWER}
    assert set(rules.DEFAULTS) == kinds
    assert set(rules.RANGES) == set(UNITS) == with_days
    assert set(AFTER) == {kind for kind, (least, _most) in rules.RANGES.items() if least < 0}
    assert {*QUESTIONS, *letters, ReminderKind.FOLLOW_UP_LATE} == with_days
    assert set(TOLD) == set(QUESTIONS)
    for page, told in (("_rule.html", kinds), ("preview.html", with_days)):
        source = (TEMPLATES / page).read_text()
        assert [kind for kind in told if f'"{kind}"' not in source] == []


# ── the province's ──────────────────────────────────────────────────────────────────────────────────────────


def test_the_kabid_chooses_for_all_who_have_no_rules_of_their_own(browser_of, cast, session):
    rules.choose(cast.pandeglang.id, ENDS, Wish(True, (10,)))
    session.commit()
    his = browser_of(cast.aminah)
    answer = his.fill("/admin/reminders", agreement_ends_days="120, 60", escalation_choice="off")
    assert (answer.status_code, answer.location) == (303, "/admin/reminders")
    session.rollback()
    lebak, pandeglang = rules.effective(cast.lebak.id), rules.effective(cast.pandeglang.id)
    assert (lebak[ENDS].days, pandeglang[ENDS].days) == ((120, 60), (10,))
    assert not lebak[ReminderKind.ESCALATION].is_on


def test_a_session_shows_its_reminders(browser_of, cast, session):
    guidance = make.guidance(cast.lebak, starts_at=datetime(2026, 12, 3, 2, tzinfo=UTC))
    make.invitation(guidance, cast.hendrik, answer=Answer.ATTENDING)
    session.commit()
    text = words(browser_of(cast.lilis).get(f"/guidance/{guidance.id}"))
    assert "Pengingat" in text
    assert "30 Nov" in text
