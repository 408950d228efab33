"""Every entity, in the order of the product's story.

1  The clusters and their people    Cluster · School · Product · User · Membership
2  Partners and contacts            Partner · Contact · Affiliation · ClusterPartner · ContactLog · Tag ·
                                    PartnerTag
3  Agreements                       Agreement · AgreementParty · AgreementCluster · AgreementScope ·
                                    AgreementStep · Obligation
4  Guidance                         GuidanceSession · GuidanceSchool · Invitation · InvitationAnswer
5  Meetings and follow-ups          Meeting · MeetingPartner · Attendance · FollowUp
6  Contributions and documents      Contribution · ContributionSchool · Document
7  Reminders and mail               ReminderRule · Reminder · OutboxMessage · OptOut
8  Coverage                         CoverageTarget · CoverageSnapshot
9  Doors and keys                   SignIn · Token · LinkRequest · Attempt
10 What the house remembers         Submission · AuditEntry · AuditValue · SearchText · Setting · Holiday ·
                                    Heartbeat

Columns, constraints and relationships only: verbs live in services, questions in queries. Nothing is deleted
outright, so no foreign key cascades: the database refuses to lose a row that another one points at.
`info={"audit": False}` keeps a column out of the audit trail.
"""

from __future__ import annotations

from functools import partial
from typing import Any

from sqlalchemy import CheckConstraint, Index, Integer, UniqueConstraint, text
from sqlalchemy.orm import Mapped, declared_attr, mapped_column, relationship

from pentahelix import ddl
from pentahelix.columns import (
    AreaCode,
    Bytes,
    Count,
    Day,
    Digest,
    Email,
    Flag,
    Id,
    Json,
    Keyword,
    LongText,
    Phone,
    Quantity,
    RandomId,
    Rupiah,
    ShortText,
    SortText,
    Title,
    Url,
    Utc,
    ZoneName,
    fk,
    kept,
    words,
)
from pentahelix.extensions import Entity
from pentahelix.sorting import keep_sorted
from pentahelix.vocabulary import (
    GIVEN_CONTRIBUTIONS,
    ActorKind,
    AgreementKind,
    AgreementStatus,
    Answer,
    AttemptKind,
    AuditAction,
    Basis,
    CellState,
    Channel,
    ContactFunction,
    ContributionForm,
    ContributionKind,
    ContributionStage,
    DocumentKind,
    FollowUpSource,
    FollowUpStatus,
    GuidanceKind,
    GuidanceStatus,
    Helix,
    HolidayEffect,
    InvitationRole,
    InvolvementRole,
    Language,
    LastContactKind,
    MailTopic,
    MeetingKind,
    MeetingMode,
    MeetingStatus,
    ObligationStatus,
    OutboxState,
    PartySide,
    Priority,
    ProductStage,
    Regency,
    ReminderKind,
    ReminderState,
    Role,
    Salutation,
    Theme,
    TokenPurpose,
)

PROVINCE_ZONE = "Asia/Jakarta"

# An N+1 is an error, not a surprise. Where rows hang on a row, the database decides whether it may go.
related = partial(relationship, lazy="raise_on_sql")
collected = partial(related, passive_deletes="all")


class Versioned:
    """Two people at one record: the second is told."""

    version: Mapped[int] = mapped_column(Integer, sort_order=90)

    @declared_attr.directive
    def __mapper_args__(cls) -> dict[str, Any]:  # noqa: N805
        return {"version_id_col": cls.version}


class Archivable:
    """Put away, never deleted; restorable."""

    archived_at: Mapped[Utc | None] = kept(sort_order=91)

    @property
    def is_archived(self) -> bool:
        return self.archived_at is not None


def check(name: str, condition: str) -> CheckConstraint:
    return CheckConstraint(condition, name=name)


def given(column: str = "name") -> CheckConstraint:
    return check(f"{column}_given", f"length(trim({column})) > 0")


def exactly_one(name: str, *columns: str) -> CheckConstraint:
    filled = " + ".join(f"CASE WHEN {column} IS NULL THEN 0 ELSE 1 END" for column in columns)
    return check(name, f"{filled} = 1")


def unique_where(name: str, condition: str, *columns: str) -> Index:
    where = text(condition)
    return Index(name, *columns, unique=True, sqlite_where=where, postgresql_where=where)


# =========================================================================================================
# 1 The clusters and their people


class Cluster(Versioned, Archivable, Entity):
    """Several vocational schools that make one product line together."""

    __tablename__ = "cluster"
    __table_args__ = (
        UniqueConstraint("name"),
        UniqueConstraint("short_name"),
        given(),
        given("short_name"),
        check("cold_after_days", "cold_after_days > 0"),
    )

    id: Mapped[Id]

    name: Mapped[ShortText]
    sort_name: Mapped[SortText] = kept(info={"audit": False})
    short_name: Mapped[ShortText]
    regency: Mapped[Regency] = words(Regency)
    focus: Mapped[LongText | None]
    #: the office that answers for it
    owner_unit: Mapped[ShortText | None]
    begins: Mapped[Day]
    is_pilot: Mapped[Flag] = kept(default=False)
    timezone: Mapped[ZoneName] = kept(default=PROVINCE_ZONE)
    #: days without contact until a partner goes cold; the province's number where empty
    cold_after_days: Mapped[Count | None]

    schools: Mapped[list[School]] = collected(back_populates="cluster", order_by="School.name")
    products: Mapped[list[Product]] = collected(back_populates="cluster", order_by="Product.name")
    memberships: Mapped[list[Membership]] = collected(back_populates="cluster")
    involvements: Mapped[list[ClusterPartner]] = collected(back_populates="cluster")


class School(Versioned, Archivable, Entity):
    """A vocational school (SMK) in its cluster."""

    __tablename__ = "school"
    __table_args__ = (
        UniqueConstraint("cluster_id", "name"),
        given(),
        check("npsn", "length(npsn) = 8"),
    )

    id: Mapped[Id]
    cluster_id: Mapped[int] = fk("cluster.id", index=False)

    name: Mapped[ShortText]
    sort_name: Mapped[SortText] = kept(info={"audit": False})
    #: the national number of a school, eight digits
    npsn: Mapped[Keyword | None]
    district_code: Mapped[AreaCode | None]
    district: Mapped[ShortText | None]
    role_in_cluster: Mapped[LongText | None]

    cluster: Mapped[Cluster] = related(back_populates="schools")


class Product(Versioned, Archivable, Entity):
    """What a cluster makes in its teaching factory."""

    __tablename__ = "product"
    __table_args__ = (
        UniqueConstraint("cluster_id", "name"),
        given(),
        check("price", "price >= 0"),
        check("shelf_life_days", "shelf_life_days > 0"),
    )

    id: Mapped[Id]
    cluster_id: Mapped[int] = fk("cluster.id", index=False)
    lead_school_id: Mapped[int | None] = fk("school.id")

    name: Mapped[ShortText]
    sort_name: Mapped[SortText] = kept(info={"audit": False})
    description: Mapped[LongText | None]
    #: what the price is for: "pouch 150 g"
    unit: Mapped[ShortText | None]
    price: Mapped[Rupiah | None]
    shelf_life_days: Mapped[Count | None]
    stage: Mapped[ProductStage] = words(ProductStage, default=ProductStage.RECIPE_TRIAL)

    cluster: Mapped[Cluster] = related(back_populates="products")
    lead_school: Mapped[School | None] = related()


class User(Versioned, Entity):
    """Everybody of the schools and the Dinas, with or without a password; follow-ups belong to users."""

    __tablename__ = "user"
    __table_args__ = (
        UniqueConstraint("email"),
        given(),
        check("email_lower", "email = lower(email)"),
        check("password_needs_email", "password_hash IS NULL OR email IS NOT NULL"),
        Index("ix_user_sort_name", "sort_name", "id"),
    )

    id: Mapped[Id]
    school_id: Mapped[int | None] = fk("school.id")
    #: the cluster whose day they look at
    chosen_cluster_id: Mapped[int | None] = fk("cluster.id")

    role: Mapped[Role] = words(Role)
    salutation: Mapped[Salutation | None] = words(Salutation)
    name: Mapped[ShortText]
    sort_name: Mapped[SortText] = kept(info={"audit": False})
    position: Mapped[ShortText | None]
    #: lower case; who has none is mailed nothing and cannot sign in
    email: Mapped[Email | None]
    phone: Mapped[Phone | None]
    language: Mapped[Language] = words(Language, default=Language.ID)
    theme: Mapped[Theme] = words(Theme, default=Theme.SYSTEM)
    timezone: Mapped[ZoneName] = kept(default=PROVINCE_ZONE)
    password_hash: Mapped[ShortText | None] = kept(info={"audit": False})
    password_changed_at: Mapped[Utc | None]
    #: chosen by somebody else: good for signing in, then to be replaced
    password_is_initial: Mapped[Flag] = kept(default=False)
    deactivated_at: Mapped[Utc | None]

    school: Mapped[School | None] = related()
    chosen_cluster: Mapped[Cluster | None] = related()
    memberships: Mapped[list[Membership]] = collected(back_populates="user")

    @property
    def is_active(self) -> bool:
        return self.deactivated_at is None


class Membership(Archivable, Entity):
    """A user works in a cluster and sees what is its own; taken away, the row is archived."""

    __tablename__ = "membership"
    __table_args__ = (UniqueConstraint("user_id", "cluster_id"),)

    id: Mapped[Id]
    user_id: Mapped[int] = fk("user.id", index=False)
    cluster_id: Mapped[int] = fk("cluster.id")

    user: Mapped[User] = related(back_populates="memberships")
    cluster: Mapped[Cluster] = related(back_populates="memberships")


# =========================================================================================================
# 2 Partners and contacts


class Partner(Versioned, Archivable, Entity):
    """An organisation of exactly one helix that works, or may come to work, with clusters."""

    __tablename__ = "partner"
    __table_args__ = (
        given(),
        check("nib", "length(nib) = 13"),
        check("npwp", "length(npwp) IN (15, 16)"),
        Index("ix_partner_sort_name", "sort_name", "id"),
        Index("ix_partner_helix", "helix", "sort_name"),
        Index("ix_partner_area_code", "area_code"),
        #: all that is asked about whom a side could be filled with
        Index("ix_partner_side", "helix", "area_code", "archived_at"),
    )

    id: Mapped[Id]

    name: Mapped[ShortText]
    sort_name: Mapped[SortText] = kept(info={"audit": False})
    helix: Mapped[Helix] = words(Helix)
    #: as they call it: "CV", "Politeknik", "Kelompok tani"
    org_type: Mapped[ShortText | None]
    area_code: Mapped[AreaCode | None]
    #: the district in words, where the code says less
    area: Mapped[ShortText | None]
    address: Mapped[LongText | None]
    website: Mapped[Url | None]
    email: Mapped[Email | None]
    phone: Mapped[Phone | None]
    #: an extension, or whom to ask for
    phone_note: Mapped[ShortText | None]
    #: business number, 13 digits
    nib: Mapped[Keyword | None]
    #: tax number, 15 or 16 digits; never a person's
    npwp: Mapped[Keyword | None]
    description: Mapped[LongText | None]
    #: what it could give
    potential: Mapped[LongText | None]
    #: invented for the demonstration: nobody may be written to by WhatsApp
    is_fictitious: Mapped[Flag] = kept(default=False)

    involvements: Mapped[list[ClusterPartner]] = collected(back_populates="partner")
    affiliations: Mapped[list[Affiliation]] = collected(back_populates="partner")
    tags: Mapped[list[PartnerTag]] = collected(back_populates="partner")

    @property
    def regency(self) -> Regency | None:
        return Regency.of(self.area_code)


class Contact(Versioned, Archivable, Entity):
    """A person whom one can speak to, wherever they are employed at the time."""

    __tablename__ = "contact"
    __table_args__ = (
        given(),
        Index("ix_contact_sort_name", "sort_name", "id"),
        Index("ix_contact_email", "email"),
        Index("ix_contact_phone", "phone"),
    )

    id: Mapped[Id]

    salutation: Mapped[Salutation | None] = words(Salutation)
    #: with titles, as one field
    name: Mapped[ShortText]
    sort_name: Mapped[SortText] = kept(info={"audit": False})
    #: one address may belong to several contacts
    email: Mapped[Email | None]
    phone: Mapped[Phone | None]
    #: an extension, or whom to ask for
    phone_note: Mapped[ShortText | None]
    language: Mapped[Language] = words(Language, default=Language.ID)
    basis: Mapped[Basis] = words(Basis, default=Basis.PUBLIC_TASK)
    basis_since: Mapped[Day | None]
    #: on the person's request nothing is done with the data but keeping it
    restricted_at: Mapped[Utc | None]
    #: personal data is gone, the row stays for the records that point here
    erased_at: Mapped[Utc | None]

    affiliations: Mapped[list[Affiliation]] = collected(back_populates="contact")


class Affiliation(Versioned, Entity):
    """A contact at a partner, from when to when: people change employers, old minutes keep the old one."""

    __tablename__ = "affiliation"
    __table_args__ = (
        check("period", "ends >= begins"),
        Index("ix_affiliation_partner_id", "partner_id", "ends"),
        unique_where("uq_affiliation_current", "ends IS NULL", "contact_id", "partner_id"),
        unique_where("uq_affiliation_primary", "is_primary AND ends IS NULL", "partner_id"),
    )

    id: Mapped[Id]
    contact_id: Mapped[int] = fk("contact.id")
    partner_id: Mapped[int] = fk("partner.id", index=False)

    position: Mapped[ShortText | None]
    function: Mapped[ContactFunction | None] = words(ContactFunction)
    #: at most one a partner among those that have not ended
    is_primary: Mapped[Flag] = kept(default=False)
    begins: Mapped[Day | None]
    #: the last day; open while they work there
    ends: Mapped[Day | None]

    contact: Mapped[Contact] = related(back_populates="affiliations")
    partner: Mapped[Partner] = related(back_populates="affiliations")


class ClusterPartner(Entity):
    """An involvement: this partner works with that cluster, since when, in which role.

    Not versioned: the last contact changes under the hands of whoever edits the involvement.
    """

    __tablename__ = "cluster_partner"
    __table_args__ = (
        UniqueConstraint("cluster_id", "partner_id"),
        check("period", "ended_on >= since"),
        check("last_contact", "(last_contact_on IS NULL) = (last_contact_kind IS NULL)"),
        Index("ix_cluster_partner_last_contact", "cluster_id", "last_contact_on"),
    )

    id: Mapped[Id]
    cluster_id: Mapped[int] = fk("cluster.id", index=False)
    partner_id: Mapped[int] = fk("partner.id")

    role: Mapped[InvolvementRole] = words(InvolvementRole, default=InvolvementRole.PARTNER)
    since: Mapped[Day]
    #: the last day
    ended_on: Mapped[Day | None]
    #: derived from meetings, answers, contributions and the contact log, and written by one function
    last_contact_on: Mapped[Day | None] = kept(info={"audit": False})
    last_contact_kind: Mapped[LastContactKind | None] = words(LastContactKind, info={"audit": False})

    cluster: Mapped[Cluster] = related(back_populates="involvements")
    partner: Mapped[Partner] = related(back_populates="involvements")


class ContactLog(Versioned, Archivable, Entity):
    """One call, message, mail or visit, in one line."""

    __tablename__ = "contact_log"
    __table_args__ = (
        given("line"),
        Index("ix_contact_log_partner_id", "partner_id", "contacted_on", "id"),
        Index("ix_contact_log_cluster_id", "cluster_id", "contacted_on"),
    )

    id: Mapped[Id]
    cluster_id: Mapped[int] = fk("cluster.id", index=False)
    partner_id: Mapped[int] = fk("partner.id", index=False)
    contact_id: Mapped[int | None] = fk("contact.id")
    #: who spoke to them
    user_id: Mapped[int] = fk("user.id")

    channel: Mapped[Channel] = words(Channel)
    contacted_on: Mapped[Day]
    #: may be left out: that one spoke is a fact by itself
    line: Mapped[LongText | None]

    cluster: Mapped[Cluster] = related()
    partner: Mapped[Partner] = related()
    contact: Mapped[Contact | None] = related()
    user: Mapped[User] = related()


class Tag(Versioned, Archivable, Entity):
    """A word of the coordinators' own to find partners by."""

    __tablename__ = "tag"
    __table_args__ = (UniqueConstraint("name"), given())

    id: Mapped[Id]

    #: lower case
    name: Mapped[ShortText]


class PartnerTag(Entity):
    """A tag on a partner."""

    __tablename__ = "partner_tag"
    __table_args__ = (UniqueConstraint("partner_id", "tag_id"),)

    id: Mapped[Id]
    partner_id: Mapped[int] = fk("partner.id", index=False)
    tag_id: Mapped[int] = fk("tag.id")

    partner: Mapped[Partner] = related(back_populates="tags")
    tag: Mapped[Tag] = related()


# =========================================================================================================
# 3 Agreements


class Agreement(Versioned, Archivable, Entity):
    """A memorandum (MoU), a cooperation agreement (PKS) or its implementation (IA).

    In force, ending and expired are derived from the dates, never stored.
    """

    __tablename__ = "agreement"
    __table_args__ = (
        given("title"),
        check("period", "ends_on >= starts_on"),
        check("open_end", "NOT is_open_ended OR ends_on IS NULL"),
        check(
            "signed",
            "status NOT IN ('signed', 'completed', 'renewed', 'terminated') OR"
            " (signed_on IS NOT NULL AND starts_on IS NOT NULL AND (ends_on IS NOT NULL OR is_open_ended))",
        ),
        check("terminated", "(status = 'terminated') = (terminated_on IS NOT NULL)"),
        check("own_parent", "parent_id <> id"),
        check("own_renewal", "renews_id <> id"),
        Index("ix_agreement_status", "status", "ends_on"),
    )

    id: Mapped[Id]
    #: the MoU above a PKS, the PKS above an IA; optional
    parent_id: Mapped[int | None] = fk("agreement.id")
    #: the one that it follows
    renews_id: Mapped[int | None] = fk("agreement.id")

    kind: Mapped[AgreementKind] = words(AgreementKind)
    status: Mapped[AgreementStatus] = words(AgreementStatus, default=AgreementStatus.DRAFT)
    title: Mapped[Title]
    #: free text, one a side; never parsed
    number_first: Mapped[ShortText | None]
    number_second: Mapped[ShortText | None]
    signed_on: Mapped[Day | None]
    starts_on: Mapped[Day | None]
    #: the last day still counts
    ends_on: Mapped[Day | None]
    #: "tanpa batas waktu", a stated choice
    is_open_ended: Mapped[Flag] = kept(default=False)
    terminated_on: Mapped[Day | None]
    #: as negotiated, before there are dates
    term_months: Mapped[Count | None]
    objective: Mapped[LongText | None]
    scope_text: Mapped[LongText | None]
    funding: Mapped[LongText | None]
    note: Mapped[LongText | None]

    parent: Mapped[Agreement | None] = related(foreign_keys=[parent_id], remote_side="Agreement.id")
    renews: Mapped[Agreement | None] = related(foreign_keys=[renews_id], remote_side="Agreement.id")
    parties: Mapped[list[AgreementParty]] = collected(back_populates="agreement")
    clusters: Mapped[list[AgreementCluster]] = collected(back_populates="agreement")
    scope: Mapped[list[AgreementScope]] = collected(back_populates="agreement")
    steps: Mapped[list[AgreementStep]] = collected(back_populates="agreement")
    obligations: Mapped[list[Obligation]] = collected(back_populates="agreement")
    documents: Mapped[list[Document]] = collected(back_populates="agreement")


class AgreementParty(Versioned, Entity):
    """Who stands on which side of an agreement, and who signs for them."""

    __tablename__ = "agreement_party"
    __table_args__ = (
        exactly_one("who", "partner_id", "school_id", "office"),
        UniqueConstraint("agreement_id", "partner_id"),
        UniqueConstraint("agreement_id", "school_id"),
    )

    id: Mapped[Id]
    agreement_id: Mapped[int] = fk("agreement.id", index=False)
    partner_id: Mapped[int | None] = fk("partner.id")
    school_id: Mapped[int | None] = fk("school.id")
    #: the province, by the name of its office
    office: Mapped[ShortText | None]

    side: Mapped[PartySide] = words(PartySide)
    #: typed text: the document names who signed it, whatever they became
    signatory_name: Mapped[ShortText | None]
    signatory_position: Mapped[ShortText | None]
    #: by office, or a power of attorney with its number
    signatory_authority: Mapped[ShortText | None]

    agreement: Mapped[Agreement] = related(back_populates="parties")
    partner: Mapped[Partner | None] = related()
    school: Mapped[School | None] = related()


class AgreementCluster(Entity):
    """A cluster that an agreement covers."""

    __tablename__ = "agreement_cluster"
    __table_args__ = (UniqueConstraint("agreement_id", "cluster_id"),)

    id: Mapped[Id]
    agreement_id: Mapped[int] = fk("agreement.id", index=False)
    cluster_id: Mapped[int] = fk("cluster.id")

    agreement: Mapped[Agreement] = related(back_populates="clusters")
    cluster: Mapped[Cluster] = related()


class AgreementScope(Entity):
    """One kind of contribution that an agreement is about."""

    __tablename__ = "agreement_scope"
    __table_args__ = (UniqueConstraint("agreement_id", "kind"),)

    id: Mapped[Id]
    agreement_id: Mapped[int] = fk("agreement.id", index=False)

    kind: Mapped[ContributionKind] = words(ContributionKind)

    agreement: Mapped[Agreement] = related(back_populates="scope")


class AgreementStep(Entity):
    """A step of its lifecycle: who took it, when, and what they said."""

    __tablename__ = "agreement_step"
    __table_args__ = (Index("ix_agreement_step_agreement_id", "agreement_id", "taken_at"),)

    id: Mapped[Id]
    agreement_id: Mapped[int] = fk("agreement.id", index=False)
    #: nobody where the programme took it (a predecessor becomes renewed)
    user_id: Mapped[int | None] = fk("user.id")

    #: none at the first
    from_status: Mapped[AgreementStatus | None] = words(AgreementStatus, check="from_status")
    to_status: Mapped[AgreementStatus] = words(AgreementStatus, check="to_status")
    taken_at: Mapped[Utc]
    comment: Mapped[LongText | None]

    agreement: Mapped[Agreement] = related(back_populates="steps")
    user: Mapped[User | None] = related()


class Obligation(Versioned, Archivable, Entity):
    """One deliverable of an agreement; late is derived."""

    __tablename__ = "obligation"
    __table_args__ = (
        given("title"),
        check("fulfilled", "(status = 'fulfilled') = (fulfilled_on IS NOT NULL)"),
        Index("ix_obligation_due_on", "status", "due_on"),
    )

    id: Mapped[Id]
    agreement_id: Mapped[int] = fk("agreement.id")

    #: the side that owes it
    side: Mapped[PartySide] = words(PartySide)
    title: Mapped[Title]
    kind: Mapped[ContributionKind | None] = words(ContributionKind)
    due_on: Mapped[Day]
    status: Mapped[ObligationStatus] = words(ObligationStatus, default=ObligationStatus.NOT_STARTED)
    fulfilled_on: Mapped[Day | None]
    note: Mapped[LongText | None]

    agreement: Mapped[Agreement] = related(back_populates="obligations")


# =========================================================================================================
# 4 Guidance


class GuidanceSession(Versioned, Archivable, Entity):
    """A partner teaches teachers and students, planned or held. In code it is called `guidance`."""

    __tablename__ = "guidance_session"
    __table_args__ = (
        UniqueConstraint("uid"),
        given("topic"),
        check("period", "ends_at > starts_at"),
        check("sequence", "sequence >= 0"),
        check("capacity", "capacity > 0"),
        check("counts", "teachers >= 0 AND students >= 0"),
        # one to five, in thousandths
        check("rating", "rating BETWEEN 1000 AND 5000"),
        check("raters", "(rating IS NULL) = (raters IS NULL) AND raters > 0"),
        Index("ix_guidance_session_cluster_id", "cluster_id", "starts_at"),
        Index("ix_guidance_session_starts_at", "starts_at", "id"),
    )

    id: Mapped[Id]
    cluster_id: Mapped[int] = fk("cluster.id", index=False)
    #: who gives it
    partner_id: Mapped[int | None] = fk("partner.id")
    agreement_id: Mapped[int | None] = fk("agreement.id")
    organiser_user_id: Mapped[int | None] = fk("user.id")

    #: the calendar entry stays one through all its moves
    uid: Mapped[RandomId] = kept(info={"audit": False})
    #: raised whenever start, end, place or status changes, never lowered
    sequence: Mapped[Count] = kept(default=0)
    #: those planned in one act share it
    series: Mapped[RandomId | None]
    topic: Mapped[Title]
    kind: Mapped[GuidanceKind] = words(GuidanceKind, default=GuidanceKind.TECHNICAL)
    description: Mapped[LongText | None]
    mode: Mapped[MeetingMode] = words(MeetingMode, default=MeetingMode.IN_PERSON)
    place: Mapped[ShortText | None]
    link: Mapped[Url | None]
    starts_at: Mapped[Utc]
    ends_at: Mapped[Utc]
    status: Mapped[GuidanceStatus] = words(GuidanceStatus, default=GuidanceStatus.PLANNED)
    #: of teachers and students, never of partners
    capacity: Mapped[Count | None]
    #: how many came; students are counted, never named
    teachers: Mapped[Count | None]
    students: Mapped[Count | None]
    outcome: Mapped[LongText | None]
    rating: Mapped[Quantity | None]
    raters: Mapped[Count | None]
    note: Mapped[LongText | None]

    cluster: Mapped[Cluster] = related()
    partner: Mapped[Partner | None] = related()
    agreement: Mapped[Agreement | None] = related()
    organiser: Mapped[User | None] = related()
    schools: Mapped[list[GuidanceSchool]] = collected(back_populates="guidance")
    invitations: Mapped[list[Invitation]] = collected(back_populates="guidance")
    documents: Mapped[list[Document]] = collected(back_populates="guidance")


class GuidanceSchool(Entity):
    """A school that takes part in a guidance session."""

    __tablename__ = "guidance_school"
    __table_args__ = (UniqueConstraint("guidance_id", "school_id"),)

    id: Mapped[Id]
    guidance_id: Mapped[int] = fk("guidance_session.id", index=False)
    school_id: Mapped[int] = fk("school.id")

    guidance: Mapped[GuidanceSession] = related(back_populates="schools")
    school: Mapped[School] = related()


class Invitation(Versioned, Entity):
    """One contact invited to one session, with the answer that holds now and the attendance."""

    __tablename__ = "invitation"
    __table_args__ = (
        UniqueConstraint("guidance_id", "affiliation_id"),
        check("answered", "answer = 'none' OR answered_at IS NOT NULL"),
        check("proposed", "answer <> 'proposed' OR proposed_starts_at IS NOT NULL"),
        check("represented", "answer <> 'represented' OR delegate_name IS NOT NULL"),
        Index("ix_invitation_answer", "answer", "answered_at"),
        Index("ix_invitation_guidance_id", "guidance_id", "answer"),
    )

    id: Mapped[Id]
    guidance_id: Mapped[int] = fk("guidance_session.id", index=False)
    affiliation_id: Mapped[int] = fk("affiliation.id")
    #: who answered for them
    on_behalf_user_id: Mapped[int | None] = fk("user.id")

    role: Mapped[InvitationRole] = words(InvitationRole, default=InvitationRole.PARTICIPANT)
    invited_at: Mapped[Utc]
    #: taken back; the row is opened again if they are invited again
    uninvited_at: Mapped[Utc | None]
    #: the last SEQUENCE that was mailed; none where nothing was
    mailed_sequence: Mapped[Count | None]
    nudged_at: Mapped[Utc | None]
    #: a fresh link was made, for a message that the coordinator sends
    whatsapp_at: Mapped[Utc | None]
    answer: Mapped[Answer] = words(Answer, default=Answer.NONE)
    answered_at: Mapped[Utc | None]
    note: Mapped[LongText | None]
    #: the length stays that of the session
    proposed_starts_at: Mapped[Utc | None]
    delegate_name: Mapped[ShortText | None]
    delegate_email: Mapped[Email | None]
    #: unknown until somebody kept the list
    attended: Mapped[Flag | None]

    guidance: Mapped[GuidanceSession] = related(back_populates="invitations")
    affiliation: Mapped[Affiliation] = related()
    on_behalf_user: Mapped[User | None] = related()
    answers: Mapped[list[InvitationAnswer]] = collected(back_populates="invitation")


class InvitationAnswer(Entity):
    """An answer as it was given, also one that a new date has made void."""

    __tablename__ = "invitation_answer"
    __table_args__ = (Index("ix_invitation_answer_invitation_id", "invitation_id", "answered_at"),)

    id: Mapped[Id]
    invitation_id: Mapped[int] = fk("invitation.id", index=False)
    on_behalf_user_id: Mapped[int | None] = fk("user.id")

    #: the state of the session that they answered to
    sequence: Mapped[Count]
    answer: Mapped[Answer] = words(Answer)
    answered_at: Mapped[Utc]
    note: Mapped[LongText | None]
    proposed_starts_at: Mapped[Utc | None]
    delegate_name: Mapped[ShortText | None]

    invitation: Mapped[Invitation] = related(back_populates="answers")
    on_behalf_user: Mapped[User | None] = related()


# =========================================================================================================
# 5 Meetings and follow-ups


class Meeting(Versioned, Archivable, Entity):
    """A meeting with partners, planned before or recorded after."""

    __tablename__ = "meeting"
    __table_args__ = (
        given("title"),
        check("period", "ends_at > starts_at"),
        Index("ix_meeting_cluster_id", "cluster_id", "starts_at"),
        Index("ix_meeting_starts_at", "starts_at", "id"),
    )

    id: Mapped[Id]
    cluster_id: Mapped[int] = fk("cluster.id", index=False)
    chair_user_id: Mapped[int | None] = fk("user.id")
    minute_taker_user_id: Mapped[int | None] = fk("user.id")
    agreement_id: Mapped[int | None] = fk("agreement.id")

    title: Mapped[Title]
    kind: Mapped[MeetingKind] = words(MeetingKind, default=MeetingKind.COORDINATION)
    mode: Mapped[MeetingMode] = words(MeetingMode, default=MeetingMode.IN_PERSON)
    place: Mapped[ShortText | None]
    starts_at: Mapped[Utc]
    ends_at: Mapped[Utc | None]
    status: Mapped[MeetingStatus] = words(MeetingStatus, default=MeetingStatus.PLANNED)
    #: one a line
    agenda: Mapped[LongText | None]
    notes: Mapped[LongText | None]
    #: one a line
    decisions: Mapped[LongText | None]
    #: the phone's clock, which may be wrong by a year; nothing is computed from it
    made_at: Mapped[Utc | None]
    received_at: Mapped[Utc]

    cluster: Mapped[Cluster] = related()
    chair: Mapped[User | None] = related(foreign_keys=[chair_user_id])
    minute_taker: Mapped[User | None] = related(foreign_keys=[minute_taker_user_id])
    agreement: Mapped[Agreement | None] = related()
    partners: Mapped[list[MeetingPartner]] = collected(back_populates="meeting")
    attendances: Mapped[list[Attendance]] = collected(back_populates="meeting", order_by="Attendance.id")
    follow_ups: Mapped[list[FollowUp]] = collected(back_populates="meeting", order_by="FollowUp.position")
    documents: Mapped[list[Document]] = collected(back_populates="meeting")


class MeetingPartner(Entity):
    """A partner whom a meeting was with: chosen, or of a contact who was there."""

    __tablename__ = "meeting_partner"
    __table_args__ = (UniqueConstraint("meeting_id", "partner_id"),)

    id: Mapped[Id]
    meeting_id: Mapped[int] = fk("meeting.id", index=False)
    partner_id: Mapped[int] = fk("partner.id")

    meeting: Mapped[Meeting] = related(back_populates="partners")
    partner: Mapped[Partner] = related()


class Attendance(Entity):
    """Who was there (who is expected, while it is planned): of a partner, of ours, or a guest by name."""

    __tablename__ = "attendance"
    __table_args__ = (
        exactly_one("who", "affiliation_id", "user_id", "guest_name"),
        check("guest_name_given", "length(trim(guest_name)) > 0"),
        check("guest_organisation", "guest_organisation IS NULL OR guest_name IS NOT NULL"),
        UniqueConstraint("meeting_id", "affiliation_id"),
        UniqueConstraint("meeting_id", "user_id"),
    )

    id: Mapped[Id]
    meeting_id: Mapped[int] = fk("meeting.id", index=False)
    affiliation_id: Mapped[int | None] = fk("affiliation.id")
    user_id: Mapped[int | None] = fk("user.id")

    guest_name: Mapped[ShortText | None]
    guest_organisation: Mapped[ShortText | None]

    meeting: Mapped[Meeting] = related(back_populates="attendances")
    affiliation: Mapped[Affiliation | None] = related()
    user: Mapped[User | None] = related()


class FollowUp(Versioned, Archivable, Entity):
    """What somebody promised to do until when; late is derived."""

    __tablename__ = "follow_up"
    __table_args__ = (
        given("title"),
        check("done", "(status = 'done') = (completed_on IS NOT NULL)"),
        check("source_meeting", "(source_kind = 'meeting') = (meeting_id IS NOT NULL)"),
        check("source_guidance", "(source_kind = 'guidance') = (guidance_id IS NOT NULL)"),
        check("source_agreement", "(source_kind = 'agreement') = (agreement_id IS NOT NULL)"),
        check("source_contribution", "(source_kind = 'contribution') = (contribution_id IS NOT NULL)"),
        check("source_cell", "(source_kind = 'cell') = (helix IS NOT NULL)"),
        Index("ix_follow_up_cluster_id", "cluster_id", "status", "due_on"),
        Index("ix_follow_up_owner_user_id", "owner_user_id", "status", "due_on"),
        Index("ix_follow_up_partner_id", "partner_id", "status", "cluster_id", "due_on"),
        Index("ix_follow_up_due_on", "due_on", "id"),
        Index("ix_follow_up_status", "status", "due_on", "cluster_id", "partner_id"),
    )

    id: Mapped[Id]
    cluster_id: Mapped[int] = fk("cluster.id", index=False)
    partner_id: Mapped[int | None] = fk("partner.id", index=False)
    owner_user_id: Mapped[int] = fk("user.id", index=False)
    assigned_by_user_id: Mapped[int | None] = fk("user.id")
    meeting_id: Mapped[int | None] = fk("meeting.id")
    guidance_id: Mapped[int | None] = fk("guidance_session.id")
    agreement_id: Mapped[int | None] = fk("agreement.id")
    contribution_id: Mapped[int | None] = fk("contribution.id")

    source_kind: Mapped[FollowUpSource] = words(FollowUpSource, default=FollowUpSource.NONE)
    #: the cell of the coverage matrix that it came from
    helix: Mapped[Helix | None] = words(Helix)
    #: its place among the items of one source
    position: Mapped[Count] = kept(default=0)
    title: Mapped[Title]
    due_on: Mapped[Day]
    #: why it was last moved; what was said before stands in the trail
    due_reason: Mapped[LongText | None]
    status: Mapped[FollowUpStatus] = words(FollowUpStatus, default=FollowUpStatus.NOT_STARTED)
    priority: Mapped[Priority] = words(Priority, default=Priority.MEDIUM)
    result: Mapped[LongText | None]
    completed_on: Mapped[Day | None]
    #: no mail before this day; lateness stays
    snoozed_until: Mapped[Day | None]

    cluster: Mapped[Cluster] = related()
    partner: Mapped[Partner | None] = related()
    owner: Mapped[User] = related(foreign_keys=[owner_user_id])
    assigned_by: Mapped[User | None] = related(foreign_keys=[assigned_by_user_id])
    meeting: Mapped[Meeting | None] = related(back_populates="follow_ups")
    guidance: Mapped[GuidanceSession | None] = related()
    agreement: Mapped[Agreement | None] = related()
    contribution: Mapped[Contribution | None] = related()


# =========================================================================================================
# 6 Contributions and documents


class Contribution(Versioned, Archivable, Entity):
    """What a partner really gave to a cluster."""

    __tablename__ = "contribution"
    __table_args__ = (
        given("title"),
        check("amounts", "quantity >= 0 AND hours >= 0 AND value >= 0"),
        check("delivered", "stage NOT IN ('delivered', 'adopted') OR delivered_on IS NOT NULL"),
        check("dropped", "stage <> 'dropped' OR stage_reason IS NOT NULL"),
        Index("ix_contribution_cluster_id", "cluster_id", "delivered_on"),
        Index("ix_contribution_partner_id", "partner_id", "delivered_on"),
    )

    id: Mapped[Id]
    cluster_id: Mapped[int] = fk("cluster.id", index=False)
    partner_id: Mapped[int] = fk("partner.id", index=False)
    agreement_id: Mapped[int | None] = fk("agreement.id")
    guidance_id: Mapped[int | None] = fk("guidance_session.id")
    product_id: Mapped[int | None] = fk("product.id")
    giver_contact_id: Mapped[int | None] = fk("contact.id")
    school_user_id: Mapped[int | None] = fk("user.id")

    kind: Mapped[ContributionKind] = words(ContributionKind)
    form: Mapped[ContributionForm] = words(ContributionForm)
    title: Mapped[Title]
    description: Mapped[LongText | None]
    stage: Mapped[ContributionStage] = words(ContributionStage, default=ContributionStage.PROPOSED)
    #: why it was dropped or went back one
    stage_reason: Mapped[LongText | None]
    quantity: Mapped[Quantity | None]
    unit: Mapped[ShortText | None]
    hours: Mapped[Quantity | None]
    #: empty means not valued, which is not nought
    value: Mapped[Rupiah | None]
    valuation_basis: Mapped[LongText | None]
    #: the day it was given, or is expected
    delivered_on: Mapped[Day | None]
    #: by whom stands in giver_contact and school_user
    giver_confirmed_at: Mapped[Utc | None]
    school_confirmed_at: Mapped[Utc | None]

    cluster: Mapped[Cluster] = related()
    partner: Mapped[Partner] = related()
    agreement: Mapped[Agreement | None] = related()
    guidance: Mapped[GuidanceSession | None] = related()
    product: Mapped[Product | None] = related()
    giver_contact: Mapped[Contact | None] = related()
    school_user: Mapped[User | None] = related()
    schools: Mapped[list[ContributionSchool]] = collected(back_populates="contribution")
    documents: Mapped[list[Document]] = collected(back_populates="contribution")

    @property
    def is_given(self) -> bool:
        return self.stage in GIVEN_CONTRIBUTIONS

    @property
    def is_proven(self) -> bool:
        """The giver and the school both said so."""
        return self.giver_confirmed_at is not None and self.school_confirmed_at is not None


class ContributionSchool(Entity):
    """A school that received a contribution."""

    __tablename__ = "contribution_school"
    __table_args__ = (UniqueConstraint("contribution_id", "school_id"),)

    id: Mapped[Id]
    contribution_id: Mapped[int] = fk("contribution.id", index=False)
    school_id: Mapped[int] = fk("school.id")

    contribution: Mapped[Contribution] = related(back_populates="schools")
    school: Mapped[School] = related()


class Document(Versioned, Archivable, Entity):
    """A file that belongs to one record; a new version is a new row that names the one before."""

    __tablename__ = "document"
    __table_args__ = (
        exactly_one("owner", "agreement_id", "guidance_id", "meeting_id", "contribution_id"),
        UniqueConstraint("storage_key"),
        UniqueConstraint("replaces_id"),
        given("title"),
        check("version_no", "version_no > 0"),
        check("size", "size >= 0"),
    )

    id: Mapped[Id]
    agreement_id: Mapped[int | None] = fk("agreement.id")
    guidance_id: Mapped[int | None] = fk("guidance_session.id")
    meeting_id: Mapped[int | None] = fk("meeting.id")
    contribution_id: Mapped[int | None] = fk("contribution.id")
    replaces_id: Mapped[int | None] = fk("document.id", index=False)
    uploaded_by_user_id: Mapped[int | None] = fk("user.id")

    kind: Mapped[DocumentKind] = words(DocumentKind)
    title: Mapped[Title]
    version_no: Mapped[Count] = kept(default=1)
    #: as the person called it; on disk it has a random name
    file_name: Mapped[ShortText]
    content_type: Mapped[ShortText]
    size: Mapped[Count]
    sha256: Mapped[Digest]
    storage_key: Mapped[ShortText] = kept(info={"audit": False})
    uploaded_at: Mapped[Utc]

    agreement: Mapped[Agreement | None] = related(back_populates="documents")
    guidance: Mapped[GuidanceSession | None] = related(back_populates="documents")
    meeting: Mapped[Meeting | None] = related(back_populates="documents")
    contribution: Mapped[Contribution | None] = related(back_populates="documents")
    replaces: Mapped[Document | None] = related(remote_side="Document.id")
    uploaded_by: Mapped[User | None] = related()


# =========================================================================================================
# 7 Reminders and mail


class ReminderRule(Versioned, Entity):
    """When a kind of reminder is owed: the province's default, or what a cluster made of it."""

    __tablename__ = "reminder_rule"
    __table_args__ = (
        UniqueConstraint("cluster_id", "kind"),
        unique_where("uq_reminder_rule_province", "cluster_id IS NULL", "kind"),
    )

    id: Mapped[Id]
    #: none: the province
    cluster_id: Mapped[int | None] = fk("cluster.id", index=False)

    kind: Mapped[ReminderKind] = words(ReminderKind)
    is_on: Mapped[Flag] = kept(default=True)
    #: a list of whole numbers, such as [180, 90, 30]; what they count from depends on the kind
    days: Mapped[Json]
    #: nothing older is reminded of
    made_at: Mapped[Utc]

    cluster: Mapped[Cluster | None] = related()


class Reminder(Entity):
    """What a rule owed, decided exactly once, and the mail that carried it."""

    __tablename__ = "reminder"
    __table_args__ = (
        UniqueConstraint("key"),
        check("reason", "(state = 'carried') = (reason IS NULL)"),
        Index("ix_reminder_object", "object_noun", "object_id"),
    )

    id: Mapped[Id]
    cluster_id: Mapped[int | None] = fk("cluster.id")
    user_id: Mapped[int | None] = fk("user.id")
    contact_id: Mapped[int | None] = fk("contact.id")
    message_id: Mapped[int | None] = fk("outbox_message.id")

    #: what it is about with its nominal date: "agreement:12:2027-12-31:90:u:7"
    key: Mapped[ShortText]
    kind: Mapped[ReminderKind] = words(ReminderKind)
    object_noun: Mapped[Keyword]
    object_id: Mapped[Count]
    #: in the cluster's zone, never moved by weekends or holidays
    nominal_on: Mapped[Day]
    state: Mapped[ReminderState] = words(ReminderState)
    #: why it was not carried
    reason: Mapped[ShortText | None]
    made_at: Mapped[Utc]

    message: Mapped[OutboxMessage | None] = related()


class OutboxMessage(Entity):
    """A mail, written in the transaction of what it tells; every attempt sends the same bytes."""

    __tablename__ = "outbox_message"
    __table_args__ = (
        UniqueConstraint("key"),
        UniqueConstraint("message_id"),
        check("claim", "(state = 'sending') = (owner IS NOT NULL AND lease_until IS NOT NULL)"),
        check("sent", "(state = 'sent') = (sent_at IS NOT NULL)"),
        check("person", "recipient_user_id IS NULL OR recipient_contact_id IS NULL"),
        check("tries", "attempt >= 0 AND unknowns >= 0"),
        Index("ix_outbox_message_due", "state", "next_at", "id"),
        Index("ix_outbox_message_made_at", "made_at", "id"),
        Index("ix_outbox_message_object", "object_noun", "object_id"),
    )

    id: Mapped[Id]
    recipient_user_id: Mapped[int | None] = fk("user.id")
    recipient_contact_id: Mapped[int | None] = fk("contact.id")
    #: whose coordinators see it; none where it is the person's own matter
    cluster_id: Mapped[int | None] = fk("cluster.id")

    #: one mail a person, kind, object and occurrence: "digest:u:7:2026-11-24"
    key: Mapped[ShortText]
    #: RFC 5322, the same at every attempt
    message_id: Mapped[ShortText]
    kind: Mapped[Keyword]
    object_noun: Mapped[Keyword | None]
    object_id: Mapped[Count | None]
    #: the SEQUENCE of the session that it speaks of
    sequence: Mapped[Count | None]
    #: the one address that it goes to
    recipient: Mapped[Email]
    subject: Mapped[Title]
    #: the whole message; gone once a secret mail is settled, masked 48 hours after any other was sent
    content: Mapped[Bytes | None]
    #: of the bytes as they were sent
    content_sha256: Mapped[Digest]
    #: sign-in, reset and account mails: shown on no page
    is_secret: Mapped[Flag] = kept(default=False)

    state: Mapped[OutboxState] = words(OutboxState, default=OutboxState.QUEUED)
    #: who holds the claim, and until when
    owner: Mapped[Keyword | None]
    lease_until: Mapped[Utc | None]
    #: raised by each claim, so that a mail that kills its process comes to rest
    attempt: Mapped[Count] = kept(default=0)
    #: how often it may or may not have arrived
    unknowns: Mapped[Count] = kept(default=0)
    next_at: Mapped[Utc]
    #: not sent after this instant
    valid_until: Mapped[Utc | None]
    #: what went wrong last (`MailFault`), and the mail server's own words
    fault: Mapped[Keyword | None]
    error: Mapped[LongText | None]
    made_at: Mapped[Utc]
    sent_at: Mapped[Utc | None]

    recipient_user: Mapped[User | None] = related()
    recipient_contact: Mapped[Contact | None] = related()


class OptOut(Entity):
    """Somebody no longer wants one kind of mail."""

    __tablename__ = "opt_out"
    __table_args__ = (
        UniqueConstraint("user_id", "topic"),
        UniqueConstraint("contact_id", "topic"),
        exactly_one("who", "user_id", "contact_id"),
    )

    id: Mapped[Id]
    user_id: Mapped[int | None] = fk("user.id", index=False)
    contact_id: Mapped[int | None] = fk("contact.id", index=False)

    topic: Mapped[MailTopic] = words(MailTopic)
    made_at: Mapped[Utc]


# =========================================================================================================
# 8 Coverage


class CoverageTarget(Versioned, Entity):
    """How many bound partners of a helix the Kabid wants in a cluster."""

    __tablename__ = "coverage_target"
    __table_args__ = (UniqueConstraint("cluster_id", "helix"), check("wanted", "wanted >= 0"))

    id: Mapped[Id]
    cluster_id: Mapped[int] = fk("cluster.id", index=False)

    helix: Mapped[Helix] = words(Helix)
    wanted: Mapped[Count]

    cluster: Mapped[Cluster] = related()


class CoverageSnapshot(Entity):
    """A cell of the matrix as it stood on a day of a month; history cannot be made up later."""

    __tablename__ = "coverage_snapshot"
    __table_args__ = (UniqueConstraint("month", "cluster_id", "helix"),)

    id: Mapped[Id]
    cluster_id: Mapped[int] = fk("cluster.id")

    #: its first day
    month: Mapped[Day]
    taken_on: Mapped[Day]
    helix: Mapped[Helix] = words(Helix)
    state: Mapped[CellState] = words(CellState)
    #: which rule made it so, and its number: days until the end, days late, partners
    reason: Mapped[Keyword | None]
    number: Mapped[Count | None]
    partners: Mapped[Count]
    bound_partners: Mapped[Count]

    cluster: Mapped[Cluster] = related()


# =========================================================================================================
# 9 Doors and keys


class SignIn(Entity):
    """A session: which browser acts for whom, until when. GET only reads it."""

    __tablename__ = "sign_in"
    __table_args__ = (
        UniqueConstraint("digest"),
        exactly_one("who", "user_id", "contact_id"),
        check("period", "ends_at > made_at"),
    )

    id: Mapped[Id]
    user_id: Mapped[int | None] = fk("user.id")
    contact_id: Mapped[int | None] = fk("contact.id")

    #: of the random id in the cookie
    digest: Mapped[Digest]
    #: "u:7" or "c:12"
    principal: Mapped[Keyword]
    made_at: Mapped[Utc]
    #: whatever happens in between
    ends_at: Mapped[Utc]
    revoked_at: Mapped[Utc | None]
    #: what the browser said it was, shortened
    device: Mapped[ShortText | None]

    user: Mapped[User | None] = related()
    contact: Mapped[Contact | None] = related()


class Token(Entity):
    """A link that proves something by itself; only its digest is kept."""

    __tablename__ = "token"
    __table_args__ = (
        UniqueConstraint("digest"),
        Index("ix_token_object", "purpose", "object_id"),
    )

    id: Mapped[Id]
    user_id: Mapped[int | None] = fk("user.id")
    contact_id: Mapped[int | None] = fk("contact.id")

    purpose: Mapped[TokenPurpose] = words(TokenPurpose)
    #: of the noun that the purpose speaks of
    object_id: Mapped[Count | None]
    digest: Mapped[Digest]
    #: the browser that asked, and the code to type there instead
    browser_digest: Mapped[Digest | None]
    code_digest: Mapped[Digest | None]
    made_at: Mapped[Utc]
    #: a personal link never expires for reading
    expires_at: Mapped[Utc | None]
    used_at: Mapped[Utc | None]
    revoked_at: Mapped[Utc | None]

    user: Mapped[User | None] = related()
    contact: Mapped[Contact | None] = related()


class LinkRequest(Entity):
    """Somebody typed an address to get a link; the scheduler finds out whether we know it."""

    __tablename__ = "link_request"
    __table_args__ = (Index("ix_link_request_open", "handled_at", "made_at"),)

    id: Mapped[Id]

    purpose: Mapped[TokenPurpose] = words(TokenPurpose)
    email: Mapped[Email]
    browser_digest: Mapped[Digest | None]
    made_at: Mapped[Utc]
    handled_at: Mapped[Utc | None]


class Attempt(Entity):
    """A failed try, counted to slow down the next ones; a success clears them."""

    __tablename__ = "attempt"
    __table_args__ = (
        Index("ix_attempt_subject", "kind", "subject", "made_at"),
        Index("ix_attempt_network", "network", "made_at"),
    )

    id: Mapped[Id]

    kind: Mapped[AttemptKind] = words(AttemptKind)
    #: the account's address as typed, lower case, or a token's digest
    subject: Mapped[Email]
    #: where from, as /24 or /64
    network: Mapped[Keyword]
    #: the browser had signed in to this account before
    is_known_device: Mapped[Flag] = kept(default=False)
    made_at: Mapped[Utc]


# =========================================================================================================
# 10 What the house remembers


class Submission(Entity):
    """A form that was sent: sent again, it gets the same answer again. Kept 90 days."""

    __tablename__ = "submission"
    __table_args__ = (
        UniqueConstraint("key", "principal", "route"),
        Index("ix_submission_made_at", "made_at"),
    )

    id: Mapped[Id]

    #: made by the form, before it was sent
    key: Mapped[RandomId]
    #: who sent it, "u:7"
    principal: Mapped[Keyword]
    #: the path it was sent to; behind a personal link its pattern
    route: Mapped[ShortText]
    #: of the fields, without the CSRF token and the form's own ones
    digest: Mapped[Digest]
    #: the address that the answer led to; none while it is being made
    result: Mapped[Url | None]
    made_at: Mapped[Utc]


class AuditEntry(Entity):
    """Who changed what, when. Never changed itself: a trigger refuses."""

    __tablename__ = "audit_entry"
    __table_args__ = (
        Index("ix_audit_entry_subject", "subject_noun", "subject_id", "id"),
        Index("ix_audit_entry_object", "noun", "object_id", "id"),
        Index("ix_audit_entry_at", "at", "id"),
        Index("ix_audit_entry_change_id", "change_id"),
    )

    id: Mapped[Id]
    actor_user_id: Mapped[int | None] = fk("user.id")

    #: entries of one unit of work share it
    change_id: Mapped[Keyword]
    at: Mapped[Utc]
    actor_kind: Mapped[ActorKind] = words(ActorKind)
    #: as they were called then; a job or command by its own name, a partner contact by "c:12"
    actor_name: Mapped[ShortText]
    #: the address's endpoint, or the command
    route: Mapped[Keyword | None]
    action: Mapped[AuditAction] = words(AuditAction)
    noun: Mapped[Keyword]
    object_id: Mapped[Count]
    #: the record on whose page it is shown
    subject_noun: Mapped[Keyword]
    subject_id: Mapped[Count]
    #: field → salted SHA-256 of before and after, so that erasing a value leaves the proof
    digests: Mapped[Json]

    actor_user: Mapped[User | None] = related()
    values: Mapped[list[AuditValue]] = collected(back_populates="entry", order_by="AuditValue.id")


class AuditValue(Entity):
    """What stood in one field before and after. Never changed; goes only by erasure."""

    __tablename__ = "audit_value"
    __table_args__ = (UniqueConstraint("entry_id", "field"),)

    id: Mapped[Id]
    entry_id: Mapped[int] = fk("audit_entry.id", index=False)

    field: Mapped[Keyword]
    before: Mapped[LongText | None]
    after: Mapped[LongText | None]
    salt: Mapped[Keyword]

    entry: Mapped[AuditEntry] = related(back_populates="values")


class SearchText(Entity):
    """What a record can be found by, folded; the index of words over it is made in ddl.py."""

    __tablename__ = "search_text"
    __table_args__ = (UniqueConstraint("noun", "object_id"),)

    id: Mapped[Id]

    noun: Mapped[Keyword]
    object_id: Mapped[Count]
    #: lower case, without accents and apostrophes, "smkn 1" also as "smkn1"
    folded: Mapped[LongText]


class Setting(Versioned, Entity):
    """A number or a name that the province chose; absent means the default."""

    __tablename__ = "setting"
    __table_args__ = (UniqueConstraint("key"), given("key"))

    id: Mapped[Id]

    key: Mapped[Keyword]
    value: Mapped[Json | None]


class Holiday(Versioned, Entity):
    """A day that the calendar of public holidays has wrong: added to it, or taken out."""

    __tablename__ = "holiday"
    __table_args__ = (UniqueConstraint("day"), given())

    id: Mapped[Id]

    day: Mapped[Day]
    effect: Mapped[HolidayEffect] = words(HolidayEffect)
    name: Mapped[ShortText]


class Heartbeat(Entity):
    """When a part of the scheduler last said that it lives."""

    __tablename__ = "heartbeat"
    __table_args__ = (UniqueConstraint("name"),)

    id: Mapped[Id]

    name: Mapped[Keyword]
    at: Mapped[Utc]


keep_sorted(Cluster, School, Product, User, Partner, Contact)
ddl.accompany(Entity.metadata)
