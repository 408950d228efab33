"""What can be done to partners and their involvements, and what is refused."""

from datetime import date, timedelta

import pytest
from sqlalchemy import select

from pentahelix import clock
from pentahelix.models import ClusterPartner, Partner
from pentahelix.refusals import Refused, WrongState
from pentahelix.services import partners, tags
from pentahelix.services.partners import InvolvementWish, PartnerWish
from pentahelix.vocabulary import Helix, InvolvementRole
from tests import factories as make

pytestmark = pytest.mark.both_engines

TODAY = date(2026, 11, 24)


def _wish(**fields):
    return PartnerWish(**{"name": "Sanggar Batik Cisadane", "helix": Helix.COMMUNITY} | fields)


def _involvement(session, partner, cluster):
    return session.scalars(
        select(ClusterPartner).where(
            ClusterPartner.partner_id == partner.id, ClusterPartner.cluster_id == cluster.id
        )
    ).one()


def _by(user, *clusters):
    from pentahelix.principal import Principal

    return Principal(
        f"u:{user.id}", user.name, user.role, user.id, cluster_ids=frozenset(c.id for c in clusters)
    )


# ── the organisation ────────────────────────────────────────────────────────────────────────────────────────


def test_a_new_partner_is_seen_by_its_maker_at_once(cast, acting_as):
    with acting_as(cast.lilis) as hers:
        made = partners.register(
            _wish(tags=("batik",)), InvolvementWish(cast.lebak.id, InvolvementRole.PROSPECT)
        )
        assert (
            hers.scalars(select(Partner.name).where(Partner.id == made.id)).one() == "Sanggar Batik Cisadane"
        )
        row = _involvement(hers, made, cast.lebak)
        assert (row.role, row.since) == (InvolvementRole.PROSPECT, TODAY)
        assert tags.names_of(made.id) == ["batik"]


def test_a_cluster_out_of_sight_is_no_choice(cast, acting_as):
    with pytest.raises(Refused) as no, acting_as(cast.lilis):
        partners.register(_wish(), InvolvementWish(cast.pandeglang.id))
    assert no.value.field == "cluster_id"


def test_an_involvement_does_not_begin_tomorrow(cast, acting_as):
    with pytest.raises(Refused) as no, acting_as(cast.lilis):
        partners.register(_wish(), InvolvementWish(cast.lebak.id, since=date(2026, 11, 25)))
    assert no.value.field == "since"


def test_an_involvement_may_be_said_to_begin_today(cast, session):
    made = partners.register(_wish(), InvolvementWish(cast.lebak.id, since=TODAY))
    assert _involvement(session, made, cast.lebak).since == TODAY


def test_what_may_be_there_already_is_said_first_and_kept_when_it_is_another_one(cast, session):
    wish = _wish(name="PT Kemasindo Lebak")
    with pytest.raises(Refused) as no:
        partners.register(wish, InvolvementWish(cast.lebak.id))
    assert no.value.field == "as_new"
    made = partners.register(wish, InvolvementWish(cast.lebak.id), as_new=True)
    assert made.id != cast.kemasindo.id


def test_an_edit_keeps_that_a_partner_is_invented(cast, session):
    cast.kemasindo.is_fictitious = True
    partners.edit(cast.kemasindo, _wish(name="CV Kemasindo", helix=Helix.INDUSTRY, tags=("kemasan",)))
    assert (cast.kemasindo.name, cast.kemasindo.is_fictitious) == ("CV Kemasindo", True)
    assert tags.names_of(cast.kemasindo.id) == ["kemasan"]


def test_an_archived_partner_is_not_changed_until_it_is_restored(cast, session):
    partners.archive(cast.kemasindo, _by(cast.lilis, cast.lebak))
    assert cast.kemasindo.is_archived
    row = InvolvementWish(cast.lebak.id)
    for act in (
        lambda: partners.edit(cast.kemasindo, _wish()),
        lambda: partners.archive(cast.kemasindo, _by(cast.lilis, cast.lebak)),
        lambda: partners.end(cast.kemasindo, cast.lebak.id, TODAY),
        lambda: partners.change(cast.kemasindo, row),
        lambda: partners.resume(cast.kemasindo, cast.lebak.id),
    ):
        with pytest.raises(WrongState):
            act()
    partners.restore(cast.kemasindo)
    assert not cast.kemasindo.is_archived


def test_a_coordinator_does_not_archive_what_works_elsewhere_and_is_not_told_where(cast, acting_as, session):
    make.involvement(cast.pandeglang, cast.kemasindo)
    session.commit()
    with pytest.raises(Refused) as no, acting_as(cast.lilis) as hers:
        partners.archive(hers.get_one(Partner, cast.kemasindo.id), _by(cast.lilis, cast.lebak))
    assert no.value.field is None
    assert "Pandeglang" not in str(no.value.message)
    partners.archive(cast.kemasindo, _by(cast.rudi))
    assert cast.kemasindo.is_archived


@pytest.mark.parametrize("elsewhere", [{"ended_on": TODAY - timedelta(days=1)}, None])
def test_an_involvement_that_has_ended_elsewhere_does_not_hinder(cast, session, elsewhere):
    if elsewhere:
        make.involvement(cast.pandeglang, cast.kemasindo, **elsewhere)
    else:
        make.involvement(make.cluster(archived_at=clock.now()), cast.kemasindo)
    partners.archive(cast.kemasindo, _by(cast.lilis, cast.lebak))
    assert cast.kemasindo.is_archived


def _agreement_in_force(cast):
    make.agreement(cast.lebak, partners=(cast.kemasindo,))


def _open_invitation(cast):
    make.invitation(make.guidance(cast.lebak), cast.hendrik)


@pytest.mark.parametrize("stake", [_agreement_in_force, _open_invitation])
def test_something_at_stake_is_said_before_archiving(cast, session, stake):
    stake(cast)
    with pytest.raises(Refused):
        partners.archive(cast.kemasindo, _by(cast.lilis, cast.lebak))
    assert not cast.kemasindo.is_archived
    partners.archive(cast.kemasindo, _by(cast.lilis, cast.lebak), confirmed=True)
    assert cast.kemasindo.is_archived


def test_what_is_over_is_not_at_stake(cast, session):
    make.agreement(cast.lebak, partners=(cast.kemasindo,), ends_on=date(2026, 11, 23))
    make.invitation(make.guidance(cast.lebak, starts_at=clock.now() - timedelta(days=2)), cast.hendrik)
    partners.archive(cast.kemasindo, _by(cast.lilis, cast.lebak))
    assert cast.kemasindo.is_archived


# ── involvements ────────────────────────────────────────────────────────────────────────────────────────────


def test_ending_touches_ones_own_cluster_only(cast, session):
    make.involvement(cast.pandeglang, cast.kemasindo)
    partners.end(cast.kemasindo, cast.lebak.id, TODAY)
    assert _involvement(session, cast.kemasindo, cast.lebak).ended_on == TODAY
    assert _involvement(session, cast.kemasindo, cast.pandeglang).ended_on is None
    with pytest.raises(WrongState):
        partners.end(cast.kemasindo, cast.lebak.id, TODAY)
    partners.resume(cast.kemasindo, cast.lebak.id)
    assert _involvement(session, cast.kemasindo, cast.lebak).ended_on is None


def test_each_partner_has_an_involvement_of_its_own(cast, session):
    other = make.partner(cast.lebak)
    partners.end(other, cast.lebak.id, TODAY)
    assert _involvement(session, other, cast.lebak).ended_on == TODAY
    assert _involvement(session, cast.kemasindo, cast.lebak).ended_on is None
    with pytest.raises(Refused) as no:
        partners.end(cast.badak, cast.lebak.id, TODAY)
    assert no.value.field == "cluster_id"


def test_it_does_not_end_before_it_began(cast, session):
    began = _involvement(session, cast.kemasindo, cast.lebak).since
    with pytest.raises(Refused) as no:
        partners.end(cast.kemasindo, cast.lebak.id, began - timedelta(days=1))
    assert no.value.field == "day"
    partners.end(cast.kemasindo, cast.lebak.id, began)


def test_a_partner_of_others_can_be_involved_and_is_then_in_sight(cast, acting_as):
    with acting_as(cast.lilis) as hers:
        assert hers.get(Partner, cast.badak.id) is None
        partners.involve(cast.badak.id, InvolvementWish(cast.lebak.id))
        assert hers.get(Partner, cast.badak.id) is not None


def test_nobody_involves_a_partner_in_a_cluster_of_others(cast, acting_as):
    with pytest.raises(Refused), acting_as(cast.lilis):
        partners.involve(cast.kemasindo.id, InvolvementWish(cast.pandeglang.id))


def test_involving_again_takes_up_what_had_ended_and_refuses_what_goes_on(cast, session):
    with pytest.raises(Refused) as no:
        partners.involve(cast.kemasindo.id, InvolvementWish(cast.lebak.id))
    assert no.value.field == "cluster_id"
    partners.end(cast.kemasindo, cast.lebak.id, TODAY)
    partners.involve(cast.kemasindo.id, InvolvementWish(cast.lebak.id, InvolvementRole.PROSPECT))
    session.expire_all()
    row = _involvement(session, cast.kemasindo, cast.lebak)
    assert (row.ended_on, row.role) == (None, InvolvementRole.PROSPECT)


def test_role_and_beginning_change(cast, session):
    partners.change(
        cast.kemasindo, InvolvementWish(cast.lebak.id, InvolvementRole.PROSPECT, date(2026, 1, 5))
    )
    row = _involvement(session, cast.kemasindo, cast.lebak)
    assert (row.role, row.since) == (InvolvementRole.PROSPECT, date(2026, 1, 5))
    row.ended_on = date(2026, 6, 1)
    with pytest.raises(Refused) as no:
        partners.change(cast.kemasindo, InvolvementWish(cast.lebak.id, since=date(2026, 6, 2)))
    assert no.value.field == "since"
