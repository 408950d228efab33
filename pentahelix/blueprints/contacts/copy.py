"""A copy of what is kept of one person, for that person (UU 27/2022, articles 6 and 13).

It tells nothing of others: neither who else was there nor who of ours wrote it down.
"""

from collections.abc import Iterator
from typing import Any

from flask_babel import gettext as _

from pentahelix import phones
from pentahelix.exports.xlsx import Column, Kind
from pentahelix.models import Contact
from pentahelix.queries import contacts, timeline
from pentahelix.queries.timeline_columns import Source


def columns() -> list[Column]:
    return [Column(_("Bagian")), Column(_("Tanggal"), Kind.DAY), Column(_("Isi")), Column(_("Keterangan"))]


def lines(contact: Contact) -> Iterator[list[Any]]:
    """Who they are, where they work or worked, and what happened with them, as far as the reader sees it."""
    own = _("Data diri")
    for label, value in (
        (_("Nama"), contact.name),
        (_("Sapaan"), contact.salutation and contact.salutation.label),
        (_("Telepon"), contact.phone and phones.show(contact.phone)),
        (_("Keterangan telepon"), contact.phone_note),
        (_("Surel"), contact.email),
        (_("Bahasa untuk surel"), contact.language.label),
    ):
        if value:
            yield [own, None, label, str(value)]
    yield [own, contact.basis_since, _("Dasar penyimpanan data"), str(contact.basis.label)]
    for place in contacts.places_of(contact):
        what = (place.position, place.function and place.function.label)
        yield [_("Tempat bertugas"), place.begins, place.partner, _joined(*what)]
    for entry in timeline.whole_of_contact(contact):
        told = () if entry.source in (Source.JOINED, Source.LEFT) else (entry.word and entry.word.label,)
        note = None if entry.source in (Source.MEETING, Source.GUIDANCE) else entry.text
        yield [str(entry.kind.label), entry.day, entry.title, _joined(*told, note)]


def _joined(*parts: Any) -> str | None:
    return " · ".join(str(part) for part in parts if part) or None
