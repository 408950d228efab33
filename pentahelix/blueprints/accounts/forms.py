"""Forms of a person's own account."""

from collections.abc import Iterable
from datetime import timedelta
from functools import lru_cache
from typing import Any
from uuid import UUID, uuid4
from zoneinfo import available_timezones

from flask import request
from flask_babel import gettext as _, lazy_gettext as _l, ngettext
from wtforms import HiddenField, PasswordField
from wtforms.validators import ValidationError

from pentahelix import passwords, unit_of_work
from pentahelix.blueprints.accounts import devices
from pentahelix.blueprints.choices import ChoiceField, WordField
from pentahelix.blueprints.fields import EmailField, PhoneField, Required, TextField
from pentahelix.blueprints.forms import Form
from pentahelix.presentation import ZONES
from pentahelix.services import accounts, attempts
from pentahelix.vocabulary import AttemptKind, Language, Theme


class SecretField(PasswordField):
    """A password: never shown again, never cut, blanks and all."""

    data: str | None

    def process_formdata(self, valuelist: list[Any]) -> None:
        self.data = valuelist[0] if valuelist and valuelist[0] else None


class AnewForm(Form):
    """Sent a second time it is looked at a second time: its answer may not be had for another secret."""

    def _key(self) -> UUID:
        return uuid4()


class LimitedForm(Form):
    """Makes those wait who try too often."""

    wait: timedelta | None = None

    def count(self, attempt: attempts.Try) -> bool:
        """Count the try; False where one has to wait before it."""
        self.wait = attempts.begin(attempt)
        if self.wait is None:
            return True
        self.refuse(
            None,
            ngettext(
                "Terlalu banyak percobaan. Coba lagi dalam %(num)s menit.",
                "Terlalu banyak percobaan. Coba lagi dalam %(num)s menit.",
                attempts.minutes(self.wait),
            ),
        )
        return False


class ProvingForm(AnewForm, LimitedForm):
    """A form that asks for a password."""

    proof: accounts.Proof | None = None
    attempt: attempts.Try

    def prove(self, email: str, password: str) -> accounts.Proof | None:
        """Count the try, then check; None where one has to wait or the two do not belong together."""
        self.attempt = devices.attempt_at(email)
        return accounts.prove(email, password) if self.count(self.attempt) else None


class AskingForm(LimitedForm):
    """Asks for a mail to an address. Each time counts: whether the address is known, nobody is told."""

    email = EmailField(_l("Surel"), [Required()])
    next = HiddenField()

    def prepare(self) -> None:
        self.count(devices.attempt_at(self.address, AttemptKind.RESET))

    @property
    def address(self) -> str:
        return str(self.email.data).lower()


class SignInForm(ProvingForm):
    email = EmailField(_l("Surel"), [Required()])
    password = SecretField(_l("Kata sandi"), [Required()])
    next = HiddenField()
    #: what was posted when the session was over: where to, and by whom
    held = HiddenField()
    held_path = HiddenField()
    held_by = HiddenField()

    def prepare(self) -> None:
        self.proof = self.prove(str(self.email.data).lower(), str(self.password.data))
        if self.proof is None:
            if self.wait is None:
                self.refuse(None, accounts.NO_MATCH)
        elif not self.is_for(f"u:{self.proof.user_id}"):
            self.refuse(
                None,
                _("Tulisan yang belum tersimpan itu dibuat dengan akun lain. Masuklah dengan akun itu."),
            )

    def is_for(self, principal: str) -> bool:
        """Whether what is held may be saved in this person's name."""
        return not self.held.data or self.held_by.data in ("", None, principal)


class DemoForm(Form):
    user = HiddenField()
    next = HiddenField()
    held = HiddenField()
    held_path = HiddenField()
    held_by = HiddenField()


class LanguageForm(Form):
    """Not remembered as sent, since it leads back to its page, whose address may be a personal link."""

    language = WordField(_l("Bahasa"), [Required()], vocabulary=Language)
    next = HiddenField()

    def claim(self) -> None:
        unit_of_work.write()


# Made before the two that follow it in the form: a form's fields stand in the order of their making.
_CURRENT_PASSWORD = SecretField(_l("Kata sandi sekarang"), [Required()])


class NewPasswordForm(AnewForm):
    """Choosing a password of one's own; `words` are what others would guess first."""

    new_password = SecretField(
        _l("Kata sandi baru"),
        [Required()],
        description=_l(
            "Paling sedikit 10 karakter. Beberapa kata yang tidak berkaitan paling mudah diingat."
        ),
    )
    again_password = SecretField(_l("Kata sandi baru sekali lagi"), [Required()])

    def __init__(self, words: Iterable[str]) -> None:
        super().__init__()
        self.words = words
        self.digest = ""

    def validate_new_password(self, field: SecretField) -> None:
        refuse_weak(field, self.words)

    def validate_again_password(self, field: SecretField) -> None:
        if field.data and self.new_password.data and field.data != self.new_password.data:
            raise ValidationError(_("Tidak sama dengan kata sandi baru di atas."))

    def prepare(self) -> None:
        self.digest = passwords.digest(str(self.new_password.data))


class PasswordForm(ProvingForm, NewPasswordForm):
    current_password = _CURRENT_PASSWORD

    def __init__(self, email: str, words: Iterable[str]) -> None:
        super().__init__(words)
        self.email = email

    def prepare(self) -> None:
        new = str(self.new_password.data)
        if self.new_password.data == self.current_password.data:
            self.refuse("new_password", _("Sama dengan kata sandi sekarang."))
            return
        self.proof = self.prove(self.email, str(self.current_password.data))
        if self.wait is not None:
            return
        if self.proof is not None:
            self.digest = passwords.digest(new)
        elif accounts.prove(self.email, new) is None:
            # Where the new one already holds, the form was sent twice, and its wish is fulfilled.
            self.refuse("current_password", _("Kata sandi sekarang tidak cocok."))


def refuse_weak(field: SecretField, words: Iterable[str]) -> None:
    if field.data and (reason := passwords.weakness(field.data, words)):
        raise ValidationError(str(reason))


class ProfileForm(Form):
    language = WordField(_l("Bahasa"), [Required()], vocabulary=Language, cards=True)
    theme = WordField(_l("Tampilan"), [Required()], vocabulary=Theme, cards=True)
    timezone = ChoiceField(_l("Zona waktu"), [Required()], blank=None)
    position = TextField(_l("Jabatan"))
    phone = PhoneField(_l("Telepon"))

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.timezone.choices = zones(self.timezone.object_data, of_the_world="world" in request.args)

    def wish(self) -> accounts.ProfileWish:
        return accounts.ProfileWish(
            language=self.language.data,
            theme=self.theme.data,
            timezone=str(self.timezone.data),
            position=self.position.data,
            phone=self.phone.data,
        )


def zones(kept: str | None, *, of_the_world: bool) -> list[tuple[str, str]]:
    """The three of Indonesia, the one that is kept, and when asked for the hundreds of the world by name."""
    others = _world() if of_the_world else []
    others = others if kept is None or kept in others else [kept, *others]
    return [*ZONES.items(), *((zone, zone.replace("_", " ")) for zone in others if zone not in ZONES)]


#: Where people live; the rest of the list are older names of the same.
CONTINENTS = (
    "Africa",
    "America",
    "Antarctica",
    "Asia",
    "Atlantic",
    "Australia",
    "Europe",
    "Indian",
    "Pacific",
)


@lru_cache(maxsize=1)
def _world() -> list[str]:
    return sorted(zone for zone in available_timezones() if zone.split("/")[0] in CONTINENTS)
