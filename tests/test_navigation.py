"""The bars: who finds what where."""

from urllib.parse import parse_qs, urlsplit

import pytest
from flask import Flask

from pentahelix import navigation
from pentahelix.navigation import Entry, bars_of, same_page
from pentahelix.vocabulary import Role


@pytest.fixture
def house():
    """An application in which every page that the bars know exists."""
    house = Flask(__name__)
    for entry in vars(navigation).values():
        if isinstance(entry, Entry):
            house.add_url_rule(f"/{entry.endpoint.replace('.', '/')}", entry.endpoint, lambda: "")
    return house


def names(entries: tuple[Entry, ...]) -> list[str]:
    return [entry.endpoint for entry in entries]


@pytest.mark.parametrize("role", Role)
def test_a_phone_shows_five_entries_and_each_bar_ends_in_more_where_the_rest_stands(house, role):
    with house.test_request_context("/"):
        bars = bars_of(role)
        phone, more = names(bars.phone), names(bars.more)
        assert len(phone) == 5
        assert phone[-1] == "home.more"
        assert set(names(bars.laptop)) <= {*phone, *more}
        assert not set(more) & set(phone)
        # What neither bar names is a press away on a laptop, too.
        assert names(bars.laptop)[-1] == "home.more"


def test_recording_a_meeting_is_the_one_act_of_a_coordinator(house):
    with house.test_request_context("/"):
        assert [e.endpoint for e in bars_of(Role.COORDINATOR).phone if e.primary] == ["meetings.new"]


def test_an_entry_whose_page_does_not_exist_is_left_out():
    with Flask(__name__).test_request_context("/"):
        assert bars_of(Role.KABID) == navigation.Navigation()


def test_a_list_is_current_on_every_page_of_its_noun_but_an_act_only_on_its_own(house):
    house.add_url_rule("/meetings/1", "meetings.show", lambda: "")
    with house.test_request_context("/meetings/1"):
        assert navigation.MEETINGS.current
        assert not navigation.RECORD_MEETING.current
    with house.test_request_context("/meetings/new"):
        assert navigation.RECORD_MEETING.current


def query(address: str) -> dict[str, list[str]]:
    return parse_qs(urlsplit(address).query)


def test_another_order_keeps_the_filters_and_begins_at_the_first_page():
    with Flask(__name__).test_request_context("/partners?helix=media&helix=industry&page=4"):
        assert query(same_page(sort="-name")) == {"helix": ["media", "industry"], "sort": ["-name"]}


def test_a_filter_is_taken_out_and_nothing_else():
    with Flask(__name__).test_request_context("/partners?q=keripik&helix=media"):
        assert same_page(helix=None) == "/partners?q=keripik"
        assert same_page(helix=None, q=None) == "/partners"


def test_what_the_address_says_of_schemes_and_hosts_is_only_a_query():
    with Flask(__name__).test_request_context("/partners?_scheme=javascript&_external=1&endpoint=x"):
        assert same_page(page=2).startswith("/partners?")
