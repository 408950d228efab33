"""The list of contributions as a spreadsheet: the value of each form in a column of its own."""

from collections.abc import Iterable, Iterator
from typing import Any

from flask_babel import gettext as _

from pentahelix import clock
from pentahelix.exports.xlsx import Column, Kind
from pentahelix.queries.contribution_list import ContributionRow
from pentahelix.vocabulary import ContributionForm


def columns() -> list[Column]:
    return [
        Column(_("Apa yang diberikan")),
        Column(_("Mitra")),
        Column(_("Unsur")),
        Column(_("Klaster")),
        Column(_("Jenis")),
        Column(_("Bentuk")),
        Column(_("Tahap")),
        Column(_("Tanggal penyerahan"), Kind.DAY),
        Column(_("Jumlah"), Kind.NUMBER),
        Column(_("Satuan")),
        Column(_("Jam"), Kind.NUMBER),
        *(Column(_("Nilai: %(form)s", form=form.label), Kind.RUPIAH) for form in ContributionForm),
        Column(_("Dasar penilaian")),
        Column(_("Produk yang dibantu")),
        Column(_("Dikonfirmasi mitra"), Kind.DAY),
        Column(_("Dikonfirmasi sekolah"), Kind.DAY),
        Column(_("Terbukti")),
        Column(_("Bukti dukung")),
        Column(_("Keterangan")),
    ]


def lines(rows: Iterable[ContributionRow]) -> Iterator[list[Any]]:
    for row in rows:
        given, zone = row.contribution, row.cluster.timezone
        confirmed = (given.giver_confirmed_at, given.school_confirmed_at)
        yield [
            given.title,
            row.partner.name,
            row.partner.helix.label,
            row.cluster.name,
            given.kind.label,
            given.form.label,
            given.stage.label,
            given.delivered_on,
            given.quantity,
            given.unit,
            given.hours,
            *(given.value if given.form == form else None for form in ContributionForm),
            given.valuation_basis,
            row.product and row.product.name,
            *(clock.local(moment, zone).date() if moment else None for moment in confirmed),
            _("ya") if row.contribution.is_proven else _("belum terbukti"),
            _("ada") if row.has_evidence else _("tanpa bukti") if row.is_bare else _("belum ada"),
            given.description,
        ]
