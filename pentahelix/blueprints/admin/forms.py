"""Forms of the administrator."""

from dataclasses import replace
from typing import Any, Self

from flask_babel import gettext as _, lazy_gettext as _l, lazy_pgettext
from wtforms import Field
from wtforms.validators import ValidationError

from pentahelix import passwords
from pentahelix.blueprints.accounts.forms import SecretField, refuse_weak
from pentahelix.blueprints.choices import EntitiesField, EntityField, WordField
from pentahelix.blueprints.fields import (
    DayField,
    EmailField,
    IntegerField,
    NameField,
    PhoneField,
    Required,
    TextField,
)
from pentahelix.blueprints.forms import Form
from pentahelix.models import User
from pentahelix.queries import users as listed
from pentahelix.services import accounts, settings, users
from pentahelix.services.settings import LABELS, Province
from pentahelix.services.users import UserWish
from pentahelix.vocabulary import Role, Salutation, Word


class PasswordWay(Word):
    """How somebody else's password comes about."""

    INVITED = "invited", _l("Undang lewat surel")
    GENERATED = "generated", _l("Buatkan kata sandi")
    TYPED = "typed", _l("Ketik sendiri")
    NONE = "none", _l("Tanpa kata sandi")


class GivingForm(Form):
    """A form that gives somebody else a password; who gets it has to replace it."""

    password = SecretField(_l("Kata sandi"))

    #: Made for this answer, to be shown once.
    generated: str | None = None
    digest: str | None = None

    def given_way(self) -> PasswordWay:
        return PasswordWay.NONE

    def words_about(self) -> list[str]:
        """What makes a password easy to guess: names, addresses, the school."""
        return []

    def validate_password(self, field: SecretField) -> None:
        if self.given_way() == PasswordWay.TYPED:
            if not field.data:
                raise ValidationError(_("Wajib diisi."))
            refuse_weak(field, self.words_about())

    def prepare(self) -> None:
        way = self.given_way()
        if way == PasswordWay.GENERATED:
            self.generated = users.generated_password()
        if way in (PasswordWay.GENERATED, PasswordWay.TYPED):
            self.digest = passwords.digest(self.generated or str(self.password.data))


class UserForm(Form):
    # Whoever signs in, or chooses a cluster or a language, changes their account.
    meets_only_what_it_shows = True

    name = NameField(_l("Nama lengkap dengan gelar"), [Required()])
    salutation = WordField(
        _l("Sapaan"), vocabulary=Salutation, cards=True, blank=_l("Belum diketahui"), default=None
    )
    role = WordField(_l("Peran"), [Required()], vocabulary=Role, cards=True)
    cluster_ids = EntitiesField(
        lazy_pgettext("menu", "Klaster"), description=_l("Koordinator hanya melihat klaster yang dicentang.")
    )
    position = TextField(_l("Jabatan"))
    school_id = EntityField(_l("Sekolah"), blank=_l("Tidak di sekolah"))
    email = EmailField(
        _l("Surel"), description=_l("Tanpa surel seseorang tidak dapat masuk, tetapi dapat diberi tugas.")
    )
    phone = PhoneField(_l("Telepon"))

    def __init__(self, *args: Any, obj: User | None = None, **kwargs: Any) -> None:
        joined = users.memberships(obj.id) if obj else frozenset()
        super().__init__(*args, obj=obj, cluster_ids=sorted(joined), **kwargs)
        # Those of the person first: of many only a few are in sight.
        self.cluster_ids.offer(sorted(listed.clusters(), key=lambda cluster: cluster.id not in joined))
        self.school_id.offer(listed.schools())
        #: Of clusters that are archived, hence not offered.
        self.kept = joined - {int(value) for value, _label in self.cluster_ids.choices}
        if self.cluster_ids.raw_data is None:
            self.cluster_ids.data = [number for number in self.cluster_ids.data if number not in self.kept]

    def wish(self) -> UserWish:
        return UserWish(
            name=str(self.name.data),
            role=self.role.data,
            salutation=self.salutation.data,
            position=self.position.data,
            school_id=self.school_id.data,
            email=self.email.data,
            phone=self.phone.data,
            cluster_ids=frozenset(self.cluster_ids.data) | self.kept,
        )


class NewUserForm(UserForm, GivingForm):
    password_way = WordField(
        _l("Kata sandi awal"), [Required()], vocabulary=PasswordWay, cards=True, default=PasswordWay.INVITED
    )

    def given_way(self) -> PasswordWay:
        return self.password_way.data if self.email.data else PasswordWay.NONE

    @property
    def is_invitation(self) -> bool:
        return self.given_way() == PasswordWay.INVITED

    def words_about(self) -> list[str]:
        school = self.school_id.row
        return accounts.words_about(self.name.data, self.email.data, school and school.name)

    def validate_email(self, field: Field) -> None:
        if not field.data and not field.errors and self.password_way.data == PasswordWay.TYPED:
            raise ValidationError(_("Tulis surelnya: tanpa surel kata sandi tidak berguna."))


class OthersPasswordForm(GivingForm):
    password_way = WordField(
        _l("Kata sandi baru"),
        [Required()],
        vocabulary=PasswordWay,
        only=(PasswordWay.GENERATED, PasswordWay.TYPED),
        cards=True,
        default=PasswordWay.GENERATED,
    )

    def __init__(self, words: list[str]) -> None:
        super().__init__()
        self.words = words

    def given_way(self) -> PasswordWay:
        way: PasswordWay = self.password_way.data or PasswordWay.NONE
        return way

    def words_about(self) -> list[str]:
        return self.words


def _days(key: str, most: int = 365) -> IntegerField:
    return IntegerField(LABELS[key], [Required()], least=1, most=most)


class SettingsForm(Form):
    name = TextField(LABELS["name"], [Required()])
    at_risk_days = _days("at_risk_days")
    late_days = _days("late_days")
    alive_days = _days("alive_days", 730)
    ending_days = _days("ending_days", 730)
    lapsed_days = _days("lapsed_days")
    cold_days = _days("cold_days", 730)
    upcoming_days = _days("upcoming_days", 90)
    snooze_days = _days("snooze_days", 90)

    def __init__(self, *, may_name: bool, **kwargs: Any) -> None:
        super().__init__(obj=settings.province(), **kwargs)
        self.may_name = may_name
        if not may_name:
            del self.name

    def as_stored(self) -> Self:
        return type(self)(may_name=self.may_name, formdata=None)

    def wish(self) -> Province:
        chosen: Province = self.obj
        return replace(chosen, **{field.name: field.data for field in self if field.name in settings.KEYS})


class HolidayForm(Form):
    day = DayField(_l("Tanggal"), [Required()])
    name = TextField(_l("Nama hari libur"), [Required()])
