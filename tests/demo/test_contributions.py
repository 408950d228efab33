"""The contributions of the demo, what confirms them and what proves them."""

import os
from datetime import date, timedelta
from pathlib import Path

from pypdf import PdfReader
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from pentahelix import clock
from pentahelix.demo import accounts
from pentahelix.models import Contribution, Document
from pentahelix.vocabulary import ContributionStage, DocumentKind
from tests.engines import SqliteDatabase

TODAY = date(2026, 11, 24)


def test_contributions_are_confirmed_and_proven_on_the_day_of_their_delivery(loaded: Session) -> None:
    given = loaded.scalars(select(Contribution).where(Contribution.stage != ContributionStage.DROPPED)).all()
    for contribution in given:
        for at in (contribution.giver_confirmed_at, contribution.school_confirmed_at):
            if at is not None:
                assert clock.local(at, "Asia/Jakarta").date() == contribution.delivered_on
    rows = accounts.rows("contributions")
    for column, confirmed in (
        ("confirmed_by_giver", Contribution.giver_confirmed_at),
        ("confirmed_by_school", Contribution.school_confirmed_at),
    ):
        assert loaded.scalar(select(func.count()).where(confirmed.is_not(None))) == sum(
            row[column] == "yes" for row in rows
        )


def test_one_contribution_was_dropped_with_its_reason(loaded: Session) -> None:
    dropped = loaded.scalars(
        select(Contribution).where(Contribution.stage == ContributionStage.DROPPED)
    ).one()
    assert dropped.stage_reason == "daftar penempatan belum ditandatangani"
    assert dropped.delivered_on == TODAY - timedelta(days=15)


def test_each_piece_of_evidence_is_one_page_that_says_what_it_is(
    loaded: Session, house: SqliteDatabase
) -> None:
    wanted = [
        name.strip()
        for row in accounts.rows("contributions")
        for name in row["evidence"].split(";")
        if name.strip()
    ]
    evidence = loaded.scalars(select(Document).where(Document.kind == DocumentKind.EVIDENCE)).all()
    assert sorted(document.title.lower() for document in evidence) == sorted(name.lower() for name in wanted)
    folder = house.file.parent / "documents"
    for document in loaded.scalars(select(Document)):
        assert document.content_type == "application/pdf"
        reader = PdfReader(folder / document.storage_key)
        assert len(reader.pages) == 1
        words = " ".join(reader.pages[0].extract_text().split())
        assert "DATA CONTOH" in words
        assert document.title in words
    kept = [Path(place) / name for place, _folders, names in os.walk(folder) for name in names]
    assert len(kept) == loaded.scalar(select(func.count()).select_from(Document))
