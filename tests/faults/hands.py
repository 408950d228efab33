"""The hands that send forms again and again, and break off what is about to be committed."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, NamedTuple

from sqlalchemy import delete, event, func, select
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from pentahelix import models as m
from pentahelix.extensions import db
from pentahelix.services import tokens
from pentahelix.unit_of_work import write
from pentahelix.vocabulary import TokenPurpose
from tests.clients import forms_of
from tests.conftest import new_client

EVERYTHING = (
    *(select(func.max(entity.id)) for entity in (m.AuditEntry, m.InvitationAnswer, m.OutboxMessage)),
    select(*m.GuidanceSession.__table__.c),
    select(*m.Invitation.__table__.c),
    select(*m.Contact.__table__.c),
    select(m.OutboxMessage.id, m.OutboxMessage.state, m.OutboxMessage.attempt, m.OutboxMessage.next_at),
    select(m.Reminder.key, m.Reminder.state, m.Reminder.message_id),
)


class Sending(NamedTuple):
    """How a form goes out: after how many tries that break off before the commit, and how often then."""

    breaks: int
    times: int


class Hands:
    """Of a coordinator and an admin who are signed in, and of those who hold a personal link."""

    app: Any
    #: what forms have pointed out so far
    seen: set[str]

    def take_up(self, coordinator: tuple[str, str], admin: tuple[str, str]) -> None:
        self.hers, self.his = new_client(self.app), new_client(self.app)
        self.hers.set_cookie(*coordinator)
        self.his.set_cookie(*admin)
        self.theirs = new_client(self.app)
        self.links: dict[int, str] = {}

    def _send(self, where, fields, sending, client=None) -> bool:
        """Send a form as often as said, always with the same key; whether it was accepted."""
        client = client or self.hers
        before = self._everything()
        # A personal link takes no key.
        data = fields if client is self.theirs else fields | client.envelope() | {"seen": " ".join(self.seen)}
        for _ in range(sending.breaks):
            with self._breaking():
                broken = client.post(where, data=data)
            assert broken.status_code >= 400
            assert self._everything() == before
        answer = client.post(where, data=data)
        if answer.status_code == 422 and (seen := self._seen(answer)):
            # Something is pointed out, and read before the second press; nothing is pointed out twice.
            self.seen.update(seen)
            data = data | {"seen": " ".join(self.seen)}
            answer = client.post(where, data=data)
        assert answer.status_code in (303, 409, 422), f"{where} answered {answer.status_code}"
        after = self._everything()
        if answer.status_code != 303:
            assert after == before
        for _ in range(sending.times - 1):
            again = client.post(where, data=data)
            assert (again.status_code, again.location) == (answer.status_code, answer.location)
            assert self._everything() == after
        return bool(answer.status_code == 303)

    def _rest(self) -> None:
        """Let it be long ago that anybody pressed behind a link: how often they may is tested elsewhere."""
        with db.engine.begin() as connection:
            connection.execute(delete(m.Attempt))

    @staticmethod
    def _seen(answer) -> list[str]:
        return next((f.fields["seen"][0].split() for f in forms_of(answer) if f.fields.get("seen")), [])

    @contextmanager
    def _breaking(self) -> Iterator[None]:
        """Every unit of work meanwhile, but the test's own, breaks off just before its commit."""
        mine = db.session()

        def break_off(session: Session) -> None:
            if session is db.session() and session is not mine:
                raise OperationalError("COMMIT", {}, Exception("the power is gone"))

        event.listen(Session, "before_commit", break_off)
        try:
            yield
        finally:
            event.remove(Session, "before_commit", break_off)

    def _apart(self, act) -> None:
        db.session.commit()
        with self.app.app_context():
            act()
        db.session.rollback()
        db.session.expire_all()

    def _everything(self) -> list[tuple[object, ...]]:
        """What is there, the sending itself aside; of what is only ever added to, how far it goes."""
        db.session.rollback()
        with db.engine.connect() as connection:
            return [tuple(row) for statement in EVERYTHING for row in connection.execute(statement)]

    def _invitation(self, told, affiliation_id):
        found = select(m.Invitation).where(
            m.Invitation.guidance_id == told.id, m.Invitation.affiliation_id == affiliation_id
        )
        return db.session.scalars(found).first()

    def _invited(self, told):
        found = select(m.Invitation).where(
            m.Invitation.guidance_id == told.id, m.Invitation.uninvited_at.is_(None)
        )
        return db.session.scalars(found).all()

    def _last(self, invitation_id):
        found = select(m.InvitationAnswer).where(m.InvitationAnswer.invitation_id == invitation_id)
        return db.session.scalars(found.order_by(m.InvitationAnswer.id.desc()).limit(1)).one()

    def _link(self, invitation_id) -> str:
        if invitation_id not in self.links:
            db.session.commit()
            write()
            self.links[invitation_id] = tokens.make(TokenPurpose.INVITATION, object_id=invitation_id)
            db.session.commit()
        return self.links[invitation_id]

    def _version(self, told) -> dict[str, int]:
        return {"version": db.session.get_one(m.GuidanceSession, told.id).version}

    def _newest_mail(self) -> int:
        return db.session.scalar(select(func.max(m.OutboxMessage.id))) or 0
