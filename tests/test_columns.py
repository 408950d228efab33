"""What the named column types promise."""

from datetime import UTC, datetime
from decimal import Decimal

import pytest
from sqlalchemy.dialects import postgresql, sqlite

from pentahelix.columns import Thousandths, UtcDateTime
from pentahelix.extensions import Entity
from tests.conftest import NOW

DIALECTS = [sqlite.dialect(), postgresql.dialect()]


@pytest.mark.parametrize("dialect", DIALECTS, ids=lambda dialect: dialect.name)
def test_an_instant_comes_back_aware_and_in_utc(dialect) -> None:
    instant = UtcDateTime()
    stored = instant.process_bind_param(datetime.fromisoformat(NOW), dialect)
    assert stored == datetime(2026, 11, 24, tzinfo=UTC)
    assert instant.process_result_value(stored.replace(tzinfo=None), dialect) == stored
    read = instant.process_result_value(datetime.fromisoformat(NOW), dialect)
    assert read == stored
    assert read is not None
    assert read.tzinfo is UTC


def test_an_instant_without_a_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="needs a zone"):
        UtcDateTime().process_bind_param(datetime(2026, 11, 24), DIALECTS[0])  # noqa: DTZ001


@pytest.mark.parametrize("amount", ["0", "7.5", "0.001", "1850", "-2.125"])
def test_a_quantity_is_exact(amount: str) -> None:
    quantity = Thousandths()
    stored = quantity.process_bind_param(Decimal(amount), DIALECTS[0])
    assert quantity.process_result_value(stored, DIALECTS[0]) == Decimal(amount)


def test_every_column_keeps_what_was_before() -> None:
    forgetful = [
        f"{mapper.class_.__name__}.{column.key}"
        for mapper in Entity.registry.mappers
        for column in mapper.column_attrs
        if not column.active_history and column.key not in ("id", "version")
    ]
    assert forgetful == [], "use a named type of columns.py, fk() or words(): the trail needs the old value"
