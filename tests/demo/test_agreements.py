"""The agreements of the demo: who took which step when, who signs, and what belongs to them."""

from datetime import date, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from pentahelix import clock
from pentahelix.models import (
    Agreement,
    AgreementParty,
    AgreementStep,
    AuditEntry,
    Contribution,
    Document,
    FollowUp,
    GuidanceSession,
    Meeting,
    Obligation,
    User,
)
from pentahelix.queries.agreements import Standing, standing
from pentahelix.vocabulary import (
    AgreementStatus,
    DocumentKind,
    FollowUpSource,
    ObligationStatus,
    Role,
)

TODAY = date(2026, 11, 24)


def _agreement(session: Session, words: str) -> Agreement:
    return session.scalars(select(Agreement).where(Agreement.title.contains(words))).one()


def test_agreements_pass_their_steps_on_the_day_of_their_signing(loaded: Session) -> None:
    steps = loaded.scalars(select(AgreementStep).order_by(AgreementStep.taken_at, AgreementStep.id)).all()
    users = {user.id: user for user in loaded.scalars(select(User))}
    for agreement in loaded.scalars(select(Agreement)):
        path = [step for step in steps if step.agreement_id == agreement.id]
        days = {
            clock.local(step.taken_at, "Asia/Jakarta").date()
            for step in path
            if step.to_status not in (AgreementStatus.COMPLETED, AgreementStatus.TERMINATED)
        }
        assert days == {agreement.signed_on or TODAY - timedelta(days=10)}, agreement.title
        assert path[-1].to_status == agreement.status
        for step in path:
            assert step.user_id is not None
            is_decision = step.to_status in (AgreementStatus.AWAITING_SIGNATURE, AgreementStatus.TERMINATED)
            assert (users[step.user_id].role == Role.KABID) == is_decision


def test_agreements_of_lebak_stand_in_every_way(loaded: Session) -> None:
    def stands(words: str) -> Standing:
        found = _agreement(loaded, words)
        return standing(
            found.status,
            found.starts_on,
            found.ends_on,
            has_successor=False,
            today=TODAY,
            ending_days=90,
        )

    assert stands("Penyerapan Produk Keripik Pisang") == Standing.ENDING
    assert stands("Konsinyasi") == Standing.EXPIRED
    assert stands("Penggorengan Vakum") == Standing.OVER
    assert stands("Pengembangan Teaching Factory Kuliner") == Standing.IN_FORCE
    assert stands("Siaran Promosi Produk Teaching Factory") == Standing.IN_PROCESS
    assert _agreement(loaded, "Penggorengan Vakum").status == AgreementStatus.COMPLETED


def test_numbers_carry_the_month_and_the_year_of_the_signing(loaded: Session) -> None:
    agreement = _agreement(loaded, "Konsinyasi")
    assert (agreement.number_first, agreement.number_second) == (
        "421.5/018-SMKN1 KLY/X/2025",
        "03/TKR/X/2025",
    )


def test_schools_and_the_partner_stand_on_two_sides_with_those_who_sign(loaded: Session) -> None:
    def sides(words: str) -> list[tuple[str, str | None]]:
        found = select(AgreementParty).where(AgreementParty.agreement_id == _agreement(loaded, words).id)
        return [
            ("school" if party.school_id else "office" if party.office else "partner", party.signatory_name)
            for party in loaded.scalars(found.order_by(AgreementParty.id))
        ]

    assert sides("Penyerapan Produk Keripik Pisang") == [
        ("school", "Ratna Kusumawardhani, S.Pd., M.M."),
        ("partner", "Bambang Suryadinata"),
    ]
    # Who is of no school signs for the Dinas.
    assert ("office", "Nurlela Fitriani, S.AP.") in sides("Pembinaan Usaha dan Legalitas")


def test_one_agreement_was_ended_early_by_the_kabid(loaded: Session) -> None:
    agreement = _agreement(loaded, "Kudapan Rapat")
    assert agreement.status == AgreementStatus.TERMINATED
    assert agreement.terminated_on == TODAY - timedelta(days=110)
    last = loaded.scalars(
        select(AgreementStep).where(AgreementStep.to_status == AgreementStatus.TERMINATED)
    ).one()
    assert "perubahan manajemen mitra" in (last.comment or "")


def test_an_addendum_moved_an_end(loaded: Session) -> None:
    agreement = _agreement(loaded, "Peliputan dan Publikasi")
    assert (agreement.ends_on, agreement.term_months) == (TODAY + timedelta(days=380), 24)
    document = loaded.scalars(select(Document).where(Document.agreement_id == agreement.id)).one()
    assert document.kind == DocumentKind.ADDENDUM
    moved = loaded.scalars(
        select(AuditEntry).where(AuditEntry.noun == "agreement", AuditEntry.object_id == agreement.id)
    ).all()
    assert TODAY - timedelta(days=20) in {clock.local(entry.at, "Asia/Jakarta").date() for entry in moved}


def test_some_obligations_are_fulfilled_one_is_late_and_one_is_due_soon(loaded: Session) -> None:
    obligations = loaded.scalars(select(Obligation)).all()
    unfulfilled = [each.due_on for each in obligations if each.status != ObligationStatus.FULFILLED]
    assert len(unfulfilled) < len(obligations)
    assert sum(due_on < TODAY for due_on in unfulfilled) == 1
    assert any(TODAY <= due_on <= TODAY + timedelta(days=30) for due_on in unfulfilled)


def test_what_led_to_an_agreement_belongs_to_it(loaded: Session) -> None:
    agreement = _agreement(loaded, "Pengembangan Teaching Factory Kuliner")
    titles = loaded.scalars(
        select(Meeting.title).where(Meeting.agreement_id == agreement.id).order_by(Meeting.starts_at)
    ).all()
    assert [title.split()[0] for title in titles] == ["Rapat", "Pembahasan"]
    topics = select(func.count()).where(
        GuidanceSession.agreement_id == _agreement(loaded, "Penggorengan Vakum").id
    )
    assert loaded.scalar(topics) == 2


def test_follow_ups_know_what_they_came_of(loaded: Session) -> None:
    def source(words: str) -> tuple[FollowUpSource, str | None]:
        row = loaded.execute(
            select(FollowUp, Agreement.title, Contribution.title)
            .outerjoin(Agreement, Agreement.id == FollowUp.agreement_id)
            .outerjoin(Contribution, Contribution.id == FollowUp.contribution_id)
            .where(FollowUp.title.contains(words))
        ).one()
        return row[0].source_kind, row[1] or row[2]

    assert source("undangan penandatanganan") == (
        FollowUpSource.AGREEMENT,
        "Perjanjian Kerja Sama Pengadaan Kemasan dan Pelatihan Label Pangan",
    )
    assert source("surat kuasa")[0] == FollowUpSource.AGREEMENT
    assert source("daftar penempatan PKL") == (
        FollowUpSource.CONTRIBUTION,
        "Tempat praktik kerja lapangan di dapur anggota komunitas",
    )
