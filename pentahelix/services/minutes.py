"""The minutes of a meeting, mailed to those who were there: once a version of the meeting to each of them."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import select

from pentahelix import rules
from pentahelix.extensions import db
from pentahelix.mail import outbox, recipients
from pentahelix.mail.compose import Attachment
from pentahelix.mail.recipients import Recipient
from pentahelix.models import Affiliation, Attendance, Cluster, Contact, Meeting, OutboxMessage, Partner, User
from pentahelix.principal import Principal
from pentahelix.refusals import WrongState
from pentahelix.vocabulary import MailKind, MeetingStatus, OutboxState


@dataclass(frozen=True)
class Sent:
    """The mail that somebody has got of this version already."""

    message_id: int
    state: OutboxState
    made_at: datetime


@dataclass(frozen=True)
class Reader:
    """Somebody who was there. `obstacle` says why they cannot be mailed."""

    name: str
    organisation: str | None = None
    contact_id: int | None = None
    to: Recipient | None = None
    obstacle: str | None = None
    sent: Sent | None = None

    @property
    def is_next(self) -> bool:
        return self.to is not None and self.sent is None


def must_be_recorded(meeting: Meeting) -> None:
    if meeting.status != MeetingStatus.HELD:
        raise WrongState(_("Notula ada setelah rapatnya dicatat."))


def must_be_sendable(meeting: Meeting) -> None:
    must_be_recorded(meeting)
    if meeting.is_archived:
        raise WrongState(_("Rapat ini diarsipkan. Pulihkan dahulu, lalu kirim notulanya."))


def readers(meeting: Meeting) -> list[Reader]:
    """Everybody who was there, each once; two statements."""
    return list(_readers(meeting).values())


def _readers(meeting: Meeting) -> dict[str, Reader]:
    """By the key of the mail to them."""
    rows = db.session.execute(
        select(Attendance, Contact, Partner.name, User)
        .outerjoin(Affiliation, Affiliation.id == Attendance.affiliation_id)
        .outerjoin(Contact, Contact.id == Affiliation.contact_id)
        .outerjoin(Partner, Partner.id == Affiliation.partner_id)
        .outerjoin(User, User.id == Attendance.user_id)
        .where(Attendance.meeting_id == meeting.id)
        .order_by(Attendance.user_id.is_not(None), Attendance.guest_name.is_not(None), Attendance.id)
    ).all()
    keys = [_key(meeting, row) for row in rows]
    sent = _sent(keys)
    found: dict[str, Reader] = {}
    for key, row in zip(keys, rows, strict=True):
        found.setdefault(key, _reader(row, sent.get(key)))
    return found


def send(meeting: Meeting, papers: Mapping[str, Attachment], by: Principal) -> int:
    """Mail the minutes to those who have not got them yet, in their language; how many that are.

    `papers` holds the paper in each language that a reader has.
    """
    must_be_sendable(meeting)
    cluster = db.session.scalars(select(Cluster).where(Cluster.id == meeting.cluster_id)).one()
    posted = 0
    for key, reader in _readers(meeting).items():
        if not reader.is_next:
            continue
        assert reader.to is not None
        message_id = outbox.post(
            MailKind.MINUTES,
            reader.to,
            key,
            {"meeting": meeting, "cluster": cluster, "zone": cluster.timezone, "by": by},
            about=meeting,
            cluster_id=meeting.cluster_id,
            attachments=[papers[reader.to.language]],
        )
        posted += message_id is not None
    return posted


# ---------------------------------------------------------------------------------------------------------


def _reader(row: Any, sent: Sent | None) -> Reader:
    attendance, contact, organisation, user = row
    if user is not None:
        to = recipients.user(user)
        why = _("belum punya alamat surel") if user.email is None else _("akunnya tidak aktif")
        return Reader(user.name, user.position, to=to, obstacle=None if to else why, sent=sent)
    if contact is not None:
        to = recipients.contact(contact)
        may = rules.may_be_contacted(contact)
        why = _("belum punya alamat surel") if may else _("tidak boleh disurati")
        return Reader(contact.name, organisation, contact.id, to, None if to else why, sent)
    guest = attendance.guest_name or "–"
    return Reader(guest, attendance.guest_organisation, obstacle=_("tamu, alamat surelnya tidak dicatat"))


def _key(meeting: Meeting, row: Any) -> str:
    attendance, contact, _organisation, user = row
    person = f"u:{user.id}" if user else f"c:{contact.id}" if contact else f"guest:{attendance.id}"
    return f"minutes:{meeting.id}:{meeting.version}:{person}"


def _sent(keys: list[str]) -> dict[str, Sent]:
    rows = db.session.execute(
        select(OutboxMessage.key, OutboxMessage.id, OutboxMessage.state, OutboxMessage.made_at).where(
            OutboxMessage.key.in_(keys)
        )
    )
    return {row.key: Sent(row.id, row.state, row.made_at) for row in rows}
