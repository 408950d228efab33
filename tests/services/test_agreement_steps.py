"""The steps of an agreement: who takes which, what each asks for, and what it leaves."""

from dataclasses import replace
from datetime import date

import pytest
from sqlalchemy import select

from pentahelix import clock as system
from pentahelix.models import Agreement, AgreementParty, AgreementStep
from pentahelix.refusals import Refused, WrongState
from pentahelix.services import agreement_steps as steps, agreements
from pentahelix.services.agreement_steps import Signatory, SigningWish
from pentahelix.vocabulary import AgreementStatus, MailKind, Role
from tests import factories as make
from tests.outbox import posted
from tests.sign_in import principal_of

pytestmark = pytest.mark.both_engines

TODAY = date(2026, 11, 24)
TOMORROW = date(2026, 11, 25)
STATUS = AgreementStatus


@pytest.fixture
def lilis(cast):
    return principal_of(cast.lilis)


@pytest.fixture
def aminah(cast):
    return principal_of(cast.aminah)


@pytest.fixture
def at(cast):
    """`at(AgreementStatus.DRAFT)`: an agreement of Lebak with Kemasindo that has come so far."""

    def come(status, **values):
        signed = {}
        if status in ("signed", "completed", "renewed", "terminated"):
            signed = {"signed_on": TODAY, "starts_on": TODAY, "ends_on": date(2027, 11, 23)}
        if status == STATUS.TERMINATED:
            signed["terminated_on"] = TODAY
        given = {"partners": (cast.kemasindo,), "status": status} | signed
        return make.agreement(cast.lebak, **given | values)

    return come


def parties(session, agreement):
    rows = select(AgreementParty).where(AgreementParty.agreement_id == agreement.id)
    return list(session.scalars(rows.order_by(AgreementParty.id)))


def signing(session, agreement, **values):
    given = {
        "signed_on": TODAY,
        "starts_on": TODAY,
        "ends_on": date(2027, 11, 23),
        "is_open_ended": False,
        "signatories": tuple(Signatory(party.id, "Siapa saja") for party in parties(session, agreement)),
    }
    return SigningWish(**given | values)


def last_step(session, agreement):
    taken = select(AgreementStep).where(AgreementStep.agreement_id == agreement.id)
    return session.scalars(taken.order_by(AgreementStep.id.desc())).first()


def refused(act, *args):
    with pytest.raises(Refused) as no:
        act(*args)
    return no.value.field


ACTS = {
    "submit": lambda row, by, session: steps.submit(row, by),
    "approve": lambda row, by, session: steps.approve(row, by),
    "send_back": lambda row, by, session: steps.send_back(row, by, "Lengkapi"),
    "sign": lambda row, by, session: steps.record_signing(row, signing(session, row), by),
    "complete": lambda row, by, session: steps.complete(row, by),
    "terminate": lambda row, by, session: steps.terminate(row, TODAY, "Mitra tutup", by),
    "abandon": lambda row, by, session: steps.abandon(row, "Mitra mundur", by),
}
COORDINATOR, KABID = Role.COORDINATOR, Role.KABID
#: (status, step) → who takes it, and where it leads
LEGAL = {
    (STATUS.DRAFT, "submit"): (COORDINATOR, STATUS.IN_DISCUSSION),
    (STATUS.IN_DISCUSSION, "submit"): (COORDINATOR, STATUS.LEGAL_REVIEW),
    (STATUS.LEGAL_REVIEW, "approve"): (KABID, STATUS.AWAITING_SIGNATURE),
    (STATUS.LEGAL_REVIEW, "send_back"): (KABID, STATUS.IN_DISCUSSION),
    (STATUS.AWAITING_SIGNATURE, "sign"): (COORDINATOR, STATUS.SIGNED),
    (STATUS.SIGNED, "complete"): (COORDINATOR, STATUS.COMPLETED),
    (STATUS.SIGNED, "terminate"): (KABID, STATUS.TERMINATED),
    (STATUS.DRAFT, "abandon"): (COORDINATOR, STATUS.ABANDONED),
    (STATUS.IN_DISCUSSION, "abandon"): (COORDINATOR, STATUS.ABANDONED),
    (STATUS.LEGAL_REVIEW, "abandon"): (COORDINATOR, STATUS.ABANDONED),
    (STATUS.AWAITING_SIGNATURE, "abandon"): (COORDINATOR, STATUS.ABANDONED),
}


# ── all of them ─────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("status", list(STATUS))
def test_each_step_follows_its_states_and_is_its_role_s(cast, session, at, status):
    people = {
        role: principal_of(user)
        for role, user in ((COORDINATOR, cast.lilis), (KABID, cast.aminah), (Role.ADMIN, cast.rudi))
    }
    for name, act in ACTS.items():
        whose, to = LEGAL.get((status, name), (None, None))
        for role, by in people.items():
            row = at(status)
            if role == whose:
                act(row, by, session)
                step = last_step(session, row)
                assert row.status == to
                assert (step.from_status, step.to_status) == (status, to)
                assert (step.user_id, step.taken_at) == (by.user_id, system.now())
            else:
                with pytest.raises(WrongState):
                    act(row, by, session)
                assert not session.dirty
                assert last_step(session, row) is None


@pytest.mark.parametrize("status", list(STATUS))
def test_the_buttons_are_the_steps_that_one_may_take(cast, lilis, aminah, at, status):
    row = at(status)
    for by, role in ((lilis, COORDINATOR), (aminah, KABID), (principal_of(cast.rudi), Role.ADMIN)):
        expected = {to for (where, _), (whose, to) in LEGAL.items() if (where, whose) == (status, role)}
        assert set(steps.open_to(row, by)) == expected


@pytest.mark.parametrize(("status", "name"), LEGAL)
def test_an_archived_one_is_restored_before_anything_else(session, lilis, aminah, at, status, name):
    row = at(status, archived_at=system.now())
    by = aminah if LEGAL[status, name][0] == KABID else lilis
    assert steps.open_to(row, by) == ()
    with pytest.raises(WrongState):
        ACTS[name](row, by, session)


def test_each_step_is_taken_in_one_s_own_scope(cast, session, acting_as, lilis, aminah, at):
    row = at(STATUS.DRAFT)
    for name, user, by in (
        ("submit", cast.lilis, lilis),
        ("submit", cast.lilis, lilis),
        ("approve", cast.aminah, aminah),
        ("sign", cast.lilis, lilis),
    ):
        with acting_as(user) as own:
            ACTS[name](own.get_one(Agreement, row.id), by, own)
    assert row.status == STATUS.SIGNED


def test_a_comment_of_blanks_is_none(session, lilis, at):
    row = at(STATUS.DRAFT)
    steps.submit(row, lilis, "  ")
    assert last_step(session, row).comment is None
    steps.submit(row, lilis, " Sudah dibahas. ")
    assert last_step(session, row).comment == "Sudah dibahas."


# ── deciding ────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.fixture
def submitted(session, lilis, at):
    """Lilis submitted it, and is the Kabid since."""
    row = at(STATUS.IN_DISCUSSION)
    steps.submit(row, lilis)
    return row


@pytest.mark.parametrize("name", ["approve", "send_back"])
def test_nobody_decides_about_what_they_submitted(session, lilis, submitted, name):
    promoted = replace(lilis, role=KABID)
    assert steps.open_to(submitted, promoted) == ()
    with pytest.raises(WrongState):
        ACTS[name](submitted, promoted, session)
    assert submitted.status == STATUS.LEGAL_REVIEW
    assert posted(session, MailKind.AGREEMENT) == []


def test_nobody_ends_what_they_submitted(session, lilis, aminah, submitted):
    steps.approve(submitted, aminah)
    steps.record_signing(submitted, signing(session, submitted), lilis)
    promoted = replace(lilis, role=KABID)
    assert steps.open_to(submitted, promoted) == ()
    with pytest.raises(WrongState):
        steps.terminate(submitted, TODAY, "Tidak jalan", promoted)
    steps.terminate(submitted, TODAY, "Tidak jalan", aminah)
    assert submitted.status == STATUS.TERMINATED


def test_who_submitted_it_is_who_did_so_last(cast, session, lilis, aminah, submitted):
    asep = principal_of(make.user(cast.lebak, name="Asep Suhendar"))
    assert steps.submitted_by(submitted) == cast.lilis.id
    steps.send_back(submitted, aminah, "Lengkapi")
    steps.submit(submitted, asep)
    assert steps.submitted_by(submitted) == asep.user_id
    steps.approve(submitted, replace(lilis, role=KABID), "Baik")
    assert last_step(session, submitted).comment == "Baik"


@pytest.mark.parametrize("comment", ["", "   ", None])
def test_what_is_returned_says_what_is_missing(aminah, submitted, comment):
    assert refused(steps.send_back, submitted, aminah, comment) == "comment"
    assert submitted.status == STATUS.LEGAL_REVIEW


# ── signing ─────────────────────────────────────────────────────────────────────────────────────────────────


def test_signing_keeps_the_days_the_numbers_and_who_signed(session, lilis, at):
    row = at(STATUS.AWAITING_SIGNATURE, number_first="421.5/014")
    province, partner = parties(session, row)
    signatories = (
        Signatory(province.id, "Dr. Tati Hartati", "Kepala Dinas", "SK Gubernur 821/2025"),
        Signatory(partner.id, "Hendrik Sasmita", "Direktur"),
    )
    wish = signing(session, row, signatories=signatories, signed_on=date(2026, 11, 20), number_second="7")
    steps.record_signing(row, wish, lilis)
    assert (row.signed_on, row.starts_on, row.ends_on) == (date(2026, 11, 20), TODAY, date(2027, 11, 23))
    assert (row.number_first, row.number_second) == ("421.5/014", "7")
    assert (province.signatory_name, province.signatory_position) == ("Dr. Tati Hartati", "Kepala Dinas")
    assert province.signatory_authority == "SK Gubernur 821/2025"
    assert partner.signatory_name == "Hendrik Sasmita"


def test_numbers_told_at_the_signing_take_the_place_of_earlier_ones(session, lilis, at):
    row = at(STATUS.AWAITING_SIGNATURE, number_first="421.5/014", number_second="7")
    steps.record_signing(row, signing(session, row, number_first="421.5/015", number_second="8"), lilis)
    assert (row.number_first, row.number_second) == ("421.5/015", "8")


@pytest.mark.parametrize(
    ("field", "values"),
    [
        ("signed_on", {"signed_on": TOMORROW}),
        ("ends_on", {"ends_on": date(2026, 11, 23)}),
        ("ends_on", {"ends_on": None}),
        ("ends_on", {"is_open_ended": True}),
        ("signatories", {"signatories": ()}),
        ("signatories", {"signatories": (Signatory(0, "Orang lain"),)}),
    ],
)
def test_c26_what_is_missing_at_the_signing_is_named_at_its_field(session, lilis, at, field, values):
    row = at(STATUS.AWAITING_SIGNATURE)
    assert refused(steps.record_signing, row, signing(session, row, **values), lilis) == field
    assert row.status == STATUS.AWAITING_SIGNATURE
    assert row not in session.dirty


def test_each_side_has_somebody_who_signed_now_or_was_known_before(cast, session, lilis, at):
    second = make.partner(cast.lebak)
    row = at(STATUS.AWAITING_SIGNATURE, partners=(cast.kemasindo, second))
    province, kemasindo, _ = parties(session, row)
    only_partner = signing(session, row, signatories=(Signatory(kemasindo.id, "Hendrik"),))
    assert refused(steps.record_signing, row, only_partner, lilis) == "signatories"
    blank = replace(only_partner, signatories=(*only_partner.signatories, Signatory(province.id, " ")))
    assert refused(steps.record_signing, row, blank, lilis) == "signatories"
    province.signatory_name = "Dr. Tati Hartati"
    session.flush()
    steps.record_signing(row, only_partner, lilis)
    assert row.status == STATUS.SIGNED


def test_without_an_end_is_a_stated_choice(session, lilis, at):
    row = at(STATUS.AWAITING_SIGNATURE, ends_on=date(2027, 1, 1))
    steps.record_signing(row, signing(session, row, ends_on=None, is_open_ended=True), lilis)
    assert (row.ends_on, row.is_open_ended) == (None, True)


# ── what it renews ──────────────────────────────────────────────────────────────────────────────────────────


def through(row, session, lilis, aminah):
    steps.submit(row, lilis)
    steps.submit(row, lilis)
    steps.approve(row, aminah)
    steps.record_signing(row, signing(session, row), lilis)


def test_a_signed_successor_renews_its_predecessor_which_nobody_did(session, lilis, aminah, at):
    row = at(STATUS.SIGNED)
    through(agreements.renew(row, lilis), session, lilis, aminah)
    step = last_step(session, row)
    assert row.status == STATUS.RENEWED
    assert (step.from_status, step.to_status, step.user_id) == (STATUS.SIGNED, STATUS.RENEWED, None)


@pytest.mark.parametrize("ended", ["complete", "terminate"])
def test_a_predecessor_that_was_ended_meanwhile_stays_so(session, lilis, aminah, at, ended):
    row = at(STATUS.SIGNED)
    successor = agreements.renew(row, lilis)
    ACTS[ended](row, aminah if ended == "terminate" else lilis, session)
    status = row.status
    through(successor, session, lilis, aminah)
    assert (row.status, successor.status) == (status, STATUS.SIGNED)


def test_a_predecessor_in_a_cluster_of_others_is_renewed_too(cast, session, acting_as, lilis):
    before = make.agreement(cast.pandeglang, partners=(cast.badak,))
    after = make.agreement(
        cast.lebak,
        partners=(cast.kemasindo,),
        status=STATUS.AWAITING_SIGNATURE,
        renews_id=before.id,
    )
    with acting_as(cast.lilis) as hers:
        mine = hers.get_one(Agreement, after.id)
        steps.record_signing(mine, signing(hers, mine), lilis)
    assert before.status == STATUS.RENEWED


# ── ending ──────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_terminated_one_keeps_the_day_and_the_reason(session, aminah, at):
    row = at(STATUS.SIGNED, starts_on=date(2026, 1, 1))
    steps.terminate(row, date(2026, 11, 1), "Mitra tutup", aminah)
    assert (row.status, row.terminated_on) == (STATUS.TERMINATED, date(2026, 11, 1))
    assert last_step(session, row).comment == "Mitra tutup"


@pytest.mark.parametrize(
    ("field", "on", "reason"),
    [
        ("on", TOMORROW, "Mitra tutup"),
        ("on", date(2025, 12, 31), "Mitra tutup"),
        ("on", date(2026, 11, 24), "Mitra tutup"),
        ("reason", date(2026, 11, 1), " "),
    ],
)
def test_it_ends_on_a_day_of_its_term_that_has_come_and_for_a_reason(at, aminah, field, on, reason):
    row = at(STATUS.SIGNED, starts_on=date(2026, 1, 1), ends_on=date(2026, 11, 23))
    assert refused(steps.terminate, row, on, reason, aminah) == field
    assert (row.status, row.terminated_on) == (STATUS.SIGNED, None)


@pytest.mark.parametrize("on", [date(2026, 1, 1), date(2026, 11, 23)])
def test_the_first_and_the_last_day_of_its_term_are_days_of_it(at, aminah, on):
    row = at(STATUS.SIGNED, starts_on=date(2026, 1, 1), ends_on=date(2026, 11, 23))
    steps.terminate(row, on, "Mitra tutup", aminah)
    assert row.terminated_on == on


def test_what_has_not_begun_is_terminated_since_its_signing(at, aminah):
    row = at(STATUS.SIGNED, signed_on=date(2026, 11, 20), starts_on=TOMORROW)
    assert refused(steps.terminate, row, date(2026, 11, 19), "Mitra tutup", aminah) == "on"
    steps.terminate(row, date(2026, 11, 20), "Mitra tutup", aminah)
    assert row.terminated_on == date(2026, 11, 20)


def test_an_abandoned_one_says_why(session, lilis, at):
    row = at(STATUS.LEGAL_REVIEW)
    assert refused(steps.abandon, row, "", lilis) == "reason"
    steps.abandon(row, "Mitra mundur", lilis)
    assert last_step(session, row).comment == "Mitra mundur"
