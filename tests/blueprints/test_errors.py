"""A step that the record's state does not allow leads back to the record."""

from collections.abc import Callable

import pytest
from sqlalchemy.orm import Session

from pentahelix import clock
from pentahelix.models import Contact, User
from tests import factories as make
from tests.cast import Cast
from tests.clients import Client


@pytest.mark.parametrize(
    ("refused", "page"),
    [
        ("/partners/{partner}/edit", "/partners/{partner}"),
        ("/partners/{partner}/involvements/{cluster}", "/partners/{partner}"),
        ("/contacts/{contact}/affiliations/{affiliation}/end", "/contacts/{contact}"),
        ("/follow-ups/{follow_up}/cancel", "/follow-ups/{follow_up}"),
        ("/meetings/{meeting}/edit", "/meetings/{meeting}"),
    ],
)
def test_the_wrong_state_is_told_with_a_way_to_the_record(
    session: Session, cast: Cast, browser_of: Callable[[User], Client], refused: str, page: str
) -> None:
    meeting = make.meeting(cast.lebak)
    follow_up = make.follow_up(cast.lebak, cast.lilis)
    contact = session.get_one(Contact, cast.hendrik.contact_id)
    for row in (cast.kemasindo, contact, meeting, follow_up):
        row.archived_at = clock.now()
    session.commit()
    ids = {
        "partner": cast.kemasindo.id,
        "cluster": cast.lebak.id,
        "contact": cast.hendrik.contact_id,
        "affiliation": cast.hendrik.id,
        "follow_up": follow_up.id,
        "meeting": meeting.id,
    }
    answer = browser_of(cast.lilis).get(refused.format(**ids))
    assert answer.status_code == 409
    assert "<h1>Tidak dapat dilakukan sekarang</h1>" in answer.text
    assert f'<a class="btn btn-1" href="{page.format(**ids)}">' in answer.text
