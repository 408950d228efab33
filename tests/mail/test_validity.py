"""What waited too long is not sent: asked again when its turn comes."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from pentahelix import clock as system
from pentahelix.mail import validity
from pentahelix.models import Contact, GuidanceSession, Invitation, Membership, OutboxMessage
from pentahelix.vocabulary import Answer, Basis, GuidanceStatus, MailKind
from tests import factories as make
from tests.cast import Cast
from tests.conftest import Clock
from tests.mail.posting import holds

pytestmark = pytest.mark.both_engines

TO_CONTACTS = (
    MailKind.INVITATION,
    MailKind.TIME_CHANGED,
    MailKind.PLACE_CHANGED,
    MailKind.TIME_KEPT,
    MailKind.NUDGE,
    MailKind.NO_ANSWER,
    MailKind.GUIDANCE_REMINDER,
)


class Invited:
    """Hendrik, silent so far, was mailed SEQUENCE 2 of a session the day after tomorrow."""

    def __init__(self, cast: Cast, session: Session) -> None:
        self.guidance: GuidanceSession = make.guidance(cast.lebak, sequence=2)
        self.invitation: Invitation = make.invitation(self.guidance, cast.hendrik, mailed_sequence=2)
        self.contact = session.get_one(Contact, cast.hendrik.contact_id)
        self.contact.email = "hendrik@kemasindo.example"
        session.flush()

    def mail(self, kind: MailKind) -> OutboxMessage:
        return make.mail(
            kind=kind,
            recipient=self.contact.email,
            recipient_contact_id=self.contact.id,
            cluster_id=self.guidance.cluster_id,
            object_noun="invitation",
            object_id=self.invitation.id,
            sequence=2,
            valid_until=self.guidance.starts_at,
        )

    def answers(self, answer: Answer) -> None:
        self.invitation.answer, self.invitation.answered_at = answer, system.now()
        self.invitation.proposed_starts_at = system.now() if answer == Answer.PROPOSED else None
        represented = answer == Answer.REPRESENTED
        self.invitation.delegate_name = "Sari" if represented else None
        self.invitation.delegate_email = self.contact.email if represented else None


@pytest.fixture
def invited(cast: Cast, session: Session) -> Invited:
    return Invited(cast, session)


def _cancel(invited: Invited) -> None:
    invited.guidance.status = GuidanceStatus.CANCELLED


def _archive(invited: Invited) -> None:
    invited.guidance.archived_at = system.now()


def _uninvite(invited: Invited) -> None:
    invited.invitation.uninvited_at = system.now()


def _tell_of_another_time(invited: Invited) -> None:
    invited.guidance.sequence = invited.invitation.mailed_sequence = 3


def _withdraw_consent(invited: Invited) -> None:
    invited.contact.basis = Basis.WITHDRAWN


def _restrict(invited: Invited) -> None:
    invited.contact.restricted_at = system.now()


def _erase(invited: Invited) -> None:
    invited.contact.erased_at = system.now()


def _archive_contact(invited: Invited) -> None:
    invited.contact.archived_at = system.now()


def _move_address(invited: Invited) -> None:
    invited.contact.email = "baru@kemasindo.example"


LEAVE_ALONE = (_withdraw_consent, _restrict, _erase, _archive_contact)


@pytest.mark.parametrize("kind", TO_CONTACTS)
def test_what_still_holds_is_sent(session: Session, invited: Invited, kind: MailKind) -> None:
    assert holds(session, invited.mail(kind))


@pytest.mark.parametrize(
    "change", [_cancel, _archive, _uninvite, _tell_of_another_time, _move_address, *LEAVE_ALONE]
)
@pytest.mark.parametrize("kind", TO_CONTACTS)
def test_what_is_overtaken_is_not_sent(
    session: Session, invited: Invited, kind: MailKind, change: Callable[[Invited], None]
) -> None:
    mail = invited.mail(kind)
    change(invited)
    session.flush()
    assert not holds(session, mail)


@pytest.mark.parametrize("kind", TO_CONTACTS)
def test_nobody_is_asked_once_the_session_begins(
    session: Session, invited: Invited, clock: Clock, kind: MailKind
) -> None:
    mail = invited.mail(kind)
    mail.valid_until = None
    clock.set(invited.guidance.starts_at)
    assert not holds(session, mail)


def test_another_persons_withdrawn_invitation_leaves_the_letters_of_the_others_true(
    session: Session, invited: Invited
) -> None:
    mail = invited.mail(MailKind.NUDGE)
    invited.guidance.sequence = 3
    session.flush()
    assert holds(session, mail)


@pytest.mark.parametrize(
    ("kind", "answers"),
    [
        (MailKind.NUDGE, {Answer.NONE}),
        (MailKind.NO_ANSWER, {Answer.NONE}),
        (MailKind.GUIDANCE_REMINDER, {Answer.NONE, Answer.ATTENDING, Answer.REPRESENTED}),
        (MailKind.PLACE_CHANGED, set(Answer)),
    ],
)
def test_an_answer_makes_some_letters_needless(
    session: Session, invited: Invited, kind: MailKind, answers: set[Answer]
) -> None:
    mail = invited.mail(kind)
    holding = set()
    for answer in Answer:
        invited.answers(answer)
        session.flush()
        if holds(session, mail):
            holding.add(answer)
    assert holding == answers


@pytest.mark.parametrize(
    ("kind", "answer"),
    [
        (MailKind.PROPOSAL, Answer.PROPOSED),
        (MailKind.LATE_ANSWER, Answer.DECLINED),
        (MailKind.LATE_ANSWER, Answer.REPRESENTED),
        (MailKind.DELEGATE, Answer.REPRESENTED),
    ],
)
def test_news_of_an_answer_holds_while_the_answer_does(
    session: Session, cast: Cast, invited: Invited, kind: MailKind, answer: Answer
) -> None:
    mail = invited.mail(kind)
    mail.recipient_contact_id = None
    if kind != MailKind.DELEGATE:
        mail.recipient_user_id, mail.recipient = cast.lilis.id, cast.lilis.email or ""
    invited.answers(answer)
    session.flush()
    assert holds(session, mail)
    invited.answers(Answer.ATTENDING)
    session.flush()
    assert not holds(session, mail)


def test_another_delegate_is_told_and_not_the_one_before(session: Session, invited: Invited) -> None:
    mail = invited.mail(MailKind.DELEGATE)
    mail.recipient_contact_id = None
    invited.answers(Answer.REPRESENTED)
    invited.invitation.delegate_email = "rina@kemasindo.example"
    session.flush()
    assert not holds(session, mail)


@pytest.mark.parametrize("kind", [MailKind.PROPOSAL, MailKind.LATE_ANSWER])
def test_what_the_invited_said_is_told_to_whoever_still_works_in_the_cluster(
    session: Session, cast: Cast, invited: Invited, kind: MailKind
) -> None:
    mail = invited.mail(kind)
    mail.recipient_contact_id = None
    mail.recipient_user_id, mail.recipient = cast.lilis.id, cast.lilis.email or ""
    invited.answers(Answer.PROPOSED if kind == MailKind.PROPOSAL else Answer.DECLINED)
    session.flush()
    assert holds(session, mail)
    [membership] = session.scalars(select(Membership).where(Membership.user_id == cast.lilis.id))
    membership.archived_at = system.now()
    session.flush()
    assert not holds(session, mail)


@pytest.mark.parametrize("kind", [MailKind.CANCELLED, MailKind.UNINVITED])
def test_what_takes_back_a_mail_follows_it_to_whoever_may_be_mailed(
    session: Session, invited: Invited, kind: MailKind
) -> None:
    mail = invited.mail(kind)
    mail.valid_until = None
    _cancel(invited)
    _uninvite(invited)
    _move_address(invited)
    session.flush()
    assert holds(session, mail)


@pytest.mark.parametrize("change", LEAVE_ALONE)
@pytest.mark.parametrize("kind", MailKind)
def test_whoever_is_to_be_left_alone_is_mailed_nothing_at_all(
    session: Session, invited: Invited, kind: MailKind, change: Callable[[Invited], None]
) -> None:
    mail = invited.mail(kind)
    change(invited)
    session.flush()
    assert not holds(session, mail)


@pytest.mark.parametrize("kind", [MailKind.DIGEST, MailKind.ASSIGNED, MailKind.PASSWORD, MailKind.ACCOUNT])
def test_whoever_works_here_no_more_is_mailed_nothing(session: Session, cast: Cast, kind: MailKind) -> None:
    mail = make.mail(kind=kind, recipient=cast.lilis.email, recipient_user_id=cast.lilis.id)
    assert holds(session, mail)
    cast.lilis.deactivated_at = system.now()
    session.flush()
    assert not holds(session, mail)


def test_nothing_is_sent_after_its_time(session: Session, clock: Clock) -> None:
    until = system.now() + timedelta(hours=1)
    mail = make.mail(kind=MailKind.SIGN_IN, valid_until=until)
    assert holds(session, mail)
    clock.set(until)
    assert not holds(session, mail)


def test_every_kind_that_speaks_of_an_invitation_has_a_rule() -> None:
    others = {
        MailKind.ASSIGNED,
        MailKind.AGREEMENT,
        MailKind.DIGEST,
        MailKind.MINUTES,
        MailKind.ACCOUNT,
        MailKind.PASSWORD,
        MailKind.SIGN_IN,
    }
    assert set(validity.WHILE_INVITED) | validity.TAKEN_BACK | others == set(MailKind)
