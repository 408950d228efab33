"""Doors that open by mail: a new password, an invitation to an account, a link into the portal.

Whoever asks types an address. That is written down, for every address alike, and nothing else is done; the
scheduler's next tick finds out whom we know, so that neither the answer nor its delay tells.
"""

import secrets
from datetime import timedelta

from flask_babel import gettext as _
from sqlalchemy import or_, select, update

from pentahelix import clock
from pentahelix.extensions import db
from pentahelix.logs import log
from pentahelix.mail import outbox, recipients
from pentahelix.mail.links import absolute
from pentahelix.models import LinkRequest, Token, User
from pentahelix.queries.users import may_be_invited
from pentahelix.refusals import WrongState
from pentahelix.services import portal, sign_ins, tokens
from pentahelix.services.users import LETTERS
from pentahelix.unit_of_work import unit_of_work
from pentahelix.vocabulary import MailKind, TokenPurpose

#: How long a link opens its door.
RESET = timedelta(minutes=60)
INVITATION = timedelta(days=7)
SIGN_IN = timedelta(minutes=10)

#: After so long nobody waits for the mail any more: the scheduler was away.
PATIENCE = timedelta(hours=1)


def ask(purpose: TokenPurpose, email: str, browser_digest: str | None = None) -> None:
    """Note that somebody at `email` wants a link, that is to hold in the browser of `browser_digest` only."""
    db.session.add(
        LinkRequest(purpose=purpose, email=email.lower(), browser_digest=browser_digest, made_at=clock.now())
    )
    db.session.flush()


def answer_requests() -> None:
    """Mail those whom we know; the scheduler's tick.

    Each request is a unit of work of its own, so that one that fails leaves the others alone.
    """
    with unit_of_work("scheduler:doors") as session:
        waiting = session.scalars(
            select(LinkRequest.id).where(LinkRequest.handled_at.is_(None)).order_by(LinkRequest.id)
        ).all()
    for request_id in waiting:
        try:
            with unit_of_work("scheduler:doors"):
                _answer(request_id)
        except Exception:
            log.exception("door", request=request_id)


def _answer(request_id: int) -> None:
    now = clock.now()
    # Of several schedulers the first one takes it.
    taken = db.session.execute(
        update(LinkRequest)
        .where(LinkRequest.id == request_id, LinkRequest.handled_at.is_(None))
        .values(handled_at=now)
        .returning(LinkRequest.id)
        .execution_options(synchronize_session=False)
    )
    if taken.first() is None:
        return
    request = db.session.get_one(LinkRequest, request_id)
    if request.made_at < now - PATIENCE:
        return
    if request.purpose == TokenPurpose.PASSWORD:
        _mail_reset(request)
    elif request.purpose == TokenPurpose.SIGN_IN:
        _mail_sign_in(request)


def _mail_reset(request: LinkRequest) -> None:
    # Whoever was never to sign in does not get a password by asking for one.
    was_invited = select(Token.id).where(Token.purpose == TokenPurpose.PASSWORD, Token.user_id == User.id)
    user = db.session.scalars(
        select(User).where(
            User.email == request.email,
            User.deactivated_at.is_(None),
            or_(User.password_hash.is_not(None), was_invited.exists()),
        )
    ).first()
    if user is not None:
        _mail_password(user, MailKind.PASSWORD, RESET, f"password:{request.id}")


def invite(user: User) -> None:
    """Mail a link by which a new user chooses their first password; an earlier one holds no more."""
    if not may_be_invited(user):
        raise WrongState(_("Orang ini tidak dapat diundang: akunnya sudah dipakai, atau tanpa surel."))
    _mail_password(user, MailKind.ACCOUNT, INVITATION, f"account:{user.id}:{secrets.token_hex(8)}")


def _mail_password(user: User, kind: MailKind, lasts: timedelta, key: str) -> None:
    to = recipients.user(user)
    assert to is not None
    tokens.revoke(TokenPurpose.PASSWORD, user_id=user.id)
    outbox.withdraw((MailKind.PASSWORD, MailKind.ACCOUNT), user)
    ends = clock.now() + lasts
    raw = tokens.make(TokenPurpose.PASSWORD, object_id=user.id, user_id=user.id, expires_at=ends)
    link = absolute("accounts.new_password", token=raw)
    outbox.post(kind, to, key, {"link": link, "ends": ends}, about=user, valid_until=ends)


def _mail_sign_in(request: LinkRequest) -> None:
    """One mail, however many people share the address: which of them comes is chosen behind the link."""
    people = portal.people_at(request.email)
    if not people:
        return
    to = people[0].recipient
    if len(people) > 1:
        to = recipients.Recipient(to.email, "", language=to.language)
    code = "".join(secrets.choice(LETTERS) for _ in range(portal.CODE_LENGTH))
    ends = clock.now() + SIGN_IN
    raw = tokens.make(
        TokenPurpose.SIGN_IN,
        object_id=request.id,
        expires_at=ends,
        browser_digest=request.browser_digest,
        code=code,
    )
    context = {"link": absolute("portal.enter", token=raw), "code": f"{code[:4]}-{code[4:]}"}
    outbox.post(MailKind.SIGN_IN, to, f"sign_in:{request.id}", context, valid_until=ends)


# ---------------------------------------------------------------------------------------------------------
# Behind the link


def user_of(token: Token) -> User | None:
    """Whose password the link chooses; None once their account is closed or has no address."""
    user = db.session.get(User, token.user_id) if token.user_id is not None else None
    return user if user is not None and user.is_active and user.email else None


def choose_password(token: Token, digest: str) -> bool:
    """From now on `digest` is the hash of the password that they chose themselves; nobody stays signed in.

    False where the link was used meanwhile.
    """
    user = user_of(token)
    if user is None or not tokens.use(token):
        return False
    user.password_hash = digest
    user.password_changed_at = clock.now()
    user.password_is_initial = False
    tokens.revoke(TokenPurpose.PASSWORD, user_id=user.id)
    sign_ins.revoke(user.id)
    db.session.flush()
    return True
