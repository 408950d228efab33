"""The list of contacts as an address asks for it, and as a spreadsheet."""

from collections.abc import Iterable, Iterator
from typing import Any

from flask_babel import gettext as _
from werkzeug.datastructures import MultiDict

from pentahelix import phones, rules
from pentahelix.blueprints.asked import number, word
from pentahelix.exports.xlsx import Column, Kind
from pentahelix.queries.contacts import ContactRow, Filters, Sort, Status
from pentahelix.vocabulary import ContactFunction, Helix


def read_filters(asked: MultiDict[str, str]) -> Filters:
    """What is no such filter narrows nothing."""
    return Filters(
        typed=asked.get("q", "").strip(),
        partner_id=number(asked.get("partner")),
        cluster_id=number(asked.get("cluster")),
        helix=word(Helix, asked.get("helix")),
        function=word(ContactFunction, asked.get("function")),
        status=word(Status, asked.get("status")),
        sort=word(Sort, asked.get("sort")) or Sort.NAME,
    )


def columns() -> list[Column]:
    return [
        Column(_("Nama")),
        Column(_("Sapaan")),
        Column(_("Jabatan")),
        Column(_("Mitra")),
        Column(_("Unsur")),
        Column(_("Fungsi")),
        Column(_("Telepon")),
        Column(_("Keterangan telepon")),
        Column(_("Surel")),
        Column(_("Bahasa untuk surel")),
        Column(_("Dasar penyimpanan data")),
        Column(_("Berlaku sejak"), Kind.DAY),
    ]


def lines(rows: Iterable[ContactRow]) -> Iterator[list[Any]]:
    """A line a person; several places stand below each other in their cell.

    How somebody is reached who is to be left alone is told by their page only.
    """
    for row in rows:
        contact = row.contact
        reach = (contact.phone and phones.show(contact.phone), contact.phone_note, contact.email)
        yield [
            contact.name,
            contact.salutation and contact.salutation.label,
            _together(place.position for place in row.places),
            _together(place.partner for place in row.places),
            _together(place.helix.label for place in row.places),
            _together(place.function.label for place in row.places if place.function),
            *((None, None, None) if rules.is_left_alone(contact) else reach),
            contact.language.label,
            contact.basis.label,
            contact.basis_since,
        ]


def _together(values: Iterable[Any]) -> str | None:
    return "\n".join(str(value) for value in values if value) or None
