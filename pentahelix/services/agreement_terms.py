"""What an agreement says: its wish, what of it is refused, and the rows that hold it.

A coordinator puts and takes away clusters of their own only. Parties are known by who they are, so that the
same one again keeps its row; those out of sight stay.
"""

from collections.abc import Iterable
from dataclasses import dataclass, fields
from datetime import date
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import exists, or_, select

from pentahelix import clock
from pentahelix.extensions import db
from pentahelix.models import (
    Agreement,
    AgreementCluster,
    AgreementParty,
    AgreementScope,
    Cluster,
    ClusterPartner,
    Contribution,
    FollowUp,
    GuidanceSession,
    Meeting,
    Partner,
    School,
)
from pentahelix.queries.agreements import IN_PROCESS
from pentahelix.refusals import Refused
from pentahelix.rules import not_ended
from pentahelix.scope import live
from pentahelix.services.agreement_states import (
    changeable,
    must_be_a_period,
    must_have_an_end,
    must_have_come,
)
from pentahelix.vocabulary import AgreementKind, AgreementStatus, ContributionKind, PartySide

#: The kind that stands above a kind.
ABOVE = {AgreementKind.PKS: AgreementKind.MOU, AgreementKind.IA: AgreementKind.PKS}

#: What stands in one cluster and may name an agreement that covers it.
OF_AGREEMENTS = (GuidanceSession, Meeting, FollowUp, Contribution)

#: ("partner", 7), ("school", 3) or ("office", "dinas pendidikan")
Who = tuple[str, int | str]


@dataclass(frozen=True)
class PartyWish:
    """One of a partner, a school and an office (the province), and who signs for it."""

    side: PartySide
    partner_id: int | None = None
    school_id: int | None = None
    office: str | None = None
    signatory_name: str | None = None
    signatory_position: str | None = None
    signatory_authority: str | None = None

    @property
    def who(self) -> Who:
        return _who(self)

    @property
    def unsigned(self) -> "PartyWish":
        """The same party of another paper."""
        return PartyWish(self.side, self.partner_id, self.school_id, self.office)


@dataclass(frozen=True)
class AgreementWish:
    """What an agreement shall be. Dates before its signing are those that are planned."""

    kind: AgreementKind
    title: str
    cluster_ids: tuple[int, ...]
    parties: tuple[PartyWish, ...]
    scope: tuple[ContributionKind, ...] = ()
    parent_id: int | None = None
    number_first: str | None = None
    number_second: str | None = None
    term_months: int | None = None
    starts_on: date | None = None
    ends_on: date | None = None
    is_open_ended: bool = False
    objective: str | None = None
    scope_text: str | None = None
    funding: str | None = None
    note: str | None = None
    #: corrects what was recorded at the signing; none: as it is
    signed_on: date | None = None


#: What of a wish is a column of the agreement; the rest stands in rows of its own, or comes by the signing.
COLUMNS = tuple(
    field.name
    for field in fields(AgreementWish)
    if field.name not in ("cluster_ids", "parties", "scope", "signed_on")
)


# ── What is refused ─────────────────────────────────────────────────────────────────────────────────────────


def refuse_what_is_settled(agreement: Agreement, before: AgreementWish, wish: AgreementWish) -> None:
    free = changeable(agreement.status)
    for name, told in _terms(wish).items():
        if name not in free and told != _terms(before)[name]:
            raise Refused(name, _settled(agreement.status))


def _terms(wish: AgreementWish) -> dict[str, Any]:
    """All of a wish that can be settled, comparable; who signs for a party never is."""
    return {
        **columns(wish),
        "signed_on": wish.signed_on,
        "cluster_ids": set(wish.cluster_ids),
        "scope": set(wish.scope),
        "parties": {(party.who, party.side) for party in wish.parties},
    }


def _settled(status: AgreementStatus) -> Any:
    if status in IN_PROCESS:
        return _("Naskah ini sedang ditelaah atau sudah disetujui; isinya tidak dapat diubah.")
    if status == AgreementStatus.SIGNED:
        return _("Ini sudah ditandatangani dan tidak dapat diubah.")
    return _("Kerja sama ini sudah berakhir; isinya tidak dapat diubah.")


def check(wish: AgreementWish) -> None:
    """What can be told from the wish alone."""
    parties = wish.parties
    must_be_a_period(wish.starts_on, wish.ends_on, wish.is_open_ended)
    if any(len([one for one in (p.partner_id, p.school_id, p.office) if one]) != 1 for p in parties):
        raise Refused("parties", _("Setiap pihak adalah satu mitra, satu sekolah, atau satu instansi."))
    if len({party.who for party in parties}) < len(parties):
        raise Refused("parties", _("Setiap pihak cukup disebut sekali."))
    if {party.side for party in parties} != set(PartySide):
        raise Refused("parties", _("Kedua pihak harus terisi."))
    if not any(party.partner_id for party in parties):
        raise Refused("parties", _("Pilih paling sedikit satu mitra."))


def check_clusters(wanted: set[int], covered: set[int]) -> None:
    if not wanted:
        raise Refused("cluster_ids", _("Pilih paling sedikit satu klaster."))
    new = wanted - covered
    if new - set(db.session.scalars(select(Cluster.id).where(Cluster.id.in_(new), live(Cluster)))):
        raise Refused("cluster_ids", _("Pilih dari daftar."))


def check_left_clusters(agreement: Agreement, left: set[int]) -> None:
    """A cluster is covered as long as something of it names the agreement, put away or not.

    Else it would go on telling the title of what one there does not see any more.
    """
    naming = (
        exists().where(of.agreement_id == agreement.id, of.cluster_id == Cluster.id) for of in OF_AGREEMENTS
    )
    held = select(Cluster.short_name).where(Cluster.id.in_(left), or_(*naming)).order_by(Cluster.sort_name)
    if left and (names := db.session.scalars(held).all()):
        raise Refused(
            "cluster_ids",
            _(
                "Bimbingan, rapat, tindak lanjut, atau kontribusi klaster berikut merujuk kerja sama ini, "
                "sehingga klaster itu tidak dapat dilepas: %(clusters)s.",
                clusters=", ".join(names),
            ),
        )


def check_new_parties(parties: Iterable[PartyWish], cluster_ids: Iterable[int]) -> None:
    """A partner works with one of the clusters at least, a school belongs to one of them."""
    parties, covered = list(parties), list(cluster_ids)
    partners = {party.partner_id for party in parties if party.partner_id}
    involved = (
        select(ClusterPartner.partner_id)
        .join(ClusterPartner.partner)
        .where(
            ClusterPartner.cluster_id.in_(covered),
            ClusterPartner.partner_id.in_(partners),
            not_ended(clock.today()),
            live(Partner),
        )
    )
    if partners - set(db.session.scalars(involved)):
        raise Refused("parties", _("Pilih dari mitra yang terlibat dalam salah satu klaster ini."))
    schools = {party.school_id for party in parties if party.school_id}
    known = select(School.id).where(School.id.in_(schools), School.cluster_id.in_(covered), live(School))
    if schools - set(db.session.scalars(known)):
        raise Refused("school_ids", _("Pilih sekolah dari salah satu klaster ini."))


def check_parent(wish: AgreementWish, agreement: Agreement | None = None) -> None:
    """Kinds only ever stand under the next higher one, so nothing can stand above itself."""
    if agreement is not None and wish.kind != agreement.kind:
        below = select(Agreement.id).where(Agreement.parent_id == agreement.id)
        if db.session.scalars(below.limit(1)).first() is not None:
            raise Refused("kind", _("Masih ada naskah lain di bawah kerja sama ini."))
    if wish.parent_id is None:
        return
    parent = select(Agreement.id).where(
        Agreement.id == wish.parent_id,
        Agreement.kind == ABOVE.get(wish.kind),
        Agreement.status != AgreementStatus.ABANDONED,
        live(Agreement),
    )
    if db.session.scalars(parent).first() is None:
        raise Refused("parent_id", _("Induk PKS adalah MoU, induk IA adalah PKS."))


def check_signed(wish: AgreementWish) -> None:
    must_have_an_end(wish.ends_on, wish.is_open_ended)
    if wish.starts_on is None:
        raise Refused("starts_on", _("Isi tanggal mulai."))
    assert wish.signed_on is not None
    must_have_come(wish.signed_on, "signed_on")


# ── Its rows ────────────────────────────────────────────────────────────────────────────────────────────────


def columns(wish: AgreementWish | Agreement) -> dict[str, Any]:
    return {name: getattr(wish, name) for name in COLUMNS}


def _who(party: PartyWish | AgreementParty) -> Who:
    if party.partner_id is not None:
        return "partner", party.partner_id
    if party.school_id is not None:
        return "school", party.school_id
    return "office", (party.office or "").strip().casefold()


def as_wish(party: AgreementParty) -> PartyWish:
    return PartyWish(
        party.side,
        party.partner_id,
        party.school_id,
        party.office,
        party.signatory_name,
        party.signatory_position,
        party.signatory_authority,
    )


def parties_of(agreement: Agreement) -> list[AgreementParty]:
    rows = select(AgreementParty).where(AgreementParty.agreement_id == agreement.id)
    return list(db.session.scalars(rows.order_by(AgreementParty.id)))


def clusters_in_sight(agreement: Agreement) -> dict[int, AgreementCluster]:
    rows = select(AgreementCluster).where(AgreementCluster.agreement_id == agreement.id)
    return {row.cluster_id: row for row in db.session.scalars(rows)}


def with_hidden(wanted: tuple[PartyWish, ...], present: tuple[PartyWish, ...]) -> tuple[PartyWish, ...]:
    """Those of the present parties whom one does not see stand beside the wanted ones."""
    partners = {party.partner_id for party in present if party.partner_id}
    schools = {party.school_id for party in present if party.school_id}
    seen: set[Who] = {
        ("partner", number)
        for number in db.session.scalars(select(Partner.id).where(Partner.id.in_(partners)))
    }
    seen |= {
        ("school", number) for number in db.session.scalars(select(School.id).where(School.id.in_(schools)))
    }
    named = {party.who for party in wanted}
    return wanted + tuple(
        party
        for party in present
        if party.office is None and party.who not in seen and party.who not in named
    )


def put_clusters(agreement: Agreement, wanted: Iterable[int]) -> None:
    """Only those in sight are put or taken away."""
    rows, wanted = clusters_in_sight(agreement), set(wanted)
    for number in wanted - rows.keys():
        db.session.add(AgreementCluster(agreement_id=agreement.id, cluster_id=number))
    # First the new ones: an agreement that covers nothing in sight could not be seen any more.
    db.session.flush()
    for number in rows.keys() - wanted:
        db.session.delete(rows[number])


def put_parties(agreement: Agreement, wanted: Iterable[PartyWish]) -> None:
    rows = {_who(party): party for party in parties_of(agreement)}
    for wish in wanted:
        party = rows.pop(wish.who, None)
        if party is None:
            party = AgreementParty(
                agreement_id=agreement.id, partner_id=wish.partner_id, school_id=wish.school_id
            )
            db.session.add(party)
        party.side, party.office = wish.side, wish.office
        party.signatory_name = wish.signatory_name
        party.signatory_position = wish.signatory_position
        party.signatory_authority = wish.signatory_authority
    for party in rows.values():
        db.session.delete(party)
    db.session.flush()


def put_scope(agreement: Agreement, wanted: Iterable[ContributionKind]) -> None:
    found = select(AgreementScope).where(AgreementScope.agreement_id == agreement.id)
    rows = {row.kind: row for row in db.session.scalars(found)}
    for kind in dict.fromkeys(wanted):
        if kind not in rows:
            db.session.add(AgreementScope(agreement_id=agreement.id, kind=kind))
    for kind in rows.keys() - set(wanted):
        db.session.delete(rows[kind])
    db.session.flush()
