"""No page asks the database more often because there is more to show (C103): every page, found by itself.

What a single page may cost at most stands in the tests of that page.
"""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from datetime import timedelta
from urllib.parse import urlencode

from flask import Flask
from sqlalchemy.orm import Session
from werkzeug.routing import Rule

from pentahelix import clock
from pentahelix.models import AgreementStep, Attendance, Contact, InvitationAnswer, User
from pentahelix.permissions import PERMISSIONS
from pentahelix.services import tokens
from pentahelix.vocabulary import (
    AgreementStatus,
    Answer,
    FollowUpSource,
    MeetingStatus,
    OutboxState,
    Role,
    TokenPurpose,
)
from tests import factories as make
from tests.cast import Cast
from tests.clients import Client
from tests.pages import APART, BEHIND_AN_ACT, DOORS, OWNERS, PARTNER, QUERIES, VISITOR

#: Doors of accounts, what shows up only after something was done, and no page at all.
ELSEWHERE = BEHIND_AN_ACT | set(DOORS) - {"reply.show"} | {"health.healthz"}

TRAILS = {"partner": "partner_id", "agreement": "agreement_id", "meeting": "meeting_id"}

Statements = Callable[[], AbstractContextManager[list[str]]]

#: Of each kind of row, on each thing that they hang on.
ROWS = 200

#: Files, which hold everything there is.
FILES = (".xlsx", ".pdf", ".ics", ".js", "/file", "/html", "/source")


class World:
    """One of each thing, in the cluster of Lilis, and any number of others hanging on it."""

    def __init__(self, cast: Cast, session: Session) -> None:
        self.cast = cast
        self.session = session
        lebak, lilis, kemasindo, hendrik = cast.lebak, cast.lilis, cast.kemasindo, cast.hendrik
        self.school = make.school(lebak)
        self.product = make.product(lebak, lead_school_id=self.school.id)
        self.agreement = make.agreement(lebak, partners=(kemasindo,))
        self.guidance = make.guidance(lebak, partner_id=kemasindo.id, agreement_id=self.agreement.id)
        self.invitation = make.invitation(self.guidance, hendrik, answer=Answer.ATTENDING)
        self.meeting = make.meeting(lebak, kemasindo, present=(hendrik, lilis))
        self.contribution = make.contribution(lebak, kemasindo, stage="delivered", value=1_000)
        self.ids = {
            "cluster_id": lebak.id,
            "partner_id": kemasindo.id,
            "contact_id": hendrik.contact_id,
            "affiliation_id": hendrik.id,
            "school_id": self.school.id,
            "product_id": self.product.id,
            "agreement_id": self.agreement.id,
            "obligation_id": make.obligation(self.agreement).id,
            "guidance_id": self.guidance.id,
            "invitation_id": self.invitation.id,
            "meeting_id": self.meeting.id,
            "contribution_id": self.contribution.id,
            "followup_id": make.follow_up(lebak, lilis, partner=kemasindo).id,
            "follow_up_id": make.follow_up(lebak, lilis, partner=kemasindo).id,
            "log_id": make.contact_log(lebak, kemasindo, lilis).id,
            "message_id": make.mail(cluster_id=lebak.id).id,
            "user_id": lilis.id,
            "helix": str(kemasindo.helix),
            "token": tokens.make(TokenPurpose.INVITATION, object_id=self.invitation.id),
        }
        self.grow()

    def values(self, names: set[str]) -> list[dict[str, object]]:
        """What the addresses of a route are built of."""
        if "noun" not in names:
            return [{name: self.ids[name] for name in names}]
        key = next(iter(names - {"noun"}))
        nouns = TRAILS if key == "object_id" else OWNERS
        return [{"noun": noun, key: self.ids[of]} for noun, of in nouns.items()]

    def grow(self) -> None:
        """One more of everything."""
        lebak, kemasindo, hendrik = self.cast.lebak, self.cast.kemasindo, self.cast.hendrik
        lilis, aminah = self.cast.lilis, self.cast.aminah
        add = self.session.add
        colleague = make.user(lebak, make.cluster())
        school = make.school(lebak)
        partner = make.partner(lebak)
        seat, other = make.affiliation(partner, make.contact()), make.affiliation(kemasindo, make.contact())
        make.affiliation(partner, self.session.get_one(Contact, hendrik.contact_id), ends=clock.today())
        for each in (kemasindo, partner):
            make.tag(each)
            make.contact_log(lebak, each, lilis)
            make.contribution(
                lebak, each, stage="delivered", agreement_id=self.agreement.id, product_id=self.product.id
            )
            make.follow_up(lebak, lilis, partner=each, assigned_by_user_id=aminah.id)
            make.follow_up(lebak, colleague, partner=each, due_on=clock.today() - timedelta(days=10))
            make.meeting(lebak, each, present=(hendrik, seat, lilis), agreement_id=self.agreement.id)
            make.meeting(lebak, each, status=MeetingStatus.PLANNED, starts_at=clock.now() + timedelta(days=1))
            make.obligation(make.agreement(lebak, partners=(each,), parent_id=self.agreement.id))
            make.agreement(lebak, partners=(each,), status=AgreementStatus.LEGAL_REVIEW)
        make.product(lebak, lead_school_id=self.school.id)
        make.obligation(self.agreement)
        make.document(self.agreement)
        for owner in (self.meeting, self.guidance, self.contribution):
            make.document(owner)
        make.follow_up(lebak, colleague, source_kind=FollowUpSource.AGREEMENT, agreement_id=self.agreement.id)
        make.follow_up(
            lebak, colleague, source_kind=FollowUpSource.CONTRIBUTION, contribution_id=self.contribution.id
        )
        make.follow_up(lebak, colleague, source_kind=FollowUpSource.GUIDANCE, guidance_id=self.guidance.id)
        make.follow_up(lebak, colleague, meeting=self.meeting)
        add(Attendance(meeting_id=self.meeting.id, affiliation_id=other.id))
        add(Attendance(meeting_id=self.meeting.id, user_id=colleague.id))
        add(
            AgreementStep(
                agreement_id=self.agreement.id,
                user_id=lilis.id,
                to_status=AgreementStatus.DRAFT,
                taken_at=clock.now(),
            )
        )
        make.takes_part(self.guidance, school)
        make.takes_part(make.guidance(lebak, partner_id=partner.id), self.school)
        invited = {"answer": Answer.PROPOSED, "proposed_starts_at": clock.now() + timedelta(days=5)}
        make.invitation(self.guidance, other, **invited)
        make.invitation(make.guidance(lebak), hendrik, answer=Answer.ATTENDING)
        add(
            InvitationAnswer(
                invitation_id=self.invitation.id, sequence=0, answer=Answer.DECLINED, answered_at=clock.now()
            )
        )
        for state in (OutboxState.SENT, OutboxState.PARKED):
            make.mail(state=state, recipient_contact_id=hendrik.contact_id, cluster_id=lebak.id)


def addresses(app: Flask, world: World) -> Iterator[tuple[str, str]]:
    """Every address that shows a page, with the one who opens it."""
    routes = app.url_map.bind("localhost")
    for rule in sorted(app.url_map.iter_rules(), key=lambda rule: rule.rule):
        if "GET" not in (rule.methods or ()) or rule.endpoint in APART | ELSEWHERE:
            continue
        if rule.rule.endswith(FILES):
            continue
        for values in world.values(rule.arguments):
            query = urlencode(QUERIES.get(rule.endpoint, {}))
            yield _who(app, rule), routes.build(rule.endpoint, values) + (f"?{query}" if query else "")


def _who(app: Flask, rule: Rule) -> str:
    if rule.endpoint.startswith("portal."):
        return PARTNER
    needed = getattr(app.view_functions[rule.endpoint], "permission", None)
    roles = (Role.COORDINATOR, Role.KABID, Role.ADMIN)
    return next((role for role in roles if needed and role in PERMISSIONS[needed]), VISITOR)


def test_c103_no_page_asks_more_often_for_two_hundred_rows_than_for_one(
    app: Flask,
    session: Session,
    cast: Cast,
    browser_of: Callable[[User | Contact], Client],
    client: Client,
    statements: Statements,
) -> None:
    world = World(cast, session)
    people = {
        VISITOR: client,
        PARTNER: browser_of(session.get_one(Contact, cast.hendrik.contact_id)),
        Role.COORDINATOR: browser_of(cast.lilis),
        Role.KABID: browser_of(cast.aminah),
        Role.ADMIN: browser_of(cast.rudi),
    }
    pages = list(addresses(app, world))

    def asked() -> dict[str, tuple[int, int]]:
        counts = {}
        for who, address in pages:
            with statements() as ran:
                status = people[who].get(address).status_code
            counts[f"{address} as {who}"] = status, len(ran)
        return counts

    few = asked()
    for _ in range(ROWS // 2):
        world.grow()
    many = asked()
    assert {page: (few[page], many[page]) for page in few if few[page] != many[page]} == {}
    assert {page: status for page, (status, _number) in few.items() if status not in (200, 303, 409)} == {}
