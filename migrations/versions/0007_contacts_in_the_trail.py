"""The trail names a partner contact who did something by "c:12": nobody may change its lines, and their name
has to go when they ask for it."""

from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

#: What refuses to change a line of the trail, in the words that it had then.
REFUSAL = {
    "sqlite": "CREATE TRIGGER audit_entry_no_update BEFORE UPDATE ON audit_entry"
    " BEGIN SELECT RAISE(ABORT, 'audit_entry is append-only'); END",
    "postgresql": "CREATE TRIGGER audit_entry_no_update BEFORE UPDATE ON audit_entry"
    " FOR EACH ROW EXECUTE FUNCTION refuse_rewriting()",
}

#: Who they were stands in what they changed: an answer, their own data, a kind of mail.
NAMED = """
UPDATE audit_entry SET actor_name = 'c:' || found.contact_id
FROM (
    SELECT change_id, min(contact_id) AS contact_id
    FROM (
        SELECT entry.change_id, affiliation.contact_id
        FROM audit_entry AS entry
        JOIN invitation ON invitation.id = entry.object_id
        JOIN affiliation ON affiliation.id = invitation.affiliation_id
        WHERE entry.noun = 'invitation' AND entry.actor_kind IN ('contact', 'link')
        UNION ALL
        SELECT entry.change_id, entry.object_id
        FROM audit_entry AS entry
        WHERE entry.noun = 'contact' AND entry.actor_kind IN ('contact', 'link')
        UNION ALL
        SELECT entry.change_id, CAST(coalesce(value.after, value.before) AS integer)
        FROM audit_entry AS entry
        JOIN audit_value AS value ON value.entry_id = entry.id AND value.field = 'contact_id'
        WHERE entry.noun = 'opt_out' AND entry.actor_kind IN ('contact', 'link')
    ) AS told
    GROUP BY change_id
) AS found
WHERE found.change_id = audit_entry.change_id AND audit_entry.actor_kind IN ('contact', 'link')
"""


def upgrade() -> None:
    dialect = op.get_bind().dialect.name
    op.execute("DROP TRIGGER audit_entry_no_update" + (" ON audit_entry" if dialect == "postgresql" else ""))
    op.execute(NAMED)
    op.get_bind().exec_driver_sql(REFUSAL[dialect])


def downgrade() -> None:
    """The names are not known any more."""
