"""Tags: words of the coordinators' own. One word is one tag in the whole province."""

from collections.abc import Iterable

from sqlalchemy import select

from pentahelix.editing import touch
from pentahelix.extensions import db
from pentahelix.models import Partner, PartnerTag, Tag
from pentahelix.scope import everything


def names_of(partner_id: int) -> list[str]:
    return list(
        db.session.scalars(
            select(Tag.name)
            .join(PartnerTag, PartnerTag.tag_id == Tag.id)
            .where(PartnerTag.partner_id == partner_id)
            .order_by(Tag.name)
        )
    )


def put(partner: Partner, names: Iterable[str]) -> None:
    """Let `partner` have these tags and no others; a change of them is a change of the partner."""
    wanted = _ids_of(names)
    there = {
        row.tag_id: row
        for row in db.session.scalars(select(PartnerTag).where(PartnerTag.partner_id == partner.id))
    }
    if wanted == set(there):
        return
    for tag_id in wanted - set(there):
        db.session.add(PartnerTag(partner_id=partner.id, tag_id=tag_id))
    for tag_id in set(there) - wanted:
        db.session.delete(there[tag_id])
    touch(partner)
    db.session.flush()


def _ids_of(names: Iterable[str]) -> set[int]:
    """The tags of these names, made where nobody in the province has used the word yet.

    It tells nothing: whoever asks has typed the word.
    """
    wanted = {name.lower() for name in names}
    if not wanted:
        return set()
    with everything() as session:
        known = list(session.scalars(select(Tag).where(Tag.name.in_(wanted))))
        made = [Tag(name=name) for name in sorted(wanted - {tag.name for tag in known})]
        session.add_all(made)
        session.flush()
        return {tag.id for tag in (*known, *made)}
