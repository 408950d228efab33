"""Follow-ups: what somebody promised to do until when.

Which follow-ups somebody may change is a matter of scope and permissions. A step that the present state does
not allow raises WrongState, a rule's no Refused at the field of the form.
Whoever is given a follow-up by somebody else is mailed at once.
"""

from dataclasses import dataclass
from datetime import date, timedelta

from flask_babel import gettext as _, ngettext
from sqlalchemy import Select, select

from pentahelix import clock
from pentahelix.extensions import db
from pentahelix.mail import assignments
from pentahelix.models import (
    AgreementCluster,
    Cluster,
    Contribution,
    FollowUp,
    GuidanceSession,
    Meeting,
    User,
)
from pentahelix.prepared import prepared
from pentahelix.principal import Principal
from pentahelix.queries.colleagues import answers_for
from pentahelix.queries.days import zone_of
from pentahelix.refusals import Refused, WrongState
from pentahelix.services import settings
from pentahelix.services.involvements import must_have_been_involved
from pentahelix.transitions import FOLLOW_UP, possible
from pentahelix.vocabulary import (
    OPEN_FOLLOW_UPS,
    FollowUpSource,
    FollowUpStatus,
    Helix,
    Priority,
)


@dataclass(frozen=True)
class FollowUpWish:
    """What a follow-up shall be. `helix` is that of the cell which it came from."""

    cluster_id: int
    title: str
    owner_user_id: int
    due_on: date
    partner_id: int | None = None
    priority: Priority = Priority.MEDIUM
    source_kind: FollowUpSource = FollowUpSource.NONE
    meeting_id: int | None = None
    helix: Helix | None = None
    position: int = 0
    guidance_id: int | None = None
    agreement_id: int | None = None
    contribution_id: int | None = None


def must_not_be_archived(follow_up: FollowUp) -> None:
    if follow_up.is_archived:
        raise WrongState(_("Tindak lanjut ini diarsipkan. Pulihkan dahulu untuk mengubahnya."))


def must_be_open(follow_up: FollowUp) -> None:
    must_not_be_archived(follow_up)
    if follow_up.status not in OPEN_FOLLOW_UPS:
        raise WrongState(_("Tindak lanjut ini sudah ditutup. Buka kembali dahulu untuk mengubahnya."))


def owners_of(cluster_id: int) -> list[User]:
    """Who may own a follow-up of a cluster: its members and the Kabid, by name."""
    return list(db.session.scalars(*_owners_of(cluster_id)))


@prepared
def _owners_of(cluster_id: int) -> Select[User]:
    return select(User).where(answers_for(cluster_id)).order_by(User.sort_name, User.id)


def make(wish: FollowUpWish, by: Principal) -> FollowUp:
    cluster = db.session.scalars(select(Cluster).where(Cluster.id == wish.cluster_id)).one()
    if cluster.is_archived:
        raise WrongState(_("Klaster ini diarsipkan; tindak lanjut baru tidak dapat dibuat."))
    _must_come_from_the_cluster(wish)
    follow_up = FollowUp(
        cluster_id=wish.cluster_id,
        source_kind=wish.source_kind,
        meeting_id=wish.meeting_id,
        guidance_id=wish.guidance_id,
        agreement_id=wish.agreement_id,
        contribution_id=wish.contribution_id,
        helix=wish.helix,
        position=wish.position,
    )
    _fill(follow_up, wish, by)
    db.session.add(follow_up)
    db.session.flush()
    assignments.assigned(follow_up, by)
    return follow_up


def edit(follow_up: FollowUp, wish: FollowUpWish, reason: str | None, by: Principal) -> None:
    """Change what is to be done; where it came from stays. Another due date needs a reason."""
    must_be_open(follow_up)
    if wish.due_on != follow_up.due_on:
        if not reason:
            raise Refused("reason", _("Tulis alasan tenggatnya dipindah."))
        follow_up.due_reason = reason
    is_handed_over = wish.owner_user_id != follow_up.owner_user_id
    _fill(follow_up, wish, by)
    db.session.flush()
    if is_handed_over:
        assignments.assigned(follow_up, by)


def begin(follow_up: FollowUp) -> None:
    """It is being worked on."""
    must_be_open(follow_up)
    _advance(follow_up, FollowUpStatus.IN_PROGRESS)
    db.session.flush()


def done(follow_up: FollowUp, result: str | None) -> None:
    today = _today(follow_up)
    _advance(follow_up, FollowUpStatus.DONE)
    follow_up.completed_on = today
    follow_up.result = result or follow_up.result
    db.session.flush()


def reopen(follow_up: FollowUp, to: FollowUpStatus = FollowUpStatus.IN_PROGRESS) -> None:
    """Take back that it is done or cancelled; what had been written about it stays."""
    if follow_up.status in OPEN_FOLLOW_UPS:
        raise WrongState(_("Tindak lanjut ini masih terbuka."))
    _advance(follow_up, to)
    follow_up.completed_on = None
    db.session.flush()


def snooze(follow_up: FollowUp, until: date | None) -> None:
    """Send no mail about it before `until`; its due date and lateness stay. None wakes it."""
    must_be_open(follow_up)
    if until is not None:
        today, longest = _today(follow_up), settings.province().snooze_days
        if until <= today:
            raise Refused("until", _("Harus sesudah hari ini."))
        if until > today + timedelta(days=longest):
            raise Refused(
                "until", ngettext("Paling lama %(num)s hari.", "Paling lama %(num)s hari.", longest)
            )
    follow_up.snoozed_until = until
    db.session.flush()


def reassign(follow_up: FollowUp, owner_user_id: int, by: Principal) -> None:
    """Give it to somebody else."""
    must_be_open(follow_up)
    if owner_user_id == follow_up.owner_user_id:
        return
    _own(follow_up, follow_up.cluster_id, owner_user_id, by)
    db.session.flush()
    assignments.assigned(follow_up, by)


def cancel(follow_up: FollowUp, reason: str) -> None:
    """It need not be done any more; the reason stands as its result."""
    _advance(follow_up, FollowUpStatus.CANCELLED)
    follow_up.result = reason
    db.session.flush()


def archive(follow_up: FollowUp) -> None:
    must_not_be_archived(follow_up)
    follow_up.archived_at = clock.now()
    db.session.flush()


def restore(follow_up: FollowUp) -> None:
    follow_up.archived_at = None
    db.session.flush()


# ---------------------------------------------------------------------------------------------------------


def _must_come_from_the_cluster(wish: FollowUpWish) -> None:
    """What it comes from belongs to its cluster, or covers it; a cell does so by itself."""
    source = {
        FollowUpSource.MEETING: select(Meeting.cluster_id).where(Meeting.id == wish.meeting_id),
        FollowUpSource.GUIDANCE: select(GuidanceSession.cluster_id).where(
            GuidanceSession.id == wish.guidance_id
        ),
        FollowUpSource.AGREEMENT: select(AgreementCluster.cluster_id).where(
            AgreementCluster.agreement_id == wish.agreement_id
        ),
        FollowUpSource.CONTRIBUTION: select(Contribution.cluster_id).where(
            Contribution.id == wish.contribution_id
        ),
    }.get(wish.source_kind)
    if source is not None and wish.cluster_id not in db.session.scalars(source).all():
        raise Refused("cluster_id", _("Sumber tindak lanjut ini tidak termasuk klaster itu."))


def _fill(follow_up: FollowUp, wish: FollowUpWish, by: Principal) -> None:
    if wish.owner_user_id != follow_up.owner_user_id:
        _own(follow_up, wish.cluster_id, wish.owner_user_id, by)
    if wish.partner_id is not None and wish.partner_id != follow_up.partner_id:
        must_have_been_involved(wish.cluster_id, wish.partner_id, "partner_id")
    follow_up.partner_id = wish.partner_id
    follow_up.title = wish.title
    follow_up.due_on = wish.due_on
    follow_up.priority = wish.priority


def _own(follow_up: FollowUp, cluster_id: int, owner_user_id: int, by: Principal) -> None:
    """Whoever gets it begins anew: what the one before had begun or put off is theirs no more."""
    if owner_user_id not in {user.id for user in owners_of(cluster_id)}:
        raise Refused("owner_user_id", _("Penanggung jawab harus anggota klaster ini atau Kabid."))
    follow_up.owner_user_id = owner_user_id
    follow_up.assigned_by_user_id = None if by.user_id == owner_user_id else by.user_id
    follow_up.status, follow_up.snoozed_until = FollowUpStatus.NOT_STARTED, None


def _advance(follow_up: FollowUp, wanted: FollowUpStatus) -> None:
    must_not_be_archived(follow_up)
    if wanted not in possible(FOLLOW_UP, follow_up.status):
        raise WrongState(_("Tindak lanjut ini sudah berstatus “%(status)s”.", status=follow_up.status.label))
    follow_up.status = wanted


def _today(follow_up: FollowUp) -> date:
    return clock.today(zone_of(follow_up.cluster_id))
