"""The list of follow-ups as a spreadsheet."""

from collections.abc import Iterable, Iterator
from typing import Any

from flask_babel import gettext as _

from pentahelix import clock
from pentahelix.exports.xlsx import Column, Kind
from pentahelix.queries.followups import FollowUpRow


def columns() -> list[Column]:
    return [
        Column(_("Yang akan dikerjakan")),
        Column(_("Status")),
        Column(_("Tenggat"), Kind.DAY),
        Column(_("Hari terlambat"), Kind.NUMBER),
        Column(_("Penanggung jawab")),
        Column(_("Mitra")),
        Column(_("Klaster")),
        Column(_("Prioritas")),
        Column(_("Sumber")),
        Column(_("Selesai pada"), Kind.DAY),
        Column(_("Hasil")),
    ]


def lines(rows: Iterable[FollowUpRow]) -> Iterator[list[Any]]:
    for row in rows:
        follow_up = row.follow_up
        yield [
            follow_up.title,
            follow_up.status.label,
            follow_up.due_on,
            (clock.today(row.cluster.timezone) - follow_up.due_on).days if row.late else None,
            row.owner.name,
            row.partner and row.partner.name,
            row.cluster.name,
            follow_up.priority.label,
            row.meeting.title if row.meeting else follow_up.source_kind.label,
            follow_up.completed_on,
            follow_up.result,
        ]
