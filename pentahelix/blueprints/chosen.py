"""The cluster that whoever asks looks at, read once a request; and those that a form offers them."""

from collections.abc import Sequence
from typing import TypeVar

from flask import g
from flask_babel import gettext as _

from pentahelix import principal
from pentahelix.models import Cluster
from pentahelix.principal import signed_in
from pentahelix.queries import bars
from pentahelix.queries.bars import Bars
from pentahelix.refusals import WrongState

C = TypeVar("C", bound=Sequence[object])


def bars_of_this_request() -> Bars:
    """What the bars show to whoever is signed in; of a contact nothing is asked."""
    if "bars" not in g:
        person = principal.current()
        g.bars = bars.of(person) if person and person.user_id is not None else Bars(None, 0)
    found: Bars = g.bars
    return found


def chosen_cluster() -> Cluster | None:
    return bars_of_this_request().cluster


def own(clusters: C) -> C:
    """What a form offers; whoever is in no cluster has nothing to fill in."""
    if not clusters:
        if signed_in().may("cluster.create"):
            raise WrongState(_("Belum ada klaster. Buat klaster lebih dahulu."))
        raise WrongState(_("Anda belum menjadi anggota klaster. Hubungi admin."))
    return clusters
