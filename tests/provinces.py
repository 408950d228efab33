"""A province as the matrix shows it: clusters whose five sides are in the states that a test names.

a_province(["aaaxb", "abapa"])   # of each of the five sides, in the order of Helix: see LETTERS
"""

from collections.abc import Sequence
from datetime import timedelta

from pentahelix import clock
from pentahelix.models import Cluster, User
from pentahelix.vocabulary import AgreementStatus, Helix, Regency
from tests import factories as make

#: (a)live, (b)ound, at risk as it ends in 12 days (x) or for a (l)ate follow-up, (p)rospect,
#: prospect in (n)egotiation, empty (-)
LETTERS = "abxlpn-"

NAMES = (
    ("Olahan Kuliner Lebak", Regency.LEBAK),
    ("Gula Aren Pandeglang", Regency.PANDEGLANG),
    ("Bandeng Kota Serang", Regency.KOTA_SERANG),
    ("Kriya Bambu Tangerang", Regency.TANGERANG),
    ("Perawatan Mesin Cilegon", Regency.KOTA_CILEGON),
    ("Busana Tangsel", Regency.KOTA_TANGERANG_SELATAN),
    ("Mebel Kota Tangerang", Regency.KOTA_TANGERANG),
    ("Agrowisata Serang", Regency.SERANG),
)
#: The eight clusters of the design's picture.
EIGHT = ("aaaxb", "abapa", "aabaa", "alab-", "aa--b", "bpaap", "x-bpa", "p-p-b")


def a_province(rows: Sequence[str] = EIGHT, owner: User | None = None) -> list[Cluster]:
    """The clusters, oldest first. `owner` has the late follow-ups; a coordinator of all by default."""
    owner = owner or make.user(name="Neneng Sulastri, S.Pd.")
    clusters = []
    for number, states in enumerate(rows):
        name, regency = NAMES[number % len(NAMES)]
        again = f" {number // len(NAMES) + 1}" if number >= len(NAMES) else ""
        cluster = make.cluster(
            name=f"Klaster Teaching Factory {name}{again}",
            short_name=name + again,
            regency=regency,
            is_pilot=number == 0,
            begins=clock.today() - timedelta(days=900 - number),
        )
        make.school(cluster)
        for helix, letter in zip(Helix, states, strict=True):
            _fill(cluster, helix, letter, owner)
        clusters.append(cluster)
    return clusters


def _fill(cluster: Cluster, helix: Helix, letter: str, owner: User) -> None:
    if letter == "-":
        return
    partner = make.partner(cluster, helix=helix, area_code=cluster.regency.value)
    today = clock.today()
    if letter == "n":
        make.agreement(cluster, partners=(partner,), status=AgreementStatus.LEGAL_REVIEW)
    elif letter != "p":
        ends_on = today + timedelta(days=12 if letter == "x" else 400)
        make.agreement(cluster, partners=(partner,), ends_on=ends_on)
    if letter == "l":
        make.follow_up(cluster, owner, partner=partner, due_on=today - timedelta(days=30))
    if letter == "a":
        make.meeting(cluster, present=(make.affiliation(partner),))
