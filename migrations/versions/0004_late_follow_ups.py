"""What is late is found by its day, however many follow-ups there are: the coverage matrix asks for it."""

from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index("ix_follow_up_status", "follow_up", ["status", "due_on", "cluster_id", "partner_id"])


def downgrade() -> None:
    op.drop_index("ix_follow_up_status", table_name="follow_up")
