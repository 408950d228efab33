"""What waits for whom: the number at the bell is that of the list behind it."""

from datetime import UTC, datetime, timedelta

import pytest

from pentahelix import clock as clocks
from pentahelix.models import AgreementStep, Contact, OutboxMessage
from pentahelix.queries import waiting
from pentahelix.queries.outbox import Refusal
from pentahelix.vocabulary import (
    AgreementStatus,
    Answer,
    FollowUpStatus,
    GuidanceStatus,
    MailFault,
    OutboxState,
    Role,
)
from tests import factories as make
from tests.sign_in import principal_of

pytestmark = pytest.mark.both_engines


def proposal(cluster, affiliation, **values):
    guidance = make.guidance(cluster, **values)
    return make.invitation(
        guidance,
        affiliation,
        answer=Answer.PROPOSED,
        proposed_starts_at=clocks.now() + timedelta(days=3),
    )


def mail(session, subject, **values):
    given = {
        "key": subject,
        "message_id": f"<{subject}@localhost.example>",
        "kind": "invitation",
        "recipient": "hendrik@mitra.example",
        "subject": subject,
        "content_sha256": "0" * 64,
        "state": OutboxState.PARKED,
        "next_at": clocks.now(),
        "made_at": clocks.now(),
    }
    session.add(OutboxMessage(**given | values))
    session.flush()


NOTHING: dict[str, list[str]] = {"proposals": [], "agreements": [], "assigned": [], "mails": []}


def waits_for(acting_as, user) -> dict[str, list[str]]:
    """What the page lists, as words, having checked that the bell says the same number."""
    person = principal_of(user)
    with acting_as(user):
        page, count = waiting.of(person), waiting.count(person)
        listed = {
            "proposals": [proposal.contact for proposal in page.proposals],
            "agreements": [one.agreement.title for one in page.agreements],
            "assigned": [item.by for item in page.assigned],
            "mails": [mail.message.subject for mail in page.mails],
        }
    assert count == sum(map(len, listed.values())) + len(page.refusal)
    return listed


def test_nothing_waits_at_first(cast, acting_as):
    for user in (cast.lilis, cast.aminah, cast.rudi):
        assert waits_for(acting_as, user) == NOTHING


@pytest.mark.parametrize(
    ("values", "waits"),
    [
        ({}, True),
        ({"status": FollowUpStatus.IN_PROGRESS}, False),
        ({"status": FollowUpStatus.CANCELLED}, False),
        ({"assigned_by_user_id": None}, False),
    ],
)
def test_what_others_assigned_waits_until_it_is_begun(cast, acting_as, values, waits):
    make.follow_up(cast.lebak, cast.lilis, **{"assigned_by_user_id": cast.aminah.id} | values)
    assigned = waits_for(acting_as, cast.lilis)["assigned"]
    assert assigned == (["Dra. Aminah Fatmawati, M.Pd."] if waits else [])


def test_what_i_assigned_to_others_does_not_wait_for_me(cast, acting_as):
    make.follow_up(cast.lebak, cast.lilis, assigned_by_user_id=cast.aminah.id)
    assert waits_for(acting_as, cast.aminah) == NOTHING


@pytest.mark.parametrize(
    "values",
    [
        {"status": GuidanceStatus.CANCELLED},
        {"starts_at": datetime(2026, 11, 1, 9, tzinfo=UTC)},
    ],
)
def test_a_proposal_for_a_session_that_is_over_or_off_waits_for_nobody(cast, acting_as, values):
    proposal(cast.lebak, cast.hendrik, **values)
    assert waits_for(acting_as, cast.lilis) == NOTHING


def test_proposals_wait_for_the_coordinators_of_their_cluster_only(cast, acting_as):
    proposal(cast.lebak, cast.hendrik)
    proposal(cast.pandeglang, cast.siti)
    assert waits_for(acting_as, cast.lilis)["proposals"] == ["Hendrik Sasmita"]
    assert waits_for(acting_as, cast.aminah) == NOTHING


def test_a_proposal_of_a_partner_who_has_left_is_neither_listed_nor_counted(cast, acting_as):
    proposal(cast.lebak, make.affiliation(make.partner(cast.pandeglang)))
    assert waits_for(acting_as, cast.lilis) == NOTHING


def test_agreements_in_legal_review_wait_for_the_kabid(cast, acting_as):
    make.agreement(cast.lebak, status=AgreementStatus.LEGAL_REVIEW, title="MoU")
    make.agreement(cast.lebak, status=AgreementStatus.IN_DISCUSSION)
    assert waits_for(acting_as, cast.aminah)["agreements"] == ["MoU"]
    assert waits_for(acting_as, cast.lilis) == NOTHING


def test_what_one_brought_into_the_review_oneself_waits_for_somebody_else(cast, acting_as, session):
    def reviewed(title, *submitters):
        row = make.agreement(cast.lebak, status=AgreementStatus.LEGAL_REVIEW, title=title)
        for hours, user in enumerate(submitters):
            session.add(
                AgreementStep(
                    agreement_id=row.id,
                    user_id=user and user.id,
                    to_status=AgreementStatus.LEGAL_REVIEW,
                    taken_at=clocks.now() - timedelta(hours=len(submitters) - hours),
                )
            )
        return row

    reviewed("by Lilis", cast.lilis)
    reviewed("by Aminah", cast.aminah)
    reviewed("by nobody", None)
    reviewed("first by Aminah, then by Lilis", cast.aminah, cast.lilis)
    reviewed("first by Lilis, then by Aminah", cast.lilis, cast.aminah)
    reviewed("archived", cast.lilis).archived_at = clocks.now()
    session.commit()
    told = waits_for(acting_as, cast.aminah)["agreements"]
    assert told == ["by Lilis", "by nobody", "first by Aminah, then by Lilis"]
    other = make.user(role=Role.KABID)
    assert len(waits_for(acting_as, other)["agreements"]) == 5


def test_mails_that_did_not_arrive_wait_for_the_admin_and_one_s_own_for_a_coordinator(
    cast, acting_as, session
):
    for subject, cluster, state in (
        ("Lebak", cast.lebak, OutboxState.PARKED),
        ("Pandeglang", cast.pandeglang, OutboxState.PARKED),
        ("refused", cast.lebak, OutboxState.REFUSED),
    ):
        mail(session, subject, cluster_id=cluster.id, state=state)
    mail(session, "an account's")
    mail(session, "still on its way", state=OutboxState.QUEUED, cluster_id=cast.lebak.id)
    assert waits_for(acting_as, cast.rudi)["mails"] == ["an account's", "refused", "Pandeglang", "Lebak"]
    assert waits_for(acting_as, cast.lilis)["mails"] == ["refused", "Lebak"]
    assert waits_for(acting_as, cast.aminah) == NOTHING


def test_a_mail_whose_time_is_over_waits_for_nobody(cast, acting_as, session):
    over = clocks.now() - timedelta(minutes=1)
    mail(session, "too late", cluster_id=cast.lebak.id, valid_until=over)
    mail(session, "in time", cluster_id=cast.lebak.id, valid_until=over + timedelta(hours=1))
    assert waits_for(acting_as, cast.lilis)["mails"] == ["in time"]


def test_c52_a_refused_address_waits_until_it_is_corrected(cast, acting_as, session):
    hendrik = session.get_one(Contact, cast.hendrik.contact_id)
    hendrik.email = "hendrik@mitra.example"
    refused = {"state": OutboxState.REFUSED, "cluster_id": cast.lebak.id}
    mail(session, "refused", recipient_contact_id=hendrik.id, **refused)
    assert waits_for(acting_as, cast.lilis)["mails"] == ["refused"]
    hendrik.email = "hendrik.sasmita@mitra.example"
    assert waits_for(acting_as, cast.lilis) == NOTHING


def test_c53_a_server_that_turns_us_away_waits_for_the_admin_as_one_thing(cast, acting_as, session):
    refuses = {"fault": MailFault.SERVER_REFUSES, "state": OutboxState.QUEUED, "cluster_id": cast.lebak.id}
    mail(session, "first", error="550 5.7.1 blocked", **refuses)
    mail(session, "last", error="550 5.7.1 blocked by RBL", **refuses)
    mail(session, "not now", fault=MailFault.NOT_NOW, state=OutboxState.QUEUED)
    assert waits_for(acting_as, cast.rudi) == NOTHING
    with acting_as(cast.rudi):
        person = principal_of(cast.rudi)
        assert waiting.of(person).refusal == [Refusal(2, "550 5.7.1 blocked by RBL")]
        assert waiting.count(person) == 1
    assert waits_for(acting_as, cast.lilis) == NOTHING


def test_the_bell_asks_one_question(cast, statements, session):
    for _ in range(30):
        make.follow_up(cast.lebak, cast.lilis, assigned_by_user_id=cast.aminah.id)
    people = [principal_of(user) for user in (cast.lilis, cast.aminah, cast.rudi)]
    session.commit()
    for person, count in zip(people, (30, 0, 0), strict=True):
        with statements() as ran:
            assert waiting.count(person) == count
        assert len(ran) == 1
