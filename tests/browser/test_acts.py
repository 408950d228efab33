"""Buttons of one press in a list, pressed faster than the network answers."""

from playwright.sync_api import Page, expect
from sqlalchemy import func, select

from pentahelix.models import FollowUp
from pentahelix.vocabulary import FollowUpStatus


def test_rings_pressed_while_another_is_on_its_way_are_done_in_turn(
    demo, page: Page, phone, signed_in, lilis
):
    def done() -> int:
        demo.rollback()
        return demo.scalar(select(func.count()).where(FollowUp.status == FollowUpStatus.DONE)) or 0

    before = done()
    signed_in(phone, lilis)
    page.goto("/today")
    rings = page.locator("button.tick")
    number = rings.count()
    waits = rings.evaluate_all("""
        (rings) => {
            for (const place of [0, 0, 1, 1, 2]) rings[place].click();
            return rings.map((ring) => ring.getAttribute("aria-disabled"));
        }
    """)
    assert waits == ["true"] * 3 + [None] * (number - 3)
    expect(rings).to_have_count(number - 3)
    assert done() == before + 3
