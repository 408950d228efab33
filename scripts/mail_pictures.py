"""Takes a picture of every kind of mail: `make letters`.

Each is made as it is made in life and drawn as a mail program draws it, without scripts, at 360 and 800
pixels, light and dark, in both languages, into var/letters/. The text part is laid beside it.
"""

import shutil
from pathlib import Path

from playwright.sync_api import Browser, sync_playwright

from pentahelix import clock
from pentahelix.models import OutboxMessage
from pentahelix.vocabulary import Language
from scripts.screenshots import ROOT, SCHEMES
from tests.browser.server import CHROMIUM, STORY_CLOCK
from tests.engines import SqliteDatabase, folder_in_memory
from tests.letters import every_letter
from tests.outbox import html, plain

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
                for mail in every_letter(database, language):
                    number += draw(browser, f"{mail.kind}-{language}", mail)
    finally:
        database.close()
        shutil.rmtree(folder)
    print(f"{number} pictures in {ALBUM.relative_to(ROOT)}")


def draw(browser: Browser, name: str, mail: OutboxMessage) -> int:
    (ALBUM / f"{name}.txt").write_text(f"{mail.subject}\n\n{plain(mail)}", encoding="utf-8")
    for width in WIDTHS:
        for scheme in SCHEMES:
            with browser.new_context(
                viewport={"width": width, "height": 600}, color_scheme=scheme, java_script_enabled=False
            ) as context:
                page = context.new_page()
                page.set_content(html(mail))
                page.screenshot(path=picture(name, width, scheme), full_page=True)
    return len(WIDTHS) * len(SCHEMES)


def picture(name: str, width: int, scheme: str) -> Path:
    return ALBUM / f"{name}-{width}-{scheme}.png"


if __name__ == "__main__":
    main()
