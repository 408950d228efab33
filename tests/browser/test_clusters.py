"""Clusters and the search in a real browser, as a thumb and a keyboard meet them."""

from datetime import timedelta

import pytest
from playwright.sync_api import expect

from pentahelix import clock
from pentahelix.models import User
from pentahelix.unit_of_work import write
from pentahelix.vocabulary import Helix, MeetingStatus
from tests import factories as make


@pytest.fixture
def world(cast, session):
    # Written from its first statement on: the scheduler may have written since the test last read.
    write()
    school = make.school(cast.lebak, name="SMKN 1 Kalanganyar", district="Kalanganyar")
    make.product(
        cast.lebak, name="Keripik Pisang", price=15_000, unit="pouch 150 g", lead_school_id=school.id
    )
    make.partner(cast.lebak, name="Paguyuban " + "Perajin " * 20, helix=Helix.COMMUNITY)
    ahead = clock.now() + timedelta(days=2)
    make.meeting(cast.lebak, title="Rapat keripik", status=MeetingStatus.PLANNED, starts_at=ahead)
    make.membership(cast.lilis, cast.pandeglang)
    session.commit()
    return cast


def test_another_cluster_is_chosen_in_two_taps_and_one_is_back_where_one_was(
    world, phone, page, person, signed_in, session
):
    signed_in(phone, world.lilis)
    person.open("/products")
    person.start_counting()
    person.tap(page.get_by_role("link", name="pilih klaster lain"))
    person.tap(page.get_by_role("button", name="Olahan Laut Pandeglang"))
    expect(page).to_have_url("/products")
    expect(page.locator(".bar-cluster")).to_contain_text("Olahan Laut Pandeglang")
    assert person.taps == 2
    session.expire_all()
    assert session.get(User, world.lilis.id).chosen_cluster_id == world.pandeglang.id


def test_the_search_is_one_tap_away_with_the_cursor_in_it(world, phone, page, person, signed_in):
    signed_in(phone, world.lilis)
    person.open("/clusters")
    person.tap(page.get_by_role("link", name="Cari", exact=True))
    box = page.get_by_role("searchbox")
    expect(box).to_be_focused()
    page.keyboard.type("kerip")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("2 hasil untuk “kerip”")
    person.tap(page.get_by_role("link", name="Keripik Pisang"))
    expect(page.get_by_role("heading", level=1)).to_have_text("Keripik Pisang")
