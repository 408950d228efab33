"""Who asks: one small object for a user of the schools and the Dinas, a partner contact, or a machine."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from flask import g, has_request_context

from pentahelix import clock

if TYPE_CHECKING:
    from pentahelix.scope import Scope
    from pentahelix.vocabulary import Role


@dataclass(frozen=True)
class Principal:
    """Somebody who is signed in. Flask-Login calls it the current user."""

    id: str  #: "u:7" for a user, "c:12" for a partner contact
    name: str
    #: none: a partner contact in the portal
    role: Role | None
    user_id: int | None = None
    contact_id: int | None = None
    salutation: str | None = None
    language: str = "id"
    theme: str = "system"
    timezone: str = clock.PROVINCE_ZONE
    cluster_ids: frozenset[int] = frozenset()
    chosen_cluster_id: int | None = None
    sign_in_id: int | None = field(default=None, repr=False)
    #: somebody else chose the password; it is to be replaced before anything else
    must_change_password: bool = False

    @property
    def scope(self) -> Scope:
        from pentahelix.scope import ALL, Clusters, OfContact
        from pentahelix.vocabulary import Role

        if self.contact_id is not None:
            return OfContact(self.contact_id)
        return Clusters(self.cluster_ids) if self.role == Role.COORDINATOR else ALL

    @property
    def sees_several(self) -> bool:
        """Whether there is a cluster to choose: one who coordinates a single one has none but that."""
        from pentahelix.vocabulary import Role

        return self.role != Role.COORDINATOR or len(self.cluster_ids) > 1

    def may(self, permission: str) -> bool:
        from pentahelix.permissions import PERMISSIONS

        return self.role in PERMISSIONS[permission]

    # What Flask-Login asks of a user.
    is_authenticated = True
    is_active = True
    is_anonymous = False

    def get_id(self) -> str:
        return self.id


def current() -> Principal | None:
    """Who is signed in with this request; None outside one and for a visitor."""
    return g.get("principal") if has_request_context() else None


def signed_in() -> Principal:
    """Who is signed in, where the route's permission guarantees that somebody is."""
    principal = current()
    if principal is None:
        raise RuntimeError("nobody is signed in here; is the route public?")
    return principal


def own_id() -> int:
    """Of the user who is signed in, where the route's permission keeps partner contacts out."""
    user_id = signed_in().user_id
    assert user_id is not None
    return user_id
