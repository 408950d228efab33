"""A session that ends while somebody types loses nothing, on every form that takes text, without JavaScript.

The forms are found by opening every page. Each is sent by somebody whose session has ended, who then signs
in, first as somebody else; and once more from a page whose token is too old.
"""

from collections.abc import Iterator
from datetime import date
from urllib.parse import urljoin
from uuid import uuid4

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from pentahelix.models import Submission, User
from pentahelix.permissions import is_by_link, is_public
from pentahelix.presentation import date_short, day_long
from pentahelix.services import sign_ins
from tests.clients import Client, Fields, forms_of, words
from tests.factories import PASSWORD
from tests.test_two_people import PLAUSIBLE, Person, same, written
from tests.world import Found, World, world

__all__ = ["world"]

#: Of these forms not everything may be carried, each with the reason.
NOT_WHOLE = {
    "documents.new": "a file cannot be carried; its title is",
    "portal.answer": "coming into the portal takes a mail; what was written is shown, to be copied",
}


def texts(world: World) -> Iterator[Found]:
    """Forms that take text from somebody who is signed in; the fullest of each route."""
    seen = set()
    for found in world.forms():
        view = world.app.view_functions[found.endpoint]
        if is_public(view) or is_by_link(view) or not written(found.form) or found.endpoint in seen:
            continue
        seen.add(found.endpoint)
        world.fresh()
        world.touched = True
        yield found


def accepted(world: World, found: Found) -> Fields:
    """What the form takes; found out on a database that is then put back."""
    answer, fields = Person.opens(world, found, 0).writes()
    assert answer.status_code in (200, 303), f"it takes nothing: {answer.status_code}"
    world.fresh()
    world.touched = True
    # Each field has a text of its own, so that none can stand for another.
    own = (name for name, value in fields.items() if value == PLAUSIBLE[0][0])
    return fields | {name: f"{PLAUSIBLE[0][0]} {number}" for number, name in enumerate(own)}


def by_name(world: World, check: object, **more: object) -> dict[str, str]:
    wrong: dict[str, str] = {}
    for found in texts(world):
        if found.endpoint not in NOT_WHOLE:
            try:
                check(world, found, **more)  # type: ignore[operator]
            except AssertionError as no:
                wrong[found.endpoint] = str(no).partition("\n")[0]
    return wrong


def test_what_was_typed_is_saved_after_signing_in_again_once_and_under_the_right_name(
    world: World, session: Session
) -> None:
    wrong = by_name(world, _is_carried, session=session)
    assert wrong == {}, "\n".join(f"{route}: {why}" for route, why in wrong.items())


def _is_carried(world: World, found: Found, session: Session) -> None:
    fields = accepted(world, found) | {"submission_id": str(uuid4())}
    client, person = world.client(found.who), world.people[found.who]
    other = world.people[f"second {found.who}"]
    assert isinstance(person, User)
    fields["csrf_token"] = client.token()
    sign_ins.revoke(person.id)
    session.commit()
    asked = client.post(found.action, data=fields)
    assert asked.status_code == 401, f"signed out it was answered {asked.status_code}"
    as_other = client.send(asked, {"email": other.email, "password": PASSWORD}, form="/sign-in")
    assert as_other.status_code == 422, f"somebody else was answered {as_other.status_code}"
    assert "dibuat dengan akun lain" in words(as_other)
    waiting = client.send(as_other, {"email": person.email, "password": PASSWORD}, form="/sign-in")
    assert waiting.status_code == 200, f"after signing in {waiting.status_code}"
    assert "Lanjutkan menyimpan" in words(waiting)
    saved = client.send(waiting, form=found.action.partition("?")[0])
    assert saved.status_code in (200, 303), f"it was not saved: {saved.status_code}"
    twice = client.send(waiting, form=found.action.partition("?")[0])
    assert twice.status_code in (200, 303), f"pressed twice: {twice.status_code}"
    _is_stored(found, client, urljoin(found.page, saved.location or ""), fields)
    session.rollback()
    made = session.execute(select(Submission.principal, func.count()).group_by(Submission.principal)).all()
    mine = [tuple(row) for row in made if row[0] != ""]
    assert mine == [(f"u:{person.id}", 1)], f"kept as {mine}"


def _is_stored(found: Found, client: Client, location: str, fields: Fields) -> None:
    """What was typed stands in the form that edits it, or in words on the page that follows."""
    kinds, missing = (
        found.form.kinds,
        {name: fields[name] for name in written(found.form) if fields.get(name)},
    )
    path = location.partition("?")[0].partition("#")[0]
    for address in (found.page, f"{path}/edit", location):
        page = client.get(address)
        if missing and page.status_code == 200:
            held, text = [form.fields for form in forms_of(page)], words(page)
            missing = {
                name: typed
                for name, typed in missing.items()
                if not any(same(one.get(name, []), _listed(typed)) for one in held)
                and not any(said in text for said in _in_words(kinds[name], _listed(typed)[0]))
            }
    assert missing == {}, f"{missing} is nowhere"


def _listed(value: str | list[str]) -> list[str]:
    return value if isinstance(value, list) else [value]


def _in_words(kind: str, typed: str) -> list[str]:
    """How pages may show it."""
    if kind in ("date", "time") and not typed[:1].isdigit():
        # Of another answer than the one that was given: nobody read it.
        return [""]
    day = date.fromisoformat(typed) if kind == "date" else None
    return (
        [day_long(day), date_short(day)] if day else [typed, typed.replace(":", "."), typed.replace("-", "")]
    )


def test_a_page_whose_token_is_too_old_keeps_everything_and_brings_a_fresh_one(world: World) -> None:
    wrong = by_name(world, _is_kept)
    assert wrong == {}, "\n".join(f"{route}: {why}" for route, why in wrong.items())


def _is_kept(world: World, found: Found) -> None:
    fields = accepted(world, found) | {"submission_id": str(uuid4())}
    person = Person.opens(world, found, 0)
    answer = person.sends(fields | {"csrf_token": "too-old"})
    assert answer.status_code == 422, f"answered {answer.status_code}"
    kept = person.form_on(answer).fields
    for name in written(person.form):
        mine = _listed(fields.get(name, []))
        assert same(kept.get(name, []), mine), f"{name} was {mine}, is {kept.get(name)}"
    assert kept["submission_id"] == [fields["submission_id"]]
    saved = person.sends(fields | {"csrf_token": kept["csrf_token"]})
    assert saved.status_code in (200, 303), f"then answered {saved.status_code}"


def test_what_a_contact_wrote_when_the_session_had_ended_is_shown_to_be_copied(world: World) -> None:
    (found,) = [found for found in texts(world) if found.who == "contact"]
    answer = world.client("visitor").post(found.action, data={"note": "Saya datang pukul sepuluh."})
    assert answer.status_code == 401
    assert "Saya datang pukul sepuluh." in words(answer)


def test_what_is_not_carried_whole_is_named(world: World) -> None:
    assert NOT_WHOLE.keys() <= {found.endpoint for found in texts(world)}
