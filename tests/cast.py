"""The people of the tests, by name: two coordinators of different clusters, the Kabid, the admin."""

from dataclasses import dataclass
from typing import Any, Self

from sqlalchemy.orm import Session

from pentahelix.models import Affiliation, Cluster, Partner, User
from pentahelix.vocabulary import Helix, Regency, Role, Salutation
from tests import factories as make, remembered
from tests.factories import PASSWORD

__all__ = ["PASSWORD", "Cast"]


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
        return cls(**remembered.enter(session, "cast", cls._written))

    @classmethod
    def _written(cls) -> dict[str, Any]:
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
        return {
            "rudi": make.user(
                role=Role.ADMIN, salutation=Salutation.BAPAK, name="Rudi Hartono", email="admin@dinas.example"
            ),
            "aminah": make.user(
                role=Role.KABID,
                salutation=Salutation.IBU,
                name="Dra. Aminah Fatmawati, M.Pd.",
                email="kabid@dinas.example",
            ),
            "lilis": make.user(
                lebak,
                salutation=Salutation.IBU,
                name="Lilis Nurhayati Agustin, S.E.",
                email="lilis@smkn1kalanganyar.example",
            ),
            "ujang": make.user(
                pandeglang,
                salutation=Salutation.BAPAK,
                name="Ujang Permana, S.Pd.",
                email="ujang@smkpandeglang.example",
            ),
            "lebak": lebak,
            "pandeglang": pandeglang,
            "kemasindo": kemasindo,
            "hendrik": make.affiliation(
                kemasindo, make.contact(name="Hendrik Sasmita"), position="Direktur", is_primary=True
            ),
            "badak": badak,
            "siti": make.affiliation(
                badak, make.contact(name="Siti Rahmawati"), position="Penyiar", is_primary=True
            ),
        }
