"""Documents: files that belong to an agreement, a contribution, a meeting or a guidance session.

A file is received first, while no transaction is open, and attached in the writing part. What is attached
never changes: a new version is a new document that names the one before.
"""

import hashlib
from dataclasses import dataclass
from secrets import token_hex
from typing import IO

from flask import current_app
from flask_babel import gettext as _
from sqlalchemy import select

from pentahelix import clock
from pentahelix.documents import names, sniffing, store
from pentahelix.documents.store import Unstored
from pentahelix.extensions import db
from pentahelix.logs import log
from pentahelix.models import Agreement, Contribution, Document, GuidanceSession, Meeting
from pentahelix.principal import Principal
from pentahelix.refusals import Refused, WrongState
from pentahelix.vocabulary import DocumentKind

Owner = Agreement | Contribution | Meeting | GuidanceSession

#: The column of a document that names its owner.
OWNED_BY: dict[type[Owner], str] = {
    Agreement: "agreement_id",
    Contribution: "contribution_id",
    Meeting: "meeting_id",
    GuidanceSession: "guidance_id",
}


@dataclass(frozen=True)
class Received:
    """A file that is kept and belongs to nothing yet."""

    file_name: str
    content_type: str
    size: int
    sha256: str
    storage_key: str


@dataclass(frozen=True)
class DocumentWish:
    """What a document shall be. A new version has the kind of the one that it replaces."""

    kind: DocumentKind
    title: str
    replaces_id: int | None = None


def receive(content: bytes | IO[bytes], file_name: str) -> Received:
    """Look into a file and keep it, before any transaction; Refused at `file` where it is not taken."""
    limit: int = current_app.extensions["settings"].upload_bytes
    data = content if isinstance(content, bytes) else content.read(limit + 1)
    if len(data) > limit:
        raise Refused("file", too_large())
    stem, ending = names.split(names.tidy(file_name))
    kind = sniffing.sniff(data, ending)
    token = token_hex(16)
    key = f"{token[:2]}/{token}"
    try:
        store().put(key, data)
    except Unstored as error:
        log.error("document not stored", exc_info=error)
        raise Refused("file", no_room()) from error
    name = names.with_ending(stem, ending or kind.endings[0])
    return Received(name, kind.content_type, len(data), hashlib.sha256(data).hexdigest(), key)


def too_large() -> str:
    limit = current_app.extensions["settings"].upload_megabytes
    return str(
        _(
            "Berkas ini lebih besar dari %(limit)s MB. Perkecil dahulu, "
            "misalnya pindai dengan resolusi lebih rendah.",
            limit=limit,
        )
    )


def no_room() -> str:
    return str(
        _(
            "Berkas belum tersimpan: penyimpanan di server penuh atau tidak dapat ditulisi. "
            "Kabari admin, lalu unggah lagi."
        )
    )


def must_take_documents(owner: Owner) -> None:
    if owner.is_archived:
        raise WrongState(_("Catatan ini diarsipkan; dokumennya dapat dibaca, tidak dapat diubah."))


def must_be_newest(document: Document) -> None:
    """Only the newest version may be replaced or put away."""
    if document.is_archived:
        raise WrongState(_("Dokumen ini diarsipkan. Pulihkan dahulu untuk mengubahnya."))
    if db.session.scalar(select(Document.id).where(Document.replaces_id == document.id)) is not None:
        raise WrongState(_("Ada versi yang lebih baru dari dokumen ini."))


def attach(owner: Owner, received: Received, wish: DocumentWish, by: Principal) -> Document:
    """Let a received file belong to `owner`, as a new document or the next version of one."""
    must_take_documents(owner)
    document = Document(
        kind=wish.kind,
        title=wish.title,
        file_name=received.file_name,
        content_type=received.content_type,
        size=received.size,
        sha256=received.sha256,
        storage_key=received.storage_key,
        uploaded_at=clock.now(),
        uploaded_by_user_id=by.user_id,
    )
    column = OWNED_BY[type(owner)]
    setattr(document, column, owner.id)
    if wish.replaces_id is not None:
        before = _version_before(wish.replaces_id, column, owner.id)
        document.replaces_id, document.version_no = before.id, before.version_no + 1
        document.kind = before.kind
    db.session.add(document)
    db.session.flush()
    return document


def archive(document: Document) -> None:
    """Put a document away, with the versions before it."""
    must_be_newest(document)
    document.archived_at = clock.now()
    db.session.flush()


def restore(document: Document) -> None:
    document.archived_at = None
    db.session.flush()


# ---------------------------------------------------------------------------------------------------------


def _version_before(document_id: int, column: str, owner_id: int) -> Document:
    found = select(Document).where(Document.id == document_id, getattr(Document, column) == owner_id)
    before = db.session.scalars(found).first()
    if before is None:
        raise Refused(None, _("Dokumen yang diganti tidak ada pada catatan ini."))
    must_be_newest(before)
    return before
