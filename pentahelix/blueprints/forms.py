"""The base of every form: checked for forgery, sent once, aware of the other person at the same record.

A view is then about ten lines:

    form = PartnerForm(obj=partner)
    if form.validate_on_submit():
        with form.refusals():
            partners.edit(partner, form.wish())
            flash(_("…"))
            return redirect(url_for(".show", partner_id=partner.id), 303)
    return render_template("partners/form.html", form=form), form.status

A form that is refused answers 422, one that meets somebody else's change 409; both show what was typed.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Self
from uuid import UUID, uuid4
from zlib import crc32

from flask import current_app, request
from flask_babel import gettext, lazy_gettext as _l, ngettext
from flask_wtf import FlaskForm
from flask_wtf.form import _Auto
from markupsafe import Markup
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm.exc import StaleDataError
from werkzeug.datastructures import CombinedMultiDict, MultiDict
from werkzeug.exceptions import MethodNotAllowed, NotFound
from werkzeug.routing import RequestRedirect
from wtforms import BooleanField, Field, FileField, HiddenField
from wtforms.fields import SelectFieldBase

from pentahelix import editing
from pentahelix.blueprints.widgets import hidden
from pentahelix.extensions import db
from pentahelix.refusals import Refused

STALE = _l("Halaman ini terlalu lama terbuka. Tekan tombolnya sekali lagi; yang sudah Anda ketik tetap ada.")
CHANGED = _l("Orang lain mengubah catatan ini. Periksa dahulu, lalu tekan lagi.")


class _Catalogue:
    """WTForms' own messages, from our catalogue."""

    def gettext(self, text: str) -> str:
        return str(gettext(text))

    def ngettext(self, singular: str, plural: str, number: int) -> str:
        return str(ngettext(singular, plural, number))


class Form(FlaskForm):
    """See above. `status` is the answer's; `theirs` maps a field's name to what somebody else wrote there."""

    class Meta(FlaskForm.Meta):
        def get_translations(self, form: Any) -> _Catalogue:
            return _Catalogue()

        def wrap_formdata(self, form: Any, formdata: Any) -> Any:
            """What a page sends: text, and files where a file belongs. JSON holds what is neither."""
            if formdata is not _Auto:
                return formdata
            if not form.is_submitted() or not (request.form or request.files):
                return None
            takes_files = {field.name for field in form if isinstance(field, FileField)}
            sent = ((name, file) for name, file in request.files.items(multi=True) if name in takes_files)
            return CombinedMultiDict((MultiDict(sent), request.form))

    form_errors: list[Any]
    #: of a record that also changes by the way: only what stands in the form is another person's change
    meets_only_what_it_shows = False
    #: a button asked for no more than the form once more
    acted = False

    submission_id = HiddenField(default=lambda: str(uuid4()))
    version = HiddenField(default="")
    #: what stood in each field when the form was drawn, so that a conflict tells only what the other changed
    drawn = HiddenField(default="")

    def __init__(self, *args: Any, obj: Any = None, **kwargs: Any) -> None:
        super().__init__(*args, obj=obj, **kwargs)
        self.obj = obj
        self.status = 200
        self.theirs: dict[str, str] = {}
        #: Where the record stands that this form made when it was sent before, with other content.
        self.sent_before: str | None = None
        #: The address that changes that record, if it has one.
        self.sent_before_edit: str | None = None

    def hidden_tag(self, *fields: Any) -> Markup:
        """The hidden fields; of an edit also what it was drawn from."""
        if self._is_edit() and not self.drawn.raw_data:
            self.drawn.data = self._digests()
        return hidden(fields or (f for f in self if f is not self.drawn or f.data))

    def prepare(self) -> None:
        """Slow work between reading and writing, with no transaction open; it may add errors."""

    def validate_on_submit(self, extra_validators: Any = None) -> bool:
        """Whether to go on and write: the form was posted, is valid, and has not been acted on before."""
        if not self.is_submitted() or self.acted:
            return False
        valid = self.validate(extra_validators)
        if valid:
            db.session.rollback()
            self.prepare()
            valid = not self.errors
        if not valid:
            self._soften_csrf()
            self.status = 422
            return False
        try:
            self.claim()
        except editing.SentDifferently as before:
            self.sent_before = before.location
            self.sent_before_edit = _address_of_change(before.location)
            self.status = 409
            return False
        return True

    def claim(self) -> None:
        """Begin the writing part, as the first and only one with this form's key."""
        editing.begin(self._key())

    @contextmanager
    def refusals(self) -> Iterator[None]:
        """Put a rule's no at its field and show a conflict as one; nothing of what was begun remains."""
        try:
            yield
        except Refused as no:
            db.session.rollback()
            self.refuse(no.field, no.message)
        except (editing.Conflict, StaleDataError):
            db.session.rollback()
            self._show_theirs()
        except IntegrityError:
            # Two people made the same thing at the same moment: the database let the first one through.
            db.session.rollback()
            self.refuse(None, _l("Orang lain baru saja menyimpan hal yang sama. Periksa lalu simpan lagi."))
            self.status = 409

    def refuse(self, field: str | None, message: Any) -> None:
        if field is not None and field in self:
            self[field].errors = [*self[field].errors, message]
        else:
            self.form_errors = [*self.form_errors, message]
        self.status = 422

    def expected_version(self) -> int | None:
        """The number of the record that this form was drawn from, or that has all of this form unchanged."""
        drawn = _number((self.version.raw_data or [""])[0])
        now = getattr(self.obj, "version", None)
        if not self.meets_only_what_it_shows or drawn in (None, now):
            return drawn
        stored = self.as_stored()
        unchanged = set(stored._digests().split()) <= set((self.drawn.data or "").split())
        return _number(stored.version.data) if unchanged else drawn

    def as_stored(self) -> Self:
        """This form as it would be drawn from the record now, to set beside what was typed."""
        db.session.refresh(self.obj)
        stored = type(self)(formdata=None, obj=self.obj)
        for field in stored:
            if isinstance(field, SelectFieldBase) and hasattr(field, "choices"):
                field.choices = self[field.name].choices
        return stored

    def _show_theirs(self) -> None:
        self.status = 409
        if not self._is_edit():
            # A button or a step: nothing that stands in it is the record's.
            self.form_errors = [*self.form_errors, CHANGED]
            return
        stored = self.as_stored()
        drawn = (self.drawn.data or "").split()
        for field in self:
            if field.name not in editing.ENVELOPE and field.name in stored:
                theirs, mine = words_of(stored[field.name]), words_of(field)
                if theirs != mine and _digest(stored[field.name]) not in drawn:
                    self.theirs[field.name] = theirs
        if not self.theirs:
            # What changed meanwhile is no matter of this form.
            self.form_errors = [*self.form_errors, STALE]
        self.version.data, self.drawn.data = stored.version.data, stored._digests()

    def _is_edit(self) -> bool:
        return self.obj is not None or type(self).as_stored is not Form.as_stored

    def _digests(self) -> str:
        shown = (f for f in self if f.name not in editing.ENVELOPE and not isinstance(f, HiddenField))
        return " ".join(map(_digest, shown))

    def _key(self) -> UUID:
        try:
            return UUID(str(self.submission_id.data))
        except ValueError:
            return uuid4()

    def _soften_csrf(self) -> None:
        if "csrf_token" in self and self.csrf_token.errors:
            self.csrf_token.errors = []
            self.form_errors = [*self.form_errors, STALE]


def _number(version: Any) -> int | None:
    # Some versions are check sums; none is longer.
    told = str(version)
    return int(told) if told.isascii() and told.isdecimal() and len(told) < 19 else None


class ButtonForm(Form):
    """A form of one button: archive, restore, done."""


class ArchiveForm(Form):
    """A button; pressed again on the page that says what is at stake."""

    confirmed = HiddenField(default="")


def _digest(field: Field) -> str:
    return f"{field.name}:{crc32(words_of(field).encode()):08x}"


def words_of(field: Field) -> str:
    """What a field holds, as a person reads it."""
    if isinstance(field, BooleanField):
        # Its value is the same, ticked or not.
        return str(field.label.text) if field.data else ""
    if isinstance(field, SelectFieldBase) and field.data is not None:
        chosen = field.data if isinstance(field.data, list | tuple | set) else [field.data]
        labels = {str(choice[0]): str(choice[1]) for choice in field.iter_choices()}
        return ", ".join(labels.get(str(value), str(value)) for value in chosen)
    value = getattr(field, "words", None) or getattr(field, "_value", None)
    return str(value() if value else ("" if field.data is None else field.data))


def _address_of_change(location: str) -> str | None:
    try:
        current_app.create_url_adapter(request).match(f"{location}/edit", method="POST")  # type: ignore[union-attr]
    except (NotFound, MethodNotAllowed, RequestRedirect):
        return None
    return f"{location}/edit"
