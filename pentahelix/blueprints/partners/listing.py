"""The list of partners as an address asks for it, and as a spreadsheet."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from flask_babel import gettext as _, pgettext

from pentahelix import phones
from pentahelix.blueprints.asked import number, word
from pentahelix.exports.xlsx import Column, Kind
from pentahelix.principal import Principal
from pentahelix.queries.partners import Filters, SheetRow, Sort, Status
from pentahelix.vocabulary import Helix, Regency, Role

#: In the address: every cluster in sight, also for somebody who has chosen one.
ALL = "all"


def read_filters(asked: Mapping[str, str], person: Principal) -> Filters:
    """What is no such filter narrows nothing. A coordinator of several looks at the cluster last chosen."""
    usual = person.chosen_cluster_id if person.role == Role.COORDINATOR else None
    cluster = asked.get("cluster", "")
    return Filters(
        typed=asked.get("q", "").strip(),
        helix=word(Helix, asked.get("helix")),
        cluster_id=number(cluster) or (None if cluster == ALL or usual not in person.cluster_ids else usual),
        regency=word(Regency, asked.get("regency")),
        status=word(Status, asked.get("status")),
        tag=asked.get("tag", "").strip().lower() or None,
        sort=word(Sort, asked.get("sort")) or Sort.LONGEST_AGO,
    )


def columns() -> list[Column]:
    return [
        Column(_("Mitra")),
        Column(_("Unsur")),
        Column(_("Jenis lembaga")),
        Column(_("Keterlibatan")),
        Column(pgettext("menu", "Klaster")),
        Column(_("Terlibat sejak"), Kind.DAY),
        Column(_("Kabupaten/kota")),
        Column(_("Kecamatan")),
        Column(_("Alamat")),
        Column(_("Narahubung")),
        Column(_("Jabatan")),
        Column(_("Telepon narahubung")),
        Column(_("Surel narahubung")),
        Column(_("Telepon")),
        Column(_("Keterangan telepon")),
        Column(_("Surel")),
        Column(_("Situs web")),
        Column(_("NIB")),
        Column(_("NPWP")),
        Column(_("Kontak terakhir"), Kind.DAY),
        Column(_("Jenis kontak")),
        Column(_("Langkah berikutnya")),
        Column(_("Tenggat"), Kind.DAY),
        Column(_("Kerja sama")),
        Column(_("Keadaan kerja sama")),
        Column(_("Berakhir"), Kind.DAY),
        Column(_("Label")),
    ]


def lines(rows: Iterable[SheetRow]) -> Iterator[list[Any]]:
    for row, partner, person, clusters, tags in rows:
        agreement = row.agreement
        yield [
            partner.name,
            partner.helix.label,
            partner.org_type,
            _("Berakhir") if row.has_ended else row.role.label,
            clusters,
            row.since,
            partner.regency and partner.regency.label,
            partner.area,
            partner.address,
            person and person.name,
            row.position,
            person and person.phone and phones.show(person.phone),
            person and person.email,
            partner.phone and phones.show(partner.phone),
            partner.phone_note,
            partner.email,
            partner.website,
            partner.nib,
            partner.npwp,
            row.last_contact_on,
            row.last_contact_kind and row.last_contact_kind.label,
            row.step_title,
            row.step_due_on,
            agreement and agreement.kind.label,
            agreement and agreement.standing.label,
            agreement and agreement.ends_on,
            tags,
        ]
