"""The documents of a record, each with the versions before it."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import select

from pentahelix.extensions import db
from pentahelix.models import Agreement, Contribution, Document, GuidanceSession, Meeting, User
from pentahelix.prepared import prepared
from pentahelix.queries.page import Rows
from pentahelix.scope import get_or_404
from pentahelix.services.documents import OWNED_BY, Owner

#: As it stands in addresses → what it is.
NOUNS: dict[str, type[Owner]] = {
    "agreements": Agreement,
    "contributions": Contribution,
    "meetings": Meeting,
    "guidance": GuidanceSession,
}


@dataclass(frozen=True)
class DocumentLine:
    """A version of a document, who uploaded it, and under the newest one the older ones."""

    document: Document
    uploaded_by: User | None
    older: list["DocumentLine"] = field(default_factory=list)

    @property
    def is_archived(self) -> bool:
        return self.document.is_archived


def of(owner: Owner) -> Sequence[DocumentLine]:
    """The documents of a record, the latest first, archived ones too; one statement."""
    return lines_of(db.session.execute(*_of(type(owner), owner.id)))


def lines_of(rows: Iterable[Any]) -> Sequence[DocumentLine]:
    """Of documents and who uploaded them, as they were numbered."""
    newest: dict[int, DocumentLine] = {}
    for document, user in rows:
        before = newest.pop(document.replaces_id, None) if document.replaces_id is not None else None
        newest[document.id] = DocumentLine(document, user, [before, *before.older] if before else [])
    return [*reversed(newest.values())]


@prepared
def _of(noun: type[Owner], owner_id: int) -> Rows:
    return (
        select(Document, User)
        .outerjoin(User, User.id == Document.uploaded_by_user_id)
        .where(getattr(Document, OWNED_BY[noun]) == owner_id)
        .order_by(Document.id)
    )


def owner_named(noun: str, owner_id: int) -> Owner:
    """The record of an address, if one may see it; else 404."""
    return get_or_404(NOUNS[noun], owner_id)


def is_of(document: Document, owner: Owner) -> bool:
    return bool(getattr(document, OWNED_BY[type(owner)]) == owner.id)


def owner_of(document: Document) -> tuple[str, Owner]:
    """The record that a document belongs to, after its noun in addresses."""
    for noun, entity in NOUNS.items():
        owner_id = getattr(document, OWNED_BY[entity])
        if owner_id is not None:
            return noun, owner_named(noun, owner_id)
    raise AssertionError("the database lets no document be without an owner")
