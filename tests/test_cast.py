"""The cast, and what a test of a page sees of it."""

import pytest
from flask import g, request_finished
from sqlalchemy import select

from pentahelix.models import AuditEntry, Partner
from tests import factories as make


def signed_in_as(client, address="/healthz"):
    """Who the application thinks is asking."""
    seen = []

    def look(_app, response, **_):
        seen.append(g.get("principal"))

    with request_finished.connected_to(look, client.application):
        client.get(address)
    return seen[0]


def test_everybody_of_the_cast_can_be_signed_in(cast, browser_of):
    for person in (cast.rudi, cast.aminah, cast.lilis, cast.ujang):
        assert signed_in_as(browser_of(person)).name == person.name


def test_a_coordinator_has_the_clusters_of_the_memberships(cast, browser_of):
    assert signed_in_as(browser_of(cast.lilis)).cluster_ids == {cast.lebak.id}


def test_a_visitor_is_nobody(cast, client):
    assert signed_in_as(client) is None


def test_a_request_sees_what_the_test_has_made_and_the_test_what_a_request_has_made(cast, client, session):
    make.partner(cast.lebak, name="Baru")
    assert session.in_transaction()
    client.get("/healthz")
    assert not session.in_transaction()
    assert session.scalar(select(Partner).filter_by(name="Baru")) is not None


def test_what_lilis_does_is_done_in_her_scope_and_in_her_name(cast, acting_as, session):
    with acting_as(cast.lilis) as hers:
        assert hers.get(Partner, cast.badak.id) is None
        hers.get(Partner, cast.kemasindo.id).name = "CV Kemasindo Jaya"
    assert cast.kemasindo.name == "CV Kemasindo Jaya"
    latest = session.scalars(select(AuditEntry).order_by(AuditEntry.id.desc())).first()
    assert (latest.noun, latest.actor_name) == ("partner", cast.lilis.name)


def test_what_lilis_does_in_vain_is_not_kept(cast, acting_as):
    with pytest.raises(ZeroDivisionError), acting_as(cast.lilis) as hers:
        hers.get(Partner, cast.kemasindo.id).name = "CV Kemasindo Jaya"
        hers.flush()
        1 / 0  # noqa: B018
    assert cast.kemasindo.name == "CV Kemasindo Lebak"


def test_statements_are_counted(session, statements):
    with statements() as ran:
        session.scalar(select(Partner.id))
        session.scalar(select(Partner.name))
    assert len(ran) == 2
