"""Links that prove something by themselves: 256 random bits, of which only the digest is kept.

A token opens one purpose and nothing else. Several of one purpose and object are valid side by side, since
each mail makes its own.
"""

import hashlib
import secrets
from datetime import datetime

from sqlalchemy import select

from pentahelix import clock
from pentahelix.extensions import db
from pentahelix.models import Token
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
    return db.session.scalars(
        select(Token).where(Token.digest == digest(raw), Token.purpose == purpose, Token.revoked_at.is_(None))
    ).first()
