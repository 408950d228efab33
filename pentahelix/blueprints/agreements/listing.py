"""The list of agreements as an address asks for it, and as a spreadsheet."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from flask_babel import gettext as _, pgettext

from pentahelix.blueprints.asked import number, word
from pentahelix.exports.xlsx import Column, Kind
from pentahelix.queries.agreement_list import Exported, Filters, Sort, State
from pentahelix.vocabulary import AgreementKind


def read_filters(asked: Mapping[str, str]) -> Filters:
    """What is no filter that we know is none."""
    return Filters(
        typed=asked.get("q", "").strip(),
        state=word(State, asked.get("state")),
        kind=word(AgreementKind, asked.get("kind")),
        cluster_id=number(asked.get("cluster")),
        partner_id=number(asked.get("partner")),
        sort=word(Sort, asked.get("sort")) or Sort.NEAR,
    )


def columns() -> list[Column]:
    return [
        Column(_("Judul")),
        Column(_("Jenis")),
        Column(_("Nomor Pihak Kesatu")),
        Column(_("Nomor Pihak Kedua")),
        Column(_("Mitra")),
        Column(_("Klaster")),
        Column(_("Keadaan")),
        Column(_("Tahap")),
        Column(_("Ditandatangani"), Kind.DAY),
        Column(_("Mulai"), Kind.DAY),
        Column(pgettext("kerja sama", "Berakhir"), Kind.DAY),
        Column(_("Tanpa batas waktu")),
        Column(_("Kewajiban terpenuhi"), Kind.NUMBER),
        Column(_("Kewajiban"), Kind.NUMBER),
        Column(_("Ruang lingkup")),
        Column(_("Tujuan")),
    ]


def lines(rows: Iterable[Exported]) -> Iterator[list[Any]]:
    for one in rows:
        row = one.row
        yield [
            row.title,
            row.kind.label,
            row.number_first,
            row.number_second,
            ", ".join(partner.name for partner in row.partners),
            ", ".join(row.clusters),
            row.standing.label,
            row.status.label,
            one.signed_on,
            row.starts_on,
            row.ends_on,
            _("ya") if row.is_open_ended else None,
            row.fulfilled,
            row.owed,
            ", ".join(str(kind.label) for kind in one.scope),
            one.objective,
        ]
