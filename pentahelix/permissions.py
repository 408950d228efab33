"""Who may do what: one table. Which rows they may do it to is decided in `scope`.

A view says what it needs with `@requires("partner.edit")` or that it needs nothing with `@public`; one that
says neither stops the start of the application. Who is signed out is asked to sign in, whether the page
exists or not; who may not gets the same answer as for a page that does not exist.
"""

from collections.abc import Callable
from functools import wraps
from typing import Any

from flask import Flask, abort

from pentahelix.principal import current
from pentahelix.vocabulary import Role

_ADMIN, _KABID, _COORDINATOR = Role.ADMIN, Role.KABID, Role.COORDINATOR
_STAFF = frozenset({_ADMIN, _KABID, _COORDINATOR})
#: A partner contact in the portal, who is no user and has no role.
_CONTACT = None

PERMISSIONS: dict[str, frozenset[Role | None]] = {
    "own.account": _STAFF,
    "own.door": _STAFF | {_CONTACT},
    "portal": frozenset({_CONTACT}),
    "cluster.see": _STAFF,
    "cluster.create": frozenset({_ADMIN, _KABID}),
    "cluster.edit": frozenset({_ADMIN}),
    "school.create": frozenset({_ADMIN, _KABID}),
    "school.edit": frozenset({_ADMIN}),
    "membership.create": frozenset({_ADMIN, _KABID}),
    "membership.edit": frozenset({_ADMIN}),
    "product.see": _STAFF,
    "product.edit": frozenset({_COORDINATOR}),
    "partner.see": _STAFF,
    "partner.edit": frozenset({_ADMIN, _COORDINATOR}),
    "contact.erase": frozenset({_ADMIN}),
    "contact_log.write": frozenset({_COORDINATOR}),
    "meeting.see": _STAFF,
    "meeting.edit": frozenset({_COORDINATOR}),
    "minutes.send": frozenset({_COORDINATOR}),
    "guidance.see": _STAFF,
    "guidance.edit": frozenset({_COORDINATOR}),
    "agreement.see": _STAFF,
    "agreement.edit": frozenset({_COORDINATOR}),
    "agreement.decide": frozenset({_KABID}),
    "contribution.see": _STAFF,
    "contribution.edit": frozenset({_COORDINATOR}),
    "document.see": _STAFF,
    "document.edit": frozenset({_COORDINATOR}),
    "coverage.see": _STAFF,
    "followup.see": _STAFF,
    "followup.assign": frozenset({_KABID, _COORDINATOR}),
    "followup.do": frozenset({_KABID, _COORDINATOR}),
    "agenda.see": _STAFF,
    "search": _STAFF,
    "trail.record": _STAFF,
    "trail.whole": frozenset({_ADMIN}),
    "outbox.see": frozenset({_ADMIN, _COORDINATOR}),
    "reminder.cluster": frozenset({_ADMIN, _COORDINATOR}),
    "reminder.province": frozenset({_ADMIN, _KABID}),
    "account.manage": frozenset({_ADMIN}),
    "setting.thresholds": frozenset({_ADMIN, _KABID}),
    "setting.edit": frozenset({_ADMIN}),
}

View = Callable[..., Any]


def requires(permission: str) -> Callable[[View], View]:
    """Let only those see the view whose role has `permission`; to others it does not exist."""
    if permission not in PERMISSIONS:
        raise KeyError(permission)

    def mark(view: View) -> View:
        @wraps(view)
        def guarded(*args: Any, **kwargs: Any) -> Any:
            principal = current()
            if principal is None or not principal.may(permission):
                abort(404)
            return view(*args, **kwargs)

        guarded.permission = permission  # type: ignore[attr-defined]
        return guarded

    return mark


def public(view: View) -> View:
    """Let everybody see the view, signed in or not."""
    view.permission = None  # type: ignore[attr-defined]
    return view


def by_link(view: View) -> View:
    """Let whoever holds the link in the address see the view: cookies are not even looked at."""
    view = public(view)
    view.by_link = True  # type: ignore[attr-defined]
    return view


def is_by_link(view: View | None) -> bool:
    return getattr(view, "by_link", False)


def is_public(view: View | None) -> bool:
    return view is not None and getattr(view, "permission", "") is None


def refuse_unlisted(app: Flask) -> None:
    """Stop the start where a view does not say who may see it."""
    for endpoint, view in app.view_functions.items():
        if not hasattr(view, "permission"):
            raise RuntimeError(f"{endpoint} says neither @requires(…) nor @public")
