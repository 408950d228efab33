"""`flask verify`: whether each document has its file, unaltered, and each file its document."""

import hashlib
from collections.abc import Iterator

import click
from flask.cli import with_appcontext
from sqlalchemy import select

from pentahelix import readiness
from pentahelix.documents import store
from pentahelix.documents.store import Missing
from pentahelix.models import Document
from pentahelix.unit_of_work import looking


@click.command("verify")
@with_appcontext
def command() -> None:
    """Compare the documents with their files; exit status 1 where they differ.

    A file without a document is what a refused form left behind: it does no harm and may be deleted. One
    that is being uploaded at this moment looks the same, so look twice.
    """
    readiness.require_migrated()
    # The files first: a document that is made meanwhile is then not called one without a file.
    left_over = set(store().keys())
    number, faults = 0, 0
    with looking() as session:
        columns = (Document.id, Document.file_name, Document.storage_key, Document.sha256)
        rows = session.execute(select(*columns).order_by(Document.id)).all()
    for document_id, name, key, sha256 in rows:
        number += 1
        left_over.discard(key)
        if fault := _fault(key, sha256):
            faults += 1
            click.echo(f"document {document_id}, {name}: {fault} ({key})")
    for key in sorted(left_over):
        click.echo(f"file {key}: belongs to no document")
    click.echo(f"{number} documents, {faults} at fault; {len(left_over)} files left over.")
    if faults or left_over:
        raise SystemExit(1)


def _fault(key: str, sha256: str) -> str | None:
    try:
        return None if _digest(store().read(key).chunks) == sha256 else "its file is not what was uploaded"
    except Missing:
        return "its file is missing"


def _digest(chunks: Iterator[bytes]) -> str:
    told = hashlib.sha256()
    for chunk in chunks:
        told.update(chunk)
    return told.hexdigest()
