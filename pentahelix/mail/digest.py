"""The digest: one mail a person and morning, in which everything stands that is not urgent.

It is chosen and its reminders are marked as told in one transaction, so that nothing stands in two digests.
Whoever has nothing to read gets none; what comes up until noon is then still told on the same day.
"""

from pentahelix.logs import log
from pentahelix.mail import outbox, recipients
from pentahelix.mail.digest_words import sections
from pentahelix.mail.links import absolute
from pentahelix.presentation import as_read_by
from pentahelix.queries import digest as mornings
from pentahelix.queries.digest import Morning
from pentahelix.services.opt_outs import make_link
from pentahelix.services.reminding import readers
from pentahelix.services.reminding.book import SUPERSEDED, Book, record, skipped
from pentahelix.services.reminding.readers import Reader
from pentahelix.unit_of_work import looking, unit_of_work
from pentahelix.vocabulary import MailKind, MailTopic

JOB = "scheduler:digest"


def make_due(book: Book) -> None:
    """The digests that may be made now, for whoever has something to read; one that fails stops no other."""
    with looking():
        found = readers.this_morning(book)
        todo = [reader.id for reader, morning in _mornings(book, found) if not morning.is_empty]
    for user_id in todo:
        try:
            with unit_of_work(JOB):
                _make(book, user_id)
        except Exception:
            log.exception("digest", user=user_id)


def _mornings(book: Book, found: list[Reader]) -> list[tuple[Reader, Morning]]:
    told = mornings.of(book, found)
    return [(reader, told[reader.id]) for reader in found]


def _make(book: Book, user_id: int) -> None:
    """Ask once more, now that nobody else can write; the reader may have had it meanwhile."""
    for reader, morning in _mornings(book, readers.this_morning(book, user_id)):
        if morning.is_empty or (message_id := post(book, reader, morning)) is None:
            continue
        told = [*morning.reminders, *morning.escalations]
        record(item.row(reader.id) | {"message_id": message_id} for item in told)
        record(skipped(item.row(reader.id), SUPERSEDED) for item in morning.overtaken)


def post(book: Book, reader: Reader, morning: Morning) -> int | None:
    to = recipients.user(reader.user)
    if to is None:
        return None
    with as_read_by(to.language, to.timezone):
        told = sections(book, reader, morning)
    return outbox.post(
        MailKind.DIGEST,
        to,
        reader.key,
        {"sections": told, "day": reader.day, "page": absolute("home.index")},
        unsubscribe=make_link(reader.user, MailTopic.DIGEST),
    )
