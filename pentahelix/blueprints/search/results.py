"""What was found, in words: the name of each noun, where its records and its list are, what a hit says."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from flask import current_app, url_for
from flask_babel import gettext as _, lazy_gettext as _l, lazy_pgettext
from flask_babel.speaklater import LazyString

from pentahelix import areas, clock, presentation
from pentahelix.blueprints.admin.links import record_url
from pentahelix.blueprints.partners.listing import ALL
from pentahelix.queries.agreements import Standing
from pentahelix.queries.search import Group, Hit
from pentahelix.vocabulary import (
    OPEN_FOLLOW_UPS,
    AgreementStatus,
    Basis,
    ContributionStage,
    FollowUpStatus,
    GuidanceStatus,
    Helix,
    MeetingStatus,
    ProductStage,
    Regency,
)

Facts = Iterable[Any]


@dataclass(frozen=True)
class Found:
    """A hit as the page shows it. `late` is said in red."""

    title: str
    url: str | None
    facts: str
    helix: Helix | None
    late: str
    by_name: bool


@dataclass(frozen=True)
class Section:
    """The hits of one noun. `all_url` is where the rest stands, if there is more than is shown."""

    noun: str
    label: LazyString
    icon: str
    found: Sequence[Found]
    total: int
    all_url: str | None


def _partner(hit: Hit) -> Facts:
    return (Helix(hit.word or "").label, hit.about or areas.district_name(hit.where), Regency.of(hit.where))


def _contact(hit: Hit) -> Facts:
    withdrawn = hit.word == Basis.WITHDRAWN and Basis.WITHDRAWN.label
    return (hit.about, hit.where, withdrawn)


def _cluster(hit: Hit) -> Facts:
    return (Regency.of(hit.where),)


def _school(hit: Hit) -> Facts:
    return (hit.about, hit.where)


def _product(hit: Hit) -> Facts:
    return (ProductStage(hit.word or "").label, hit.where)


def _meeting(hit: Hit) -> Facts:
    status = MeetingStatus(hit.word or "")
    return (_when(hit), status is not MeetingStatus.HELD and status.label, hit.where)


def _follow_up(hit: Hit) -> Facts:
    status = FollowUpStatus(hit.word or "")
    due = _("tenggat %(day)s", day=presentation.day_short(hit.day)) if hit.day else None
    return (due, None if status in OPEN_FOLLOW_UPS else status.label, _bare(hit.about), hit.where)


def _agreement(hit: Hit) -> Facts:
    status = AgreementStatus(hit.word or "")
    is_expired = status is AgreementStatus.SIGNED and hit.day is not None and hit.day < clock.today()
    until = _("sampai %(day)s", day=presentation.day_long(hit.day)) if hit.day else None
    return (hit.about, Standing.EXPIRED.label if is_expired else status.label, until)


def _guidance(hit: Hit) -> Facts:
    status = GuidanceStatus(hit.word or "")
    return (_when(hit), status is not GuidanceStatus.HELD and status.label, hit.where)


def _contribution(hit: Hit) -> Facts:
    return (hit.about, ContributionStage(hit.word or "").label, hit.where)


@dataclass(frozen=True)
class _Noun:
    label: LazyString
    icon: str
    facts: Callable[[Hit], Facts]
    #: the list that takes the same words as ?q=, if there is one
    list: str | None = None


NOUNS: dict[str, _Noun] = {
    "partner": _Noun(lazy_pgettext("menu", "Mitra"), "affiliate", _partner, "partners.index"),
    "contact": _Noun(lazy_pgettext("menu", "Narahubung"), "user", _contact, "contacts.index"),
    "cluster": _Noun(lazy_pgettext("menu", "Klaster"), "building-community", _cluster, "clusters.index"),
    "school": _Noun(lazy_pgettext("menu", "Sekolah"), "school", _school, "schools.index"),
    "product": _Noun(_l("Produk TeFa"), "package", _product, "products.index"),
    "meeting": _Noun(lazy_pgettext("menu", "Rapat"), "notes", _meeting, "meetings.index"),
    "follow_up": _Noun(lazy_pgettext("menu", "Tindak lanjut"), "clipboard-check", _follow_up),
    "agreement": _Noun(_l("Kerja sama"), "file-text", _agreement, "agreements.index"),
    "guidance_session": _Noun(_l("Bimbingan teknis"), "presentation-analytics", _guidance, "guidance.index"),
    "contribution": _Noun(lazy_pgettext("menu", "Kontribusi"), "gift", _contribution, "contributions.index"),
}


def section(group: Group, typed: str) -> Section:
    noun = NOUNS[group.noun]
    return Section(
        noun=group.noun,
        label=noun.label,
        icon=noun.icon,
        found=[_found(hit, noun) for hit in group.hits],
        total=group.total,
        all_url=_list_of(group.noun, typed) if group.total > len(group.hits) else None,
    )


def _found(hit: Hit, noun: _Noun) -> Found:
    late = hit.noun == "follow_up" and hit.word in OPEN_FOLLOW_UPS and hit.day
    return Found(
        title=hit.title,
        url=record_url(hit.noun, hit.id),
        facts=" · ".join(filter(None, map(_told, noun.facts(hit)))),
        helix=Helix(hit.word or "") if hit.noun == "partner" else None,
        late=presentation.days_late(hit.day, hit.zone or "") if late and hit.day else "",
        by_name=hit.by_name,
    )


def _told(fact: Any) -> str:
    """In words. A text of the catalogue is not asked whether it is empty, which looks it up twice."""
    return str(getattr(fact, "label", fact)) if fact is not None and fact is not False else ""


def _list_of(word: str, typed: str) -> str:
    """The noun's own list with the same words, else all of the noun on the page of the search."""
    endpoint = NOUNS[word].list
    if endpoint not in current_app.view_functions:
        return url_for("search.index", q=typed, noun=word)
    return url_for(endpoint, q=typed, cluster=ALL if word == "partner" else None)


def _when(hit: Hit) -> str | None:
    return presentation.day_short(hit.moment, hit.zone or "") if hit.moment else None


def _bare(name: str | None) -> str | None:
    return name and presentation.bare_name(name)
