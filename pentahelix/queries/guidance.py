"""A guidance session with everybody who is invited and what became of it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property
from typing import Any, Protocol

from sqlalchemy import ColumnElement, Select, String, and_, func, literal, select, union_all
from sqlalchemy.orm import joinedload, load_only

from pentahelix import clock
from pentahelix.extensions import db
from pentahelix.models import (
    Agreement,
    Contribution,
    Document,
    FollowUp,
    GuidanceSchool,
    GuidanceSession,
    Partner,
    School,
    User,
)
from pentahelix.prepared import prepared
from pentahelix.queries import documents
from pentahelix.queries.documents import DocumentLine
from pentahelix.queries.invited import Answers, Invited, everybody_of
from pentahelix.queries.meetings import FollowUpLine
from pentahelix.queries.page import Rows
from pentahelix.scope import live, or_404
from pentahelix.vocabulary import (
    GuidanceStatus,
)


class Planned(Protocol):
    """What tells whether a session is overdue, as the session and a row of its columns have it."""

    @property
    def status(self) -> GuidanceStatus: ...
    @property
    def ends_at(self) -> datetime: ...


def is_overdue(guidance: Planned) -> bool:
    """It was planned, it is over, and nobody has recorded what came of it."""
    return guidance.status == GuidanceStatus.PLANNED and guidance.ends_at <= clock.now()


@dataclass(frozen=True)
class GuidancePage:
    guidance: GuidanceSession
    #: who was ever invited; proposals first, then those who owe an answer
    everybody: Sequence[Invited]
    schools: Sequence[School]
    follow_ups: Sequence[FollowUpLine]
    documents: Sequence[DocumentLine]
    #: contributions that came from it, the latest first
    given: Sequence[tuple[Contribution, Partner]]

    @property
    def zone(self) -> str:
        return self.guidance.cluster.timezone

    @property
    def day(self) -> date:
        return clock.local(self.guidance.starts_at, self.zone).date()

    @cached_property
    def invited(self) -> list[Invited]:
        return [one for one in self.everybody if one.is_invited]

    @property
    def uninvited(self) -> list[Invited]:
        return [one for one in self.everybody if not one.is_invited]

    @property
    def speakers(self) -> list[Invited]:
        return [one for one in self.invited if one.is_speaker]

    @property
    def answers(self) -> Answers:
        return Answers.of(one.answer for one in self.invited)

    @property
    def attended(self) -> list[Invited]:
        return [one for one in self.everybody if one.attended]

    @property
    def has_begun(self) -> bool:
        return self.guidance.starts_at <= clock.now()

    @property
    def is_overdue(self) -> bool:
        return is_overdue(self.guidance)


def one(guidance_id: int) -> GuidancePage:
    """A session that one may see, with everything that its page names, in three statements; else 404."""
    found: GuidanceSession | None = db.session.scalars(*_one(guidance_id)).first()
    guidance = or_404(found)
    rows = db.session.execute(*_beside(guidance_id)).all()
    return GuidancePage(
        guidance,
        everybody_of(guidance_id),
        schools=[school for school, *_rest in rows if school],
        follow_ups=[FollowUpLine(one, user) for _school, one, _document, user, *_rest in rows if one],
        documents=documents.lines_of((one, user) for _s, _f, one, user, *_rest in rows if one),
        given=[(one, partner) for *_rest, one, partner in rows if one and partner],
    )


@prepared
def _one(guidance_id: int) -> Select[GuidanceSession]:
    of = GuidanceSession
    return (
        select(of)
        .where(of.id == guidance_id)
        .options(
            joinedload(of.cluster),
            joinedload(of.partner).load_only(Partner.name, raiseload=True),
            joinedload(of.agreement).load_only(Agreement.title, raiseload=True),
            joinedload(of.organiser),
        )
    )


@prepared
def _beside(guidance_id: int) -> Rows:
    """What hangs on a session: each row has a school, a follow-up, a document or a contribution."""
    parts = union_all(
        select(literal("school", String).label("what"), GuidanceSchool.school_id.label("id")).where(
            GuidanceSchool.guidance_id == guidance_id
        ),
        *(
            select(literal(entity.__tablename__, String), entity.id).where(
                entity.guidance_id == guidance_id, live(entity)
            )
            for entity in (FollowUp, Contribution)
        ),
        select(literal("document", String), Document.id).where(Document.guidance_id == guidance_id),
    ).subquery("parts")

    def part(entity: Any) -> ColumnElement[bool]:
        return and_(parts.c.what == entity.__tablename__, parts.c.id == entity.id)

    whose = func.coalesce(FollowUp.owner_user_id, Document.uploaded_by_user_id)
    return (
        select(School, FollowUp, Document, User, Contribution, Partner)
        .select_from(parts)
        .outerjoin(School, part(School))
        .outerjoin(FollowUp, part(FollowUp))
        .outerjoin(Document, part(Document))
        .outerjoin(User, User.id == whose)
        .outerjoin(Contribution, part(Contribution))
        .outerjoin(Partner, Partner.id == Contribution.partner_id)
        .order_by(
            *(School.sort_name, School.id),
            *(FollowUp.position, FollowUp.id),
            Document.id,
            *(Contribution.delivered_on.desc().nulls_last(), Contribution.id.desc()),
        )
        .options(
            *(load_only(one, raiseload=True) for one in (School.name, User.name, Partner.name)),
            load_only(
                FollowUp.title, FollowUp.status, FollowUp.due_on, FollowUp.completed_on, raiseload=True
            ),
            load_only(
                Contribution.title,
                Contribution.stage,
                Contribution.kind,
                Contribution.delivered_on,
                raiseload=True,
            ),
        )
    )


def schools_of(guidance_id: int) -> Sequence[School]:
    return db.session.scalars(*_schools_of(guidance_id)).all()


@prepared
def _schools_of(guidance_id: int) -> Select[School]:
    return (
        select(School)
        .join(GuidanceSchool, GuidanceSchool.school_id == School.id)
        .where(GuidanceSchool.guidance_id == guidance_id)
        .order_by(School.sort_name, School.id)
    )
