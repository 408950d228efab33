"""Who could fill a gap, and what is being done about it."""

from datetime import date

import pytest

from pentahelix import clock as system
from pentahelix.queries.coverage_gaps import begun, candidates
from pentahelix.vocabulary import FollowUpSource, FollowUpStatus, Helix, Regency
from tests import factories as make

pytestmark = pytest.mark.usefixtures("cast")


def test_candidates_are_counted_by_side_and_regency_of_every_cluster(cast, acting_as):
    make.partner(cast.lebak, helix=Helix.MEDIA, area_code="36.02")
    make.partner(helix=Helix.MEDIA, area_code="36.02.14")
    make.partner(helix=Helix.MEDIA, area_code="36.02.14", archived_at=system.now())
    make.partner(helix=Helix.MEDIA, area_code="32.01")
    make.partner(helix=Helix.MEDIA)
    with acting_as(cast.ujang):
        found = candidates()
    assert found == {
        (Helix.INDUSTRY, Regency.LEBAK): 1,
        (Helix.MEDIA, Regency.LEBAK): 2,
        (Helix.MEDIA, Regency.PANDEGLANG): 1,
    }


def test_what_is_being_done_is_the_open_follow_up_that_is_due_first(cast):
    later = make.follow_up(cast.lebak, cast.lilis, partner=cast.kemasindo, due_on=date(2026, 12, 4))
    first = make.follow_up(cast.lebak, cast.lilis, partner=cast.kemasindo, due_on=date(2026, 12, 1))
    make.follow_up(
        cast.lebak,
        cast.lilis,
        partner=cast.kemasindo,
        due_on=date(2026, 11, 1),
        status=FollowUpStatus.CANCELLED,
    )
    found = begun([cast.lebak.id])
    assert {cell: row.follow_up for cell, row in found.items()} == {(cast.lebak.id, Helix.INDUSTRY): first}
    first.archived_at = system.now()
    assert begun([cast.lebak.id])[cast.lebak.id, Helix.INDUSTRY].follow_up == later


def test_what_was_assigned_from_an_empty_cell_counts_for_it(cast):
    given = make.follow_up(cast.lebak, cast.lilis, source_kind=FollowUpSource.CELL, helix=Helix.MEDIA)
    assert begun([cast.lebak.id])[cast.lebak.id, Helix.MEDIA].follow_up == given
    assert begun([cast.pandeglang.id]) == {}


def test_what_is_done_with_a_partner_that_left_counts_for_no_cell(cast, session):
    left = make.partner(helix=Helix.GOVERNMENT)
    make.involvement(cast.lebak, left, since=date(2026, 1, 1), ended_on=date(2026, 6, 1))
    make.follow_up(cast.lebak, cast.lilis, partner=left)
    assert begun([cast.lebak.id]) == {}
