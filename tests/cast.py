"""The people of the tests, by name: two coordinators of different clusters, the Kabid, the admin."""

from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any, Self

from sqlalchemy import Table, exists, insert, select
from sqlalchemy.orm import Session

from pentahelix import clock
from pentahelix.extensions import db
from pentahelix.models import Affiliation, AuditEntry, Cluster, Partner, User
from pentahelix.unit_of_work import write
from pentahelix.vocabulary import Helix, Regency, Role, Salutation
from tests import factories as make
from tests.factories import PASSWORD

__all__ = ["PASSWORD", "Cast"]


@dataclass(frozen=True)
class Entered:
    """A cast as it was written once: its rows by table, and who of it has which number."""

    rows: list[tuple[Table, list[dict[str, Any]]]]
    numbers: dict[str, tuple[type[Any], int]]


#: By database, instant and hash of the password: what makes one cast differ from another.
ENTERED: dict[tuple[str, datetime, str], Entered] = {}


@dataclass(frozen=True)
class Cast:
    """Lilis coordinates Lebak and has one partner with one contact there; Ujang the same in Pandeglang."""

    rudi: User  #: admin
    aminah: User  #: Kabid
    lilis: User  #: coordinator of Lebak
    ujang: User  #: coordinator of Pandeglang

    lebak: Cluster
    pandeglang: Cluster

    kemasindo: Partner  #: in Lebak
    hendrik: Affiliation  #: at Kemasindo
    badak: Partner  #: in Pandeglang
    siti: Affiliation  #: at Badak

    @classmethod
    def enter(cls, session: Session) -> Self:
        """Written row by row, with trail and index, once; from then on these rows are put in as they were.

        Nearly every test begins with them, and to write them takes longer than most tests do.
        """
        session.commit()
        write()
        counts_on = session.get_bind().dialect.name == "postgresql"
        if counts_on or session.scalar(select(exists().select_from(AuditEntry))):
            # Where numbers go on, and among people who are there already, everybody gets others.
            return cls._written(session)
        key = str(session.get_bind().engine.url), clock.now(), make.password_hash()
        if key not in ENTERED:
            others = [table for table, _rows in _filled(session)]
            cast = cls._written(session)
            people = {one.name: getattr(cast, one.name) for one in fields(cls)}
            ENTERED[key] = Entered(
                [(table, rows) for table, rows in _filled(session) if table not in others],
                {name: (type(row), row.id) for name, row in people.items()},
            )
            session.commit()
            return cast
        entered = ENTERED[key]
        for table, rows in entered.rows:
            session.connection().execute(insert(table), rows)
        cast = cls(**{name: session.get_one(*which) for name, which in entered.numbers.items()})
        session.commit()
        return cast

    @classmethod
    def _written(cls, session: Session) -> Self:
        lebak = make.cluster(
            name="Klaster Teaching Factory Kuliner Lebak", short_name="Kuliner Lebak", is_pilot=True
        )
        pandeglang = make.cluster(
            name="Klaster Teaching Factory Olahan Laut Pandeglang",
            short_name="Olahan Laut Pandeglang",
            regency=Regency.PANDEGLANG,
        )
        kemasindo = make.partner(lebak, name="CV Kemasindo Lebak", helix=Helix.INDUSTRY, area_code="36.02.14")
        badak = make.partner(
            pandeglang, name="Radio Badak Pandeglang", helix=Helix.MEDIA, area_code="36.01.02"
        )
        cast = cls(
            rudi=make.user(
                role=Role.ADMIN, salutation=Salutation.BAPAK, name="Rudi Hartono", email="admin@dinas.example"
            ),
            aminah=make.user(
                role=Role.KABID,
                salutation=Salutation.IBU,
                name="Dra. Aminah Fatmawati, M.Pd.",
                email="kabid@dinas.example",
            ),
            lilis=make.user(
                lebak,
                salutation=Salutation.IBU,
                name="Lilis Nurhayati Agustin, S.E.",
                email="lilis@smkn1kalanganyar.example",
            ),
            ujang=make.user(
                pandeglang,
                salutation=Salutation.BAPAK,
                name="Ujang Permana, S.Pd.",
                email="ujang@smkpandeglang.example",
            ),
            lebak=lebak,
            pandeglang=pandeglang,
            kemasindo=kemasindo,
            hendrik=make.affiliation(
                kemasindo, make.contact(name="Hendrik Sasmita"), position="Direktur", is_primary=True
            ),
            badak=badak,
            siti=make.affiliation(
                badak, make.contact(name="Siti Rahmawati"), position="Penyiar", is_primary=True
            ),
        )
        session.commit()
        return cast


def _filled(session: Session) -> list[tuple[Table, list[dict[str, Any]]]]:
    """Every table in which something stands."""
    found = (
        (table, [dict(row) for row in session.connection().execute(select(table)).mappings()])
        for table in db.metadata.sorted_tables
    )
    return [(table, rows) for table, rows in found if rows]
