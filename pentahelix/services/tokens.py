"""Links that prove something by themselves: 256 random bits, of which only the digest is kept.

A token opens one purpose and nothing else. Several of one purpose and object are valid side by side, since
each mail makes its own.
"""

import hashlib
import secrets
from datetime import datetime

from sqlalchemy import Select, or_, select, update

from pentahelix import clock
from pentahelix.extensions import db
from pentahelix.models import Token
from pentahelix.prepared import prepared
from pentahelix.vocabulary import TokenPurpose


def digest(raw: str) -> str:
    return hashlib.sha256(raw.encode()).hexdigest()


def make(
    purpose: TokenPurpose,
    *,
    object_id: int | None = None,
    user_id: int | None = None,
    contact_id: int | None = None,
    expires_at: datetime | None = None,
    browser_digest: str | None = None,
    code: str | None = None,
) -> str:
    """A new token; what is returned stands in one mail and nowhere else."""
    raw = secrets.token_urlsafe(32)
    db.session.add(
        Token(
            purpose=purpose,
            object_id=object_id,
            user_id=user_id,
            contact_id=contact_id,
            digest=digest(raw),
            browser_digest=browser_digest,
            code_digest=digest(code) if code else None,
            made_at=clock.now(),
            expires_at=expires_at,
        )
    )
    db.session.flush()
    return raw


def find(purpose: TokenPurpose, raw: str) -> Token | None:
    """The token, unless it is unknown, of another purpose, or revoked; over or used is told by its row."""
    found: Token | None = db.session.scalars(*_of(purpose, digest(raw))).first()
    return found


@prepared
def _of(purpose: TokenPurpose, digest: str) -> Select[Token]:
    return select(Token).where(Token.digest == digest, Token.purpose == purpose, Token.revoked_at.is_(None))


def is_over(token: Token) -> bool:
    """Used, or past its time."""
    return token.used_at is not None or (token.expires_at is not None and token.expires_at <= clock.now())


def use(token: Token) -> bool:
    """Use it up; False where it is over, or somebody used it at this very moment."""
    now = clock.now()
    used = db.session.execute(
        update(Token)
        .where(
            Token.id == token.id,
            Token.used_at.is_(None),
            Token.revoked_at.is_(None),
            or_(Token.expires_at.is_(None), Token.expires_at > now),
        )
        .values(used_at=now)
        .returning(Token.id)
        .execution_options(synchronize_session=False)
    )
    return used.first() is not None


def revoke(purpose: TokenPurpose, *, user_id: int) -> None:
    """No link of that purpose that is still out opens anything for this user any more."""
    db.session.execute(
        update(Token)
        .where(
            Token.purpose == purpose,
            Token.user_id == user_id,
            Token.used_at.is_(None),
            Token.revoked_at.is_(None),
        )
        .values(revoked_at=clock.now())
        .execution_options(synchronize_session=False)
    )
