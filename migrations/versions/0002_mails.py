"""Mails: whose matter one is and what went wrong with it, what people do not want, prepared messages.

Columns are added in plain SQL that both engines understand; a table that others point at is not made anew.
"""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

INSTANT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.add_column("invitation", sa.Column("whatsapp_at", INSTANT))
    op.execute(
        "ALTER TABLE outbox_message ADD COLUMN cluster_id INTEGER"
        " CONSTRAINT fk_outbox_message_cluster_id_cluster REFERENCES cluster (id)"
    )
    op.create_index("ix_outbox_message_cluster_id", "outbox_message", ["cluster_id"])
    op.add_column("outbox_message", sa.Column("sequence", sa.Integer()))
    op.add_column("outbox_message", sa.Column("fault", sa.String(80)))
    op.create_table(
        "opt_out",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("user_id", sa.Integer(), sa.ForeignKey("user.id")),
        sa.Column("contact_id", sa.Integer(), sa.ForeignKey("contact.id")),
        sa.Column(
            "topic",
            sa.Enum(
                "digest",
                "reminders",
                name="mailtopic",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("made_at", INSTANT, nullable=False),
        sa.UniqueConstraint("contact_id", "topic"),
        sa.UniqueConstraint("user_id", "topic"),
        sa.CheckConstraint(
            "CASE WHEN user_id IS NULL THEN 0 ELSE 1 END"
            " + CASE WHEN contact_id IS NULL THEN 0 ELSE 1 END = 1",
            name="who",
        ),
    )


def downgrade() -> None:
    op.drop_table("opt_out")
    op.drop_column("outbox_message", "fault")
    op.drop_column("outbox_message", "sequence")
    op.drop_index("ix_outbox_message_cluster_id", "outbox_message")
    op.drop_column("outbox_message", "cluster_id")
    op.drop_column("invitation", "whatsapp_at")
