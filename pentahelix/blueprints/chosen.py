"""The cluster that whoever asks looks at, read once a request; and those that a form offers them."""

from collections.abc import Sequence
from typing import TypeVar

from flask import g
from flask_babel import gettext as _

from pentahelix import principal
from pentahelix.models import Cluster
from pentahelix.queries import clusters
from pentahelix.refusals import WrongState

C = TypeVar("C", bound=Sequence[object])


def chosen_cluster() -> Cluster | None:
    person = principal.current()
    if "chosen_cluster" not in g:
        g.chosen_cluster = clusters.chosen(person) if person else None
    cluster: Cluster | None = g.chosen_cluster
    return cluster


def own(clusters: C) -> C:
    """What a form offers; whoever is in no cluster has nothing to fill in."""
    if not clusters:
        raise WrongState(_("Anda belum menjadi anggota klaster. Hubungi admin."))
    return clusters
