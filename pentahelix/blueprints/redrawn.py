"""Forms whose buttons named `act` draw them again, with a row or a partner more: no JavaScript is needed."""

from collections.abc import Iterable

from flask import abort
from flask_babel import gettext as _
from wtforms import FieldList
from wtforms.validators import ValidationError

from pentahelix.blueprints.asked import number
from pentahelix.blueprints.choices import EntitiesField
from pentahelix.blueprints.fields import TextField
from pentahelix.blueprints.forms import Form, words_of
from pentahelix.queries import meeting_form
from pentahelix.queries.meeting_form import PartnerChoice

#: More than anybody writes; each costs a small form.
MOST_ROWS = 200


class RowsField(FieldList):
    """Small forms below each other, as many as are sent."""

    def _extract_indices(self, prefix: str, formdata: Iterable[str]) -> Iterable[int]:
        start, rows = f"{prefix}-", set()
        for name in formdata:
            index = name.removeprefix(start).split("-", 1)[0]
            if name.startswith(start) and index.isascii() and index.isdecimal() and len(index) < 7:
                rows.add(int(index))
        return rows if len(rows) <= MOST_ROWS else abort(413)

    def words(self) -> str:
        return "\n".join(filter(None, (", ".join(words_of(f) for f in row.form if f.data) for row in self)))


class PartnersForm(Form):
    """Partners are looked for by name, and each that is found can be picked, and dropped again."""

    partner_query: TextField
    partner_ids: EntitiesField

    #: the chosen partners, and what a search brought
    partners: list[PartnerChoice]
    found: list[PartnerChoice]

    def offer_partners(self, also: Iterable[int] = ()) -> None:
        self.partners = meeting_form.partners([*self.partner_ids.data, *also])
        self.partner_ids.offer(self.partners)
        typed = self.partner_query.data
        self.found = [p for p in meeting_form.suggest(typed) if p not in self.partners] if typed else []

    def validate_partner_query(self, field: TextField) -> None:
        if field.data:
            raise ValidationError(_("Pilih mitra dari hasil pencarian, atau kosongkan kotak ini."))

    def _act(self, act: str) -> bool:
        """Do what the button says; whether it is one that draws the form again."""
        verb, _colon, value = act.partition(":")
        chosen = number(value) or 0
        if verb == "pick":
            self.partner_ids.data = list(dict.fromkeys([*self.partner_ids.data, chosen]))
            self.partner_query.process(None)
        elif verb == "drop":
            self.partner_ids.data = [other for other in self.partner_ids.data if other != chosen]
            self._dropped(chosen)
        return verb in ("find", "pick", "drop")

    def _dropped(self, partner_id: int) -> None:
        """What else goes with a partner."""
