"""Partners: registered, edited, put away; and in which clusters they are involved."""

from dataclasses import asdict, dataclass, field
from datetime import date

from flask_babel import gettext as _
from sqlalchemy import select

from pentahelix import clock
from pentahelix.extensions import db
from pentahelix.models import Cluster, ClusterPartner, Partner
from pentahelix.presentation import day_long
from pentahelix.principal import Principal
from pentahelix.queries.partner_alike import Told, alike
from pentahelix.queries.partner_page import stakes_of
from pentahelix.refusals import Refused, WrongState
from pentahelix.rules import not_ended
from pentahelix.scope import everything, live
from pentahelix.services import tags
from pentahelix.vocabulary import Helix, InvolvementRole, Role


@dataclass(frozen=True)
class PartnerWish:
    """An organisation. The fields are those of the entity; `tags` are its words."""

    name: str
    helix: Helix
    org_type: str | None = None
    area_code: str | None = None
    area: str | None = None
    address: str | None = None
    website: str | None = None
    email: str | None = None
    phone: str | None = None
    phone_note: str | None = None
    nib: str | None = None
    npwp: str | None = None
    description: str | None = None
    potential: str | None = None
    is_fictitious: bool = False
    tags: tuple[str, ...] = field(default=(), kw_only=True)

    @property
    def told(self) -> Told:
        return Told(self.name, self.phone, self.email, self.nib, self.npwp)


@dataclass(frozen=True)
class InvolvementWish:
    """In which cluster, as what, since when: today in its zone, if nothing is said."""

    cluster_id: int
    role: InvolvementRole = InvolvementRole.PARTNER
    since: date | None = None


# ── the organisation ────────────────────────────────────────────────────────────────────────────────────────


def register(wish: PartnerWish, involvement: InvolvementWish, *, as_new: bool = False) -> Partner:
    """A new partner, involved in a cluster from the first moment, since nobody could see it otherwise.

    Where it may be there already, that is said first; `as_new` means that it is another one.
    """
    cluster = _cluster(involvement.cluster_id)
    if not as_new and alike(wish.told):
        raise Refused(
            "as_new", _("Mungkin sudah tercatat. Buka yang ada, atau centang untuk tetap menyimpan.")
        )
    partner = Partner(
        **_columns(wish),
        involvements=[
            ClusterPartner(cluster_id=cluster.id, role=involvement.role, since=_since(involvement, cluster))
        ],
    )
    db.session.add(partner)
    db.session.flush()
    tags.put(partner, wish.tags)
    return partner


def edit(partner: Partner, wish: PartnerWish) -> None:
    refuse_archived(partner)
    for name, value in (_columns(wish) | {"is_fictitious": partner.is_fictitious}).items():
        setattr(partner, name, value)
    tags.put(partner, wish.tags)
    db.session.flush()


def archive(partner: Partner, by: Principal, *, confirmed: bool = False) -> None:
    """Put it away. Where that touches something still open, only once that has been said and confirmed."""
    refuse_archived(partner)
    if by.role != Role.ADMIN and _is_involved_elsewhere(partner.id, by.cluster_ids):
        raise Refused(
            None,
            _(
                "Mitra ini masih terlibat di klaster lain. Akhiri keterlibatannya di klaster Anda saja, "
                "atau minta admin mengarsipkannya."
            ),
        )
    if not confirmed and stakes_of(partner.id):
        raise Refused(None, _("Masih ada yang berjalan dengan mitra ini. Baca dahulu akibatnya."))
    partner.archived_at = clock.now()
    db.session.flush()


def restore(partner: Partner) -> None:
    partner.archived_at = None
    db.session.flush()


def refuse_archived(partner: Partner) -> None:
    if partner.is_archived:
        raise WrongState(_("Mitra ini diarsipkan. Pulihkan dahulu sebelum mengubahnya."))


# ── its involvements ────────────────────────────────────────────────────────────────────────────────────────


def involve(partner_id: int, wish: InvolvementWish) -> None:
    """Let it work with another cluster of one's own, or again with one where it had ended.

    It may be a partner of other clusters only, so its row is asked for in all of them: whoever calls this has
    made sure that the person was shown that very partner, and that it is not archived.
    """
    cluster = _cluster(wish.cluster_id)
    since = _since(wish, cluster)
    with everything() as session:
        there = session.scalars(
            select(ClusterPartner).where(
                ClusterPartner.partner_id == partner_id, ClusterPartner.cluster_id == cluster.id
            )
        ).first()
        if there is None:
            session.add(
                ClusterPartner(partner_id=partner_id, cluster_id=cluster.id, role=wish.role, since=since)
            )
        elif there.ended_on is None:
            raise Refused("cluster_id", _("Mitra ini sudah terlibat di klaster itu."))
        else:
            there.ended_on, there.role = None, wish.role


def involvement_of(partner: Partner, cluster_id: int | None) -> ClusterPartner:
    """Its involvement in a cluster in sight; a cluster where it has none is no choice."""
    found = db.session.scalars(
        select(ClusterPartner).where(
            ClusterPartner.partner_id == partner.id, ClusterPartner.cluster_id == cluster_id
        )
    ).first()
    if found is None:
        raise Refused("cluster_id", _("Mitra ini tidak terlibat di klaster itu."))
    return found


def change(partner: Partner, wish: InvolvementWish) -> None:
    """Its role in a cluster, and since when."""
    refuse_archived(partner)
    involvement = involvement_of(partner, wish.cluster_id)
    since = _since(wish, _cluster(wish.cluster_id))
    if involvement.ended_on and since > involvement.ended_on:
        raise Refused(
            "since", _("Tidak boleh sesudah hari terakhirnya (%(day)s).", day=day_long(involvement.ended_on))
        )
    involvement.role, involvement.since = wish.role, since
    db.session.flush()


def end(partner: Partner, cluster_id: int, day: date) -> None:
    """Let its involvement in one cluster end with `day`, its last; other clusters are not touched."""
    refuse_archived(partner)
    involvement = involvement_of(partner, cluster_id)
    if involvement.ended_on is not None:
        raise WrongState(_("Keterlibatan di klaster ini sudah berakhir."))
    if day < involvement.since:
        raise Refused(
            "day", _("Tidak boleh sebelum keterlibatannya mulai (%(day)s).", day=day_long(involvement.since))
        )
    involvement.ended_on = day
    db.session.flush()


def resume(partner: Partner, cluster_id: int) -> None:
    """Take the end back; it works with the cluster as before."""
    refuse_archived(partner)
    involvement_of(partner, cluster_id).ended_on = None
    db.session.flush()


# ────────────────────────────────────────────────────────────────────────────────────────────────────────────


def _columns(wish: PartnerWish) -> dict[str, object]:
    columns = asdict(wish)
    del columns["tags"]
    return columns


def _cluster(cluster_id: int) -> Cluster:
    """A cluster of one's own that is at work."""
    cluster = db.session.scalars(select(Cluster).where(Cluster.id == cluster_id, live(Cluster))).first()
    if cluster is None:
        raise Refused("cluster_id", _("Pilih dari daftar."))
    return cluster


def _since(wish: InvolvementWish, cluster: Cluster) -> date:
    today = clock.today(cluster.timezone)
    if wish.since and wish.since > today:
        raise Refused("since", _("Paling lambat hari ini (%(day)s).", day=day_long(today)))
    return wish.since or today


def _is_involved_elsewhere(partner_id: int, own: frozenset[int]) -> bool:
    """Whether clusters other than `own` work with it today; which ones is not told."""
    with everything() as session:
        elsewhere = session.scalars(
            select(ClusterPartner.id)
            .join(Cluster)
            .where(
                ClusterPartner.partner_id == partner_id, ClusterPartner.cluster_id.not_in(own), live(Cluster)
            )
            .where(not_ended(clock.today()))
            .limit(1)
        )
        return elsewhere.first() is not None
