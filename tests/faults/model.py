"""What reminders must go out, told once more in plain Python: slow, whole, and without the programme's code.

`run(world, moments)` looks at the world at each of the moments and returns the letters and the digests that
must then exist, each with what it carries. It is what the schedulers are measured against.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from zoneinfo import ZoneInfo

from holidays import country_holidays

PROVINCE = "Asia/Jakarta"

#: What holds where a cluster chose nothing else: not read from the programme, which it is measured by.
DEFAULTS = {
    "agreement_ends": [180, 90, 30],
    "guidance": [3, 1],
    "no_answer": [2],
    "follow_up_late": [1],
    "escalation": [7],
    "partner_silent": [90],
    "obligation": [30, 7, -1],
}
DAY = timedelta(days=1)


@dataclass
class Cluster:
    id: int
    zone: str
    made_at: datetime
    #: kind → days; a kind that is missing is switched off
    rules: dict[str, list[int]]
    quiet: bool


@dataclass
class Invited:
    id: int
    answer: str
    invited_at: datetime
    answered_at: datetime | None


@dataclass
class Session:
    id: int
    cluster: int
    starts_at: datetime
    invited: list[Invited] = field(default_factory=list)


@dataclass
class Agreement:
    id: int
    clusters: list[int]
    #: of these, those in which its partner is involved
    binds: list[int]
    signed: date
    ends: date


@dataclass
class Promise:
    """A follow-up."""

    id: int
    cluster: int
    owner: int
    due: date
    snoozed: date | None


@dataclass
class Involvement:
    id: int
    cluster: int
    last: date


@dataclass
class User:
    id: int
    clusters: list[int]
    is_kabid: bool
    zone: str


@dataclass
class World:
    clusters: dict[int, Cluster]
    sessions: list[Session]
    agreements: list[Agreement]
    #: of the agreement with this number
    obligations: list[tuple[int, Agreement, date]]
    promises: list[Promise]
    involvements: list[Involvement]
    users: list[User]


@dataclass
class Sent:
    #: (kind, invitation, days)
    letters: list[tuple[str, int, int]] = field(default_factory=list)
    #: (user, day) → what stands in it of things told once
    digests: dict[tuple[int, date], set[str]] = field(default_factory=dict)


@cache
def off(day: date) -> bool:
    days = country_holidays("ID", years=day.year, categories=("public", "government"))
    return day.weekday() >= 5 or day in days


def shifted(cluster: Cluster, day: date, step: int) -> date:
    while cluster.quiet and off(day):
        day += step * DAY
    return day


def eight(day: date, zone: str) -> datetime:
    return datetime.combine(day, time(8), ZoneInfo(zone)).astimezone(UTC)


def on(instant: datetime, zone: str) -> date:
    return instant.astimezone(ZoneInfo(zone)).date()


def run(world: World, moments: Iterable[datetime]) -> Sent:
    sent = Sent()
    decided: set[str] = set()
    last: dict[int, datetime] = {}
    for now in moments:
        for session in world.sessions:
            for person in session.invited:
                for letter in _letters(world.clusters[session.cluster], session, person, now, decided):
                    sent.letters.append(letter)
        for user in world.users:
            morning = Morning(world, user, now, last.get(user.id, now - 7 * DAY))
            if morning.is_time and (user.id, morning.today) not in sent.digests:
                told, overtaken = morning.told(decided)
                if told or morning.has_lists():
                    sent.digests[user.id, morning.today] = told
                    decided |= told | overtaken
                    last[user.id] = now
    return sent


def _letters(
    cluster: Cluster, session: Session, person: Invited, now: datetime, decided: set[str]
) -> list[tuple[str, int, int]]:
    if person.answer not in ("none", "attending", "represented") or session.starts_at <= now:
        return []
    silent = person.answer == "none"
    since = max(filter(None, (cluster.made_at, person.invited_at, person.answered_at)))
    days = cluster.rules.get("guidance", [])
    reached = [
        number
        for number in ([min(days)] if silent and days else days)
        if since
        <= eight(_worked_days_before(on(session.starts_at, cluster.zone), number), cluster.zone)
        <= now
    ]
    found = []
    for number in reached:
        key = f"s{session.id}:{number}:{person.id}"
        if number == min(reached) and key not in decided:
            found.append(("guidance_reminder", person.id, number))
        decided.add(key)
    if silent and "no_answer" in cluster.rules:
        number, key = cluster.rules["no_answer"][0], f"n{person.id}"
        nominal = on(person.invited_at, cluster.zone) + number * DAY
        if since <= eight(shifted(cluster, nominal, +1), cluster.zone) <= now:
            if key not in decided and not reached and now <= session.starts_at - DAY:
                found.append(("no_answer", person.id, number))
            decided.add(key)
    return found


def _worked_days_before(day: date, number: int) -> date:
    for _ in range(number):
        day -= DAY
        while off(day):
            day -= DAY
    return day


class Morning:
    """What one user reads at one moment."""

    def __init__(self, world: World, user: User, now: datetime, last: datetime) -> None:
        self.world, self.user, self.now, self.last = world, user, now, last
        local = now.astimezone(ZoneInfo(user.zone))
        self.today = local.date()
        self.is_time = time(6, 30) <= local.time() < time(12)
        self.awake = {c.id for c in world.clusters.values() if not c.quiet or not off(self.today)}
        self.mine = self.awake & set(user.clusters)
        self.things: dict[str, list[tuple[date, str]]] = {}

    def told(self, decided: set[str]) -> tuple[set[str], set[str]]:
        """Keys of what is told now, and of what something nearer has overtaken."""
        self._agreements()
        self._obligations()
        self._silences()
        self._escalations()
        told: set[str] = set()
        overtaken: set[str] = set()
        for found in self.things.values():
            nearest = max(nominal for nominal, _key in found)
            for nominal, key in found:
                if key not in decided:
                    (told if nominal == nearest else overtaken).add(key)
        return told, overtaken

    def _add(self, name: str, rest: str, nominal: date, cluster: Cluster, step: int) -> None:
        if nominal < on(cluster.made_at, PROVINCE):
            return
        if shifted(cluster, nominal, step) <= on(self.now, cluster.zone):
            self.things.setdefault(name, []).append((nominal, f"{name}:{rest}:{self.user.id}"))

    def _agreements(self) -> None:
        for agreement in self.world.agreements:
            if agreement.ends < on(self.now, PROVINCE):
                continue
            for cluster_id in agreement.clusters:
                cluster = self.world.clusters[cluster_id]
                for days in cluster.rules.get("agreement_ends", []):
                    above = self.user.is_kabid and days <= 30 and cluster_id in self.awake
                    nominal = agreement.ends - days * DAY
                    if nominal > agreement.signed and (cluster_id in self.mine or above):
                        rest = f"{agreement.ends}:{days}"
                        self._add(f"agreement:{agreement.id}", rest, nominal, cluster, -1)

    def _obligations(self) -> None:
        for number, agreement, due in self.world.obligations:
            for cluster_id in self.mine & set(agreement.clusters):
                cluster = self.world.clusters[cluster_id]
                for days in cluster.rules.get("obligation", []):
                    if days < 0 or due >= on(self.now, PROVINCE):
                        step = -1 if days > 0 else +1
                        self._add(f"obligation:{number}", f"{due}:{days}", due - days * DAY, cluster, step)

    def _silences(self) -> None:
        for involvement in self.world.involvements:
            cluster = self.world.clusters[involvement.cluster]
            if "partner_silent" in cluster.rules and cluster.id in self.mine:
                nominal = involvement.last + (cluster.rules["partner_silent"][0] + 1) * DAY
                self._add(f"involvement:{involvement.id}", str(involvement.last), nominal, cluster, +1)

    def _promises(self) -> Iterable[Promise]:
        for promise in self.world.promises:
            asleep = promise.snoozed is not None and promise.snoozed > self.today
            if promise.cluster in self.awake and not asleep:
                yield promise

    def _escalations(self) -> None:
        for promise in self._promises():
            cluster = self.world.clusters[promise.cluster]
            if self.user.is_kabid and "escalation" in cluster.rules:
                nominal = promise.due + (cluster.rules["escalation"][0] + 1) * DAY
                self._add(f"followup:{promise.id}", str(promise.due), nominal, cluster, +1)

    def has_lists(self) -> bool:
        """Whether there is something to read that is told every day."""
        return (
            any(map(self._is_due, self._promises()))
            or any(map(self._is_near_or_answered, self.world.sessions))
            or (self.user.is_kabid and any(map(self._is_newly_at_risk, self.awake)))
        )

    def _is_due(self, promise: Promise) -> bool:
        late = (self.today - promise.due).days
        rule = self.world.clusters[promise.cluster].rules.get("follow_up_late")
        theirs = self.user.is_kabid or promise.cluster in self.user.clusters
        due = -1 <= late <= 0 or bool(rule and late >= rule[0])
        return promise.owner == self.user.id and theirs and due

    def _is_near_or_answered(self, session: Session) -> bool:
        if session.cluster not in self.mine or session.starts_at <= self.now:
            return False
        near = on(session.starts_at, self.world.clusters[session.cluster].zone) <= self.today + DAY
        return near or any(
            person.answer in ("attending", "declined", "represented")
            and person.answered_at is not None
            and self.last < person.answered_at
            for person in session.invited
        )

    def _is_newly_at_risk(self, cluster_id: int) -> bool:
        """A side of the cluster has an agreement about to end, and had none at the last digest."""
        return self._ends_soon(cluster_id, self.now) and not self._ends_soon(cluster_id, self.last)

    def _ends_soon(self, cluster_id: int, instant: datetime) -> bool:
        day = on(instant, PROVINCE)
        return any(
            cluster_id in agreement.binds and agreement.signed <= day <= agreement.ends <= day + 30 * DAY
            for agreement in self.world.agreements
        )
