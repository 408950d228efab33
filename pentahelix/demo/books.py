"""What the chapters of the demo data share: the day of loading, the calendar, what keys became, the steps."""

from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from operator import itemgetter

from sqlalchemy.orm import Session

from pentahelix import audit, clock
from pentahelix.demo.papers import Papers
from pentahelix.holidays import Calendar, calendar
from pentahelix.models import (
    Affiliation,
    Agreement,
    Cluster,
    Contact,
    Contribution,
    FollowUp,
    GuidanceSession,
    Invitation,
    Meeting,
    Obligation,
    Partner,
    School,
    User,
)
from pentahelix.principal import Principal
from pentahelix.vocabulary import ActorKind, Salutation

Row = dict[str, str]

#: The clusters' people enter things at eight in the morning, unless a row says when.
MORNING = time(8)


@dataclass
class Books:
    session: Session
    today: date
    #: the hash of the password of every account
    digest: str
    #: reads one of the tables
    rows: Callable[[str], list[Row]]
    #: the files, which were stored before
    papers: Papers
    #: when something was entered, and how; of one instant, in the order of the tables
    steps: list[tuple[datetime, Callable[[], None]]] = field(default_factory=list)
    # what the tables' keys became
    clusters: dict[str, Cluster] = field(default_factory=dict)
    schools: dict[str, School] = field(default_factory=dict)
    users: dict[str, User] = field(default_factory=dict)
    #: in which cluster somebody works; of a cluster, who enters what names nobody
    home_of: dict[str, str] = field(default_factory=dict)
    coordinators: dict[str, str] = field(default_factory=dict)
    partners: dict[str, Partner] = field(default_factory=dict)
    cluster_of: dict[str, str] = field(default_factory=dict)
    contacts: dict[str, Contact] = field(default_factory=dict)
    affiliations: dict[str, Affiliation] = field(default_factory=dict)
    meetings: dict[str, Meeting] = field(default_factory=dict)
    guidance: dict[str, GuidanceSession] = field(default_factory=dict)
    invitations: dict[tuple[str, str], Invitation] = field(default_factory=dict)
    follow_ups: dict[str, FollowUp] = field(default_factory=dict)
    agreements: dict[str, Agreement] = field(default_factory=dict)
    obligations: dict[tuple[str, str], Obligation] = field(default_factory=dict)
    contributions: dict[str, Contribution] = field(default_factory=dict)
    #: what belongs to an agreement that is not entered yet
    before_agreement: dict[str, list[Meeting | GuidanceSession]] = field(
        default_factory=lambda: defaultdict(list)
    )

    def __post_init__(self) -> None:
        self.holidays: Calendar = calendar(self.session)
        #: before anything else is entered
        self.first = min(int(row["since_offset_days"]) for row in self.rows("partners")) - 1

    def plan(self, offset: int, do: Callable[[], None], moment: time = MORNING) -> None:
        """Let `do` be done at `moment` of the day that is `offset` days from the day of loading."""
        self.plan_at(self.today + timedelta(days=offset), moment, do)

    def plan_at(self, day: date, moment: time, do: Callable[[], None]) -> None:
        self.steps.append((clock.at(day, moment, clock.PROVINCE_ZONE), do))

    def enter(self) -> None:
        """Do all that is planned, in order, with the clock at its instant; nothing lies in the future."""
        end = clock.now()
        for at, do in sorted(self.steps, key=itemgetter(0)):
            with clock.frozen(min(at, end)):
                do()

    def belongs_to(self, record: Meeting | GuidanceSession, agreement_key: str) -> None:
        """Let it belong to the agreement, as soon as there is one: what led to it came before."""
        if agreement := self.agreements.get(agreement_key):
            record.agreement_id = agreement.id
        elif agreement_key:
            self.before_agreement[agreement_key].append(record)

    def agreed(self, agreement_key: str, agreement: Agreement) -> None:
        self.agreements[agreement_key] = agreement
        for record in self.before_agreement.pop(agreement_key, ()):
            record.agreement_id = agreement.id

    def day(self, offset: str) -> date:
        return self.today + timedelta(days=int(offset))

    def working_day(self, offset: int) -> date:
        day = self.today + timedelta(days=offset)
        move = self.holidays.previous_working_day if offset <= 0 else self.holidays.next_working_day
        return move(day)

    @contextmanager
    def by(self, staff_key: str) -> Iterator[Principal]:
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


def salutation(row: Row) -> Salutation | None:
    return Salutation(row["salutation"].lower()) if row["salutation"] else None
