"""Load the pilot cluster as its people would have entered it: through the services, each row on its own day.

Offsets in the tables are days from the day of loading. The clock stands at each row's day while it is
entered, and whoever is named in the row does it, so that the trail and the last contacts read as if it had
happened. Meetings move off weekends and holidays: past ones to the working day before, coming ones to the
one after.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from functools import partial
from operator import itemgetter

from sqlalchemy import select
from sqlalchemy.orm import Session

from pentahelix import audit, clock, passwords
from pentahelix.demo.accounts import PASSWORD, rows
from pentahelix.holidays import Calendar, calendar
from pentahelix.models import (
    Affiliation,
    Cluster,
    Contact,
    FollowUp,
    Meeting,
    Partner,
    School,
    User,
)
from pentahelix.principal import Principal
from pentahelix.services import clusters, contact_log, contacts, followups, meetings, partners, users
from pentahelix.unit_of_work import unit_of_work
from pentahelix.vocabulary import (
    ActorKind,
    Basis,
    Channel,
    ContactFunction,
    FollowUpSource,
    FollowUpStatus,
    Helix,
    InvolvementRole,
    MeetingKind,
    MeetingMode,
    MeetingStatus,
    Priority,
    ProductStage,
    Regency,
    Role,
    Salutation,
)

Row = dict[str, str]

#: The clusters' people enter things at eight in the morning, unless a row says when.
MORNING = time(8)

#: A follow-up that no meeting made is made so many days before it is due.
LEAD = 14


def load(today: date) -> None:
    """Fill an empty database as of `today`; one transaction, all or nothing."""
    digest = passwords.digest(PASSWORD)
    with unit_of_work("command:demo") as session:
        _Loader(session, today, digest).run()


class _Loader:
    def __init__(self, session: Session, today: date, digest: str) -> None:
        self.session = session
        self.today = today
        self.digest = digest
        self.holidays: Calendar = calendar(session)
        self.end = clock.now()
        #: before anything else is entered
        self.first = min(int(row["since_offset_days"]) for row in rows("partners")) - 1
        #: when something was entered, and how; of one instant, in the order of the tables
        self.steps: list[tuple[datetime, Callable[[], None]]] = []
        #: what the tables' keys became
        self.clusters: dict[str, Cluster] = {}
        self.schools: dict[str, School] = {}
        self.users: dict[str, User] = {}
        self.partners: dict[str, Partner] = {}
        self.cluster_of: dict[str, str] = {}
        self.contacts: dict[str, Contact] = {}
        self.affiliations: dict[str, Affiliation] = {}
        self.meetings: dict[str, Meeting] = {}
        self.follow_ups: dict[str, FollowUp] = {}

    def run(self) -> None:
        for plan in (self._houses, self._people, self._partners, self._contacts, self._log):
            plan()
        self._meetings()
        self._follow_ups()
        for at, enter in sorted(self.steps, key=itemgetter(0)):
            with clock.frozen(min(at, self.end)):
                enter()

    # ── the tables, in the order of the story ────────────────────────────────────────────────────────────

    def _houses(self) -> None:
        for table, enter in (
            ("clusters", self._enter_cluster),
            ("schools", self._enter_school),
            ("products", self._enter_product),
        ):
            for row in rows(table):
                self._plan(self.first, partial(enter, row))

    def _people(self) -> None:
        accounts = {row["staff_key"]: row for row in rows("accounts") if row["staff_key"]}
        for row in rows("staff"):
            self._plan(self.first, partial(self._enter_staff, row, accounts.get(row["staff_key"])))
        for row in rows("accounts"):
            if row["role"] != "partner" and not row["staff_key"]:
                self._plan(self.first, partial(self._enter_account, row))

    def _partners(self) -> None:
        for row in rows("partners"):
            self.cluster_of[row["partner_key"]] = row["cluster_key"]
            self._plan(int(row["since_offset_days"]), partial(self._enter_partner, row))
            if row["ended_offset_days"]:
                self._plan(int(row["ended_offset_days"]), partial(self._end_involvement, row))
        for row in rows("involvements"):
            self._plan(int(row["since_offset_days"]), partial(self._involve, row))

    def _contacts(self) -> None:
        since = {row["partner_key"]: int(row["since_offset_days"]) for row in rows("partners")}
        for row in rows("contacts"):
            self._plan(since[row["partner_key"]], partial(self._enter_contact, row))
            if row["basis_offset_days"]:
                self._plan(int(row["basis_offset_days"]), partial(self._state_basis, row))

    def _log(self) -> None:
        for row in rows("contact_log"):
            self._plan(int(row["offset_days"]), partial(self._enter_log, row))

    def _meetings(self) -> None:
        for row in rows("meetings"):
            day = self._working_day(int(row["offset_days"]))
            if row["status"] == MeetingStatus.HELD:
                at = clock.at(day, time.fromisoformat(row["end_time"]), clock.PROVINCE_ZONE)
            else:
                at = clock.at(self.today - timedelta(days=1), MORNING, clock.PROVINCE_ZONE)
            self.steps.append((at, partial(self._enter_meeting, row, day)))

    def _follow_ups(self) -> None:
        held = {row["meeting_key"]: int(row["offset_days"]) for row in rows("meetings")}
        for row in rows("followups"):
            due = int(row["due_offset_days"])
            closed = int(row["completed_offset_days"] or due)
            made = held.get(row["source_key"], min(due, closed, 0) - LEAD)
            at = clock.at(self._working_day(made), time(15), clock.PROVINCE_ZONE)
            self.steps.append((at, partial(self._enter_follow_up, row)))
            if row["status"] in (FollowUpStatus.DONE, FollowUpStatus.CANCELLED):
                self._plan(closed, partial(self._close, row), time(16))

    # ── one row of each ──────────────────────────────────────────────────────────────────────────────────

    def _enter_cluster(self, row: Row) -> None:
        self.clusters[row["cluster_key"]] = clusters.make(
            clusters.ClusterWish(
                name=row["name"],
                short_name=row["short_name"],
                regency=Regency(row["district_code"]),
                begins=self._day(row["start_offset_days"]),
                focus=row["focus"] or None,
                owner_unit=row["owner_unit"] or None,
                is_pilot=row["pilot"] == "yes",
            )
        )

    def _enter_school(self, row: Row) -> None:
        self.schools[row["school_key"]] = clusters.add_school(
            self.clusters[row["cluster_key"]],
            clusters.SchoolWish(
                name=row["name"],
                npsn=row["npsn"] or None,
                district_code=row["kecamatan_code"] or None,
                district=row["kecamatan"] or None,
                role_in_cluster=row["role_in_cluster"] or None,
            ),
        )

    def _enter_product(self, row: Row) -> None:
        clusters.add_product(
            self.clusters[row["cluster_key"]],
            clusters.ProductWish(
                name=row["name"],
                description=row["description"] or None,
                unit=row["unit"] or None,
                price=int(row["price_rp"]),
                shelf_life_days=int(row["shelf_life_days"]),
                stage=ProductStage(row["stage"]),
                lead_school_id=self.schools[row["lead_school_key"]].id,
            ),
        )

    def _enter_staff(self, row: Row, account: Row | None) -> None:
        school = self.schools.get(row["school_key"])
        self.users[row["staff_key"]] = users.make(
            users.UserWish(
                name=row["name"],
                role=Role.COORDINATOR,
                salutation=_salutation(row),
                position=row["position"],
                school_id=school.id if school else None,
                email=account["email"] if account else None,
                cluster_ids=frozenset({self.clusters["LBK"].id}),
            ),
            self.digest if account else None,
            initial=False,
        )

    def _enter_account(self, row: Row) -> None:
        cluster = self.clusters.get(row["cluster_key"])
        self.users[row["email"]] = users.make(
            users.UserWish(
                name=row["name"],
                role=Role(row["role"]),
                salutation=_salutation(row),
                email=row["email"],
                cluster_ids=frozenset({cluster.id} if cluster else ()),
            ),
            self.digest,
            initial=False,
        )

    def _enter_partner(self, row: Row) -> None:
        partner = partners.register(
            partners.PartnerWish(
                name=row["name"],
                helix=Helix(row["helix"]),
                org_type=row["org_type"] or None,
                area_code=row["area_code"] or None,
                address=row["address"] or None,
                website=row["website"] or None,
                email=row["email"] or None,
                description=row["description"] or None,
                potential=row["potential"] or None,
                is_fictitious=True,
            ),
            partners.InvolvementWish(
                cluster_id=self.clusters[row["cluster_key"]].id,
                role=InvolvementRole.PROSPECT
                if row["involvement"] == "prospect"
                else InvolvementRole.PARTNER,
            ),
            as_new=True,
        )
        self.partners[row["partner_key"]] = partner

    def _end_involvement(self, row: Row) -> None:
        partners.end(
            self.partners[row["partner_key"]],
            self.clusters[row["cluster_key"]].id,
            self._day(row["ended_offset_days"]),
        )

    def _involve(self, row: Row) -> None:
        partners.involve(
            self.partners[row["partner_key"]].id,
            partners.InvolvementWish(self.clusters[row["cluster_key"]].id),
        )

    def _enter_contact(self, row: Row) -> None:
        contact = contacts.make(self.partners[row["partner_key"]], self._person(row))
        self.contacts[row["contact_key"]] = contact
        self.affiliations[row["contact_key"]] = self.session.scalars(
            select(Affiliation).where(Affiliation.contact_id == contact.id)
        ).one()

    def _state_basis(self, row: Row) -> None:
        wish = replace(
            self._person(row), basis=Basis(row["basis"]), basis_since=self._day(row["basis_offset_days"])
        )
        contacts.edit(self.contacts[row["contact_key"]], self.affiliations[row["contact_key"]], wish)

    def _person(self, row: Row) -> contacts.ContactWish:
        return contacts.ContactWish(
            name=row["name"],
            salutation=_salutation(row),
            position=row["position"] or None,
            function=ContactFunction(row["function"]) if row["function"] else None,
            email=row["email"] or None,
            phone=row["phone_e164"] or None,
            is_primary=row["is_primary"] == "yes",
        )

    def _enter_log(self, row: Row) -> None:
        cluster = self.clusters[self.cluster_of[row["partner_key"]]]
        with self._by(row["staff_key"]) as person:
            contact_log.write(
                self.partners[row["partner_key"]],
                contact_log.LogWish(
                    cluster_id=cluster.id,
                    channel=Channel(row["channel"]),
                    day=self._day(row["offset_days"]),
                    contact_id=self.contacts[row["contact_key"]].id,
                    line=row["line"],
                ),
                person,
            )

    def _enter_meeting(self, row: Row, day: date) -> None:
        present = [key for key in row["attendee_keys"].split("|") if key]
        wish = meetings.MeetingWish(
            cluster_id=self.clusters["LBK"].id,
            day=day,
            starts=time.fromisoformat(row["start_time"]),
            ends=time.fromisoformat(row["end_time"]),
            title=row["title"],
            kind=MeetingKind(row["type"]),
            mode=MeetingMode(row["mode"]),
            place=row["location"] or None,
            chair_user_id=self.users[row["chair_staff_key"]].id,
            minute_taker_user_id=self.users[row["minute_taker_staff_key"]].id,
            agenda=_lines(row["agenda"]),
            notes=row["notes"] or None,
            decisions=_lines(row["decisions"]),
            affiliation_ids=tuple(self.affiliations[key].id for key in present if key in self.affiliations),
            user_ids=tuple(
                self.users[key].id
                for key in dict.fromkeys([*present, row["chair_staff_key"], row["minute_taker_staff_key"]])
                if key in self.users
            ),
        )
        with self._by(row["minute_taker_staff_key"]) as person:
            enter = meetings.record if row["status"] == MeetingStatus.HELD else meetings.plan
            self.meetings[row["meeting_key"]] = enter(wish, person)

    def _enter_follow_up(self, row: Row) -> None:
        meeting = self.meetings.get(row["source_key"])
        partner = self.partners.get(row["partner_key"])
        owner = self.users[row["assignee_staff_key"]]
        with self._by(row["assignee_staff_key"]) as person:
            follow_up = followups.make(
                followups.FollowUpWish(
                    cluster_id=self.clusters["LBK"].id,
                    title=row["title"],
                    owner_user_id=owner.id,
                    due_on=self._day(row["due_offset_days"]),
                    partner_id=partner.id if partner else None,
                    priority=Priority(row["priority"]),
                    source_kind=FollowUpSource.MEETING if meeting else FollowUpSource.NONE,
                    meeting_id=meeting.id if meeting else None,
                ),
                person,
            )
            if row["status"] == "in_progress":
                followups.begin(follow_up, person)
                follow_up.result = row["result"] or None
        self.follow_ups[row["followup_key"]] = follow_up

    def _close(self, row: Row) -> None:
        follow_up = self.follow_ups[row["followup_key"]]
        with self._by(row["assignee_staff_key"]) as person:
            if row["status"] == "cancelled":
                followups.cancel(follow_up, row["result"], person)
            else:
                followups.done(follow_up, row["result"] or None, person)

    # ── days and people ──────────────────────────────────────────────────────────────────────────────────

    def _plan(self, offset: int, do: Callable[[], None], moment: time = MORNING) -> None:
        day = self.today + timedelta(days=offset)
        self.steps.append((clock.at(day, moment, clock.PROVINCE_ZONE), do))

    def _day(self, offset: str) -> date:
        return self.today + timedelta(days=int(offset))

    def _working_day(self, offset: int) -> date:
        day = self.today + timedelta(days=offset)
        move = self.holidays.previous_working_day if offset <= 0 else self.holidays.next_working_day
        return move(day)

    @contextmanager
    def _by(self, staff_key: str) -> Iterator[Principal]:
        """What is done inside is done by somebody of the schools."""
        user = self.users[staff_key]
        person = Principal(
            id=f"u:{user.id}",
            user_id=user.id,
            name=user.name,
            role=user.role,
            cluster_ids=frozenset(cluster.id for cluster in self.clusters.values()),
        )
        with audit.acting(audit.Actor(ActorKind.USER, user.id, user.name)):
            yield person


def _salutation(row: Row) -> Salutation | None:
    return Salutation(row["salutation"].lower()) if row["salutation"] else None


def _lines(text: str) -> str | None:
    return text.replace("|", "\n") or None
