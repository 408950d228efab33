"""The letter about what the Kabid decided, as a coordinator reads it."""

import pytest
from sqlalchemy import select

from pentahelix import clock as system
from pentahelix.models import Membership, OutboxMessage
from pentahelix.services import agreement_steps as steps
from pentahelix.vocabulary import AgreementStatus, MailKind, OutboxState
from tests import factories as make
from tests.mail.posting import holds
from tests.outbox import html, opened, plain, posted
from tests.sign_in import principal_of

pytestmark = pytest.mark.both_engines


@pytest.fixture
def aminah(cast):
    return principal_of(cast.aminah)


@pytest.fixture
def label(cast):
    """Under review, of Lebak with Kemasindo."""
    return make.agreement(
        cast.lebak,
        partners=(cast.kemasindo,),
        status=AgreementStatus.LEGAL_REVIEW,
        title="Desain kemasan & label",
    )


def only(session):
    (mail,) = posted(session, MailKind.AGREEMENT)
    return mail


def leave(session, user):
    session.scalars(select(Membership).where(Membership.user_id == user.id)).one().archived_at = system.now()
    session.flush()


def test_what_was_approved_says_that_it_is_to_be_signed(session, cast, label, aminah):
    steps.approve(label, aminah, "Sudah sesuai.")
    mail = only(session)
    assert (mail.recipient, mail.recipient_user_id) == (cast.lilis.email, cast.lilis.id)
    assert opened(mail)["Subject"] == "[Kerja sama disetujui] Desain kemasan & label"
    read = plain(mail)
    for told in (
        "Yth. Ibu Lilis Nurhayati Agustin, S.E.",
        "Dra. Aminah Fatmawati, M.Pd. menyetujui naskah kerja sama ini.",
        "Desain kemasan & label",
        "Perjanjian Kerja Sama (PKS)",
        "Catatan: “Sudah sesuai.”",
        "tanda tangani naskahnya",
        f"/agreements/{label.id}\n",
    ):
        assert told in read
    assert f'/agreements/{label.id}"' in html(mail)
    assert "Desain kemasan &amp; label" in html(mail)


def test_what_was_returned_says_what_is_missing(session, label, aminah):
    steps.send_back(label, aminah, "Lampirkan surat kuasa <asli>.")
    mail = only(session)
    assert opened(mail)["Subject"] == "[Kerja sama dikembalikan] Desain kemasan & label"
    assert "mengembalikan naskah" in plain(mail)
    assert "Catatan: “Lampirkan surat kuasa <asli>.”" in plain(mail)
    assert "surat kuasa &lt;asli&gt;" in html(mail)
    assert "ajukan kembali" in plain(mail)


def test_without_a_comment_there_is_no_line_for_one(session, label, aminah):
    steps.approve(label, aminah)
    assert "Catatan" not in plain(only(session)) + html(only(session))


def test_each_coordinator_of_its_clusters_gets_one_and_who_has_no_address_none(session, cast, aminah):
    cast.ujang.email = cast.ujang.password_hash = None
    make.membership(cast.lilis, cast.pandeglang)
    asep = make.user(cast.pandeglang, name="Asep Suhendar")
    leave(session, make.user(cast.lebak, name="Sudah pindah"))
    make.user(make.cluster(), name="Klaster lain")
    both = make.agreement(
        cast.lebak,
        cast.pandeglang,
        partners=(cast.kemasindo, cast.badak),
        status=AgreementStatus.LEGAL_REVIEW,
    )
    steps.approve(both, aminah)
    mails = posted(session, MailKind.AGREEMENT)
    assert {mail.recipient_user_id for mail in mails} == {cast.lilis.id, asep.id}
    assert len(mails) == 2


def test_a_later_decision_overtakes_what_still_waits(session, cast, label, aminah):
    steps.send_back(label, aminah, "Lengkapi")
    steps.submit(label, principal_of(cast.lilis))
    steps.approve(label, aminah)
    first, second = posted(session, MailKind.AGREEMENT)
    assert (first.state, second.state) == (OutboxState.OBSOLETE, OutboxState.QUEUED)


def test_it_is_sent_as_long_as_they_work_in_the_cluster(session, cast, label, aminah):
    steps.approve(label, aminah)
    mail = session.get_one(OutboxMessage, only(session).id)
    assert holds(session, mail)
    leave(session, cast.lilis)
    assert not holds(session, mail)
