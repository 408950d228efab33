"""What people do with their own account: sign in, change the password, choose language, theme and zone."""

from dataclasses import dataclass

from flask_babel import lazy_gettext as _l
from sqlalchemy import and_, select

from pentahelix import clock, passwords
from pentahelix.editing import expect_version
from pentahelix.extensions import db
from pentahelix.models import Cluster, Membership, School, User
from pentahelix.prepared import prepared
from pentahelix.queries.page import Rows
from pentahelix.refusals import Refused
from pentahelix.scope import everything
from pentahelix.services import sign_ins, tokens
from pentahelix.vocabulary import Language, Role, Theme, TokenPurpose

#: The same for an unknown address, a wrong password, an account without one and a closed one.
NO_MATCH = _l("Surel atau kata sandi tidak cocok.")

#: What everybody here would try.
PLACES = ("Pentahelix", "Teaching Factory", "SMK Negeri", "Dinas Pendidikan", "Banten", "Lebak", "kabid")


@dataclass(frozen=True)
class Proof:
    """Somebody has shown that they know an account's password."""

    user_id: int
    kept: str
    #: made anew where the kept one is cheaper than what we now ask for
    renewed: str | None


@dataclass(frozen=True)
class ProfileWish:
    language: Language
    theme: Theme
    timezone: str
    position: str | None = None
    phone: str | None = None


@dataclass(frozen=True)
class Facts:
    """What an account says about its owner and only an administrator changes."""

    name: str
    email: str | None
    school: str | None
    clusters: tuple[str, ...]


@dataclass(frozen=True)
class DemoAccount:
    """Somebody of the demonstration, whom one press signs in."""

    id: int
    name: str
    role: Role
    place: str | None


def prove(email: str, password: str) -> Proof | None:
    """Whether the two belong together; takes the time of one hash, whatever the answer.

    No transaction is open while it hashes, nor afterwards.
    """
    account = db.session.execute(
        select(User.id, User.password_hash).where(User.email == email, User.deactivated_at.is_(None))
    ).first()
    db.session.rollback()
    kept = account.password_hash if account else None
    if not passwords.verify(password, kept) or account is None or kept is None:
        return None
    renewed = passwords.digest(password) if passwords.needs_rehash(kept) else None
    return Proof(account.id, kept, renewed)


def enter(proof: Proof, device: str) -> str:
    """Begin a session; what is returned goes into the browser's cookie."""
    user = db.session.get(User, proof.user_id, populate_existing=True)
    # Between the check and now the account may have been closed, or have got another password.
    if user is None or not user.is_active or user.password_hash != proof.kept:
        raise Refused(None, NO_MATCH)
    if proof.renewed:
        user.password_hash = proof.renewed
    return sign_ins.begin(user, device)


def demo_accounts() -> list[DemoAccount]:
    """Whom the sign-in page of the demonstration offers."""
    with everything() as session:
        return [DemoAccount(*row) for row in session.execute(*_demo_accounts())]


@prepared
def _demo_accounts() -> Rows:
    place = (
        select(Cluster.short_name)
        .join(Membership, Membership.cluster_id == Cluster.id)
        .where(Membership.user_id == User.id, Membership.archived_at.is_(None))
        .order_by(Cluster.id)
        .limit(1)
        .scalar_subquery()
    )
    return (
        select(User.id, User.name, User.role, place)
        .where(User.password_hash.is_not(None), User.deactivated_at.is_(None))
        .order_by(User.role != Role.COORDINATOR, User.role, User.id)
    )


def enter_demo(user_id: int, device: str) -> str | None:
    """Begin a session without a password: the demonstration only."""
    user = db.session.get(User, user_id)
    if user is None or not user.is_active or user.password_hash is None:
        return None
    return sign_ins.begin(user, device)


def facts(user_id: int) -> Facts:
    with everything() as session:
        rows = session.execute(*_facts(user_id)).all()
    name, email, school, _cluster = rows[0]
    return Facts(name, email, school, tuple(cluster for *_rest, cluster in rows if cluster))


@prepared
def _facts(user_id: int) -> Rows:
    """A row for each cluster, or one without."""
    return (
        select(User.name, User.email, School.name, Cluster.name)
        .outerjoin(School, School.id == User.school_id)
        .outerjoin(Membership, and_(Membership.user_id == User.id, Membership.archived_at.is_(None)))
        .outerjoin(Cluster, Cluster.id == Membership.cluster_id)
        .where(User.id == user_id)
        .order_by(Cluster.name)
    )


def own_words(known: Facts) -> list[str]:
    """What others would guess first about somebody."""
    return words_about(known.name, known.email, known.school, *known.clusters)


def words_about(*facts: str | None) -> list[str]:
    return [*(fact for fact in facts if fact), *PLACES]


def change_password(proof: Proof, digest: str, keep: int | None) -> None:
    """From now on `digest` is the hash; every session of theirs but `keep` ends."""
    user = db.session.get_one(User, proof.user_id, populate_existing=True, with_for_update=True)
    if user.password_hash != proof.kept:
        raise Refused("current_password", _l("Kata sandi sekarang tidak cocok."))
    user.password_hash = digest
    user.password_changed_at = clock.now()
    user.password_is_initial = False
    sign_ins.revoke(user.id, but=keep)
    tokens.revoke(TokenPurpose.PASSWORD, user_id=user.id)
    db.session.flush()


def edit_profile(user: User, wish: ProfileWish, version: int | None) -> None:
    expect_version(user, version)
    user.language = wish.language
    user.theme = wish.theme
    user.timezone = wish.timezone
    user.position = wish.position
    user.phone = wish.phone
    db.session.flush()


def speak(user_id: int, language: Language) -> None:
    """From now on pages and mails are in `language`."""
    db.session.get_one(User, user_id).language = language
    db.session.flush()
