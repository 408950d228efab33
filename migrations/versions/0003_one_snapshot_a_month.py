"""The coverage of a month is written down once, also by two schedulers between which midnight falls."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

FIRST_OF_MONTH = {
    "sqlite": "UPDATE coverage_snapshot SET month = date(taken_on, 'start of month')",
    "postgresql": "UPDATE coverage_snapshot SET month = date_trunc('month', taken_on)",
}


def upgrade() -> None:
    op.add_column("coverage_snapshot", sa.Column("month", sa.Date()))
    op.execute(FIRST_OF_MONTH[op.get_bind().dialect.name])
    # Of two of one month the first one counts.
    op.execute(
        "DELETE FROM coverage_snapshot WHERE EXISTS (SELECT 1 FROM coverage_snapshot AS earlier"
        " WHERE earlier.month = coverage_snapshot.month AND earlier.cluster_id = coverage_snapshot.cluster_id"
        " AND earlier.helix = coverage_snapshot.helix AND earlier.taken_on < coverage_snapshot.taken_on)"
    )
    with op.batch_alter_table("coverage_snapshot") as table:
        table.alter_column("month", existing_type=sa.Date(), nullable=False)
        table.drop_constraint("uq_coverage_snapshot_taken_on_cluster_id_helix", type_="unique")
        table.create_unique_constraint(
            "uq_coverage_snapshot_month_cluster_id_helix", ["month", "cluster_id", "helix"]
        )


def downgrade() -> None:
    with op.batch_alter_table("coverage_snapshot") as table:
        table.drop_constraint("uq_coverage_snapshot_month_cluster_id_helix", type_="unique")
        table.drop_column("month")
        table.create_unique_constraint(
            "uq_coverage_snapshot_taken_on_cluster_id_helix", ["taken_on", "cluster_id", "helix"]
        )
