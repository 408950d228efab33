"""Sessions of signed-in people: rows that can be revoked, read on each request and never written by it.

The browser keeps a random id in Flask's signed cookie; the row keeps its digest. The cookie's own time stamp
is the idle limit, the row's end the absolute one.
"""

import hashlib
import secrets
from datetime import timedelta

from sqlalchemy import and_, select

from pentahelix import clock
from pentahelix.extensions import db
from pentahelix.models import Membership, SignIn, User
from pentahelix.principal import Principal

IDLE = timedelta(days=14)
ABSOLUTE = timedelta(days=90)


def _digest(key: str) -> str:
    return hashlib.sha256(key.encode()).hexdigest()


def begin(user: User, device: str) -> str:
    """Sign `user` in on a device; what is returned goes into the browser's cookie and nowhere else."""
    key = secrets.token_urlsafe(32)
    made = clock.now()
    db.session.add(
        SignIn(
            digest=_digest(key),
            principal=f"u:{user.id}",
            user_id=user.id,
            made_at=made,
            ends_at=made + ABSOLUTE,
            device=device[:200],
        )
    )
    db.session.flush()
    return key


def principal_of(key: str) -> Principal | None:
    """Who holds `key`, in one statement; None when it is unknown, over or revoked, or the account closed."""
    rows = db.session.execute(
        select(SignIn, User, Membership.cluster_id)
        .join(User, User.id == SignIn.user_id)
        .outerjoin(Membership, and_(Membership.user_id == User.id, Membership.archived_at.is_(None)))
        .where(
            SignIn.digest == _digest(key),
            SignIn.revoked_at.is_(None),
            SignIn.ends_at > clock.now(),
            User.deactivated_at.is_(None),
        )
    ).all()
    if not rows:
        return None
    sign_in, user, _cluster = rows[0]
    return Principal(
        id=f"u:{user.id}",
        user_id=user.id,
        name=user.name,
        role=user.role,
        salutation=user.salutation,
        language=user.language,
        theme=user.theme,
        timezone=user.timezone,
        cluster_ids=frozenset(cluster_id for _s, _u, cluster_id in rows if cluster_id is not None),
        chosen_cluster_id=user.chosen_cluster_id,
        sign_in_id=sign_in.id,
        must_change_password=user.password_is_initial,
    )


def of_user(user_id: int) -> list[SignIn]:
    """The sessions of a user that still hold, latest first."""
    return list(
        db.session.scalars(
            select(SignIn)
            .where(SignIn.user_id == user_id, SignIn.revoked_at.is_(None), SignIn.ends_at > clock.now())
            .order_by(SignIn.made_at.desc(), SignIn.id.desc())
        )
    )


def revoke(user_id: int, *, only: int | None = None, but: int | None = None) -> int:
    """End the sessions of a user: all, `only` one, or all `but` one; tell how many that were."""
    ended = [
        row for row in of_user(user_id) if (only is None or row.id == only) and (but is None or row.id != but)
    ]
    for row in ended:
        row.revoked_at = clock.now()
    db.session.flush()
    return len(ended)
