"""The first version: all tables, the refusals of the audit trail, the index of words.

Names of keys, references and checks follow the naming convention of the metadata (extensions.py).
"""

import sqlalchemy as sa
from alembic import op

from pentahelix import ddl

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

INSTANT = sa.DateTime(timezone=True)
SORTED = sa.String(400).with_variant(sa.String(400, collation="C"), "postgresql")

#: in the order in which they are made
TABLES = (
    "cluster",
    "school",
    "product",
    "user",
    "membership",
    "partner",
    "contact",
    "affiliation",
    "cluster_partner",
    "contact_log",
    "tag",
    "partner_tag",
    "agreement",
    "agreement_party",
    "agreement_cluster",
    "agreement_scope",
    "agreement_step",
    "obligation",
    "guidance_session",
    "guidance_school",
    "invitation",
    "invitation_answer",
    "meeting",
    "meeting_partner",
    "attendance",
    "contribution",
    "follow_up",
    "contribution_school",
    "document",
    "reminder_rule",
    "outbox_message",
    "reminder",
    "coverage_target",
    "coverage_snapshot",
    "sign_in",
    "token",
    "link_request",
    "attempt",
    "submission",
    "audit_entry",
    "audit_value",
    "search_text",
    "setting",
    "holiday",
    "heartbeat",
)


def words(vocabulary: str, *stored: str) -> sa.Enum:
    """A text column with a CHECK that is named after its vocabulary."""
    return sa.Enum(*stored, name=vocabulary, native_enum=False, create_constraint=True, length=40)


def upgrade() -> None:
    op.create_table(
        "cluster",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("name", sa.String(200), nullable=False),
        sa.Column("sort_name", SORTED, nullable=False),
        sa.Column("short_name", sa.String(200), nullable=False),
        sa.Column(
            "regency",
            words("regency", "36.01", "36.02", "36.03", "36.04", "36.71", "36.72", "36.73", "36.74"),
            nullable=False,
        ),
        sa.Column("focus", sa.Text()),
        sa.Column("owner_unit", sa.String(200)),
        sa.Column("begins", sa.Date(), nullable=False),
        sa.Column("is_pilot", sa.Boolean(), nullable=False),
        sa.Column("timezone", sa.String(64), nullable=False),
        sa.Column("cold_after_days", sa.Integer()),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("archived_at", INSTANT),
        sa.UniqueConstraint("name"),
        sa.UniqueConstraint("short_name"),
        sa.CheckConstraint("cold_after_days > 0", name="cold_after_days"),
        sa.CheckConstraint("length(trim(name)) > 0", name="name_given"),
        sa.CheckConstraint("length(trim(short_name)) > 0", name="short_name_given"),
    )

    op.create_table(
        "school",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("cluster_id", sa.Integer(), sa.ForeignKey("cluster.id"), nullable=False),
        sa.Column("name", sa.String(200), nullable=False),
        sa.Column("sort_name", SORTED, nullable=False),
        sa.Column("npsn", sa.String(80)),
        sa.Column("district_code", sa.String(13)),
        sa.Column("district", sa.String(200)),
        sa.Column("role_in_cluster", sa.Text()),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("archived_at", INSTANT),
        sa.UniqueConstraint("cluster_id", "name"),
        sa.CheckConstraint("length(trim(name)) > 0", name="name_given"),
        sa.CheckConstraint("length(npsn) = 8", name="npsn"),
    )

    op.create_table(
        "product",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("cluster_id", sa.Integer(), sa.ForeignKey("cluster.id"), nullable=False),
        sa.Column("lead_school_id", sa.Integer(), sa.ForeignKey("school.id"), index=True),
        sa.Column("name", sa.String(200), nullable=False),
        sa.Column("sort_name", SORTED, nullable=False),
        sa.Column("description", sa.Text()),
        sa.Column("unit", sa.String(200)),
        sa.Column("price", sa.BigInteger()),
        sa.Column("shelf_life_days", sa.Integer()),
        sa.Column(
            "stage",
            words("productstage", "recipe_trial", "market_test", "production", "discontinued"),
            nullable=False,
        ),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("archived_at", INSTANT),
        sa.UniqueConstraint("cluster_id", "name"),
        sa.CheckConstraint("length(trim(name)) > 0", name="name_given"),
        sa.CheckConstraint("price >= 0", name="price"),
        sa.CheckConstraint("shelf_life_days > 0", name="shelf_life_days"),
    )

    op.create_table(
        "user",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("school_id", sa.Integer(), sa.ForeignKey("school.id"), index=True),
        sa.Column("chosen_cluster_id", sa.Integer(), sa.ForeignKey("cluster.id"), index=True),
        sa.Column("role", words("role", "admin", "kabid", "coordinator"), nullable=False),
        sa.Column("salutation", words("salutation", "bapak", "ibu")),
        sa.Column("name", sa.String(200), nullable=False),
        sa.Column("sort_name", SORTED, nullable=False),
        sa.Column("position", sa.String(200)),
        sa.Column("email", sa.String(254)),
        sa.Column("phone", sa.String(16)),
        sa.Column("language", words("language", "id", "en"), nullable=False),
        sa.Column("theme", words("theme", "system", "light", "dark"), nullable=False),
        sa.Column("timezone", sa.String(64), nullable=False),
        sa.Column("password_hash", sa.String(200)),
        sa.Column("password_changed_at", INSTANT),
        sa.Column("password_is_initial", sa.Boolean(), nullable=False),
        sa.Column("deactivated_at", INSTANT),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.UniqueConstraint("email"),
        sa.CheckConstraint("email = lower(email)", name="email_lower"),
        sa.CheckConstraint("length(trim(name)) > 0", name="name_given"),
        sa.CheckConstraint("password_hash IS NULL OR email IS NOT NULL", name="password_needs_email"),
        sa.Index("ix_user_sort_name", "sort_name", "id"),
    )

    op.create_table(
        "membership",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("user_id", sa.Integer(), sa.ForeignKey("user.id"), nullable=False),
        sa.Column("cluster_id", sa.Integer(), sa.ForeignKey("cluster.id"), nullable=False, index=True),
        sa.Column("archived_at", INSTANT),
        sa.UniqueConstraint("user_id", "cluster_id"),
    )

    op.create_table(
        "partner",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("name", sa.String(200), nullable=False),
        sa.Column("sort_name", SORTED, nullable=False),
        sa.Column(
            "helix",
            words("helix", "industry", "university", "community", "media", "government"),
            nullable=False,
        ),
        sa.Column("org_type", sa.String(200)),
        sa.Column("area_code", sa.String(13)),
        sa.Column("area", sa.String(200)),
        sa.Column("address", sa.Text()),
        sa.Column("website", sa.String(2000)),
        sa.Column("email", sa.String(254)),
        sa.Column("phone", sa.String(16)),
        sa.Column("phone_note", sa.String(200)),
        sa.Column("nib", sa.String(80)),
        sa.Column("npwp", sa.String(80)),
        sa.Column("description", sa.Text()),
        sa.Column("potential", sa.Text()),
        sa.Column("is_fictitious", sa.Boolean(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("archived_at", INSTANT),
        sa.CheckConstraint("length(trim(name)) > 0", name="name_given"),
        sa.CheckConstraint("length(nib) = 13", name="nib"),
        sa.CheckConstraint("length(npwp) IN (15, 16)", name="npwp"),
        sa.Index("ix_partner_area_code", "area_code"),
        sa.Index("ix_partner_helix", "helix", "sort_name"),
        sa.Index("ix_partner_sort_name", "sort_name", "id"),
    )

    op.create_table(
        "contact",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("salutation", words("salutation", "bapak", "ibu")),
        sa.Column("name", sa.String(200), nullable=False),
        sa.Column("sort_name", SORTED, nullable=False),
        sa.Column("email", sa.String(254)),
        sa.Column("phone", sa.String(16)),
        sa.Column("phone_note", sa.String(200)),
        sa.Column("language", words("language", "id", "en"), nullable=False),
        sa.Column("basis", words("basis", "public_task", "consent", "contract", "withdrawn"), nullable=False),
        sa.Column("basis_since", sa.Date()),
        sa.Column("restricted_at", INSTANT),
        sa.Column("erased_at", INSTANT),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("archived_at", INSTANT),
        sa.CheckConstraint("length(trim(name)) > 0", name="name_given"),
        sa.Index("ix_contact_email", "email"),
        sa.Index("ix_contact_phone", "phone"),
        sa.Index("ix_contact_sort_name", "sort_name", "id"),
    )

    op.create_table(
        "affiliation",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("contact_id", sa.Integer(), sa.ForeignKey("contact.id"), nullable=False, index=True),
        sa.Column("partner_id", sa.Integer(), sa.ForeignKey("partner.id"), nullable=False),
        sa.Column("position", sa.String(200)),
        sa.Column(
            "function",
            words("contactfunction", "decision_maker", "liaison", "speaker", "researcher", "technical"),
        ),
        sa.Column("is_primary", sa.Boolean(), nullable=False),
        sa.Column("begins", sa.Date()),
        sa.Column("ends", sa.Date()),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint("ends >= begins", name="period"),
        sa.Index("ix_affiliation_partner_id", "partner_id", "ends"),
        sa.Index(
            "uq_affiliation_current",
            "contact_id",
            "partner_id",
            unique=True,
            sqlite_where=sa.text("ends IS NULL"),
            postgresql_where=sa.text("ends IS NULL"),
        ),
        sa.Index(
            "uq_affiliation_primary",
            "partner_id",
            unique=True,
            sqlite_where=sa.text("is_primary AND ends IS NULL"),
            postgresql_where=sa.text("is_primary AND ends IS NULL"),
        ),
    )

    op.create_table(
        "cluster_partner",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("cluster_id", sa.Integer(), sa.ForeignKey("cluster.id"), nullable=False),
        sa.Column("partner_id", sa.Integer(), sa.ForeignKey("partner.id"), nullable=False, index=True),
        sa.Column("role", words("involvementrole", "partner", "prospect"), nullable=False),
        sa.Column("since", sa.Date(), nullable=False),
        sa.Column("ended_on", sa.Date()),
        sa.Column("last_contact_on", sa.Date()),
        sa.Column(
            "last_contact_kind",
            words(
                "lastcontactkind",
                "meeting",
                "guidance",
                "answer",
                "contribution",
                "telephone",
                "whatsapp",
                "mail",
                "visit",
            ),
        ),
        sa.UniqueConstraint("cluster_id", "partner_id"),
        sa.CheckConstraint("(last_contact_on IS NULL) = (last_contact_kind IS NULL)", name="last_contact"),
        sa.CheckConstraint("ended_on >= since", name="period"),
        sa.Index("ix_cluster_partner_last_contact", "cluster_id", "last_contact_on"),
    )

    op.create_table(
        "contact_log",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("cluster_id", sa.Integer(), sa.ForeignKey("cluster.id"), nullable=False),
        sa.Column("partner_id", sa.Integer(), sa.ForeignKey("partner.id"), nullable=False),
        sa.Column("contact_id", sa.Integer(), sa.ForeignKey("contact.id"), index=True),
        sa.Column("user_id", sa.Integer(), sa.ForeignKey("user.id"), nullable=False, index=True),
        sa.Column("channel", words("channel", "telephone", "whatsapp", "mail", "visit"), nullable=False),
        sa.Column("contacted_on", sa.Date(), nullable=False),
        sa.Column("line", sa.Text()),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("archived_at", INSTANT),
        sa.CheckConstraint("length(trim(line)) > 0", name="line_given"),
        sa.Index("ix_contact_log_cluster_id", "cluster_id", "contacted_on"),
        sa.Index("ix_contact_log_partner_id", "partner_id", "contacted_on", "id"),
    )

    op.create_table(
        "tag",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("name", sa.String(200), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("archived_at", INSTANT),
        sa.UniqueConstraint("name"),
        sa.CheckConstraint("length(trim(name)) > 0", name="name_given"),
    )

    op.create_table(
        "partner_tag",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("partner_id", sa.Integer(), sa.ForeignKey("partner.id"), nullable=False),
        sa.Column("tag_id", sa.Integer(), sa.ForeignKey("tag.id"), nullable=False, index=True),
        sa.UniqueConstraint("partner_id", "tag_id"),
    )

    op.create_table(
        "agreement",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("parent_id", sa.Integer(), sa.ForeignKey("agreement.id"), index=True),
        sa.Column("renews_id", sa.Integer(), sa.ForeignKey("agreement.id"), index=True),
        sa.Column("kind", words("agreementkind", "mou", "pks", "ia"), nullable=False),
        sa.Column(
            "status",
            words(
                "agreementstatus",
                "draft",
                "in_discussion",
                "legal_review",
                "awaiting_signature",
                "signed",
                "completed",
                "renewed",
                "terminated",
                "abandoned",
            ),
            nullable=False,
        ),
        sa.Column("title", sa.String(1000), nullable=False),
        sa.Column("number_first", sa.String(200)),
        sa.Column("number_second", sa.String(200)),
        sa.Column("signed_on", sa.Date()),
        sa.Column("starts_on", sa.Date()),
        sa.Column("ends_on", sa.Date()),
        sa.Column("is_open_ended", sa.Boolean(), nullable=False),
        sa.Column("terminated_on", sa.Date()),
        sa.Column("term_months", sa.Integer()),
        sa.Column("objective", sa.Text()),
        sa.Column("scope_text", sa.Text()),
        sa.Column("funding", sa.Text()),
        sa.Column("note", sa.Text()),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("archived_at", INSTANT),
        sa.CheckConstraint("NOT is_open_ended OR ends_on IS NULL", name="open_end"),
        sa.CheckConstraint("parent_id <> id", name="own_parent"),
        sa.CheckConstraint("renews_id <> id", name="own_renewal"),
        sa.CheckConstraint("ends_on >= starts_on", name="period"),
        sa.CheckConstraint(
            "status NOT IN ('signed', 'completed', 'renewed', 'terminated') OR (signed_on IS NOT NULL AND starts_on IS NOT NULL AND (ends_on IS NOT NULL OR is_open_ended))",
            name="signed",
        ),
        sa.CheckConstraint("(status = 'terminated') = (terminated_on IS NOT NULL)", name="terminated"),
        sa.CheckConstraint("length(trim(title)) > 0", name="title_given"),
        sa.Index("ix_agreement_status", "status", "ends_on"),
    )

    op.create_table(
        "agreement_party",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("agreement_id", sa.Integer(), sa.ForeignKey("agreement.id"), nullable=False),
        sa.Column("partner_id", sa.Integer(), sa.ForeignKey("partner.id"), index=True),
        sa.Column("school_id", sa.Integer(), sa.ForeignKey("school.id"), index=True),
        sa.Column("office", sa.String(200)),
        sa.Column("side", words("partyside", "first", "second"), nullable=False),
        sa.Column("signatory_name", sa.String(200)),
        sa.Column("signatory_position", sa.String(200)),
        sa.Column("signatory_authority", sa.String(200)),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.UniqueConstraint("agreement_id", "partner_id"),
        sa.UniqueConstraint("agreement_id", "school_id"),
        sa.CheckConstraint(
            "CASE WHEN partner_id IS NULL THEN 0 ELSE 1 END + CASE WHEN school_id IS NULL THEN 0 ELSE 1 END + CASE WHEN office IS NULL THEN 0 ELSE 1 END = 1",
            name="who",
        ),
    )

    op.create_table(
        "agreement_cluster",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("agreement_id", sa.Integer(), sa.ForeignKey("agreement.id"), nullable=False),
        sa.Column("cluster_id", sa.Integer(), sa.ForeignKey("cluster.id"), nullable=False, index=True),
        sa.UniqueConstraint("agreement_id", "cluster_id"),
    )

    op.create_table(
        "agreement_scope",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("agreement_id", sa.Integer(), sa.ForeignKey("agreement.id"), nullable=False),
        sa.Column(
            "kind",
            words(
                "contributionkind",
                "curriculum",
                "project_learning",
                "guest_teacher",
                "internship",
                "certification",
                "teacher_training",
                "applied_research",
                "recruitment",
                "other",
                "industry_instructor",
                "market_access",
                "product_design",
                "promotion",
                "equipment",
                "raw_materials",
                "internship_place",
                "policy_network",
            ),
            nullable=False,
        ),
        sa.UniqueConstraint("agreement_id", "kind"),
    )

    op.create_table(
        "agreement_step",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("agreement_id", sa.Integer(), sa.ForeignKey("agreement.id"), nullable=False),
        sa.Column("user_id", sa.Integer(), sa.ForeignKey("user.id"), index=True),
        sa.Column(
            "from_status",
            words(
                "from_status",
                "draft",
                "in_discussion",
                "legal_review",
                "awaiting_signature",
                "signed",
                "completed",
                "renewed",
                "terminated",
                "abandoned",
            ),
        ),
        sa.Column(
            "to_status",
            words(
                "to_status",
                "draft",
                "in_discussion",
                "legal_review",
                "awaiting_signature",
                "signed",
                "completed",
                "renewed",
                "terminated",
                "abandoned",
            ),
            nullable=False,
        ),
        sa.Column("taken_at", INSTANT, nullable=False),
        sa.Column("comment", sa.Text()),
        sa.Index("ix_agreement_step_agreement_id", "agreement_id", "taken_at"),
    )

    op.create_table(
        "obligation",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("agreement_id", sa.Integer(), sa.ForeignKey("agreement.id"), nullable=False, index=True),
        sa.Column("side", words("partyside", "first", "second"), nullable=False),
        sa.Column("title", sa.String(1000), nullable=False),
        sa.Column(
            "kind",
            words(
                "contributionkind",
                "curriculum",
                "project_learning",
                "guest_teacher",
                "internship",
                "certification",
                "teacher_training",
                "applied_research",
                "recruitment",
                "other",
                "industry_instructor",
                "market_access",
                "product_design",
                "promotion",
                "equipment",
                "raw_materials",
                "internship_place",
                "policy_network",
            ),
        ),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("status", words("obligationstatus", "not_started", "partial", "fulfilled"), nullable=False),
        sa.Column("fulfilled_on", sa.Date()),
        sa.Column("note", sa.Text()),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("archived_at", INSTANT),
        sa.CheckConstraint("(status = 'fulfilled') = (fulfilled_on IS NOT NULL)", name="fulfilled"),
        sa.CheckConstraint("length(trim(title)) > 0", name="title_given"),
        sa.Index("ix_obligation_due_on", "status", "due_on"),
    )

    op.create_table(
        "guidance_session",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("cluster_id", sa.Integer(), sa.ForeignKey("cluster.id"), nullable=False),
        sa.Column("partner_id", sa.Integer(), sa.ForeignKey("partner.id"), index=True),
        sa.Column("agreement_id", sa.Integer(), sa.ForeignKey("agreement.id"), index=True),
        sa.Column("organiser_user_id", sa.Integer(), sa.ForeignKey("user.id"), index=True),
        sa.Column("uid", sa.Uuid(), nullable=False),
        sa.Column("sequence", sa.Integer(), nullable=False),
        sa.Column("series", sa.Uuid()),
        sa.Column("topic", sa.String(1000), nullable=False),
        sa.Column(
            "kind",
            words("guidancekind", "technical", "mentoring", "workshop", "guest_teaching"),
            nullable=False,
        ),
        sa.Column("description", sa.Text()),
        sa.Column("mode", words("meetingmode", "in_person", "online", "hybrid"), nullable=False),
        sa.Column("place", sa.String(200)),
        sa.Column("link", sa.String(2000)),
        sa.Column("starts_at", INSTANT, nullable=False),
        sa.Column("ends_at", INSTANT, nullable=False),
        sa.Column("status", words("guidancestatus", "planned", "held", "cancelled"), nullable=False),
        sa.Column("capacity", sa.Integer()),
        sa.Column("teachers", sa.Integer()),
        sa.Column("students", sa.Integer()),
        sa.Column("outcome", sa.Text()),
        sa.Column("rating", sa.BigInteger()),
        sa.Column("raters", sa.Integer()),
        sa.Column("note", sa.Text()),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("archived_at", INSTANT),
        sa.UniqueConstraint("uid"),
        sa.CheckConstraint("capacity > 0", name="capacity"),
        sa.CheckConstraint("teachers >= 0 AND students >= 0", name="counts"),
        sa.CheckConstraint("ends_at > starts_at", name="period"),
        sa.CheckConstraint("(rating IS NULL) = (raters IS NULL) AND raters > 0", name="raters"),
        sa.CheckConstraint("rating BETWEEN 1000 AND 5000", name="rating"),
        sa.CheckConstraint("sequence >= 0", name="sequence"),
        sa.CheckConstraint("length(trim(topic)) > 0", name="topic_given"),
        sa.Index("ix_guidance_session_cluster_id", "cluster_id", "starts_at"),
        sa.Index("ix_guidance_session_starts_at", "starts_at", "id"),
    )

    op.create_table(
        "guidance_school",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("guidance_id", sa.Integer(), sa.ForeignKey("guidance_session.id"), nullable=False),
        sa.Column("school_id", sa.Integer(), sa.ForeignKey("school.id"), nullable=False, index=True),
        sa.UniqueConstraint("guidance_id", "school_id"),
    )

    op.create_table(
        "invitation",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("guidance_id", sa.Integer(), sa.ForeignKey("guidance_session.id"), nullable=False),
        sa.Column(
            "affiliation_id", sa.Integer(), sa.ForeignKey("affiliation.id"), nullable=False, index=True
        ),
        sa.Column("on_behalf_user_id", sa.Integer(), sa.ForeignKey("user.id"), index=True),
        sa.Column("role", words("invitationrole", "speaker", "participant"), nullable=False),
        sa.Column("invited_at", INSTANT, nullable=False),
        sa.Column("uninvited_at", INSTANT),
        sa.Column("mailed_sequence", sa.Integer()),
        sa.Column("nudged_at", INSTANT),
        sa.Column(
            "answer",
            words("answer", "none", "attending", "declined", "proposed", "represented"),
            nullable=False,
        ),
        sa.Column("answered_at", INSTANT),
        sa.Column("note", sa.Text()),
        sa.Column("proposed_starts_at", INSTANT),
        sa.Column("delegate_name", sa.String(200)),
        sa.Column("delegate_email", sa.String(254)),
        sa.Column("attended", sa.Boolean()),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.UniqueConstraint("guidance_id", "affiliation_id"),
        sa.CheckConstraint("answer = 'none' OR answered_at IS NOT NULL", name="answered"),
        sa.CheckConstraint("answer <> 'proposed' OR proposed_starts_at IS NOT NULL", name="proposed"),
        sa.CheckConstraint("answer <> 'represented' OR delegate_name IS NOT NULL", name="represented"),
        sa.Index("ix_invitation_answer", "answer", "answered_at"),
    )

    op.create_table(
        "invitation_answer",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("invitation_id", sa.Integer(), sa.ForeignKey("invitation.id"), nullable=False),
        sa.Column("on_behalf_user_id", sa.Integer(), sa.ForeignKey("user.id"), index=True),
        sa.Column("sequence", sa.Integer(), nullable=False),
        sa.Column(
            "answer",
            words("answer", "none", "attending", "declined", "proposed", "represented"),
            nullable=False,
        ),
        sa.Column("answered_at", INSTANT, nullable=False),
        sa.Column("note", sa.Text()),
        sa.Column("proposed_starts_at", INSTANT),
        sa.Column("delegate_name", sa.String(200)),
        sa.Index("ix_invitation_answer_invitation_id", "invitation_id", "answered_at"),
    )

    op.create_table(
        "meeting",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("cluster_id", sa.Integer(), sa.ForeignKey("cluster.id"), nullable=False),
        sa.Column("chair_user_id", sa.Integer(), sa.ForeignKey("user.id"), index=True),
        sa.Column("minute_taker_user_id", sa.Integer(), sa.ForeignKey("user.id"), index=True),
        sa.Column("agreement_id", sa.Integer(), sa.ForeignKey("agreement.id"), index=True),
        sa.Column("title", sa.String(1000), nullable=False),
        sa.Column(
            "kind",
            words(
                "meetingkind",
                "coordination",
                "exploration",
                "drafting",
                "signing",
                "evaluation",
                "presentation",
                "decision",
                "other",
            ),
            nullable=False,
        ),
        sa.Column("mode", words("meetingmode", "in_person", "online", "hybrid"), nullable=False),
        sa.Column("place", sa.String(200)),
        sa.Column("starts_at", INSTANT, nullable=False),
        sa.Column("ends_at", INSTANT),
        sa.Column("status", words("meetingstatus", "planned", "held", "cancelled"), nullable=False),
        sa.Column("agenda", sa.Text()),
        sa.Column("notes", sa.Text()),
        sa.Column("decisions", sa.Text()),
        sa.Column("made_at", INSTANT),
        sa.Column("received_at", INSTANT, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("archived_at", INSTANT),
        sa.CheckConstraint("ends_at > starts_at", name="period"),
        sa.CheckConstraint("length(trim(title)) > 0", name="title_given"),
        sa.Index("ix_meeting_cluster_id", "cluster_id", "starts_at"),
        sa.Index("ix_meeting_starts_at", "starts_at", "id"),
    )

    op.create_table(
        "meeting_partner",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("meeting_id", sa.Integer(), sa.ForeignKey("meeting.id"), nullable=False),
        sa.Column("partner_id", sa.Integer(), sa.ForeignKey("partner.id"), nullable=False, index=True),
        sa.UniqueConstraint("meeting_id", "partner_id"),
    )

    op.create_table(
        "attendance",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("meeting_id", sa.Integer(), sa.ForeignKey("meeting.id"), nullable=False),
        sa.Column("affiliation_id", sa.Integer(), sa.ForeignKey("affiliation.id"), index=True),
        sa.Column("user_id", sa.Integer(), sa.ForeignKey("user.id"), index=True),
        sa.Column("guest_name", sa.String(200)),
        sa.Column("guest_organisation", sa.String(200)),
        sa.UniqueConstraint("meeting_id", "affiliation_id"),
        sa.UniqueConstraint("meeting_id", "user_id"),
        sa.CheckConstraint("length(trim(guest_name)) > 0", name="guest_name_given"),
        sa.CheckConstraint("guest_organisation IS NULL OR guest_name IS NOT NULL", name="guest_organisation"),
        sa.CheckConstraint(
            "CASE WHEN affiliation_id IS NULL THEN 0 ELSE 1 END + CASE WHEN user_id IS NULL THEN 0 ELSE 1 END + CASE WHEN guest_name IS NULL THEN 0 ELSE 1 END = 1",
            name="who",
        ),
    )

    op.create_table(
        "contribution",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("cluster_id", sa.Integer(), sa.ForeignKey("cluster.id"), nullable=False),
        sa.Column("partner_id", sa.Integer(), sa.ForeignKey("partner.id"), nullable=False),
        sa.Column("agreement_id", sa.Integer(), sa.ForeignKey("agreement.id"), index=True),
        sa.Column("guidance_id", sa.Integer(), sa.ForeignKey("guidance_session.id"), index=True),
        sa.Column("product_id", sa.Integer(), sa.ForeignKey("product.id"), index=True),
        sa.Column("giver_contact_id", sa.Integer(), sa.ForeignKey("contact.id"), index=True),
        sa.Column("school_user_id", sa.Integer(), sa.ForeignKey("user.id"), index=True),
        sa.Column(
            "kind",
            words(
                "contributionkind",
                "curriculum",
                "project_learning",
                "guest_teacher",
                "internship",
                "certification",
                "teacher_training",
                "applied_research",
                "recruitment",
                "other",
                "industry_instructor",
                "market_access",
                "product_design",
                "promotion",
                "equipment",
                "raw_materials",
                "internship_place",
                "policy_network",
            ),
            nullable=False,
        ),
        sa.Column("form", words("contributionform", "in_kind", "cash", "sale"), nullable=False),
        sa.Column("title", sa.String(1000), nullable=False),
        sa.Column("description", sa.Text()),
        sa.Column(
            "stage",
            words(
                "contributionstage", "proposed", "agreed", "in_progress", "delivered", "adopted", "dropped"
            ),
            nullable=False,
        ),
        sa.Column("stage_reason", sa.Text()),
        sa.Column("quantity", sa.BigInteger()),
        sa.Column("unit", sa.String(200)),
        sa.Column("hours", sa.BigInteger()),
        sa.Column("value", sa.BigInteger()),
        sa.Column("valuation_basis", sa.Text()),
        sa.Column("delivered_on", sa.Date()),
        sa.Column("giver_confirmed_at", INSTANT),
        sa.Column("school_confirmed_at", INSTANT),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("archived_at", INSTANT),
        sa.CheckConstraint("quantity >= 0 AND hours >= 0 AND value >= 0", name="amounts"),
        sa.CheckConstraint(
            "stage NOT IN ('delivered', 'adopted') OR delivered_on IS NOT NULL", name="delivered"
        ),
        sa.CheckConstraint("stage <> 'dropped' OR stage_reason IS NOT NULL", name="dropped"),
        sa.CheckConstraint("length(trim(title)) > 0", name="title_given"),
        sa.Index("ix_contribution_cluster_id", "cluster_id", "delivered_on"),
        sa.Index("ix_contribution_partner_id", "partner_id", "delivered_on"),
    )

    op.create_table(
        "follow_up",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("cluster_id", sa.Integer(), sa.ForeignKey("cluster.id"), nullable=False),
        sa.Column("partner_id", sa.Integer(), sa.ForeignKey("partner.id")),
        sa.Column("owner_user_id", sa.Integer(), sa.ForeignKey("user.id"), nullable=False),
        sa.Column("assigned_by_user_id", sa.Integer(), sa.ForeignKey("user.id"), index=True),
        sa.Column("meeting_id", sa.Integer(), sa.ForeignKey("meeting.id"), index=True),
        sa.Column("guidance_id", sa.Integer(), sa.ForeignKey("guidance_session.id"), index=True),
        sa.Column("agreement_id", sa.Integer(), sa.ForeignKey("agreement.id"), index=True),
        sa.Column("contribution_id", sa.Integer(), sa.ForeignKey("contribution.id"), index=True),
        sa.Column(
            "source_kind",
            words("followupsource", "meeting", "guidance", "agreement", "contribution", "cell", "none"),
            nullable=False,
        ),
        sa.Column("helix", words("helix", "industry", "university", "community", "media", "government")),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("title", sa.String(1000), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("due_reason", sa.Text()),
        sa.Column(
            "status",
            words("followupstatus", "not_started", "in_progress", "done", "cancelled"),
            nullable=False,
        ),
        sa.Column("priority", words("priority", "high", "medium", "low"), nullable=False),
        sa.Column("result", sa.Text()),
        sa.Column("completed_on", sa.Date()),
        sa.Column("snoozed_until", sa.Date()),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("archived_at", INSTANT),
        sa.CheckConstraint("(status = 'done') = (completed_on IS NOT NULL)", name="done"),
        sa.CheckConstraint(
            "(source_kind = 'agreement') = (agreement_id IS NOT NULL)", name="source_agreement"
        ),
        sa.CheckConstraint("(source_kind = 'cell') = (helix IS NOT NULL)", name="source_cell"),
        sa.CheckConstraint(
            "(source_kind = 'contribution') = (contribution_id IS NOT NULL)", name="source_contribution"
        ),
        sa.CheckConstraint("(source_kind = 'guidance') = (guidance_id IS NOT NULL)", name="source_guidance"),
        sa.CheckConstraint("(source_kind = 'meeting') = (meeting_id IS NOT NULL)", name="source_meeting"),
        sa.CheckConstraint("length(trim(title)) > 0", name="title_given"),
        sa.Index("ix_follow_up_cluster_id", "cluster_id", "status", "due_on"),
        sa.Index("ix_follow_up_due_on", "due_on", "id"),
        sa.Index("ix_follow_up_owner_user_id", "owner_user_id", "status", "due_on"),
        sa.Index("ix_follow_up_partner_id", "partner_id", "status", "due_on"),
    )

    op.create_table(
        "contribution_school",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("contribution_id", sa.Integer(), sa.ForeignKey("contribution.id"), nullable=False),
        sa.Column("school_id", sa.Integer(), sa.ForeignKey("school.id"), nullable=False, index=True),
        sa.UniqueConstraint("contribution_id", "school_id"),
    )

    op.create_table(
        "document",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("agreement_id", sa.Integer(), sa.ForeignKey("agreement.id"), index=True),
        sa.Column("guidance_id", sa.Integer(), sa.ForeignKey("guidance_session.id"), index=True),
        sa.Column("meeting_id", sa.Integer(), sa.ForeignKey("meeting.id"), index=True),
        sa.Column("contribution_id", sa.Integer(), sa.ForeignKey("contribution.id"), index=True),
        sa.Column("replaces_id", sa.Integer(), sa.ForeignKey("document.id")),
        sa.Column("uploaded_by_user_id", sa.Integer(), sa.ForeignKey("user.id"), index=True),
        sa.Column(
            "kind",
            words(
                "documentkind", "draft", "signed", "addendum", "authority", "evidence", "material", "other"
            ),
            nullable=False,
        ),
        sa.Column("title", sa.String(1000), nullable=False),
        sa.Column("version_no", sa.Integer(), nullable=False),
        sa.Column("file_name", sa.String(200), nullable=False),
        sa.Column("content_type", sa.String(200), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("sha256", sa.String(64), nullable=False),
        sa.Column("storage_key", sa.String(200), nullable=False),
        sa.Column("uploaded_at", INSTANT, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("archived_at", INSTANT),
        sa.UniqueConstraint("replaces_id"),
        sa.UniqueConstraint("storage_key"),
        sa.CheckConstraint(
            "CASE WHEN agreement_id IS NULL THEN 0 ELSE 1 END + CASE WHEN guidance_id IS NULL THEN 0 ELSE 1 END + CASE WHEN meeting_id IS NULL THEN 0 ELSE 1 END + CASE WHEN contribution_id IS NULL THEN 0 ELSE 1 END = 1",
            name="owner",
        ),
        sa.CheckConstraint("size >= 0", name="size"),
        sa.CheckConstraint("length(trim(title)) > 0", name="title_given"),
        sa.CheckConstraint("version_no > 0", name="version_no"),
    )

    op.create_table(
        "reminder_rule",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("cluster_id", sa.Integer(), sa.ForeignKey("cluster.id")),
        sa.Column(
            "kind",
            words(
                "reminderkind",
                "agreement_ends",
                "guidance",
                "no_answer",
                "follow_up_late",
                "escalation",
                "partner_silent",
                "obligation",
                "quiet_days",
            ),
            nullable=False,
        ),
        sa.Column("is_on", sa.Boolean(), nullable=False),
        sa.Column("days", sa.JSON(), nullable=False),
        sa.Column("made_at", INSTANT, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.UniqueConstraint("cluster_id", "kind"),
        sa.Index(
            "uq_reminder_rule_province",
            "kind",
            unique=True,
            sqlite_where=sa.text("cluster_id IS NULL"),
            postgresql_where=sa.text("cluster_id IS NULL"),
        ),
    )

    op.create_table(
        "outbox_message",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("recipient_user_id", sa.Integer(), sa.ForeignKey("user.id"), index=True),
        sa.Column("recipient_contact_id", sa.Integer(), sa.ForeignKey("contact.id"), index=True),
        sa.Column("key", sa.String(200), nullable=False),
        sa.Column("message_id", sa.String(200), nullable=False),
        sa.Column("kind", sa.String(80), nullable=False),
        sa.Column("object_noun", sa.String(80)),
        sa.Column("object_id", sa.Integer()),
        sa.Column("recipient", sa.String(254), nullable=False),
        sa.Column("subject", sa.String(1000), nullable=False),
        sa.Column("content", sa.LargeBinary()),
        sa.Column("content_sha256", sa.String(64), nullable=False),
        sa.Column("is_secret", sa.Boolean(), nullable=False),
        sa.Column(
            "state",
            words(
                "outboxstate", "queued", "sending", "unknown", "sent", "kept", "refused", "parked", "obsolete"
            ),
            nullable=False,
        ),
        sa.Column("owner", sa.String(80)),
        sa.Column("lease_until", INSTANT),
        sa.Column("attempt", sa.Integer(), nullable=False),
        sa.Column("unknowns", sa.Integer(), nullable=False),
        sa.Column("next_at", INSTANT, nullable=False),
        sa.Column("valid_until", INSTANT),
        sa.Column("error", sa.Text()),
        sa.Column("made_at", INSTANT, nullable=False),
        sa.Column("sent_at", INSTANT),
        sa.UniqueConstraint("key"),
        sa.UniqueConstraint("message_id"),
        sa.CheckConstraint(
            "(state = 'sending') = (owner IS NOT NULL AND lease_until IS NOT NULL)", name="claim"
        ),
        sa.CheckConstraint("recipient_user_id IS NULL OR recipient_contact_id IS NULL", name="person"),
        sa.CheckConstraint("(state = 'sent') = (sent_at IS NOT NULL)", name="sent"),
        sa.CheckConstraint("attempt >= 0 AND unknowns >= 0", name="tries"),
        sa.Index("ix_outbox_message_due", "state", "next_at"),
        sa.Index("ix_outbox_message_made_at", "made_at", "id"),
        sa.Index("ix_outbox_message_object", "object_noun", "object_id"),
    )

    op.create_table(
        "reminder",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("cluster_id", sa.Integer(), sa.ForeignKey("cluster.id"), index=True),
        sa.Column("user_id", sa.Integer(), sa.ForeignKey("user.id"), index=True),
        sa.Column("contact_id", sa.Integer(), sa.ForeignKey("contact.id"), index=True),
        sa.Column("message_id", sa.Integer(), sa.ForeignKey("outbox_message.id"), index=True),
        sa.Column("key", sa.String(200), nullable=False),
        sa.Column(
            "kind",
            words(
                "reminderkind",
                "agreement_ends",
                "guidance",
                "no_answer",
                "follow_up_late",
                "escalation",
                "partner_silent",
                "obligation",
                "quiet_days",
            ),
            nullable=False,
        ),
        sa.Column("object_noun", sa.String(80), nullable=False),
        sa.Column("object_id", sa.Integer(), nullable=False),
        sa.Column("nominal_on", sa.Date(), nullable=False),
        sa.Column("state", words("reminderstate", "carried", "skipped", "obsolete"), nullable=False),
        sa.Column("reason", sa.String(200)),
        sa.Column("made_at", INSTANT, nullable=False),
        sa.UniqueConstraint("key"),
        sa.CheckConstraint("(state = 'carried') = (reason IS NULL)", name="reason"),
        sa.Index("ix_reminder_object", "object_noun", "object_id"),
    )

    op.create_table(
        "coverage_target",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("cluster_id", sa.Integer(), sa.ForeignKey("cluster.id"), nullable=False),
        sa.Column(
            "helix",
            words("helix", "industry", "university", "community", "media", "government"),
            nullable=False,
        ),
        sa.Column("wanted", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.UniqueConstraint("cluster_id", "helix"),
        sa.CheckConstraint("wanted >= 0", name="wanted"),
    )

    op.create_table(
        "coverage_snapshot",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("cluster_id", sa.Integer(), sa.ForeignKey("cluster.id"), nullable=False, index=True),
        sa.Column("taken_on", sa.Date(), nullable=False),
        sa.Column(
            "helix",
            words("helix", "industry", "university", "community", "media", "government"),
            nullable=False,
        ),
        sa.Column(
            "state", words("cellstate", "empty", "prospect", "bound", "alive", "at_risk"), nullable=False
        ),
        sa.Column("reason", sa.String(80)),
        sa.Column("number", sa.Integer()),
        sa.Column("partners", sa.Integer(), nullable=False),
        sa.Column("bound_partners", sa.Integer(), nullable=False),
        sa.UniqueConstraint("taken_on", "cluster_id", "helix"),
    )

    op.create_table(
        "sign_in",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("user_id", sa.Integer(), sa.ForeignKey("user.id"), index=True),
        sa.Column("contact_id", sa.Integer(), sa.ForeignKey("contact.id"), index=True),
        sa.Column("digest", sa.String(64), nullable=False),
        sa.Column("principal", sa.String(80), nullable=False),
        sa.Column("made_at", INSTANT, nullable=False),
        sa.Column("ends_at", INSTANT, nullable=False),
        sa.Column("revoked_at", INSTANT),
        sa.Column("device", sa.String(200)),
        sa.UniqueConstraint("digest"),
        sa.CheckConstraint("ends_at > made_at", name="period"),
        sa.CheckConstraint(
            "CASE WHEN user_id IS NULL THEN 0 ELSE 1 END + CASE WHEN contact_id IS NULL THEN 0 ELSE 1 END = 1",
            name="who",
        ),
    )

    op.create_table(
        "token",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("user_id", sa.Integer(), sa.ForeignKey("user.id"), index=True),
        sa.Column("contact_id", sa.Integer(), sa.ForeignKey("contact.id"), index=True),
        sa.Column(
            "purpose",
            words("tokenpurpose", "invitation", "sign_in", "password", "feed", "unsubscribe"),
            nullable=False,
        ),
        sa.Column("object_id", sa.Integer()),
        sa.Column("digest", sa.String(64), nullable=False),
        sa.Column("browser_digest", sa.String(64)),
        sa.Column("code_digest", sa.String(64)),
        sa.Column("made_at", INSTANT, nullable=False),
        sa.Column("expires_at", INSTANT),
        sa.Column("used_at", INSTANT),
        sa.Column("revoked_at", INSTANT),
        sa.UniqueConstraint("digest"),
        sa.Index("ix_token_object", "purpose", "object_id"),
    )

    op.create_table(
        "link_request",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column(
            "purpose",
            words("tokenpurpose", "invitation", "sign_in", "password", "feed", "unsubscribe"),
            nullable=False,
        ),
        sa.Column("email", sa.String(254), nullable=False),
        sa.Column("browser_digest", sa.String(64)),
        sa.Column("made_at", INSTANT, nullable=False),
        sa.Column("handled_at", INSTANT),
        sa.Index("ix_link_request_open", "handled_at", "made_at"),
    )

    op.create_table(
        "attempt",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("kind", words("attemptkind", "sign_in", "reset", "link"), nullable=False),
        sa.Column("subject", sa.String(254), nullable=False),
        sa.Column("network", sa.String(80), nullable=False),
        sa.Column("is_known_device", sa.Boolean(), nullable=False),
        sa.Column("made_at", INSTANT, nullable=False),
        sa.Index("ix_attempt_network", "network", "made_at"),
        sa.Index("ix_attempt_subject", "kind", "subject", "made_at"),
    )

    op.create_table(
        "submission",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("key", sa.Uuid(), nullable=False),
        sa.Column("principal", sa.String(80), nullable=False),
        sa.Column("route", sa.String(200), nullable=False),
        sa.Column("digest", sa.String(64), nullable=False),
        sa.Column("result", sa.String(2000)),
        sa.Column("made_at", INSTANT, nullable=False),
        sa.UniqueConstraint("key", "principal", "route"),
        sa.Index("ix_submission_made_at", "made_at"),
    )

    op.create_table(
        "audit_entry",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("actor_user_id", sa.Integer(), sa.ForeignKey("user.id"), index=True),
        sa.Column("change_id", sa.String(80), nullable=False),
        sa.Column("at", INSTANT, nullable=False),
        sa.Column(
            "actor_kind",
            words("actorkind", "user", "contact", "link", "scheduler", "command", "visitor"),
            nullable=False,
        ),
        sa.Column("actor_name", sa.String(200), nullable=False),
        sa.Column("route", sa.String(80)),
        sa.Column(
            "action",
            words("auditaction", "created", "changed", "archived", "restored", "removed"),
            nullable=False,
        ),
        sa.Column("noun", sa.String(80), nullable=False),
        sa.Column("object_id", sa.Integer(), nullable=False),
        sa.Column("subject_noun", sa.String(80), nullable=False),
        sa.Column("subject_id", sa.Integer(), nullable=False),
        sa.Column("digests", sa.JSON(), nullable=False),
        sa.Index("ix_audit_entry_at", "at", "id"),
        sa.Index("ix_audit_entry_change_id", "change_id"),
        sa.Index("ix_audit_entry_object", "noun", "object_id", "id"),
        sa.Index("ix_audit_entry_subject", "subject_noun", "subject_id", "id"),
    )

    op.create_table(
        "audit_value",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("entry_id", sa.Integer(), sa.ForeignKey("audit_entry.id"), nullable=False),
        sa.Column("field", sa.String(80), nullable=False),
        sa.Column("before", sa.Text()),
        sa.Column("after", sa.Text()),
        sa.Column("salt", sa.String(80), nullable=False),
        sa.UniqueConstraint("entry_id", "field"),
    )

    op.create_table(
        "search_text",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("noun", sa.String(80), nullable=False),
        sa.Column("object_id", sa.Integer(), nullable=False),
        sa.Column("folded", sa.Text(), nullable=False),
        sa.UniqueConstraint("noun", "object_id"),
    )

    op.create_table(
        "setting",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("key", sa.String(80), nullable=False),
        sa.Column("value", sa.JSON()),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.UniqueConstraint("key"),
        sa.CheckConstraint("length(trim(key)) > 0", name="key_given"),
    )

    op.create_table(
        "holiday",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("effect", words("holidayeffect", "added", "removed"), nullable=False),
        sa.Column("name", sa.String(200), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.UniqueConstraint("day"),
        sa.CheckConstraint("length(trim(name)) > 0", name="name_given"),
    )

    op.create_table(
        "heartbeat",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("name", sa.String(80), nullable=False),
        sa.Column("at", INSTANT, nullable=False),
        sa.UniqueConstraint("name"),
    )

    for statement in ddl.statements(op.get_context().dialect.name):
        op.execute(statement)


def downgrade() -> None:
    for statement in ddl.undoing(op.get_context().dialect.name):
        op.execute(statement)
    for table in reversed(TABLES):
        op.drop_table(table)
