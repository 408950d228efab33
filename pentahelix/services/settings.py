"""What the province has chosen: its name and the days from which something is late, cold, ending, at risk."""

from dataclasses import dataclass, fields
from typing import Any

from flask_babel import gettext as _, lazy_gettext as _l
from flask_babel.speaklater import LazyString
from sqlalchemy import Select, select

from pentahelix.editing import Conflict
from pentahelix.extensions import db
from pentahelix.models import Setting
from pentahelix.prepared import prepared
from pentahelix.refusals import Refused


@dataclass(frozen=True)
class Province:
    """The settings, each by its default where nothing else was chosen."""

    name: str = "Bidang SMK, Dinas Pendidikan dan Kebudayaan Provinsi Banten"
    #: a cell is at risk when an agreement ends within so many days …
    at_risk_days: int = 30
    #: … or an open follow-up is later than so many
    late_days: int = 7
    #: a bound cell is alive while its last activity is no older
    alive_days: int = 90
    #: an agreement is said to end soon
    ending_days: int = 90
    #: an agreement that ended without a successor is still spoken of
    lapsed_days: int = 30
    #: a partner without contact for longer goes cold, unless its cluster says otherwise
    cold_days: int = 90
    #: the next session stands on "Hari ini"
    upcoming_days: int = 14
    #: mails about a follow-up may be put off at most so long
    snooze_days: int = 14
    #: raised by each change
    version: int = 0


#: The keys of the rows, as a reader calls them; absent means the default.
LABELS: dict[str, LazyString] = {
    "name": _l("Nama kantor"),
    "at_risk_days": _l("Berisiko: kerja sama habis dalam"),
    "late_days": _l("Berisiko: tindak lanjut terlambat lebih dari"),
    "alive_days": _l("Aktif: kegiatan terakhir paling lama"),
    "ending_days": _l("Kerja sama disebut akan berakhir dalam"),
    "lapsed_days": _l("Kerja sama yang sudah berakhir masih ditampilkan selama"),
    "cold_days": _l("Mitra mulai dingin setelah"),
    "upcoming_days": _l("Bimbingan teknis berikutnya ditampilkan bila berlangsung dalam"),
    "snooze_days": _l("Tindak lanjut dapat ditunda paling lama"),
}
KEYS = tuple(field.name for field in fields(Province) if field.name != "version")


def province() -> Province:
    """The settings as they stand now, in one statement."""
    rows = [row for row in db.session.execute(*_chosen()) if row.key in KEYS]
    chosen: dict[str, Any] = {row.key: row.value for row in rows}
    return Province(**chosen, version=sum(row.version for row in rows))


@prepared
def _chosen() -> Select[str, Any, int]:
    return select(Setting.key, Setting.value, Setting.version)


def edit(wish: Province, version: int | None) -> None:
    """Choose as `wish` says, if the settings are still those of `version`."""
    rows = {row.key: row for row in db.session.scalars(select(Setting))}
    now = province()
    if version != now.version:
        raise Conflict
    if wish.at_risk_days > wish.ending_days:
        raise Refused("at_risk_days", _("Tidak boleh lebih dari batas “akan berakhir”."))
    for key in KEYS:
        value = getattr(wish, key)
        if value == getattr(now, key):
            continue
        if key in rows:
            rows[key].value = value
        else:
            db.session.add(Setting(key=key, value=value))
    db.session.flush()
