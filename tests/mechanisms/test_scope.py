"""Row scope: no read and no write gets past it, whatever its shape (the leak table)."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import exists, func, insert, literal, select, text, union_all, update
from sqlalchemy.orm import Session, aliased, joinedload, selectinload

from pentahelix import audit, clock, models as m, scope
from pentahelix.extensions import Entity, db
from pentahelix.paths import OF_CONTACT, OF_INVITATION, PATHS, UNSCOPED
from pentahelix.scope import ALL, SCOPE, Clusters, OfContact, OfInvitation, OutOfScope, everything
from pentahelix.vocabulary import AgreementStatus, Answer
from tests import factories as make
from tests.cast import Cast

pytestmark = pytest.mark.both_engines


@pytest.fixture
def world(cast: Cast) -> Cast:
    """The same of everything on both sides of the fence."""
    for cluster, partner, affiliation, user in (
        (cast.lebak, cast.kemasindo, cast.hendrik, cast.lilis),
        (cast.pandeglang, cast.badak, cast.siti, cast.ujang),
    ):
        make.school(cluster)
        make.product(cluster)
        meeting = make.meeting(cluster)
        db.session.add_all(
            [
                m.MeetingPartner(meeting_id=meeting.id, partner_id=partner.id),
                m.Attendance(meeting_id=meeting.id, affiliation_id=affiliation.id),
            ]
        )
        make.follow_up(cluster, user, partner=partner)
    db.session.commit()
    return cast


@pytest.fixture
def of_lebak(world: Cast) -> Iterator[Session]:
    """A session that sees Lebak, on a connection of its own."""
    session = Session(bind=db.engine, info={SCOPE: Clusters(frozenset({world.lebak.id}))})
    yield session
    session.close()


def _names(rows: Any) -> set[str]:
    return {str(row) for row in rows}


_other = aliased(m.Partner)

READS: dict[str, Callable[[Session], Any]] = {
    "entity": lambda s: [row.name for row in s.scalars(select(m.Partner))],
    "column": lambda s: s.scalars(select(m.Partner.name)),
    "alias": lambda s: s.scalars(select(aliased(m.Partner).name)),
    "join": lambda s: s.scalars(
        select(m.Partner.name).join(m.ClusterPartner, m.ClusterPartner.partner_id == m.Partner.id)
    ),
    "joined alias": lambda s: s.scalars(select(_other.name).select_from(m.User).join(_other, literal(True))),
    "alias joined to its own entity": lambda s: s.scalars(
        select(_other.name).select_from(m.Partner).join(_other, literal(True))
    ),
    "alias joined from outside": lambda s: filter(
        None, s.scalars(select(_other.name).select_from(m.Partner).outerjoin(_other, literal(True)))
    ),
    "join from an unscoped entity": lambda s: s.scalars(
        select(m.Partner.name)
        .select_from(m.User)
        .join(m.FollowUp, m.FollowUp.owner_user_id == m.User.id)
        .join(m.Partner, m.Partner.id == m.FollowUp.partner_id)
    ),
    "subquery": lambda s: s.scalars(select(select(m.Partner.name).subquery().c.name)),
    "cte": lambda s: s.scalars(select(select(m.Partner.name).cte().c.name)),
    "union all": lambda s: s.scalars(
        union_all(select(m.Partner.name), select(m.Partner.name).where(literal(True)))
    ),
    "in": lambda s: s.scalars(
        select(m.Partner.name).where(m.Partner.id.in_(select(m.ClusterPartner.partner_id)))
    ),
    "scalar subquery": lambda s: s.scalars(
        select(
            select(func.max(m.Partner.name)).where(m.Partner.id == m.FollowUp.partner_id).scalar_subquery()
        ).select_from(m.FollowUp)
    ),
    "lazy by selectin": lambda s: [
        involvement.partner.name
        for cluster in s.scalars(
            select(m.Cluster).options(
                selectinload(m.Cluster.involvements).selectinload(m.ClusterPartner.partner)
            )
        )
        for involvement in cluster.involvements
    ],
    "joined eager": lambda s: [
        row.partner.name
        for row in s.scalars(select(m.ClusterPartner).options(joinedload(m.ClusterPartner.partner)))
    ],
}


@pytest.mark.parametrize("read", READS.values(), ids=READS)
def test_a_coordinator_reads_only_what_hangs_on_their_clusters(
    of_lebak: Session, world: Cast, read: Callable[[Session], Any]
) -> None:
    assert _names(read(of_lebak)) == {world.kemasindo.name}


def test_counts_and_exists_are_narrowed_too(of_lebak: Session, world: Cast) -> None:
    assert of_lebak.scalar(select(func.count()).select_from(m.Partner)) == 1
    there = exists().where(m.Partner.id == world.badak.id)
    assert of_lebak.scalars(select(m.Cluster.id).where(there)).all() == []
    assert of_lebak.scalars(select(m.Cluster.id).where(~there)).all() == [world.lebak.id]


def test_get_of_a_foreign_row_finds_nothing(of_lebak: Session, world: Cast) -> None:
    assert of_lebak.get(m.Partner, world.badak.id) is None
    assert of_lebak.get(m.Partner, world.kemasindo.id) is not None


@pytest.mark.parametrize(
    "entity",
    [m.Cluster, m.School, m.Product, m.Partner, m.Contact, m.Affiliation, m.ClusterPartner]
    + [m.Meeting, m.MeetingPartner, m.Attendance, m.FollowUp],
)
def test_each_entity_with_rows_on_both_sides_shows_one_side(of_lebak: Session, entity: type[Entity]) -> None:
    assert of_lebak.scalar(select(func.count()).select_from(entity)) == 1
    with Session(bind=db.engine, info={SCOPE: ALL}) as everybody:
        assert everybody.scalar(select(func.count()).select_from(entity)) == 2


def test_every_entity_is_either_scoped_or_said_to_be_unscoped() -> None:
    mapped = {mapper.class_ for mapper in Entity.registry.mappers}
    assert mapped == set(PATHS) | UNSCOPED
    assert not set(PATHS) & UNSCOPED


@pytest.mark.parametrize("entity", PATHS, ids=lambda entity: entity.__name__)
def test_each_path_is_a_statement_that_both_engines_understand(
    of_lebak: Session, entity: type[Entity]
) -> None:
    of_lebak.execute(select(entity).limit(1)).all()


def test_a_session_without_a_scope_may_not_ask_for_a_scoped_entity(world: Cast) -> None:
    with Session(bind=db.engine) as nobody:
        assert nobody.scalar(select(func.count()).select_from(m.User))
        with pytest.raises(OutOfScope):
            nobody.scalars(select(m.Partner)).all()


@pytest.mark.parametrize("statement", [text("SELECT 1"), select(m.Partner.__table__.c.id)])
def test_core_and_text_statements_are_refused_on_a_scoped_session(of_lebak: Session, statement: Any) -> None:
    with pytest.raises(OutOfScope):
        of_lebak.execute(statement)


def test_a_scope_is_set_once(of_lebak: Session) -> None:
    with pytest.raises(OutOfScope):
        scope.set_scope(of_lebak, ALL)


def _write_a_foreign_meeting(session: Session, world: Cast) -> None:
    session.add(
        m.Meeting(cluster_id=world.pandeglang.id, title="x", starts_at=clock.now(), received_at=clock.now())
    )


def _move_a_meeting_away(session: Session, world: Cast) -> None:
    session.scalars(select(m.Meeting)).one().cluster_id = world.pandeglang.id


def _attend_a_foreign_meeting(session: Session, world: Cast) -> None:
    foreign = max(db.session.scalars(select(m.Meeting.id)).all())
    session.add(m.Attendance(meeting_id=foreign, guest_name="x"))


def _involve_an_unseen_partner(session: Session, world: Cast) -> None:
    session.add(
        m.ClusterPartner(cluster_id=world.lebak.id, partner_id=world.badak.id, since=clock.now().date())
    )


def _employ_an_unseen_contact(session: Session, world: Cast) -> None:
    session.add(m.Affiliation(contact_id=world.siti.contact_id, partner_id=world.kemasindo.id))


def _make_a_partner_of_nobody(session: Session, world: Cast) -> None:
    session.add(m.Partner(name="x", helix="media"))


@pytest.mark.parametrize(
    "write",
    [
        _write_a_foreign_meeting,
        _move_a_meeting_away,
        _attend_a_foreign_meeting,
        _involve_an_unseen_partner,
        _employ_an_unseen_contact,
        _make_a_partner_of_nobody,
    ],
)
def test_a_write_outside_the_scope_is_refused(
    of_lebak: Session, world: Cast, write: Callable[[Session, Cast], None]
) -> None:
    # What the test's own session has read holds no transaction open while the other one writes.
    ids = (world.lebak.id, world.pandeglang.id, world.badak.id, world.kemasindo.id, world.siti.contact_id)
    assert all(ids)
    write(of_lebak, world)
    with pytest.raises(OutOfScope):
        of_lebak.flush()


def test_a_new_partner_may_be_linked_to_ones_own_cluster_in_the_same_flush(
    of_lebak: Session, world: Cast
) -> None:
    partner = m.Partner(name="CV Baru", helix="industry")
    of_lebak.add(partner)
    of_lebak.add(m.ClusterPartner(cluster_id=world.lebak.id, partner=partner, since=clock.now().date()))
    of_lebak.flush()
    assert of_lebak.get(m.Partner, partner.id) is partner


# ---------------------------------------------------------------------------- who was invited


@pytest.fixture
def invited(world: Cast) -> dict[str, int]:
    """Hendrik and two others at one session, Hendrik alone at a second one, Siti at one elsewhere."""
    colleague = make.affiliation(world.kemasindo)
    of_another_partner = make.affiliation(make.partner(world.lebak), begins=None)
    first, second = make.guidance(world.lebak), make.guidance(world.lebak)
    elsewhere = make.guidance(world.pandeglang)
    school = make.school(world.lebak)
    db.session.add(m.GuidanceSchool(guidance_id=first.id, school_id=school.id))
    rows = {
        "his": make.invitation(first, world.hendrik),
        "colleague's": make.invitation(first, colleague),
        "stranger's": make.invitation(first, of_another_partner),
        "his other": make.invitation(second, world.hendrik),
        "elsewhere": make.invitation(elsewhere, world.siti),
    }
    for row in rows.values():
        db.session.add(
            m.InvitationAnswer(
                invitation_id=row.id, sequence=0, answer=Answer.ATTENDING, answered_at=clock.now()
            )
        )
    ids = {name: row.id for name, row in rows.items()}
    ids |= {"first": first.id, "second": second.id, "school": school.id}
    ids |= {"hendrik": world.hendrik.id, "contact": world.hendrik.contact_id, "kemasindo": world.kemasindo.id}
    ids |= {"lebak": world.lebak.id, "colleague": colleague.id, "guidance elsewhere": elsewhere.id}
    db.session.commit()
    return ids


@pytest.fixture
def of_link(invited: dict[str, int]) -> Iterator[Session]:
    session = Session(bind=db.engine, info={SCOPE: OfInvitation(invited["his"])})
    yield session
    session.close()


@pytest.fixture
def of_contact(invited: dict[str, int]) -> Iterator[Session]:
    session = Session(bind=db.engine, info={SCOPE: OfContact(invited["contact"])})
    yield session
    session.close()


def _seen(session: Session) -> dict[str, set[int]]:
    """The ids of every scoped row that a session sees, by entity; what is empty is left out."""
    seen = {entity.__name__: set(session.scalars(select(entity.id))) for entity in PATHS}  # type: ignore[attr-defined]
    return {name: ids for name, ids in seen.items() if ids}


def test_a_personal_link_shows_one_invitation_and_what_it_stands_on(
    of_link: Session, invited: dict[str, int]
) -> None:
    answers = db.session.scalars(
        select(m.InvitationAnswer.id).where(m.InvitationAnswer.invitation_id == invited["his"])
    ).all()
    schools = db.session.scalars(select(m.GuidanceSchool.id)).all()
    db.session.rollback()
    assert _seen(of_link) == {
        "Invitation": {invited["his"]},
        "InvitationAnswer": set(answers),
        "GuidanceSession": {invited["first"]},
        "GuidanceSchool": set(schools),
        "School": {invited["school"]},
        "Cluster": {invited["lebak"]},
        "Affiliation": {invited["hendrik"]},
        "Contact": {invited["contact"]},
        "Partner": {invited["kemasindo"]},
    }


def test_a_contact_sees_their_own_invitations_and_nobody_elses(
    of_contact: Session, invited: dict[str, int]
) -> None:
    seen = _seen(of_contact)
    assert seen.keys() == {
        "Invitation", "InvitationAnswer", "GuidanceSession", "GuidanceSchool", "School", "Cluster",
        "Affiliation", "Contact", "Partner",
    }  # fmt: skip
    assert seen["Invitation"] == {invited["his"], invited["his other"]}
    assert len(seen["InvitationAnswer"]) == 2
    assert seen["GuidanceSession"] == {invited["first"], invited["second"]}
    assert (seen["Contact"], seen["Affiliation"]) == ({invited["contact"]}, {invited["hendrik"]})
    assert (seen["Partner"], seen["Cluster"]) == ({invited["kemasindo"]}, {invited["lebak"]})


def test_a_contact_without_an_invitation_sees_themselves_and_where_they_work(world: Cast) -> None:
    contact_id, affiliation_id, partner_id = world.siti.contact_id, world.siti.id, world.badak.id
    db.session.commit()
    with Session(bind=db.engine, info={SCOPE: OfContact(contact_id)}) as session:
        assert _seen(session) == {
            "Contact": {contact_id}, "Affiliation": {affiliation_id}, "Partner": {partner_id},
        }  # fmt: skip


@pytest.mark.parametrize("paths", [OF_INVITATION, OF_CONTACT], ids=["link", "contact"])
def test_what_the_invited_see_is_scoped_for_others_too(paths: dict[type[Entity], Any]) -> None:
    assert paths.keys() <= PATHS.keys()
    for open_to_nobody_invited in (m.Meeting, m.FollowUp, m.AgreementStep, m.ClusterPartner, m.Document):
        assert open_to_nobody_invited not in paths
    assert (m.Agreement in paths, m.Contribution in paths) == (paths is OF_CONTACT,) * 2


@pytest.mark.parametrize("name", ["of_link", "of_contact"])
def test_joins_from_what_the_invited_see_lead_to_nobody_else(
    request: pytest.FixtureRequest, invited: dict[str, int], name: str
) -> None:
    session: Session = request.getfixturevalue(name)
    beside = aliased(m.Invitation)
    names = session.scalars(
        select(m.Contact.name)
        .select_from(m.GuidanceSession)
        .join(beside, beside.guidance_id == m.GuidanceSession.id)
        .join(m.Affiliation, m.Affiliation.id == beside.affiliation_id)
        .join(m.Contact, m.Contact.id == m.Affiliation.contact_id)
    )
    assert set(names) == {"Hendrik Sasmita"}
    guidance = session.scalars(
        select(m.GuidanceSession)
        .where(m.GuidanceSession.id == invited["first"])
        .options(selectinload(m.GuidanceSession.invitations))
    ).one()
    assert {row.id for row in guidance.invitations} == {invited["his"]}
    with pytest.raises(OutOfScope):
        session.execute(text("SELECT 1"))


def _answer_for_another(session: Session, invited: dict[str, int]) -> None:
    session.add(
        m.InvitationAnswer(
            invitation_id=invited["colleague's"],
            sequence=0,
            answer=Answer.ATTENDING,
            answered_at=clock.now(),
        )
    )


def _invite_another(session: Session, invited: dict[str, int]) -> None:
    session.add(
        m.Invitation(
            guidance_id=invited["guidance elsewhere"],
            affiliation_id=invited["colleague"],
            invited_at=clock.now(),
        )
    )


def _plan_a_session(session: Session, invited: dict[str, int]) -> None:
    session.add(
        m.GuidanceSession(
            cluster_id=invited["lebak"],
            uid=uuid4(),
            topic="x",
            starts_at=clock.now(),
            ends_at=clock.now() + timedelta(hours=1),
        )
    )


def _employ_a_colleague(session: Session, invited: dict[str, int]) -> None:
    session.add(m.Affiliation(contact=m.Contact(name="x"), partner_id=invited["kemasindo"]))


def _write_a_follow_up(session: Session, invited: dict[str, int]) -> None:
    owner = session.scalars(select(m.User.id)).first()
    session.add(
        m.FollowUp(
            cluster_id=invited["lebak"], owner_user_id=owner, title="x", due_on=clock.now().date(),
            source_kind="none",
        )
    )  # fmt: skip


def _pass_the_invitation_on(session: Session, invited: dict[str, int]) -> None:
    session.scalars(
        select(m.Invitation).where(m.Invitation.id == invited["his other"])
    ).one().affiliation_id = invited["colleague"]


@pytest.mark.parametrize("name", ["of_link", "of_contact"])
@pytest.mark.parametrize(
    "write", [_answer_for_another, _invite_another, _plan_a_session, _employ_a_colleague, _write_a_follow_up]
)
def test_the_invited_write_nothing_that_is_not_their_own(
    request: pytest.FixtureRequest,
    invited: dict[str, int],
    name: str,
    write: Callable[[Session, dict[str, int]], None],
) -> None:
    session: Session = request.getfixturevalue(name)
    write(session, invited)
    with pytest.raises(OutOfScope):
        session.flush()


def test_a_contact_does_not_pass_an_invitation_on(of_contact: Session, invited: dict[str, int]) -> None:
    _pass_the_invitation_on(of_contact, invited)
    with pytest.raises(OutOfScope):
        of_contact.flush()


@pytest.mark.parametrize("name", ["of_link", "of_contact"])
def test_the_invited_answer_their_own_invitation(
    request: pytest.FixtureRequest, invited: dict[str, int], name: str
) -> None:
    session: Session = request.getfixturevalue(name)
    own = session.scalars(select(m.Invitation).where(m.Invitation.id == invited["his"])).one()
    own.answer, own.answered_at = Answer.DECLINED, clock.now()
    session.add(
        m.InvitationAnswer(invitation_id=own.id, sequence=0, answer=Answer.DECLINED, answered_at=clock.now())
    )
    session.flush()


# ---------------------------------------------------------------------------- what an organisation gave


@pytest.fixture
def signed(world: Cast) -> dict[str, int]:
    """Of Kemasindo, of others, and of both: agreements in every state, contributions, a document on each."""
    rows = {
        status.value: make.agreement(
            world.lebak,
            partners=(world.kemasindo,),
            status=status,
            signed_on=clock.today(),
            starts_on=clock.today(),
            is_open_ended=True,
            ends_on=None,
            terminated_on=clock.today() if status == "terminated" else None,
        )
        for status in AgreementStatus
    }
    rows["put away"] = make.agreement(world.lebak, partners=(world.kemasindo,), archived_at=clock.now())
    rows["other's"] = make.agreement(world.lebak, partners=(make.partner(world.lebak),))
    rows["of nobody"] = make.agreement(world.lebak)
    rows["of both"] = make.agreement(world.lebak, partners=(world.kemasindo, make.partner(world.lebak)))
    for row in rows.values():
        make.obligation(row)
        db.session.add(m.AgreementStep(agreement_id=row.id, to_status=row.status, taken_at=clock.now()))
        db.session.add(m.AgreementScope(agreement_id=row.id, kind="promotion"))
        _document(agreement_id=row.id)
    make.obligation(rows["signed"], archived_at=clock.now())
    given = {
        "given": make.contribution(world.pandeglang, world.kemasindo, stage="delivered"),
        "given and put away": make.contribution(world.lebak, world.kemasindo, archived_at=clock.now()),
        "given by another": make.contribution(world.lebak, world.badak, stage="delivered"),
    }
    for each in given.values():
        _document(contribution_id=each.id)
    ids = {name: row.id for name, row in rows.items()} | {name: each.id for name, each in given.items()}
    ids |= {"contact": world.hendrik.contact_id, "affiliation": world.hendrik.id}
    ids |= {"kemasindo": world.kemasindo.id, "lebak": world.lebak.id, "pandeglang": world.pandeglang.id}
    db.session.commit()
    return ids


def _document(**owner: int) -> None:
    db.session.add(
        m.Document(
            kind="signed",
            title="Naskah",
            file_name="naskah.pdf",
            content_type="application/pdf",
            size=1,
            sha256="0" * 64,
            storage_key=uuid4().hex,
            uploaded_at=clock.now(),
            **owner,
        )
    )


def _seen_by(contact_id: int) -> dict[str, set[int]]:
    with Session(bind=db.engine, info={SCOPE: OfContact(contact_id)}) as session:
        return _seen(session)


def test_a_contact_sees_what_their_organisation_signed_and_gave(signed: dict[str, int]) -> None:
    shown = {signed[name] for name in ("signed", "completed", "renewed", "terminated", "of both")}
    parties = db.session.scalars(
        select(m.AgreementParty.id).where(m.AgreementParty.agreement_id.in_(shown))
    ).all()
    obligations = db.session.scalars(
        select(m.Obligation.id).where(
            m.Obligation.agreement_id.in_(shown), m.Obligation.archived_at.is_(None)
        )
    ).all()
    db.session.rollback()
    assert _seen_by(signed["contact"]) == {
        "Contact": {signed["contact"]},
        "Affiliation": {signed["affiliation"]},
        "Partner": {signed["kemasindo"]},
        "Agreement": shown,
        "AgreementParty": set(parties),
        "Obligation": set(obligations),
        "Contribution": {signed["given"]},
        "Cluster": {signed["pandeglang"]},
    }


@pytest.mark.parametrize(
    ("begins", "ends", "is_there"),
    [(-30, None, True), (None, 0, True), (0, 0, True), (-30, -1, False), (1, None, False)],
)
def test_it_is_the_organisation_where_a_contact_works_today(
    signed: dict[str, int], begins: int | None, ends: int | None, is_there: bool
) -> None:
    affiliation = db.session.get_one(m.Affiliation, signed["affiliation"])
    affiliation.begins, affiliation.ends = (
        None if days is None else clock.today() + timedelta(days=days) for days in (begins, ends)
    )
    db.session.commit()
    seen = _seen_by(signed["contact"])
    assert {"Agreement", "AgreementParty", "Obligation", "Contribution"} & seen.keys() == (
        {"Agreement", "AgreementParty", "Obligation", "Contribution"} if is_there else set()
    )
    assert seen["Partner"] == {signed["kemasindo"]}


def test_the_day_after_the_last_one_is_another_day(signed: dict[str, int]) -> None:
    db.session.get_one(m.Affiliation, signed["affiliation"]).ends = clock.today()
    db.session.commit()
    assert "Agreement" in _seen_by(signed["contact"])
    with clock.frozen(clock.now() + timedelta(days=1)):
        assert "Agreement" not in _seen_by(signed["contact"])


def test_a_contact_writes_nothing_on_an_agreement_out_of_sight(signed: dict[str, int]) -> None:
    with Session(bind=db.engine, info={SCOPE: OfContact(signed["contact"])}) as session:
        session.add(
            m.Obligation(
                agreement_id=signed["draft"],
                side="first",
                title="x",
                due_on=clock.today(),
                status="not_started",
            )
        )
        with pytest.raises(OutOfScope):
            session.flush()


# ---------------------------------------------------------------------------- beyond the scope


def test_everything_sees_what_the_request_has_flushed_and_keeps_what_it_flushes(world: Cast) -> None:
    partner = make.partner(world.pandeglang, name="Belum disimpan")
    with everything() as session:
        assert session.get(m.Partner, partner.id) is not None
        session.add(m.Tag(name="baru"))
    assert db.session.scalar(select(m.Tag.name)) == "baru"
    db.session.rollback()
    assert db.session.scalar(select(m.Tag.name)) is None


@pytest.mark.parametrize("statement", [update(m.Partner).values(name="x"), insert(m.Tag).values(name="x")])
def test_a_bulk_change_of_what_is_in_the_trail_is_refused(session: Session, statement: Any) -> None:
    with pytest.raises(audit.Untraceable):
        session.execute(statement)
