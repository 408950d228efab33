"""The list of guidance sessions, one of them, what their forms offer; statements do not grow with rows."""

from datetime import timedelta

import pytest
from sqlalchemy import func, select

from pentahelix import clock
from pentahelix.blueprints.guidance import page
from pentahelix.extensions import db
from pentahelix.models import Affiliation, Contact, GuidanceSchool, OutboxMessage
from pentahelix.queries import guidance as queries, guidance_form, guidance_list as lists
from pentahelix.queries.guidance_list import Filters
from pentahelix.queries.invited import Answers
from pentahelix.vocabulary import (
    Answer,
    Basis,
    GuidanceKind,
    GuidanceStatus,
    InvitationRole,
    MailKind,
    OutboxState,
)
from tests import factories as make

pytestmark = pytest.mark.both_engines


def topics(filters=Filters(), sort="near", number=1):  # noqa: B008
    return [row.topic for row in lists.index(filters, sort, number).items]


def mail(invitation, state, **values):
    """A mail about the invitation to the person who is invited."""
    affiliation = db.session.get(Affiliation, invitation.affiliation_id)
    contact = db.session.get(Contact, affiliation.contact_id)
    number = db.session.scalar(select(func.count(OutboxMessage.id)))
    given = {
        "recipient_contact_id": contact.id,
        "key": f"mail:{number}",
        "message_id": f"{number}@pentahelix.example",
        "kind": MailKind.INVITATION,
        "object_noun": "invitation",
        "object_id": invitation.id,
        "recipient": contact.email or "dahulu@mitra.example",
        "subject": "Undangan",
        "content_sha256": "0" * 64,
        "state": state,
        "next_at": clock.now(),
        "made_at": clock.now(),
        "sent_at": clock.now() if state == OutboxState.SENT else None,
    }
    db.session.add(OutboxMessage(**given | values))
    db.session.flush()


@pytest.fixture
def some(cast):
    """One of each state in Lebak, and one in Pandeglang."""
    now = clock.now()
    make.guidance(cast.lebak, topic="Lusa", starts_at=now + timedelta(days=2))
    make.guidance(cast.lebak, topic="Besok", starts_at=now + timedelta(days=1), kind=GuidanceKind.WORKSHOP)
    make.guidance(cast.lebak, topic="Terlewat", starts_at=now - timedelta(days=1))
    make.guidance(cast.lebak, topic="Dahulu", starts_at=now - timedelta(days=90), status=GuidanceStatus.HELD)
    make.guidance(
        cast.lebak, topic="Batal", starts_at=now + timedelta(days=3), status=GuidanceStatus.CANCELLED
    )
    make.guidance(cast.lebak, topic="Diarsipkan", archived_at=now)
    siaran = make.guidance(cast.pandeglang, topic="Siaran", starts_at=now - timedelta(days=5))
    make.invitation(siaran, cast.siti)
    return cast


def test_what_is_to_come_stands_first_and_the_nearest_of_it(some):
    assert topics() == ["Besok", "Lusa", "Batal", "Terlewat", "Siaran", "Dahulu"]


def test_a_list_can_be_sorted_by_time_and_topic(some):
    assert topics(sort="-when")[0] == "Batal"
    assert topics(sort="when")[0] == "Dahulu"
    assert topics(sort="topic")[0] == "Batal"


@pytest.mark.parametrize(
    ("filters", "expected"),
    [
        (Filters(status=GuidanceStatus.PLANNED), {"Besok", "Lusa", "Terlewat", "Siaran"}),
        (Filters(kind=GuidanceKind.WORKSHOP), {"Besok"}),
        (Filters(archived=True), {"Diarsipkan"}),
        (Filters(typed="bes"), {"Besok"}),
        (Filters(typed="radio badak"), {"Siaran"}),
        (Filters(typed="rahmawati"), {"Siaran"}),
        (Filters(typed="%"), set()),
    ],
)
def test_a_list_can_be_narrowed(some, filters, expected):
    assert set(topics(filters)) == expected


def test_a_list_can_be_narrowed_to_a_cluster_and_a_partner(some):
    assert topics(Filters(cluster_id=some.pandeglang.id)) == ["Siaran"]
    assert topics(Filters(partner_id=some.badak.id)) == ["Siaran"]


def test_a_coordinator_lists_own_sessions_only(some, acting_as):
    with acting_as(some.ujang):
        assert topics() == ["Siaran"]


def test_a_line_counts_the_answers_and_names_who_speaks(cast):
    guidance = make.guidance(cast.lebak)
    make.invitation(guidance, cast.hendrik, role=InvitationRole.SPEAKER, answer=Answer.ATTENDING)
    for answer in (Answer.DECLINED, Answer.NONE):
        make.invitation(guidance, make.affiliation(cast.kemasindo), **_given(answer))
    make.invitation(
        guidance, make.affiliation(cast.kemasindo), answer=Answer.REPRESENTED, delegate_name="Maya"
    )
    make.invitation(guidance, make.affiliation(cast.kemasindo), uninvited_at=clock.now())
    (row,) = lists.index(Filters(), "near", 1).items
    assert row.answers == Answers(attending=2, declined=1, proposed=0, silent=1)
    assert row.speakers == ("Hendrik Sasmita",)


def _given(answer):
    return {} if answer is Answer.NONE else {"answer": answer}


def test_the_list_needs_three_statements_however_long(cast, statements):
    for _number in range(40):
        make.invitation(make.guidance(cast.lebak), make.affiliation(cast.kemasindo))
    db.session.flush()
    db.session.expire_all()
    with statements() as ran:
        assert len(lists.index(Filters(), "near", 1).items) == 25
    assert len(ran) == 3


# ---------------------------------------------------------------------------- one of them


def test_who_owes_a_decision_or_an_answer_stands_first(cast):
    guidance = make.guidance(cast.lebak)
    for name, answer in (
        ("Adi", Answer.ATTENDING),
        ("Budi", Answer.DECLINED),
        ("Citra", Answer.NONE),
        ("Dodi", Answer.PROPOSED),
    ):
        proposed = (
            {"proposed_starts_at": clock.now() + timedelta(days=9)} if answer is Answer.PROPOSED else {}
        )
        make.invitation(
            guidance, make.affiliation(cast.kemasindo, make.contact(name=name)), **_given(answer), **proposed
        )
    page = queries.one(guidance.id)
    assert [one.name for one in page.invited] == ["Dodi", "Citra", "Budi", "Adi"]
    assert page.answers == Answers(1, 1, 1, 1)


def test_the_last_mail_to_the_person_tells_whether_it_arrived(cast):
    guidance = make.guidance(cast.lebak)
    invitation = make.invitation(guidance, cast.hendrik)
    assert queries.one(guidance.id).invited[0].mail is None
    mail(invitation, OutboxState.SENT)
    mail(invitation, OutboxState.REFUSED, kind=MailKind.NUDGE)
    mail(invitation, OutboxState.OBSOLETE, kind=MailKind.NUDGE)
    mail(invitation, OutboxState.SENT, kind=MailKind.PROPOSAL, recipient_contact_id=None)
    (one,) = queries.one(guidance.id).invited
    assert one.mail is not None
    assert (one.mail.kind, one.mail.state) == (MailKind.NUDGE, OutboxState.REFUSED)
    assert one.was_refused


def test_the_page_of_a_session_needs_the_same_statements_with_one_or_thirty_invited(cast, statements):
    def asked(invited):
        guidance = make.guidance(cast.lebak)
        for number in range(invited):
            answered = number % 3 == 0
            make.invitation(
                guidance,
                make.affiliation(cast.kemasindo, make.contact()),
                **(
                    {
                        "answer": Answer.PROPOSED,
                        "proposed_starts_at": clock.now() + timedelta(days=number + 3),
                    }
                    if answered
                    else {}
                ),
            )
        school = make.school(cast.lebak)
        db.session.add(GuidanceSchool(guidance_id=guidance.id, school_id=school.id))
        db.session.flush()
        guidance_id = guidance.id
        db.session.expire_all()
        with statements() as ran:
            shown = page.of(guidance_id)
        assert len(shown.page.invited) == invited
        return len(ran)

    assert asked(30) == asked(1) <= 18


def test_a_person_of_a_partner_that_left_the_cluster_is_counted_and_not_named(session, cast, acting_as):
    guidance = make.guidance(cast.lebak)
    make.invitation(guidance, make.affiliation(cast.badak, make.contact(name="Siapa")))
    with acting_as(cast.lilis):
        (one,) = page.of(guidance.id).page.invited
        assert (one.name, one.contact_id, one.partner_id) == ("–", None, None)


# ---------------------------------------------------------------------------- what is offered


def test_only_people_of_the_clusters_partners_who_may_be_invited_are_offered(cast):
    make.affiliation(cast.kemasindo, make.contact(name="Menarik", basis=Basis.WITHDRAWN))
    make.affiliation(cast.kemasindo, make.contact(name="Pindah"), ends=clock.today() - timedelta(days=1))
    make.affiliation(cast.kemasindo, make.contact(name="Arsip", archived_at=clock.now()))
    make.affiliation(cast.kemasindo, make.contact(name="Baru", email=None))
    quiet = make.partner(cast.lebak, name="Tanpa Orang")
    ended = make.partner(name="Berakhir")
    make.involvement(cast.lebak, ended, ended_on=clock.today() - timedelta(days=1))
    make.affiliation(ended, make.contact(name="Mantan"))
    offered = guidance_form.partners(cast.lebak.id)
    assert [partner.name for partner in offered] == ["CV Kemasindo Lebak", "Tanpa Orang"]
    assert [person.name for person in offered[0].people] == ["Hendrik Sasmita", "Baru"]
    assert quiet.id == offered[1].id
    assert offered[1].people == []


def test_whom_a_session_names_stays_offered_whatever_became_of_them(cast):
    gone = make.affiliation(
        cast.kemasindo, make.contact(name="Pindah"), ends=clock.today() - timedelta(days=1)
    )
    (partner,) = guidance_form.partners(cast.lebak.id, also=[gone.id])
    assert [person.name for person in partner.people] == ["Hendrik Sasmita", "Pindah"]


def test_c65_nobody_of_another_cluster_is_offered(cast, acting_as):
    with acting_as(cast.ujang):
        assert guidance_form.partners(cast.lebak.id) == []
        assert guidance_form.people(cast.lebak.id, [cast.hendrik.id]) == []
        assert guidance_form.schools(cast.lebak.id) == []
