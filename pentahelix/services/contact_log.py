"""The contact log: a call, a message, a mail, a visit, in one line or none."""

from dataclasses import dataclass
from datetime import date

from flask_babel import gettext as _
from sqlalchemy import select

from pentahelix import clock
from pentahelix.extensions import db
from pentahelix.models import Affiliation, ContactLog, Partner
from pentahelix.presentation import day_long
from pentahelix.principal import Principal
from pentahelix.queries.days import zone_of
from pentahelix.refusals import Refused, WrongState
from pentahelix.services.involvements import must_have_been_involved, refresh_last_contact
from pentahelix.vocabulary import Channel


@dataclass(frozen=True)
class LogWish:
    """`day`: today in the cluster's zone, if left out."""

    cluster_id: int
    channel: Channel
    day: date | None = None
    contact_id: int | None = None
    line: str | None = None


def write(partner: Partner, wish: LogWish, by: Principal) -> ContactLog:
    """Note that `by` spoke with `partner`; it counts as their last contact in that cluster."""
    must_take_entries(partner)
    must_have_been_involved(wish.cluster_id, partner.id, "cluster_id")
    entry = ContactLog(cluster_id=wish.cluster_id, partner_id=partner.id, user_id=by.user_id)
    _fill(entry, wish)
    db.session.add(entry)
    _keep(entry)
    return entry


def edit(entry: ContactLog, wish: LogWish) -> None:
    """Correct it; its cluster and who wrote it stay."""
    must_not_be_archived(entry)
    _fill(entry, wish)
    _keep(entry)


def archive(entry: ContactLog) -> None:
    """Take it back: out of the timeline, and out of the last contact."""
    must_not_be_archived(entry)
    entry.archived_at = clock.now()
    _keep(entry)


def restore(entry: ContactLog) -> None:
    entry.archived_at = None
    _keep(entry)


def must_take_entries(partner: Partner) -> None:
    if partner.is_archived:
        raise WrongState(_("Mitra ini diarsipkan. Pulihkan dahulu untuk mencatat kontak."))


def must_not_be_archived(entry: ContactLog) -> None:
    if entry.is_archived:
        raise WrongState(_("Catatan kontak ini ditarik kembali. Pulihkan dahulu untuk mengubahnya."))


# ---------------------------------------------------------------------------------------------------------


def _fill(entry: ContactLog, wish: LogWish) -> None:
    today = clock.today(zone_of(entry.cluster_id))
    day = wish.day or today
    if day > today:
        raise Refused("contacted_on", _("Paling lambat hari ini (%(day)s).", day=day_long(today)))
    if wish.contact_id not in (None, entry.contact_id):
        works_there = select(Affiliation.id).where(
            Affiliation.partner_id == entry.partner_id, Affiliation.contact_id == wish.contact_id
        )
        if db.session.scalar(works_there.limit(1)) is None:
            raise Refused("contact_id", _("Pilih dari daftar."))
    entry.channel = wish.channel
    entry.contacted_on = day
    entry.contact_id = wish.contact_id
    entry.line = wish.line


def _keep(entry: ContactLog) -> None:
    db.session.flush()
    refresh_last_contact(entry.cluster_id, [entry.partner_id])
