"""Who no longer wants which mails: digests and reminders; invitations, changes and accounts always come.

The link in such a mail names one person and one topic. It never expires and may be pressed any number of
times. Its token keeps the person in `user_id` or `contact_id` and the topic, by its place in `MailTopic`, in
`object_id`.
"""

from dataclasses import dataclass

from sqlalchemy import ColumnElement, Select, select
from sqlalchemy.exc import IntegrityError

from pentahelix import clock
from pentahelix.extensions import db
from pentahelix.mail.links import absolute
from pentahelix.models import Contact, OptOut, User
from pentahelix.prepared import prepared
from pentahelix.services import tokens
from pentahelix.vocabulary import MailTopic, TokenPurpose

TOPICS = tuple(MailTopic)


@dataclass(frozen=True)
class Subscription:
    """One person and one kind of mail. Exactly one of the ids is set."""

    topic: MailTopic
    user_id: int | None = None
    contact_id: int | None = None


def make_link(to: User | Contact, topic: MailTopic) -> str:
    """A new address that ends `topic` for `to`; it stands in one mail, in its header and its foot."""
    raw = tokens.make(
        TokenPurpose.UNSUBSCRIBE,
        object_id=TOPICS.index(topic),
        user_id=to.id if isinstance(to, User) else None,
        contact_id=to.id if isinstance(to, Contact) else None,
    )
    return absolute("optout.show", token=raw)


def of_link(raw: str) -> Subscription | None:
    token = tokens.find(TokenPurpose.UNSUBSCRIBE, raw)
    if token is None or token.object_id is None:
        return None
    return Subscription(TOPICS[token.object_id], token.user_id, token.contact_id)


def stop(subscription: Subscription) -> None:
    """No more such mails; saying it twice is saying it once."""
    if not wants(subscription):
        return
    try:
        with db.session.begin_nested():
            db.session.add(
                OptOut(
                    topic=subscription.topic,
                    user_id=subscription.user_id,
                    contact_id=subscription.contact_id,
                    made_at=clock.now(),
                )
            )
    except IntegrityError:
        # A second press at the same moment was first.
        return


def start(subscription: Subscription) -> None:
    """Such mails again."""
    for row in db.session.scalars(select(OptOut).where(_of(subscription))):
        db.session.delete(row)
    db.session.flush()


def wants(subscription: Subscription) -> bool:
    return db.session.scalar(*_stopped(subscription)) is None


def users_without(topic: MailTopic) -> frozenset[int]:
    """The ids of all users who do not want `topic`."""
    stopped = select(OptOut.user_id).where(OptOut.topic == topic)
    return frozenset(user_id for user_id in db.session.scalars(stopped) if user_id is not None)


@prepared
def _stopped(subscription: Subscription) -> Select[int]:
    return select(OptOut.id).where(_of(subscription))


def _of(subscription: Subscription) -> ColumnElement[bool]:
    who: ColumnElement[bool] = (
        OptOut.user_id == subscription.user_id
        if subscription.user_id is not None
        else OptOut.contact_id == subscription.contact_id
    )
    return who & (OptOut.topic == subscription.topic)
