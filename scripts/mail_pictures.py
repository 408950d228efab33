"""Takes a picture of every kind of mail: `make letters`.

Each is made as it is made in life and drawn as a mail program draws it, without scripts, at 360 and 800
pixels, light and dark, in both languages, into var/letters/. The text part is laid beside it.
"""

import shutil
from collections.abc import Iterator
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path

from playwright.sync_api import Browser, sync_playwright
from sqlalchemy import select

from pentahelix import audit, clock
from pentahelix.extensions import db
from pentahelix.models import OutboxMessage
from pentahelix.scope import ALL, set_scope
from pentahelix.vocabulary import ActorKind, Language, MailKind
from scripts.screenshots import ROOT, SCHEMES
from tests.browser.server import CHROMIUM, STORY_CLOCK
from tests.cast import Cast
from tests.engines import SqliteDatabase, folder_in_memory
from tests.letters import ACTS, Story

ALBUM = ROOT / "var" / "letters"
WIDTHS = (360, 800)


def main() -> None:
    if CHROMIUM is None:
        raise SystemExit("There is no Chromium here; scripts/install_browser.sh tells how to get one.")
    shutil.rmtree(ALBUM, ignore_errors=True)
    ALBUM.mkdir(parents=True)
    folder = folder_in_memory("pentahelix-letters-")
    database = SqliteDatabase(folder)
    number = 0
    try:
        with sync_playwright() as playwright, clock.frozen(STORY_CLOCK):
            browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
            for language in Language:
                for kind, content in letters(database, language):
                    number += draw(browser, f"{kind}-{language}", content)
    finally:
        database.close()
        shutil.rmtree(folder)
    print(f"{number} pictures in {ALBUM.relative_to(ROOT)}")


def letters(database: SqliteDatabase, language: Language) -> Iterator[tuple[MailKind, bytes]]:
    """One of each kind, in `language`."""
    for kind, act in ACTS.items():
        database.reset()
        by = audit.Actor(ActorKind.COMMAND, None, "letters")
        with database.app.app_context(), audit.acting(by):
            set_scope(db.session(), ALL)
            cast = Cast.enter(db.session())
            cast.lilis.language = language
            story = Story(cast, language)
            act(story)
            db.session.commit()
            of_kind = select(OutboxMessage.content).where(OutboxMessage.kind == kind)
            content = db.session.scalars(of_kind.limit(1)).one()
            assert content is not None
            yield kind, content
            db.session.remove()


def draw(browser: Browser, name: str, content: bytes) -> int:
    message = message_from_bytes(content, policy=policy.default)
    assert isinstance(message, EmailMessage)
    plain, html = message.get_body(("plain",)), message.get_body(("html",))
    assert plain is not None
    assert html is not None
    (ALBUM / f"{name}.txt").write_text(f"{message['Subject']}\n\n{plain.get_content()}", encoding="utf-8")
    for width in WIDTHS:
        for scheme in SCHEMES:
            with browser.new_context(
                viewport={"width": width, "height": 600}, color_scheme=scheme, java_script_enabled=False
            ) as context:
                page = context.new_page()
                page.set_content(html.get_content())
                page.screenshot(path=picture(name, width, scheme), full_page=True)
    return len(WIDTHS) * len(SCHEMES)


def picture(name: str, width: int, scheme: str) -> Path:
    return ALBUM / f"{name}-{width}-{scheme}.png"


if __name__ == "__main__":
    main()
