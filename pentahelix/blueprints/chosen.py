"""The cluster that whoever asks looks at, read once a request for the page and for its bar."""

from flask import g

from pentahelix import principal
from pentahelix.models import Cluster
from pentahelix.queries import clusters


def chosen_cluster() -> Cluster | None:
    person = principal.current()
    if "chosen_cluster" not in g:
        g.chosen_cluster = clusters.chosen(person) if person else None
    cluster: Cluster | None = g.chosen_cluster
    return cluster
