"""Meetings with partners: planned before, recorded after, edited by two people without loss.

Days and hours of a wish are those of the cluster's clocks. A meeting is with the partners that were chosen
and with those whose contacts were there; only the latter have thereby been spoken to.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, time

from flask_babel import gettext as _, ngettext
from sqlalchemy import func, select

from pentahelix import clock, presentation
from pentahelix.editing import touch
from pentahelix.extensions import db
from pentahelix.models import (
    Affiliation,
    Attendance,
    Cluster,
    ClusterPartner,
    FollowUp,
    Meeting,
    MeetingPartner,
    Partner,
    User,
)
from pentahelix.principal import Principal
from pentahelix.queries.colleagues import answers_for
from pentahelix.refusals import Refused, WrongState
from pentahelix.services import followups
from pentahelix.services.followups import FollowUpWish
from pentahelix.services.involvements import refresh_last_contact
from pentahelix.transitions import MEETING, advance
from pentahelix.vocabulary import (
    OPEN_FOLLOW_UPS,
    FollowUpSource,
    MeetingKind,
    MeetingMode,
    MeetingStatus,
)


@dataclass(frozen=True)
class Guest:
    """Somebody who was there and is no contact of ours."""

    name: str
    organisation: str | None = None


@dataclass(frozen=True)
class ActionItem:
    title: str
    owner_user_id: int
    due_on: date


@dataclass(frozen=True)
class MeetingWish:
    """What a meeting shall be. Without a title it is named after its partners."""

    cluster_id: int
    day: date
    starts: time
    ends: time | None = None
    title: str | None = None
    kind: MeetingKind = MeetingKind.COORDINATION
    mode: MeetingMode = MeetingMode.IN_PERSON
    place: str | None = None
    chair_user_id: int | None = None
    minute_taker_user_id: int | None = None
    agreement_id: int | None = None
    #: one a line, like the decisions
    agenda: str | None = None
    notes: str | None = None
    decisions: str | None = None
    partner_ids: tuple[int, ...] = ()
    affiliation_ids: tuple[int, ...] = ()
    user_ids: tuple[int, ...] = ()
    guests: tuple[Guest, ...] = ()
    #: new ones; those that a meeting has stay as they are
    items: tuple[ActionItem, ...] = ()
    #: follow-ups of an earlier meeting that turned out to be done
    done_ids: tuple[int, ...] = ()
    #: by the phone's clock, which may be wrong; kept and never used
    made_at: datetime | None = None


def record(wish: MeetingWish, by: Principal) -> Meeting:
    """Keep what was said at a meeting that nobody had planned."""
    meeting = Meeting()
    _write(meeting, wish, MeetingStatus.HELD)
    _follow_up(meeting, wish, by)
    return meeting


def plan(wish: MeetingWish) -> Meeting:
    """Put a meeting on the agenda; nobody is mailed."""
    meeting = Meeting()
    _write(meeting, wish, MeetingStatus.PLANNED)
    return meeting


def hold(meeting: Meeting, wish: MeetingWish, by: Principal) -> None:
    """Record a planned meeting after it took place."""
    must_be_planned(meeting)
    _write(meeting, wish, advance(MEETING, meeting.status, MeetingStatus.HELD))
    _follow_up(meeting, wish, by)


def edit(meeting: Meeting, wish: MeetingWish, by: Principal) -> None:
    """Change a meeting; its cluster stays, and so do the follow-ups that it has."""
    must_be_open_to_change(meeting)
    _write(meeting, wish, meeting.status)
    _follow_up(meeting, wish, by)


def cancel(meeting: Meeting) -> None:
    must_be_planned(meeting)
    meeting.status = advance(MEETING, meeting.status, MeetingStatus.CANCELLED)
    db.session.flush()


def archive(meeting: Meeting) -> None:
    must_not_be_archived(meeting)
    meeting.archived_at = clock.now()
    refresh_last_contact(meeting.cluster_id, _partner_ids(meeting))


def restore(meeting: Meeting) -> None:
    meeting.archived_at = None
    refresh_last_contact(meeting.cluster_id, _partner_ids(meeting))


def must_not_be_archived(meeting: Meeting) -> None:
    if meeting.is_archived:
        raise WrongState(_("Rapat ini diarsipkan. Pulihkan dahulu untuk mengubahnya."))


def must_be_planned(meeting: Meeting) -> None:
    must_not_be_archived(meeting)
    if meeting.status != MeetingStatus.PLANNED:
        raise WrongState(_("Rapat ini sudah berstatus “%(status)s”.", status=meeting.status.label))


def must_be_open_to_change(meeting: Meeting) -> None:
    must_not_be_archived(meeting)
    if meeting.status == MeetingStatus.CANCELLED:
        raise WrongState(_("Rapat ini sudah dibatalkan."))


# ---------------------------------------------------------------------------------------------------------


def _write(meeting: Meeting, wish: MeetingWish, status: MeetingStatus) -> None:
    """Bring a meeting and the rows that hang on it to what is wished; all reading comes before it."""
    cluster = db.session.scalars(select(Cluster).where(Cluster.id == wish.cluster_id)).one()
    if cluster.is_archived:
        raise WrongState(_("Klaster ini diarsipkan; rapatnya tidak dapat diubah."))
    partners = _partners(wish)
    if not partners and not wish.title:
        raise Refused("partner_ids", _("Pilih mitra, atau beri judul bila rapat ini tanpa mitra."))
    _must_be_colleagues(meeting, wish)
    _set_time(meeting, wish, status, cluster.timezone)
    if meeting.status != status:
        meeting.status, meeting.received_at, meeting.made_at = status, clock.now(), wish.made_at
    meeting.cluster_id = wish.cluster_id
    meeting.title = wish.title or _title(list(partners.values()))
    meeting.kind, meeting.mode, meeting.place = wish.kind, wish.mode, wish.place
    meeting.chair_user_id, meeting.minute_taker_user_id = wish.chair_user_id, wish.minute_taker_user_id
    meeting.agreement_id = wish.agreement_id
    meeting.agenda, meeting.notes, meeting.decisions = wish.agenda, wish.notes, wish.decisions
    if meeting.id:
        touch(meeting)
    db.session.add(meeting)
    db.session.flush()
    before = set(_partner_ids(meeting))
    _set_partners(meeting, partners)
    _set_present(meeting, wish)
    refresh_last_contact(meeting.cluster_id, before | partners.keys())


def _set_time(meeting: Meeting, wish: MeetingWish, status: MeetingStatus, zone: str) -> None:
    starts_at = clock.at(wish.day, wish.starts, zone)
    now = clock.now()
    where = "starts" if wish.day == clock.today(zone) else "day"
    limit = f"{presentation.day_short(now, zone)}, {presentation.clock_time(now, zone)}"
    if status == MeetingStatus.HELD and starts_at > now:
        raise Refused(
            where, _("Rapat yang dicatat sudah berlangsung: tidak sesudah sekarang (%(now)s).", now=limit)
        )
    if status == MeetingStatus.PLANNED and starts_at <= now and starts_at != meeting.starts_at:
        raise Refused(where, _("Rapat yang direncanakan harus sesudah sekarang (%(now)s).", now=limit))
    ends_at = clock.at(wish.day, wish.ends, zone) if wish.ends else None
    if ends_at is not None and ends_at <= starts_at:
        start = presentation.clock_time(starts_at, zone)
        raise Refused("ends", _("Harus sesudah jam mulai (%(start)s).", start=start))
    meeting.starts_at, meeting.ends_at = starts_at, ends_at


def _partners(wish: MeetingWish) -> dict[int, str]:
    """Id and name of the partners that the meeting is with, the chosen ones first."""
    of_contacts = db.session.execute(
        select(Affiliation.id, Affiliation.partner_id).where(Affiliation.id.in_(wish.affiliation_ids))
    ).all()
    if {affiliation_id for affiliation_id, _partner_id in of_contacts} != set(wish.affiliation_ids):
        raise Refused("affiliation_ids", _("Pilih dari daftar."))
    wanted = dict.fromkeys([*wish.partner_ids, *(partner_id for _id, partner_id in of_contacts)])
    rows = db.session.execute(
        select(Partner.id, Partner.name, ClusterPartner.id)
        .outerjoin(
            ClusterPartner,
            (ClusterPartner.partner_id == Partner.id) & (ClusterPartner.cluster_id == wish.cluster_id),
        )
        .where(Partner.id.in_(wanted))
    ).all()
    names = {partner_id: name for partner_id, name, _involvement_id in rows}
    if set(names) != set(wanted):
        raise Refused("partner_ids", _("Pilih dari daftar."))
    for _partner_id, name, involvement_id in rows:
        if involvement_id is None:
            raise Refused("partner_ids", _("%(partner)s tidak terlibat dalam klaster ini.", partner=name))
    return {partner_id: names[partner_id] for partner_id in wanted}


def _must_be_colleagues(meeting: Meeting, wish: MeetingWish) -> None:
    """Ours at the meeting are members of its cluster or the Kabid; who was written down before stays."""
    wanted = {*wish.user_ids, wish.chair_user_id, wish.minute_taker_user_id} - {None}
    kept = {meeting.chair_user_id, meeting.minute_taker_user_id}
    if meeting.id:
        kept |= set(db.session.scalars(select(Attendance.user_id).where(Attendance.meeting_id == meeting.id)))
    known = db.session.scalars(
        select(User.id).where(User.id.in_(wanted - kept), answers_for(wish.cluster_id))
    )
    if wanted - kept - set(known):
        raise Refused("user_ids", _("Pilih rekan dari klaster rapat ini."))


def _title(names: list[str]) -> str:
    if len(names) == 1:
        title: str = _("Rapat dengan %(partner)s", partner=names[0])
    elif len(names) == 2:
        title = _("Rapat dengan %(partner)s dan %(other)s", partner=names[0], other=names[1])
    else:
        title = ngettext(
            "Rapat dengan %(partner)s dan %(num)s mitra lain",
            "Rapat dengan %(partner)s dan %(num)s mitra lain",
            len(names) - 1,
            partner=names[0],
        )
    return title


def _partner_ids(meeting: Meeting) -> Iterable[int]:
    return db.session.scalars(
        select(MeetingPartner.partner_id).where(MeetingPartner.meeting_id == meeting.id)
    ).all()


def _set_partners(meeting: Meeting, wanted: Iterable[int]) -> None:
    rows = {
        row.partner_id: row
        for row in db.session.scalars(select(MeetingPartner).where(MeetingPartner.meeting_id == meeting.id))
    }
    for partner_id in rows.keys() - set(wanted):
        db.session.delete(rows[partner_id])
    for partner_id in wanted:
        if partner_id not in rows:
            db.session.add(MeetingPartner(meeting_id=meeting.id, partner_id=partner_id))


def _set_present(meeting: Meeting, wish: MeetingWish) -> None:
    """Keep the rows of who is still said to have been there, so that the trail tells only what changed."""
    columns = ("affiliation_id", "user_id", "guest_name", "guest_organisation")
    wanted = dict.fromkeys(
        [(number, None, None, None) for number in wish.affiliation_ids]
        + [(None, number, None, None) for number in wish.user_ids]
        + [(None, None, guest.name, guest.organisation) for guest in wish.guests]
    )
    rows = {
        tuple(getattr(row, column) for column in columns): row
        for row in db.session.scalars(select(Attendance).where(Attendance.meeting_id == meeting.id))
    }
    for who in rows.keys() - wanted.keys():
        db.session.delete(rows[who])
    for who in wanted:
        if who not in rows:
            db.session.add(Attendance(meeting_id=meeting.id, **dict(zip(columns, who, strict=True))))


def _follow_up(meeting: Meeting, wish: MeetingWish, by: Principal) -> None:
    """Make follow-ups of the new action items, and close the earlier ones that are done."""
    made = set(db.session.scalars(select(FollowUp.title).where(FollowUp.meeting_id == meeting.id)))
    last = db.session.scalar(select(func.max(FollowUp.position)).where(FollowUp.meeting_id == meeting.id))
    partner_id = next(iter((*wish.partner_ids, *_partner_ids(meeting))), None)
    # An item that the meeting has already is one that was sent before, and comes along with a corrected text.
    fresh = [item for item in wish.items if item.title not in made]
    for position, item in enumerate(fresh, start=0 if last is None else last + 1):
        followups.make(
            FollowUpWish(
                cluster_id=meeting.cluster_id,
                title=item.title,
                owner_user_id=item.owner_user_id,
                due_on=item.due_on,
                partner_id=partner_id,
                source_kind=FollowUpSource.MEETING,
                meeting_id=meeting.id,
                position=position,
            ),
            by,
        )
    done = select(FollowUp).where(
        FollowUp.id.in_(wish.done_ids),
        FollowUp.cluster_id == meeting.cluster_id,
        FollowUp.status.in_(OPEN_FOLLOW_UPS),
        FollowUp.archived_at.is_(None),
    )
    for follow_up in db.session.scalars(done).all():
        followups.done(follow_up, None)
