"""The forms of documents: a file, what it is, what it is called."""

from collections.abc import Mapping
from typing import Any, Self

from flask import current_app, request
from flask_babel import lazy_gettext as _l
from flask_wtf.file import FileField
from werkzeug.exceptions import RequestEntityTooLarge
from wtforms.validators import ValidationError

from pentahelix import editing
from pentahelix.blueprints.fields import Required, TextField, WordField
from pentahelix.blueprints.forms import Form
from pentahelix.documents import names, sniffing
from pentahelix.documents.arrival import Arriving
from pentahelix.extensions import db
from pentahelix.models import Document
from pentahelix.services import documents
from pentahelix.services.documents import DocumentWish, Received
from pentahelix.vocabulary import DocumentKind

#: A file of so many times the limit is still read off the line, so that its form can be shown again.
READ_ON = 10

#: What is usually uploaded to a record, by its noun in addresses; the first is chosen already.
KINDS: Mapping[str, tuple[DocumentKind, ...]] = {
    "agreements": (
        DocumentKind.SIGNED,
        DocumentKind.DRAFT,
        DocumentKind.ADDENDUM,
        DocumentKind.AUTHORITY,
        DocumentKind.OTHER,
    ),
    "contributions": (DocumentKind.EVIDENCE, DocumentKind.OTHER),
    "meetings": (DocumentKind.MATERIAL, DocumentKind.EVIDENCE, DocumentKind.OTHER),
    "guidance": (DocumentKind.MATERIAL, DocumentKind.EVIDENCE, DocumentKind.OTHER),
}


class UploadField(FileField):
    """A file; what arrived of it must be all of it."""

    def pre_validate(self, form: Any) -> None:
        stream = self.data.stream if self.data else None
        if isinstance(stream, Arriving):
            if stream.is_too_large:
                raise ValidationError(documents.too_large())
            if stream.found_no_room:
                raise ValidationError(documents.no_room())


class UploadForm(Form):
    """A file and its title. The file is looked into and kept before the writing part."""

    file = UploadField(
        _l("Berkas"),
        validators=[Required(_l("Pilih berkasnya."))],
        render_kw={"accept": ",".join(sniffing.ENDINGS)},
    )
    title = TextField(_l("Judul"), description=_l("Bila kosong, dipakai nama berkasnya."))

    received: Received | None = None
    #: the request was so large that nothing of it was read
    is_cut_off = False

    @classmethod
    def arriving(cls, **values: Any) -> Self:
        """The form of this request, of which all fields are read even where the file is too large."""
        request.max_content_length = READ_ON * current_app.extensions["settings"].upload_bytes
        try:
            # The first touch reads the request.
            request.files  # noqa: B018
        except RequestEntityTooLarge:
            form = cls(formdata=None, **values)
            form.is_cut_off = True
            form.refuse("file", documents.too_large())
            form.status = 413
            return form
        return cls(**values)

    def is_submitted(self) -> bool:
        return super().is_submitted() and not self.is_cut_off

    def validate_on_submit(self, extra_validators: Any = None) -> bool:
        go_on = super().validate_on_submit(extra_validators)
        # What was made before is shown on the page of its record, whose own form is about other things.
        self.sent_before_edit = None
        return go_on

    def prepare(self) -> None:
        sent_before = editing.was_sent(self._key())
        db.session.rollback()
        if not sent_before:
            with self.refusals():
                self.received = documents.receive(self.file.data.stream, self.file.data.filename)
            # The form is recognised by the whole of it when it is sent again.
            self.file.data.stream.seek(0)

    def kept(self) -> Received:
        """The file, once the form is valid."""
        assert self.received is not None
        return self.received

    def wish(self) -> DocumentWish:
        raise AssertionError("each form below has its own")

    def called(self) -> str:
        """The title, else the name of the file."""
        return self.title.data or names.split(self.kept().file_name)[0]


class DocumentForm(UploadForm):
    """A new document of the record that stands under `noun` in addresses."""

    kind = WordField(_l("Jenis"), vocabulary=DocumentKind, cards=True, validators=[Required()])

    def __init__(self, *args: Any, noun: str, unsigned: bool = False, **kwargs: Any) -> None:
        """`unsigned`: of an agreement whose text is still being written."""
        super().__init__(*args, kind=DocumentKind.DRAFT if unsigned else KINDS[noun][0], **kwargs)
        self.kind.choices = [(kind.value, kind.label) for kind in KINDS[noun]]

    def wish(self) -> DocumentWish:
        return DocumentWish(self.kind.data, self.called())


class VersionForm(UploadForm):
    """The next version of `before`."""

    def __init__(self, *args: Any, before: Document, **kwargs: Any) -> None:
        super().__init__(*args, title=before.title, **kwargs)
        self.before = before

    def wish(self) -> DocumentWish:
        return DocumentWish(self.before.kind, self.called(), self.before.id)
