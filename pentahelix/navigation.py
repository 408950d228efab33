"""Where one can go from every page: the entries of the bars by role, and what base.html needs to draw them.

An entry appears with its page: one whose endpoint is not registered yet is left out.
"""

from dataclasses import dataclass
from functools import lru_cache
from typing import Any
from urllib.parse import urlencode

from flask import Flask, current_app, request
from flask_babel import get_locale, lazy_gettext as _l, lazy_pgettext
from flask_babel.speaklater import LazyString

from pentahelix.addresses import url_for
from pentahelix.principal import current
from pentahelix.vocabulary import Role


@dataclass(frozen=True)
class Entry:
    """One page that the bars name. `primary` is the one act of the role, filled on the phone's bottom bar."""

    endpoint: str
    label: LazyString
    icon: str
    primary: bool = False

    @property
    def exists(self) -> bool:
        return self.endpoint in current_app.view_functions

    @property
    def url(self) -> str:
        return url_for(self.endpoint)

    @property
    def current(self) -> bool:
        """Whether this request is inside the entry: its own page, or for a list any page of its noun.

        The portal's pages are one noun, but have entries of their own.
        """
        noun, _, verb = self.endpoint.partition(".")
        if verb != "index" or any(request.endpoint == entry.endpoint for entry in PORTAL):
            return request.endpoint == self.endpoint
        return request.blueprint == noun


TODAY = Entry("home.today", _l("Hari ini"), "home-2")
AGENDA = Entry("home.agenda", _l("Jadwal"), "calendar-event")
MORE = Entry("home.more", lazy_pgettext("menu", "Lainnya"), "dots")
COVERAGE = Entry("coverage.index", _l("Cakupan"), "grid-dots")
CLUSTERS = Entry("clusters.index", lazy_pgettext("menu", "Klaster"), "building-community")
SCHOOLS = Entry("schools.index", lazy_pgettext("menu", "Sekolah"), "school")
PRODUCTS = Entry("products.index", _l("Produk TeFa"), "package")
PARTNERS = Entry("partners.index", lazy_pgettext("menu", "Mitra"), "affiliate")
CONTACTS = Entry("contacts.index", lazy_pgettext("menu", "Narahubung"), "user-circle")
AGREEMENTS = Entry("agreements.index", _l("Kerja sama"), "file-text")
GUIDANCE = Entry("guidance.index", _l("Bimtek"), "presentation-analytics")
MEETINGS = Entry("meetings.index", lazy_pgettext("menu", "Rapat"), "notes")
RECORD_MEETING = Entry("meetings.new", _l("Catat rapat"), "pencil", primary=True)
CONTRIBUTIONS = Entry("contributions.index", lazy_pgettext("menu", "Kontribusi"), "gift")
FOLLOW_UPS = Entry("followups.index", lazy_pgettext("menu", "Tindak lanjut"), "clipboard-check")
ASSIGN = Entry("followups.new", _l("Tugaskan"), "user-plus", primary=True)
REPORTS = Entry("reports.index", _l("Laporan"), "report-analytics")
USERS = Entry("admin.users", lazy_pgettext("menu", "Pengguna"), "users")
IMPORTS = Entry("imports.index", _l("Impor"), "upload")
SETTINGS = Entry("admin.settings", _l("Pengaturan"), "settings")
HOLIDAYS = Entry("admin.holidays", _l("Hari libur"), "calendar-time")
OUTBOX = Entry("outbox.index", _l("Surel keluar"), "send")
TRAIL = Entry("admin.trail", _l("Jejak audit"), "history")
BACKUPS = Entry("backups.index", _l("Cadangan"), "archive")
PORTAL_AGENDA = Entry("portal.index", _l("Jadwal"), "calendar-event")
PORTAL_AGREEMENTS = Entry("portal.agreements", _l("Kerja sama"), "file-text")
PORTAL_CONTRIBUTIONS = Entry("portal.contributions", lazy_pgettext("menu", "Kontribusi"), "gift")
PORTAL_PROFILE = Entry("portal.profile", _l("Profil"), "user-circle")

PORTAL = (PORTAL_AGENDA, PORTAL_AGREEMENTS, PORTAL_CONTRIBUTIONS, PORTAL_PROFILE)

#: What the top bar of a laptop shows, in order, the rest behind its last entry; None is a contact in the
#: portal.
LAPTOP: dict[Role | None, tuple[Entry, ...]] = {
    Role.COORDINATOR: (
        TODAY, AGENDA, CLUSTERS, PARTNERS, AGREEMENTS, GUIDANCE, MEETINGS, CONTRIBUTIONS, FOLLOW_UPS,
        MORE,
    ),
    Role.KABID: (
        COVERAGE, AGENDA, CLUSTERS, PARTNERS, AGREEMENTS, GUIDANCE, MEETINGS, CONTRIBUTIONS, FOLLOW_UPS,
        REPORTS, MORE,
    ),
    Role.ADMIN: (
        USERS, CLUSTERS, SCHOOLS, PARTNERS, IMPORTS, SETTINGS, HOLIDAYS, OUTBOX, TRAIL, BACKUPS, MORE,
    ),
    None: PORTAL,
}  # fmt: skip

#: The five of a phone's bottom bar; the rest stands on the page "Lainnya".
PHONE: dict[Role | None, tuple[Entry, ...]] = {
    Role.COORDINATOR: (TODAY, PARTNERS, RECORD_MEETING, AGENDA, MORE),
    Role.KABID: (COVERAGE, CLUSTERS, ASSIGN, REPORTS, MORE),
    Role.ADMIN: (USERS, CLUSTERS, PARTNERS, TRAIL, MORE),
    None: PORTAL,
}

#: What "Lainnya" adds to what either bar shows.
REMAINING: dict[Role | None, tuple[Entry, ...]] = {
    Role.COORDINATOR: (COVERAGE, CONTACTS, PRODUCTS, SCHOOLS, OUTBOX),
    Role.KABID: (TODAY, CONTACTS, PRODUCTS, SCHOOLS, SETTINGS),
    Role.ADMIN: (COVERAGE, AGENDA, CONTACTS, MEETINGS, FOLLOW_UPS, PRODUCTS),
}


@dataclass(frozen=True)
class Navigation:
    """What the bars of one page show; `more` is the list of the page "Lainnya"."""

    laptop: tuple[Entry, ...] = ()
    phone: tuple[Entry, ...] = ()
    more: tuple[Entry, ...] = ()

    def link(self, endpoint: str) -> str | None:
        """The address of a page that stands in the bar by itself (search, bell, profile), once it exists."""
        return url_for(endpoint) if endpoint in current_app.view_functions else None


def bars_of(role: Role | None) -> Navigation:
    """The same as long as the application runs: no page comes or goes."""
    known: dict[Role | None, Navigation] = current_app.extensions.setdefault("bars", {})
    if role not in known:
        laptop, phone = _existing(LAPTOP[role]), _existing(PHONE[role])
        rest = [entry for entry in (*laptop, *_existing(REMAINING.get(role, ()))) if entry not in phone]
        known[role] = Navigation(laptop, phone, tuple(rest))
    return known[role]


def _existing(entries: tuple[Entry, ...]) -> tuple[Entry, ...]:
    return tuple(entry for entry in entries if entry.exists)


def same_page(**changes: object) -> str:
    """This page's address with `changes` in its query; None takes one out. The page number falls away."""
    words = {name: None if value is None else str(value) for name, value in changes.items()}
    asked = tuple(request.args.items(multi=True))
    return _changed(request.script_root + request.path, asked, tuple(words.items()))


@lru_cache(500)
def _changed(
    address: str, asked: tuple[tuple[str, str], ...], changes: tuple[tuple[str, str | None], ...]
) -> str:
    """Kept: a list names some twenty such addresses, and the next page of it mostly the same."""
    query: dict[str, list[str]] = {}
    for name, value in asked:
        if name != "page":
            query.setdefault(name, []).append(value)
    query |= {name: [value] for name, value in changes if value is not None}
    for name in (name for name, value in changes if value is None):
        query.pop(name, None)
    return f"{address}?{urlencode(query, doseq=True)}" if query else address


def page_of(endpoint: str, **values: Any) -> str | None:
    """The address of a page that a mention leads to; None until that page exists."""
    return url_for(endpoint, **values) if endpoint in current_app.view_functions else None


def context() -> dict[str, object]:
    """What base.html draws with, next to the clusters and counts that ask the database."""
    principal = current()
    return {
        "language": str(get_locale() or "id"),
        "theme": principal.theme if principal else "system",
        "navigation": bars_of(principal.role) if principal else Navigation(),
    }


def init_app(app: Flask) -> None:
    app.context_processor(context)
    app.jinja_env.globals.update(same_page=same_page, page_of=page_of, bars_of=bars_of)
