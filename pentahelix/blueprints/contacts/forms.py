"""The forms of a person: who they are, to whom they move, when they leave."""

from typing import Any, Self

from flask_babel import lazy_gettext as _l, ngettext
from wtforms import BooleanField
from wtforms.validators import InputRequired

from pentahelix import clock
from pentahelix.blueprints.fields import (
    DayField,
    EmailField,
    EntityField,
    NameField,
    PhoneField,
    Required,
    TextField,
    WordField,
)
from pentahelix.blueprints.forms import Form
from pentahelix.extensions import db
from pentahelix.models import Affiliation
from pentahelix.queries.contact_alike import Alike, alike
from pentahelix.services.contacts import ContactWish, MoveWish
from pentahelix.vocabulary import Basis, ContactFunction, Language, Salutation


class ContactForm(Form):
    """A person and what they do at one partner; edited, the place is that of `seat`."""

    salutation = WordField(_l("Sapaan"), vocabulary=Salutation, cards=True, blank=_l("Belum diketahui"))
    name = NameField(_l("Nama lengkap dengan gelar"), [Required()])
    position = TextField(_l("Jabatan"))
    function = WordField(_l("Fungsi"), vocabulary=ContactFunction, blank=_l("Belum ditentukan"))
    phone = PhoneField(_l("Nomor telepon"))
    phone_note = TextField(_l("Ext. atau catatan"))
    email = EmailField(_l("Surel"))
    language = WordField(
        _l("Bahasa untuk surel"), [Required()], vocabulary=Language, blank=None, default=Language.ID
    )
    basis = WordField(
        _l("Dasar penyimpanan data"),
        [Required()],
        vocabulary=Basis,
        blank=None,
        default=Basis.PUBLIC_TASK,
        description=_l(
            "Dengan persetujuan yang ditarik, orang ini tidak disurati dan tidak ditawarkan lagi."
        ),
    )
    basis_since = DayField(_l("Berlaku sejak"))

    #: who may be the same person; a new contact's form finds them
    alike: list[Alike] = []

    def __init__(self, *args: Any, seat: Affiliation | None = None, **kwargs: Any) -> None:
        if seat is not None:
            kwargs |= {"position": seat.position, "function": seat.function}
        super().__init__(*args, **kwargs)
        self.seat = seat

    def as_stored(self) -> Self:
        db.session.refresh(self.obj)
        if self.seat is not None:
            db.session.refresh(self.seat)
        return type(self)(formdata=None, obj=self.obj, seat=self.seat)

    def wish(self, **more: Any) -> ContactWish:
        return ContactWish(
            name=self.name.data or "",
            salutation=self.salutation.data,
            position=self.position.data,
            function=self.function.data,
            email=self.email.data,
            phone=self.phone.data,
            phone_note=self._phone_note(),
            language=self.language.data,
            basis=self.basis.data,
            basis_since=self.basis_since.data,
            **more,
        )

    def _phone_note(self) -> str | None:
        """An extension that was typed behind the number is kept as a note."""
        extension = f"ext. {self.phone.extension}" if self.phone.extension else None
        note = self.phone_note.data
        return "; ".join(filter(None, (extension, note if note != extension else None))) or None


class NewContactForm(ContactForm):
    """Names who may be the same person, and then asks whether it is another one."""

    is_primary = BooleanField(_l("Jadikan narahubung utama"))
    is_another = BooleanField(_l("Bukan orang yang sama; simpan sebagai narahubung baru"))

    def validate(self, extra_validators: Any = None) -> bool:
        if not super().validate(extra_validators):
            return False
        if self.is_another.data:
            return True
        self.alike = alike(self.name.data or "", self.email.data, self.phone.data)
        if self.alike:
            count = len(self.alike)
            self.form_errors = [
                *self.form_errors,
                ngettext(
                    "Ada %(num)s narahubung yang mirip. Periksa dahulu sebelum menyimpan yang baru.",
                    "Ada %(num)s narahubung yang mirip. Periksa dahulu sebelum menyimpan yang baru.",
                    count,
                ),
            ]
        return not self.alike

    def wish(self, **more: Any) -> ContactWish:
        return super().wish(is_primary=bool(self.is_primary.data), **more)


class StepForm(Form):
    """A step that a person takes, not a text of theirs: there is nothing to set beside another one's."""

    def _show_theirs(self) -> None:
        db.session.refresh(self.obj)
        self.refuse(None, _l("Orang lain baru saja mengubah narahubung ini. Periksa, lalu simpan lagi."))
        self.version.data = self.obj.version
        self.status = 409


class MoveForm(StepForm):
    """To another partner; whether the old place is kept, and who follows there."""

    partner_id = EntityField(_l("Instansi baru"), [Required()], cards=True)
    position = TextField(_l("Jabatan di sana"))
    function = WordField(_l("Fungsi"), vocabulary=ContactFunction, blank=_l("Belum ditentukan"))
    day = DayField(_l("Mulai tanggal"), [Required()], default=clock.today)
    stays = BooleanField(_l("Tetap juga bertugas di instansi lama"))
    successor_id = EntityField(_l("Pengganti sebagai narahubung utama"), blank=_l("Belum ada"))

    def wish(self) -> MoveWish:
        assert self.partner_id.data is not None
        assert self.day.data is not None
        return MoveWish(
            partner_id=self.partner_id.data,
            day=self.day.data,
            position=self.position.data,
            function=self.function.data,
            stays=bool(self.stays.data),
            successor_id=self.successor_id.data,
        )


class EndForm(StepForm):
    """They leave, and nothing is known of where to."""

    day = DayField(_l("Hari terakhir bertugas"), [Required()], default=clock.today)


class EraseForm(StepForm):
    """Their data go for good; that they asked for it is said, not clicked through."""

    is_asked = BooleanField(
        _l("Orangnya sendiri yang memintanya, dan saya sudah memastikan bahwa itu benar dia."),
        [InputRequired(_l("Pastikan dahulu, lalu centang."))],
    )
