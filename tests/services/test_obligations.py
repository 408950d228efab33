"""Obligations: who owes what until when, and what is kept when it is done."""

from datetime import date, timedelta

import pytest

from pentahelix import clock as system
from pentahelix.refusals import Refused, WrongState
from pentahelix.services import obligations
from pentahelix.services.obligations import ObligationWish
from pentahelix.vocabulary import AgreementStatus, ContributionKind, ObligationStatus, PartySide
from tests import factories as make

pytestmark = pytest.mark.both_engines

TODAY = date(2026, 11, 24)
TOMORROW = date(2026, 11, 25)
REPORT = ObligationWish("Laporan semester", PartySide.SECOND, date(2026, 12, 31))


@pytest.fixture
def agreement(cast):
    return make.agreement(cast.lebak, partners=(cast.kemasindo,))


@pytest.fixture
def report(agreement):
    return make.obligation(agreement, title="Laporan semester")


def test_one_says_which_side_owes_what_until_when(agreement):
    wish = ObligationWish(
        "Dua kali guru tamu", PartySide.SECOND, TOMORROW, ContributionKind.GUEST_TEACHER, "Semester genap"
    )
    made = obligations.add(agreement, wish)
    assert (made.agreement_id, made.status) == (agreement.id, ObligationStatus.NOT_STARTED)
    assert ObligationWish(made.title, made.side, made.due_on, made.kind, made.note) == wish


def test_only_its_own_agreement_says_what_it_still_allows(cast, report):
    make.agreement(cast.lebak, partners=(cast.kemasindo,), status=AgreementStatus.ABANDONED)
    obligations.mark(report, ObligationStatus.PARTIAL, None)
    assert report.status == ObligationStatus.PARTIAL


def test_it_is_edited_in_one_s_own_scope(cast, session, acting_as, report):
    wish = ObligationWish("Laporan akhir", PartySide.FIRST, TOMORROW)
    with acting_as(cast.lilis) as hers:
        obligations.edit(hers.get_one(type(report), report.id), wish)
    session.refresh(report)
    assert (report.title, report.side, report.due_on) == ("Laporan akhir", PartySide.FIRST, TOMORROW)


def test_fulfilled_keeps_the_day_which_is_today_unless_said(report):
    obligations.mark(report, ObligationStatus.FULFILLED, None)
    assert (report.status, report.fulfilled_on) == (ObligationStatus.FULFILLED, TODAY)
    obligations.mark(report, ObligationStatus.FULFILLED, date(2026, 11, 20))
    assert report.fulfilled_on == date(2026, 11, 20)


@pytest.mark.parametrize("status", [ObligationStatus.PARTIAL, ObligationStatus.NOT_STARTED])
def test_what_is_not_all_done_has_no_such_day(report, status):
    obligations.mark(report, ObligationStatus.FULFILLED, TODAY)
    obligations.mark(report, status, TODAY)
    assert (report.status, report.fulfilled_on) == (status, None)


def test_nothing_is_fulfilled_tomorrow(report):
    with pytest.raises(Refused) as no:
        obligations.mark(report, ObligationStatus.FULFILLED, TOMORROW)
    assert (no.value.field, report.status) == ("on", ObligationStatus.NOT_STARTED)


def test_today_is_the_province_s(report, clock):
    # In UTC it is still the day before.
    clock.set("2026-11-25T06:00+07:00")
    obligations.mark(report, ObligationStatus.FULFILLED, TOMORROW)
    assert report.fulfilled_on == TOMORROW


@pytest.mark.parametrize("status", list(ObligationStatus))
@pytest.mark.parametrize("days", [-1, 0, 1])
def test_late_is_what_is_not_fulfilled_after_its_day(agreement, status, days):
    done = TODAY if status == ObligationStatus.FULFILLED else None
    row = make.obligation(agreement, status=status, fulfilled_on=done, due_on=TODAY + timedelta(days=days))
    assert obligations.is_late(row, TODAY) is (days == -1 and status != ObligationStatus.FULFILLED)


ACTS = {
    "add": lambda row, agreement: obligations.add(agreement, REPORT),
    "edit": lambda row, agreement: obligations.edit(row, REPORT),
    "mark": lambda row, agreement: obligations.mark(row, ObligationStatus.PARTIAL, None),
    "archive": lambda row, agreement: obligations.archive(row),
}


@pytest.mark.parametrize("name", ["add", "edit", "mark"])
def test_an_abandoned_agreement_obliges_nobody(cast, name):
    agreement = make.agreement(cast.lebak, status=AgreementStatus.ABANDONED)
    with pytest.raises(WrongState):
        ACTS[name](make.obligation(agreement), agreement)


@pytest.mark.parametrize("name", ACTS)
def test_an_archived_agreement_is_restored_before_anything_else(cast, name):
    agreement = make.agreement(cast.lebak, archived_at=system.now())
    with pytest.raises(WrongState):
        ACTS[name](make.obligation(agreement), agreement)


@pytest.mark.parametrize("name", ["edit", "mark", "archive"])
def test_an_archived_obligation_is_restored_before_anything_else(agreement, name):
    row = make.obligation(agreement, archived_at=system.now())
    with pytest.raises(WrongState):
        ACTS[name](row, agreement)
    obligations.restore(row)
    ACTS[name](row, agreement)
