"""What lists and records look for is found in an index."""

from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

#: name, table, columns
INDEXES: tuple[tuple[str, str, list[str]], ...] = (
    ("ix_invitation_guidance_id", "invitation", ["guidance_id", "answer"]),
    ("ix_partner_side", "partner", ["helix", "area_code", "archived_at"]),
)

#: name, table, columns before and after
CHANGED: tuple[tuple[str, str, list[str], list[str]], ...] = (
    (
        "ix_follow_up_partner_id",
        "follow_up",
        ["partner_id", "status", "due_on"],
        # Of a partner's steps those in one cluster: else the steps of the whole cluster are gone through.
        ["partner_id", "status", "cluster_id", "due_on"],
    ),
)


def upgrade() -> None:
    for name, table, columns in INDEXES:
        op.create_index(name, table, columns)
    for name, table, _before, after in CHANGED:
        op.drop_index(name, table)
        op.create_index(name, table, after)


def downgrade() -> None:
    for name, table, before, _after in reversed(CHANGED):
        op.drop_index(name, table)
        op.create_index(name, table, before)
    for name, table, _columns in reversed(INDEXES):
        op.drop_index(name, table)
