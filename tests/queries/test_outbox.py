"""What was mailed: who sees which mail, what waits above the others, whose address does not work."""

from datetime import timedelta

import pytest

from pentahelix import clock as clocks
from pentahelix.models import Contact
from pentahelix.queries import outbox
from pentahelix.queries.outbox import SIZE, Filters, Refusal
from pentahelix.vocabulary import MailFault, MailKind, OutboxState
from tests import factories as make
from tests.sign_in import principal_of

pytestmark = pytest.mark.both_engines


def subjects(mails):
    return [mail.message.subject for mail in mails]


def page_for(acting_as, user, filters=None, before=None):
    with acting_as(user):
        page = outbox.index(principal_of(user), filters or Filters(), before)
        return page, subjects(page.mails), subjects(page.troubled)


@pytest.fixture
def hendrik(cast, session):
    contact = session.get_one(Contact, cast.hendrik.contact_id)
    contact.email = "hendrik@mitra.example"
    session.flush()
    return contact


# ── the list ────────────────────────────────────────────────────────────────────────────────────────────────


def test_the_admin_sees_all_a_coordinator_those_of_own_clusters(cast, acting_as):
    make.mail(subject="Lebak", cluster_id=cast.lebak.id)
    make.mail(subject="Pandeglang", cluster_id=cast.pandeglang.id)
    make.mail(subject="somebody's own matter")
    assert page_for(acting_as, cast.rudi)[1] == ["somebody's own matter", "Pandeglang", "Lebak"]
    assert page_for(acting_as, cast.lilis)[1] == ["Lebak"]
    assert page_for(acting_as, cast.ujang)[1] == ["Pandeglang"]


def test_a_foreign_mail_is_a_missing_one(cast, acting_as):
    foreign = make.mail(cluster_id=cast.pandeglang.id).id
    with acting_as(cast.lilis):
        assert outbox.one(principal_of(cast.lilis), foreign) is None
        assert outbox.one(principal_of(cast.lilis), 999_999) is None


def test_what_came_to_rest_undelivered_stands_above_and_is_counted(cast, acting_as):
    for state in OutboxState:
        make.mail(subject=state.value, state=state, cluster_id=cast.lebak.id)
    page, listed, troubled = page_for(acting_as, cast.lilis)
    assert sorted(troubled) == ["parked", "refused"]
    assert page.trouble == 2
    assert set(listed) == set(OutboxState) - {"parked", "refused"}
    _page, listed, troubled = page_for(acting_as, cast.lilis, Filters(state=OutboxState.SENT))
    assert (troubled, listed) == ([], ["sent"])


def test_it_is_narrowed_by_kind_by_person_and_by_what_it_speaks_of(cast, acting_as, hendrik):
    guidance = make.guidance(cast.lebak, topic="Desain kemasan")
    about = {"cluster_id": cast.lebak.id}
    make.mail(
        subject="invited", kind=MailKind.INVITATION, recipient_contact_id=hendrik.id,
        object_noun="invitation", object_id=make.invitation(guidance, cast.hendrik).id, **about,
    )  # fmt: skip
    make.mail(subject="assigned", kind=MailKind.ASSIGNED, recipient_user_id=cast.lilis.id, **about)
    make.mail(subject="delegate", kind=MailKind.DELEGATE, recipient="wakil@mitra.example", **about)
    for filters, found in (
        (Filters(kind=MailKind.ASSIGNED), ["assigned"]),
        (Filters(typed="hendrik"), ["invited"]),
        (Filters(typed="kemasan"), ["invited"]),
        (Filters(typed="lilis"), ["assigned"]),
        (Filters(typed="wakil@mitra.example"), ["delegate"]),
        (Filters(typed="nobody"), []),
    ):
        assert page_for(acting_as, cast.lilis, filters)[1] == found, filters


def test_the_pages_show_each_mail_once_also_when_one_comes_in_between(cast, acting_as, session):
    for number in range(2 * SIZE + 3):
        # Some were made at the same instant.
        make.mail(subject=str(number), made_at=clocks.now() - timedelta(minutes=number % 7))
    seen, before = [], None
    while True:
        page, listed, _troubled = page_for(acting_as, cast.rudi, before=before)
        seen += listed
        if (before := page.next) is None:
            break
        make.mail(subject="just now", made_at=clocks.now() + timedelta(seconds=1))
        session.flush()
    assert sorted(seen, key=int) == [str(number) for number in range(2 * SIZE + 3)]


def test_a_broken_place_shows_the_newest(cast, acting_as):
    make.mail(subject="one")
    page, listed, _troubled = page_for(acting_as, cast.rudi, before="2026-99~x")
    assert (page.is_first, listed) == (True, ["one"])


def test_c103_three_statements_however_many_mails(cast, session, statements):
    def count():
        session.commit()
        with statements() as ran:
            outbox.index(principal_of(cast.rudi), Filters(), None)
        return len(ran)

    make.mail(cluster_id=cast.lebak.id, recipient_contact_id=cast.hendrik.contact_id)
    few = count()
    for _ in range(40):
        make.mail(recipient_user_id=cast.lilis.id, state=OutboxState.PARKED)
    principal = principal_of(cast.rudi)
    session.commit()
    with statements() as ran:
        outbox.index(principal, Filters(), None)
    assert len(ran) == 3
    assert count() == few


def test_c53_a_server_that_turns_us_away_is_told_above_the_list(cast, acting_as):
    assert page_for(acting_as, cast.rudi)[0].refusal is None
    for state in (OutboxState.QUEUED, OutboxState.PARKED):
        make.mail(state=state, fault=MailFault.SERVER_REFUSES, error="550 5.7.1 blocked by RBL")
    assert page_for(acting_as, cast.rudi)[0].refusal == Refusal(2, "550 5.7.1 blocked by RBL")


def test_a_server_that_is_not_reached_again_and_again_is_told_above_the_list(cast, acting_as):
    gone = {"state": OutboxState.QUEUED, "fault": MailFault.NOT_NOW, "error": "ConnectionRefusedError"}
    make.mail(attempt=2, **gone)
    assert page_for(acting_as, cast.rudi)[0].refusal is None
    make.mail(attempt=3, **gone)
    assert page_for(acting_as, cast.rudi)[0].refusal == Refusal(
        1, "ConnectionRefusedError", MailFault.NOT_NOW
    )


# ── one of them ─────────────────────────────────────────────────────────────────────────────────────────────


def test_a_mail_names_what_it_speaks_of_and_whom_it_went_to(cast, acting_as, hendrik):
    guidance = make.guidance(cast.lebak, topic="Desain kemasan")
    invitation = make.invitation(guidance, cast.hendrik)
    meeting = make.meeting(cast.lebak, title="Akses pasar")
    for noun, number, about in (
        ("invitation", invitation.id, ("guidance_session", guidance.id, "Desain kemasan")),
        ("guidance_session", guidance.id, ("guidance_session", guidance.id, "Desain kemasan")),
        ("meeting", meeting.id, ("meeting", meeting.id, "Akses pasar")),
    ):
        mail = make.mail(
            cluster_id=cast.lebak.id, object_noun=noun, object_id=number, recipient_contact_id=hendrik.id
        )
        with acting_as(cast.lilis):
            page = outbox.one(principal_of(cast.lilis), mail.id)
            assert (page.about.noun, page.about.id, page.about.title) == about
            assert (page.mail.name, page.contact.id) == ("Hendrik Sasmita", hendrik.id)
    bare = make.mail(recipient="wakil@mitra.example")
    with acting_as(cast.rudi):
        page = outbox.one(principal_of(cast.rudi), bare.id)
        assert (page.about, page.contact, page.mail.name) == (None, None, None)


def test_what_may_be_sent_again(cast, acting_as, hendrik):
    over = clocks.now() - timedelta(minutes=1)
    for values, may in (
        ({"state": OutboxState.PARKED}, True),
        ({"state": OutboxState.REFUSED}, True),
        ({"state": OutboxState.SENT}, False),
        ({"state": OutboxState.QUEUED}, False),
        ({"state": OutboxState.PARKED, "valid_until": over}, False),
        ({"state": OutboxState.PARKED, "content": None}, False),
        ({"state": OutboxState.REFUSED, "recipient": "old@mitra.example"}, False),
    ):
        mail = make.mail(
            **{"cluster_id": cast.lebak.id, "recipient_contact_id": hendrik.id, "recipient": hendrik.email}
            | values
        )
        with acting_as(cast.lilis):
            assert outbox.one(principal_of(cast.lilis), mail.id).may_be_resent is may, values


# ── whose address does not work ─────────────────────────────────────────────────────────────────────────────


def letter(contact, minutes, state, **values):
    at = clocks.now() + timedelta(minutes=minutes)
    make.mail(
        **{"recipient_contact_id": contact.id, "recipient": contact.email, "state": state, "made_at": at}
        | values
    )


def test_c55_an_address_that_was_refused_is_told(hendrik):
    letter(hendrik, 0, OutboxState.SENT)
    assert outbox.undelivered([hendrik.id]) == frozenset()
    letter(hendrik, 1, OutboxState.REFUSED)
    letter(hendrik, 2, OutboxState.QUEUED)
    letter(hendrik, 3, OutboxState.PARKED)
    assert outbox.undelivered([hendrik.id]) == {hendrik.id}
    assert outbox.refused_at([hendrik.id]) == {hendrik.id: clocks.now() + timedelta(minutes=1)}


def test_what_arrives_later_takes_it_back(hendrik):
    letter(hendrik, 0, OutboxState.REFUSED)
    letter(hendrik, 1, OutboxState.SENT)
    assert outbox.undelivered([hendrik.id]) == frozenset()


def test_a_corrected_address_is_believed(hendrik, session):
    letter(hendrik, 0, OutboxState.REFUSED)
    hendrik.email = "hendrik.sasmita@mitra.example"
    session.flush()
    assert outbox.undelivered([hendrik.id]) == frozenset()


def test_nobody_is_asked_about_nothing(statements, session):
    with statements() as ran:
        assert outbox.undelivered([]) == frozenset()
    assert ran == []


def test_the_addresses_of_many_are_asked_for_at_once(cast, session, statements):
    people = [make.contact(email=f"k{number}@mitra.example") for number in range(30)]
    for contact in people:
        letter(contact, 0, OutboxState.REFUSED)
    ids = [contact.id for contact in people]
    session.commit()
    with statements() as ran:
        assert outbox.undelivered(ids) == set(ids)
    assert len(ran) == 1
