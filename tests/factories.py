"""One plain function an entity: what matters to a test is named in its call, all else is unremarkable.

    from tests import factories as make

    klaster = make.cluster()
    mitra = make.partner(klaster, helix=Helix.MEDIA)
    make.follow_up(klaster, lilis, partner=mitra, due_on=date(2026, 11, 20))

Each adds to the test's session (fixture `session`, or anything that needs it) and flushes, so that ids are
there; the client commits before it sends a request. Days and instants without a value are those of the
frozen clock. Values are those of columns; what the database demands and nobody named has a default here.
"""

from datetime import datetime, timedelta
from email.message import EmailMessage
from email.policy import SMTP
from hashlib import sha256
from itertools import count
from typing import Any, TypeVar
from uuid import uuid4

from pentahelix import clock, models as m, passwords
from pentahelix.extensions import Entity, db
from pentahelix.services import documents
from pentahelix.vocabulary import (
    AgreementKind,
    AgreementStatus,
    Channel,
    ContributionForm,
    ContributionKind,
    DocumentKind,
    FollowUpSource,
    Helix,
    HolidayEffect,
    MailKind,
    MeetingStatus,
    OutboxState,
    PartySide,
    Regency,
    Role,
)
from tests import files

#: Of everybody who has an address.
PASSWORD = "nasi-uduk-betawi-dan-emping"

_E = TypeVar("_E", bound=Entity)
_number = count(1)


_hashes: list[str] = []


def password_hash() -> str:
    """Made once; and again where another application of this process has made hashes dearer or cheaper."""
    if not _hashes or passwords.needs_rehash(_hashes[-1]):
        _hashes.append(passwords.digest(PASSWORD))
    return _hashes[-1]


def _added(row: _E) -> _E:
    db.session.add(row)
    db.session.flush()
    return row


def _days(number: int) -> timedelta:
    return timedelta(days=number)


# ---------------------------------------------------------------------------- clusters and their people


def cluster(**values: Any) -> m.Cluster:
    number = next(_number)
    given = {
        "name": f"Klaster Teaching Factory {number}",
        "short_name": f"Klaster {number}",
        "regency": Regency.LEBAK,
        "begins": clock.today() - _days(395),
    }
    return _added(m.Cluster(**given | values))


def school(cluster: m.Cluster, **values: Any) -> m.School:
    return _added(m.School(**{"cluster_id": cluster.id, "name": f"SMKN {next(_number)} Contoh"} | values))


def product(cluster: m.Cluster, **values: Any) -> m.Product:
    return _added(m.Product(**{"cluster_id": cluster.id, "name": f"Keripik {next(_number)}"} | values))


def user(*clusters: m.Cluster, **values: Any) -> m.User:
    """A coordinator of `clusters`, unless told another role; signs in with PASSWORD."""
    number = next(_number)
    given: dict[str, Any] = {
        "role": Role.COORDINATOR,
        "name": f"Pengguna {number}",
        "email": f"pengguna{number}@dinas.example",
    } | values
    if given["email"]:
        given.setdefault("password_hash", password_hash())
    row = _added(m.User(**given))
    for cluster in clusters:
        membership(row, cluster)
    return row


def membership(user: m.User, cluster: m.Cluster) -> m.Membership:
    return _added(m.Membership(user_id=user.id, cluster_id=cluster.id))


# ---------------------------------------------------------------------------- partners and contacts


def partner(*clusters: m.Cluster, **values: Any) -> m.Partner:
    """A partner of `clusters`, since a year ago."""
    row = _added(m.Partner(**{"name": f"Mitra {next(_number)}", "helix": Helix.INDUSTRY} | values))
    for cluster in clusters:
        involvement(cluster, row)
    return row


def involvement(cluster: m.Cluster, partner: m.Partner, **values: Any) -> m.ClusterPartner:
    given = {"cluster_id": cluster.id, "partner_id": partner.id, "since": clock.today() - _days(365)}
    return _added(m.ClusterPartner(**given | values))


def contact(partner: m.Partner | None = None, **values: Any) -> m.Contact:
    """A person, at `partner` if there is one."""
    number = next(_number)
    given = {"name": f"Narahubung {number}", "email": f"narahubung{number}@mitra.example"}
    row = _added(m.Contact(**given | values))
    if partner is not None:
        affiliation(partner, row)
    return row


def affiliation(partner: m.Partner, contact: m.Contact | None = None, **values: Any) -> m.Affiliation:
    """Somebody's place at a partner, at which minutes and invitations point; a new person's by default."""
    person = contact or _added(m.Contact(name=f"Narahubung {next(_number)}"))
    given = {"contact": person, "partner": partner, "begins": clock.today() - _days(365)}
    return _added(m.Affiliation(**given | values))


def contact_log(cluster: m.Cluster, partner: m.Partner, user: m.User, **values: Any) -> m.ContactLog:
    given = {
        "cluster_id": cluster.id,
        "partner_id": partner.id,
        "user_id": user.id,
        "channel": Channel.TELEPHONE,
        "contacted_on": clock.today(),
        "line": "Menanyakan kabar",
    }
    return _added(m.ContactLog(**given | values))


def tag(partner: m.Partner | None = None, **values: Any) -> m.Tag:
    row = _added(m.Tag(**{"name": f"label {next(_number)}"} | values))
    if partner is not None:
        _added(m.PartnerTag(partner_id=partner.id, tag_id=row.id))
    return row


# ---------------------------------------------------------------------------- agreements


def agreement(*clusters: m.Cluster, partners: tuple[m.Partner, ...] = (), **values: Any) -> m.Agreement:
    """A signed PKS in force for another year, covering `clusters`, between the province and `partners`."""
    given: dict[str, Any] = {
        "kind": AgreementKind.PKS,
        "status": AgreementStatus.SIGNED,
        "title": f"Perjanjian Kerja Sama {next(_number)}",
    } | values
    if given["status"] is AgreementStatus.SIGNED:
        begun = clock.today() - _days(365)
        given = {"signed_on": begun, "starts_on": begun, "ends_on": clock.today() + _days(365)} | given
    row = _added(m.Agreement(**given))
    for cluster in clusters:
        _added(m.AgreementCluster(agreement_id=row.id, cluster_id=cluster.id))
    _added(m.AgreementParty(agreement_id=row.id, side=PartySide.FIRST, office="Dinas Pendidikan"))
    for partner in partners:
        _added(m.AgreementParty(agreement_id=row.id, side=PartySide.SECOND, partner_id=partner.id))
    return row


def obligation(agreement: m.Agreement, **values: Any) -> m.Obligation:
    given = {
        "agreement_id": agreement.id,
        "side": PartySide.SECOND,
        "title": f"Kewajiban {next(_number)}",
        "due_on": clock.today() + _days(30),
    }
    return _added(m.Obligation(**given | values))


# ---------------------------------------------------------------------------- guidance


def guidance(cluster: m.Cluster, **values: Any) -> m.GuidanceSession:
    """Planned for the day after tomorrow, two hours long."""
    starts_at: datetime = values.get("starts_at", clock.now() + _days(2))
    given = {
        "cluster_id": cluster.id,
        "uid": uuid4(),
        "topic": f"Bimbingan teknis {next(_number)}",
        "starts_at": starts_at,
        "ends_at": starts_at + timedelta(hours=2),
    }
    return _added(m.GuidanceSession(**given | values))


def invitation(guidance: m.GuidanceSession, affiliation: m.Affiliation, **values: Any) -> m.Invitation:
    given = {
        "guidance_id": guidance.id,
        "affiliation_id": affiliation.id,
        "invited_at": clock.now(),
        "answered_at": clock.now() if "answer" in values else None,
    }
    return _added(m.Invitation(**given | values))


def takes_part(guidance: m.GuidanceSession, school: m.School) -> m.GuidanceSchool:
    return _added(m.GuidanceSchool(guidance_id=guidance.id, school_id=school.id))


# ---------------------------------------------------------------------------- meetings and follow-ups


def meeting(
    cluster: m.Cluster, *partners: m.Partner, present: tuple[m.Affiliation | m.User, ...] = (), **values: Any
) -> m.Meeting:
    """Held an hour ago, with `partners` and those of the affiliations that were present."""
    given = {
        "cluster_id": cluster.id,
        "title": f"Rapat {next(_number)}",
        "status": MeetingStatus.HELD,
        "starts_at": clock.now() - timedelta(hours=1),
        "received_at": clock.now(),
    }
    row = _added(m.Meeting(**given | values))
    there = [who for who in present if isinstance(who, m.Affiliation)]
    for partner_id in dict.fromkeys([p.id for p in partners] + [a.partner_id for a in there]):
        _added(m.MeetingPartner(meeting_id=row.id, partner_id=partner_id))
    for who in present:
        column = "affiliation_id" if isinstance(who, m.Affiliation) else "user_id"
        _added(m.Attendance(meeting_id=row.id, **{column: who.id}))
    return row


def follow_up(
    cluster: m.Cluster,
    owner: m.User,
    *,
    partner: m.Partner | None = None,
    meeting: m.Meeting | None = None,
    **values: Any,
) -> m.FollowUp:
    """Open and due in a week; of `meeting` if there is one."""
    given = {
        "cluster_id": cluster.id,
        "owner_user_id": owner.id,
        "partner_id": partner and partner.id,
        "meeting_id": meeting and meeting.id,
        "source_kind": FollowUpSource.MEETING if meeting else FollowUpSource.NONE,
        "title": f"Tindak lanjut {next(_number)}",
        "due_on": clock.today() + _days(7),
    }
    return _added(m.FollowUp(**given | values))


# ---------------------------------------------------------------------------- contributions


def contribution(cluster: m.Cluster, partner: m.Partner, **values: Any) -> m.Contribution:
    """Proposed; whoever says that it was delivered says when, or it was today."""
    given = {
        "cluster_id": cluster.id,
        "partner_id": partner.id,
        "kind": ContributionKind.GUEST_TEACHER,
        "form": ContributionForm.IN_KIND,
        "title": f"Kontribusi {next(_number)}",
        "delivered_on": clock.today() if values.get("stage") in ("delivered", "adopted") else None,
    }
    return _added(m.Contribution(**given | values))


# ---------------------------------------------------------------------------- mails


def document(
    owner: m.Agreement | m.Contribution | m.Meeting | m.GuidanceSession, **values: Any
) -> m.Document:
    """A PDF of one line, kept in the store as an upload would be."""
    received = documents.receive(files.pdf(), "naskah.pdf")
    given = {
        documents.OWNED_BY[type(owner)]: owner.id,
        "kind": DocumentKind.OTHER,
        "title": f"Dokumen {next(_number)}",
        "uploaded_at": clock.now(),
        **vars(received),
    }
    return _added(m.Document(**given | values))


def letter(text: str = "Kami mengundang Ibu.", subject: str = "Undangan", *, whole: bool = False) -> bytes:
    """A message with both its parts, as mails of ours have; a `whole` one has a calendar and a paper too."""
    message = EmailMessage(policy=SMTP)
    message["Subject"] = subject
    message.set_content(text)
    message.add_alternative(f"<html><head></head><body><p>{text}</p></body></html>", subtype="html")
    if whole:
        message.add_alternative(f"BEGIN:VCALENDAR\r\nNAME:{text}\r\nEND:VCALENDAR\r\n", subtype="calendar")
        message.add_attachment(b"%PDF-1.7", maintype="application", subtype="pdf", filename="Notula.pdf")
    return message.as_bytes()


LETTER = letter()


def mail(**values: Any) -> m.OutboxMessage:
    """An invitation that waits to be sent, to nobody we know."""
    number = next(_number)
    state = values.get("state", OutboxState.QUEUED)
    given = {
        "key": f"mail:{number}",
        "message_id": f"<{number}@localhost.example>",
        "kind": MailKind.INVITATION,
        "recipient": "hendrik@mitra.example",
        "subject": f"Undangan {number}",
        "content": LETTER,
        "content_sha256": sha256(LETTER).hexdigest(),
        "state": state,
        "next_at": clock.now(),
        "made_at": clock.now(),
        "sent_at": clock.now() if state == OutboxState.SENT else None,
    }
    if state == OutboxState.SENDING:
        given |= {"owner": "deliverer", "lease_until": clock.now() + timedelta(minutes=10)}
    return _added(m.OutboxMessage(**given | values))


# ---------------------------------------------------------------------------- the house


def holiday(day: Any, **values: Any) -> m.Holiday:
    given = {"day": day, "effect": HolidayEffect.ADDED, "name": "Hari libur daerah"}
    return _added(m.Holiday(**given | values))


def setting(key: str, value: Any) -> m.Setting:
    return _added(m.Setting(key=key, value=value))
