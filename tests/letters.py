"""Every kind of mail, made as it is made in life: a session, somebody who is invited, what becomes of it.

story = Story(cast)
ACTS[MailKind.NUDGE](story)
"""

from collections.abc import Callable, Iterator
from datetime import date, time

from sqlalchemy import select

from pentahelix import audit
from pentahelix.extensions import db
from pentahelix.mail import invitations as letters
from pentahelix.mail.compose import Attachment
from pentahelix.models import Contact, GuidanceSession, Invitation, OutboxMessage
from pentahelix.scope import ALL, set_scope
from pentahelix.services import (
    agreement_steps,
    doors,
    followups,
    guidance as sessions,
    invitations,
    minutes,
    reminders,
)
from pentahelix.services.guidance import DetailsWish, GuidanceWish
from pentahelix.services.invitations import AnswerWish
from pentahelix.vocabulary import (
    ActorKind,
    AgreementStatus,
    Answer,
    Language,
    MailKind,
    Salutation,
    TokenPurpose,
)
from tests import factories as make
from tests.cast import Cast
from tests.engines import Database
from tests.outbox import posted
from tests.sign_in import principal_of


class Story:
    """A session tomorrow to which Hendrik is invited, and what becomes of it."""

    def __init__(self, cast: Cast, language: Language = Language.ID) -> None:
        self.cast = cast
        self.hendrik = db.session.get_one(Contact, cast.hendrik.contact_id)
        self.hendrik.email = "hendrik@kemasindo.example"
        self.hendrik.salutation, self.hendrik.language = Salutation.BAPAK, language
        cast.lilis.phone = "+6281200000147"
        self.by = principal_of(cast.lilis)
        wish = GuidanceWish(
            cluster_id=cast.lebak.id,
            topic="Desain kemasan keripik pisang",
            day=date(2026, 11, 25),
            starts=time(9),
            ends=time(11, 30),
            place="SMKN 1 Warunggunung, ruang TeFa",
            participant_ids=(cast.hendrik.id,),
        )
        self.guidance: GuidanceSession = sessions.plan(wish, self.by)
        self.invitation = db.session.scalars(
            select(Invitation).where(Invitation.guidance_id == self.guidance.id)
        ).one()

    def move(self) -> None:
        day = date(2026, 12, 1)
        sessions.reschedule(self.guidance, day, time(13), time(15))

    def change_place(self) -> None:
        sessions.edit(self.guidance, DetailsWish(topic=self.guidance.topic, place="Aula"))

    def answer(self, answer: Answer, **said: object) -> None:
        invitations.answer(self.invitation, AnswerWish(answer, **said))  # type: ignore[arg-type]

    def propose(self) -> None:
        day = date(2026, 12, 1)
        self.answer(Answer.PROPOSED, note="Ada audit", proposed_day=day, proposed_starts=time(13))

    def keep(self) -> None:
        self.propose()
        invitations.keep(self.invitation)

    def send_minutes(self) -> None:
        meeting = make.meeting(self.cast.lebak, present=(self.cast.hendrik,))
        paper = Attachment("notula.pdf", b"%PDF-1.7", "application/pdf")
        minutes.send(meeting, dict.fromkeys(Language, paper), self.by)

    def assign(self) -> None:
        wish = followups.FollowUpWish(
            cluster_id=self.cast.lebak.id,
            title="Kirim contoh label",
            owner_user_id=self.cast.lilis.id,
            due_on=date(2026, 12, 1),
        )
        followups.make(wish, principal_of(self.cast.aminah))

    def decide(self) -> None:
        status = AgreementStatus.LEGAL_REVIEW
        agreement = make.agreement(self.cast.lebak, partners=(self.cast.kemasindo,), status=status)
        agreement_steps.send_back(agreement, principal_of(self.cast.aminah), "Lampirkan surat kuasa.")

    def look(self) -> None:
        """The scheduler does, in the morning of a day when something is late."""
        make.follow_up(self.cast.lebak, self.cast.lilis, due_on=date(2026, 11, 20))
        db.session.commit()
        reminders.tick()

    def invite_colleague(self) -> None:
        doors.invite(make.user(self.cast.lebak, name="Tia Baru", email="tia@smk.example", password_hash=None))

    def ask_for_a_link(self, purpose: TokenPurpose, email: str) -> None:
        doors.ask(purpose, email)
        db.session.commit()
        doors.answer_requests()


ACTS: dict[MailKind, Callable[[Story], object]] = {
    MailKind.INVITATION: lambda story: None,
    MailKind.TIME_CHANGED: Story.move,
    MailKind.PLACE_CHANGED: Story.change_place,
    MailKind.TIME_KEPT: Story.keep,
    MailKind.CANCELLED: lambda story: sessions.cancel(story.guidance, "Ruang dipakai"),
    MailKind.UNINVITED: lambda story: invitations.uninvite(story.invitation),
    MailKind.NUDGE: lambda story: invitations.nudge(story.guidance),
    MailKind.DELEGATE: lambda story: story.answer(
        Answer.REPRESENTED, delegate_name="Sari", delegate_email="sari@kemasindo.example"
    ),
    MailKind.PROPOSAL: Story.propose,
    MailKind.LATE_ANSWER: lambda story: story.answer(Answer.DECLINED),
    MailKind.NO_ANSWER: lambda story: letters.no_answer(story.invitation, "no_answer:1"),
    MailKind.GUIDANCE_REMINDER: lambda story: letters.guidance_reminder(
        story.invitation, "guidance_reminder:1", with_question=True
    ),
    MailKind.ASSIGNED: Story.assign,
    MailKind.AGREEMENT: Story.decide,
    MailKind.DIGEST: Story.look,
    MailKind.MINUTES: Story.send_minutes,
    MailKind.ACCOUNT: Story.invite_colleague,
    MailKind.PASSWORD: lambda story: story.ask_for_a_link(
        TokenPurpose.PASSWORD, "lilis@smkn1kalanganyar.example"
    ),
    MailKind.SIGN_IN: lambda story: story.ask_for_a_link(TokenPurpose.SIGN_IN, "hendrik@kemasindo.example"),
}


def every_letter(database: Database, language: Language) -> Iterator[OutboxMessage]:
    """One of each kind, in `language`; what the database holds is lost."""
    for kind, act in ACTS.items():
        database.reset()
        by = audit.Actor(ActorKind.COMMAND, None, "letters")
        with database.app.app_context(), audit.acting(by):
            set_scope(db.session(), ALL)
            cast = Cast.enter(db.session())
            cast.lilis.language = language
            act(Story(cast, language))
            db.session.commit()
            yield posted(db.session(), kind)[0]
            db.session.remove()
