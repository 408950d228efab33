"""Documents: uploaded to a record, handed out to be saved, put away; ?replaces= uploads the next version."""

from collections.abc import Callable

from flask import Blueprint, Response, abort, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from pentahelix.blueprints.asked import number
from pentahelix.blueprints.documents.forms import DocumentForm, VersionForm
from pentahelix.blueprints.notices import notice
from pentahelix.blueprints.pressing import press
from pentahelix.documents import names, store
from pentahelix.documents.store import Missing
from pentahelix.logs import log
from pentahelix.models import Agreement, Document
from pentahelix.permissions import requires
from pentahelix.principal import signed_in
from pentahelix.queries import documents as queries
from pentahelix.scope import get_or_404
from pentahelix.services import documents
from pentahelix.services.documents import Owner

bp = Blueprint("documents", __name__)

#: Whatever a file turns out to be for a browser: it runs nothing, loads nothing, and knows no cookie of ours.
POLICY = "sandbox; default-src 'none'"


@bp.route(
    "/<any(agreements,contributions,meetings,guidance):noun>/<int:owner_id>/documents/new",
    methods=["GET", "POST"],
)
@requires("document.edit")
def new(noun: str, owner_id: int) -> ResponseReturnValue:
    owner = queries.owner_named(noun, owner_id)
    documents.must_take_documents(owner)
    before = _replaced(owner, number(request.args.get("replaces")))
    unsigned = isinstance(owner, Agreement) and owner.signed_on is None
    form = (
        VersionForm.arriving(before=before) if before else DocumentForm.arriving(noun=noun, unsigned=unsigned)
    )
    if before and not form.is_submitted():
        documents.must_be_newest(before)
    if form.validate_on_submit():
        with form.refusals():
            document = documents.attach(owner, form.kept(), form.wish(), signed_in())
            notice(_said(document))
            return redirect(_path_of(noun, owner_id), 303)
    shown = {"owner": owner, "before": before, "back": _path_of(noun, owner_id)}
    return render_template("documents/new.html", form=form, **shown), form.status


@bp.get("/documents/<int:document_id>/file")
@requires("document.see")
def file(document_id: int) -> ResponseReturnValue:
    """The file itself, to be saved and never shown."""
    document = get_or_404(Document, document_id)
    try:
        found = store().read(document.storage_key)
    except Missing as error:
        log.error("document missing", document_id=document_id, exc_info=error)
        return render_template("documents/missing.html", document=document), 404
    answer = Response(found.chunks, mimetype=document.content_type)
    answer.content_length = found.size
    answer.headers["Content-Disposition"] = names.attachment(document.file_name)
    answer.headers["Content-Security-Policy"] = POLICY
    answer.headers["Cross-Origin-Resource-Policy"] = "same-origin"
    answer.headers["Cache-Control"] = "private, no-cache"
    answer.set_etag(document.sha256)
    return answer.make_conditional(request)


@bp.post("/documents/<int:document_id>/archive")
@requires("document.edit")
def archive(document_id: int) -> ResponseReturnValue:
    undo = url_for(".restore", document_id=document_id)
    return _press(document_id, documents.archive, _("Dokumen diarsipkan."), undo)


@bp.post("/documents/<int:document_id>/restore")
@requires("document.edit")
def restore(document_id: int) -> ResponseReturnValue:
    return _press(document_id, documents.restore, _("Dokumen dipulihkan."))


def _press(
    document_id: int, act: Callable[[Document], None], said: str, undo: str | None = None
) -> ResponseReturnValue:
    document = get_or_404(Document, document_id)
    noun, owner = queries.owner_of(document)
    documents.must_take_documents(owner)
    return press(lambda: act(document), said, _path_of(noun, owner.id), undo)


def _replaced(owner: Owner, document_id: int | None) -> Document | None:
    """The document that an address names to be replaced, if it names one."""
    if document_id is None:
        return None
    document = get_or_404(Document, document_id)
    return document if queries.is_of(document, owner) else abort(404)


def _path_of(noun: str, owner_id: int) -> str:
    return f"/{noun}/{owner_id}"


def _said(document: Document) -> str:
    if document.version_no > 1:
        return str(_("Versi %(number)s tersimpan.", number=document.version_no))
    return str(_("Dokumen tersimpan."))
