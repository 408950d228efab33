"""Takes a picture of every page of the demo: `make screenshots`.

    python -m scripts.screenshots           phone and desktop, light and dark, by role, into var/screenshots/
    python -m scripts.screenshots --readme  the few that the README shows, into docs/pictures/
    python -m scripts.screenshots --vision  the coverage matrix with fewer colours, and on paper

A server of its own runs meanwhile, on a free port, with a database in a temporary folder, on the morning of
the stories. A new page is photographed by itself: the list is the one that the tests walk.
"""

import argparse
import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from playwright.sync_api import Browser, Page, sync_playwright
from sqlalchemy import func, select

from pentahelix import clock
from pentahelix.demo import loader
from pentahelix.extensions import db
from pentahelix.models import Agreement, GuidanceSession, Invitation, MeetingPartner
from pentahelix.queries.agreements import in_force
from pentahelix.scope import ALL, set_scope
from pentahelix.services import tokens
from pentahelix.unit_of_work import write
from pentahelix.vocabulary import Answer, Role, TokenPurpose
from tests.browser.server import CHROMIUM, STORY_CLOCK, Server
from tests.pages import VISITOR, Walk, put_some_away
from tests.sign_in import cookie_of

ROOT = Path(__file__).resolve().parent.parent
ALBUM = ROOT / "var" / "screenshots"
README = ROOT / "docs" / "pictures"

Scheme = Literal["light", "dark"]
SCHEMES: tuple[Scheme, ...] = ("light", "dark")
FAULTS_OF_THE_EYE = ("deuteranopia", "protanopia", "tritanopia", "achromatopsia", "blurredVision")
SIZES: dict[str, Any] = {
    "phone": {"viewport": {"width": 390, "height": 844}, "is_mobile": True, "has_touch": True},
    "desktop": {"viewport": {"width": 1280, "height": 800}},
}


@dataclass(frozen=True)
class Shot:
    name: str
    address: str
    size: str = "phone"
    scheme: Scheme = "light"
    role: str = Role.COORDINATOR


FOR_README = (
    Shot("coverage", "/coverage", "desktop", role=Role.KABID),
    Shot("cell", "/coverage/1/industry", "desktop", role=Role.KABID),
    Shot("today", "/today"),
    Shot("reply", "/u/{link}", role=VISITOR),
    Shot("agreement", "/agreements/{agreement}"),
    Shot("meeting", "/meetings/new"),
    Shot("agenda-dark", "/agenda", scheme="dark"),
    Shot("partners", "/partners", "desktop"),
    Shot("partner", "/partners/{partner}", "desktop"),
)


def main() -> None:
    parser = argparse.ArgumentParser(description="Takes a picture of every page of the demo.")
    parser.add_argument("--readme", action="store_true", help="only those of the README, into docs/pictures/")
    parser.add_argument("--vision", action="store_true", help="only the coverage matrix, with fewer colours")
    wanted = parser.parse_args()
    if CHROMIUM is None:
        raise SystemExit("There is no Chromium here; scripts/install_browser.sh tells how to get one.")
    with Server.running() as server, clock.frozen(STORY_CLOCK), server.database.app.app_context():
        walk = furnished(server, whole=wanted.readme or wanted.vision)
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
            if wanted.readme:
                number = readme(browser, server, walk)
            elif wanted.vision:
                number = vision(browser, server, walk)
            else:
                number = album(browser, server, walk) + mailbox(browser)
    print(f"{number} pictures in {(README if wanted.readme else ALBUM).relative_to(ROOT)}")


def furnished(server: Server, *, whole: bool = False) -> Walk:
    """The server with the data of the demo, `whole` or some of it put away, and who knows its addresses."""
    loader.load(clock.today())
    set_scope(db.session(), ALL)
    if not whole:
        put_some_away(db.session())
    return Walk(server.database.app, db.session(), chosen=2, most_led=1)


def album(browser: Browser, server: Server, walk: Walk) -> int:
    shutil.rmtree(ALBUM, ignore_errors=True)
    number = 0
    for role, addresses in walk.addresses().items():
        for size in SIZES:
            for scheme in SCHEMES:
                with opened(browser, server, walk, role, size, scheme) as page:
                    for address in addresses:
                        page.goto(address)
                        picture = ALBUM / f"{size}-{scheme}" / role / f"{name_of(address)}.png"
                        page.screenshot(path=picture, full_page=True)
                        number += 1
    return number


def mailbox(browser: Browser) -> int:
    """Of the demo alone: the mailbox, and a mail in its parts."""
    addresses = ("/mailbox", *(f"/mailbox/1?part={part}" for part in ("html", "text", "calendar", "source")))
    with Server.running(env="demo") as server, server.database.app.app_context():
        walk = furnished(server)
        for size in SIZES:
            for scheme in SCHEMES:
                with opened(browser, server, walk, VISITOR, size, scheme) as page:
                    for address in addresses:
                        page.goto(address, wait_until="networkidle")
                        picture = ALBUM / f"{size}-{scheme}" / VISITOR / f"{name_of(address)}.png"
                        page.screenshot(path=picture, full_page=True)
    return len(addresses) * len(SIZES) * len(SCHEMES)


def readme(browser: Browser, server: Server, walk: Walk) -> int:
    found = {
        "partner": busiest_partner(),
        "agreement": first_to_end(),
        "link": link_of_somebody_asked(),
    }
    for shot in FOR_README:
        with opened(browser, server, walk, shot.role, shot.size, shot.scheme) as page:
            page.goto(shot.address.format(**found))
            page.screenshot(path=README / f"{shot.name}.png")
    return len(FOR_README)


def vision(browser: Browser, server: Server, walk: Walk) -> int:
    """The matrix under each fault of the eye that Chromium can play, and as the browser prints it."""
    folder = ALBUM / "vision"
    number = 0
    for scheme in SCHEMES:
        with opened(browser, server, walk, Role.KABID, "desktop", scheme) as page:
            page.goto("/coverage")
            eyes = page.context.new_cdp_session(page)
            for fault in FAULTS_OF_THE_EYE:
                eyes.send("Emulation.setEmulatedVisionDeficiency", {"type": fault})
                page.screenshot(path=folder / f"coverage-{scheme}-{fault}.png")
                number += 1
            page.pdf(path=folder / f"coverage-{scheme}.pdf", prefer_css_page_size=True)
    return number + len(SCHEMES)


@contextmanager
def opened(
    browser: Browser, server: Server, walk: Walk, role: str, size: str, scheme: Scheme
) -> Iterator[Page]:
    with browser.new_context(
        base_url=server.address, locale="id-ID", timezone_id=clock.PROVINCE_ZONE, color_scheme=scheme,
        reduced_motion="reduce", **SIZES[size],
    ) as context:  # fmt: skip
        if role != VISITOR:
            name, value = cookie_of(walk.app, walk.people[role])
            context.add_cookies([{"name": name, "value": value, "url": server.address}])
        yield context.new_page()


def busiest_partner() -> int:
    """The one with most meetings: its page shows most."""
    most = select(MeetingPartner.partner_id).group_by(MeetingPartner.partner_id).order_by(func.count().desc())
    partner: int = db.session.scalars(most.limit(1)).one()
    return partner


def first_to_end() -> int:
    """The agreement in force that ends first."""
    first = select(Agreement.id).where(in_force(clock.today()), Agreement.ends_on.is_not(None))
    agreement: int = db.session.scalars(first.order_by(Agreement.ends_on).limit(1)).one()
    return agreement


def link_of_somebody_asked() -> str:
    """The token of somebody who has not answered yet."""
    asked = (
        select(Invitation.id)
        .join(GuidanceSession, GuidanceSession.id == Invitation.guidance_id)
        .where(Invitation.answer == Answer.NONE, GuidanceSession.starts_at > clock.now())
        .order_by(Invitation.id)
    )
    invitation = db.session.scalars(asked.limit(1)).one()
    db.session.rollback()
    write()
    link = tokens.make(TokenPurpose.INVITATION, object_id=invitation)
    db.session.commit()
    return link


def name_of(address: str) -> str:
    """As in "meetings-new" or "partners-sort-name": a page in the album; a token is "link"."""
    address = re.sub(r"/[\w-]{40,}", "/link", address)
    return re.sub(r"[^a-z0-9]+", "-", address.lower()).strip("-") or "home"


if __name__ == "__main__":
    main()
