"""What the province has chosen."""

from dataclasses import replace

import pytest
from sqlalchemy import select

from pentahelix.editing import Conflict
from pentahelix.models import Setting
from pentahelix.refusals import Refused
from pentahelix.services import settings
from tests import factories as make

pytestmark = pytest.mark.both_engines


def test_without_a_choice_the_defaults_of_the_rules_hold(session):
    province = settings.province()
    assert (province.at_risk_days, province.late_days, province.alive_days) == (30, 7, 90)
    assert (province.ending_days, province.lapsed_days, province.cold_days) == (90, 30, 90)
    assert (province.upcoming_days, province.snooze_days) == (14, 14)


def test_a_choice_holds_and_the_rest_stays(session):
    settings.edit(replace(settings.province(), cold_days=60), 0)
    assert settings.province() == replace(settings.Province(), cold_days=60, version=1)
    assert session.scalars(select(Setting.key)).all() == ["cold_days"]


def test_a_choice_is_read_in_one_statement_whatever_there_is(session, statements):
    make.setting("cold_days", 60)
    make.setting("something_else", "x")
    session.commit()
    with statements() as ran:
        settings.province()
    assert len(ran) == 1


def test_the_second_of_two_who_choose_is_told(session):
    before = settings.province()
    settings.edit(replace(before, cold_days=60), before.version)
    with pytest.raises(Conflict):
        settings.edit(replace(before, late_days=3), before.version)


def test_at_risk_is_never_earlier_than_ending(session):
    with pytest.raises(Refused):
        settings.edit(replace(settings.province(), at_risk_days=91), 0)
