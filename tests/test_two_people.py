"""Two people at one record, on every form that edits one: the second is told, sees both texts, loses nothing.

The forms are found by opening every page (`World.forms`); whoever adds one that edits a record without saying
which version of it was seen is told by name here.
"""

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from html import escape, unescape

from sqlalchemy import select
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from pentahelix.models import AuditEntry
from pentahelix.presentation import day_long
from tests.clients import Client, Fields, PageForm, forms_of, words
from tests.world import Found, World, world

__all__ = ["world"]

#: Forms with fields that name a record and carry no version, each with the reason.
WITHOUT_VERSION = {
    "accounts.new_password": "whoever has the link chooses a password; there is no text to compare",
    "admin.user_password": "a new password replaces the old one, whatever that was",
    "agreements.add_obligation": "it makes something new",
    "documents.new": "it makes something new",
    "partners.involve": "it makes something new; the database lets one of two through",
    "partners.log": "it makes something new",
    "products.new": "it makes something new",
    "schools.new": "it makes something new",
    "followups.snooze": "it silences mails until a day: the last word counts, and no text is replaced",
    "guidance.cancel": "called off is called off: the second is told the state",
    "partners.end": "ended is ended: the second is told the state",
}

#: The shell's own forms, and doors: they edit nothing that two people share.
NEVER = {"accounts.sign_in", "accounts.forgot", "portal.sign_in"}

#: What the invited say themselves counts last, whatever was written down for them; the history keeps both.
LAST_WORD = {"portal.answer", "reply.show"}

#: Of one person alone, who may have two browsers open.
OF_ONE_PERSON = {"accounts.profile"}

#: What can be typed into a field, whatever it is: the first person's, the second's.
PLAUSIBLE = (
    ("Tulisan orang pertama", "Tulisan orang kedua"),
    ("081200000091", "081200000092"),
    ("2026-11-28", "2026-11-30"),
    ("2026-11-21", "2026-11-20"),
    ("09:10", "10:20"),
    ("18:30", "19:40"),
    ("5", "4"),
    ("4,5", "3,5"),
    ("satu@contoh.example", "dua@contoh.example"),
    ("https://satu.example", "https://dua.example"),
    ("20600001", "20600002"),
    ("0220001112221", "0220001112222"),
    ("0123456789012345", "0123456789012346"),
    ("36.02.14", "36.02.15"),
)
#: What has to be chosen so that the fields beside it are kept.
CHOSEN = {"answer": "represented", "how_far": "fulfilled", "password_way": "invited"}

#: What is told where somebody has taken a text, or a tick, away.
EMPTY = "(dikosongkan)"
#: What a form sends by itself.
BESIDE = {"csrf_token", "submission_id", "version", "drawn", "seen"}

#: Kinds of inputs that a person writes into.
WRITTEN = {"text", "textarea", "email", "tel", "url", "number", "date", "time"}


def written(form: PageForm) -> list[str]:
    """What a person writes; a box in which one looks for something is not kept anywhere."""
    return sorted(name for name in form.names if form.kinds[name] in WRITTEN and not name.endswith("_query"))


@dataclass
class Person:
    """Somebody who has a page open."""

    client: Client
    found: Found
    shown: TestResponse
    #: which of the two texts they write
    number: int

    @classmethod
    def opens(cls, world: World, found: Found, number: int) -> "Person":
        alone = found.endpoint in OF_ONE_PERSON or found.who == "visitor"
        client = world.client(found.who if number == 0 or alone else f"second {found.who}")
        shown = client.get(found.page)
        assert shown.status_code == 200, f"{found.page} answered {shown.status_code}"
        return cls(client, found, shown, number)

    @property
    def form(self) -> PageForm:
        return self.form_on(self.shown)

    def has_form(self, page: TestResponse) -> bool:
        return page.status_code in (200, 409) and bool(self._forms_on(page))

    def form_on(self, page: TestResponse) -> PageForm:
        found = self._forms_on(page)
        assert found, f"no form of {self.found.endpoint} on the page that answered {page.status_code}"
        return found[0]

    def _forms_on(self, page: TestResponse) -> list[PageForm]:
        path = self.found.action.partition("?")[0]
        return [
            form
            for form in forms_of(page)
            if form.method == "post" and (form.action.partition("?")[0] or path) == path and written(form)
        ]

    def writes(self, names: list[str] | None = None) -> tuple[TestResponse, Fields]:
        """Into these fields, or all, what each of them takes; then sends the form."""
        form = self.form
        fields: Fields = dict(form.fields)
        fields |= {name: word for name, word in CHOSEN.items() if name in form.names}
        if self.found.endpoint == "agreements.new":
            # Partners are looked for first; this one was found.
            fields["partner_ids"] = "1"
        fields |= {name: "on" for name in form.options if name.endswith("_choice")}
        wrong = set(written(form) if names is None else names)
        # Twice: what the rules refuse is told only once every field is readable.
        for texts in PLAUSIBLE * 2:
            fields |= dict.fromkeys(wrong, texts[self.number])
            answer = self.sends(fields)
            if answer.status_code != 422:
                return answer, fields
            told = {name for shown in forms_of(answer) for name in shown.wrong} & form.names
            # A warning that was shown need not be shown again.
            fields |= {
                name: shown.fields[name]
                for shown in forms_of(answer)
                for name in shown.fields.keys() & {"seen"}
            }
            wrong = {name for name in told if form.kinds[name] in WRITTEN}
            fields |= {name: next(filter(None, form.options[name]), "") for name in told - wrong}
            if not told:
                # Of what can be chosen something has to be.
                unset = [name for name in form.options if not fields.get(name)]
                fields |= {name: next(filter(None, form.options[name]), "") for name in unset}
        # What still does not fit depends on something else, and stays as it was.
        answer = self.sends(fields | {name: form.fields.get(name, "") for name in told})
        if answer.status_code != 422:
            return answer, fields | {name: (form.fields.get(name) or [""])[0] for name in told}
        raise AssertionError(f"{self.found.endpoint}: nothing fits {told}")

    def chooses(self, name: str) -> bool:
        """Something else of a choice, and nothing besides; whether anything else is taken."""
        form = self.form
        now = form.fields.get(name, [])
        for value in form.options[name]:
            chosen = [value]
            if form.kinds[name] == "checkbox":
                chosen = [one for one in form.options[name] if (one in now) != (one == value)]
            if chosen != now and self.sends({**form.fields, name: chosen}).status_code in (200, 303):
                return True
        return False

    def writes_beside(self, theirs: Fields, names: list[str] | None = None) -> tuple[TestResponse, Fields]:
        """Something else of the same kind into each field that the other wrote into, or into these."""
        other = dict(PLAUSIBLE)
        wanted = [name for name in names or written(self.form) if theirs.get(name) in other]
        chosen = {name: theirs[name] for name in self.form.options if name in theirs}
        fields = {**self.form.fields, **chosen, **{name: other[theirs[name]] for name in wanted}}
        return self.sends(fields), fields

    def sends(self, fields: Fields) -> TestResponse:
        return self.client.post(self.found.action, data=fields)


def theirs(page: TestResponse) -> dict[str, str]:
    """By field what somebody else wrote there, as the page shows it."""
    shown = re.findall(r'id="([\w-]+)-theirs">.*?class="theirs-t">(.*?)</p>', page.text, re.DOTALL)
    return {name: unescape(text) for name, text in shown}


def label_of(page: TestResponse, name: str, value: str) -> str:
    """What a choice is called; a card says more below its word."""
    quoted = re.escape(escape(value))
    select = re.search(rf'<select\b[^>]*\bname="{name}".*?</select>', page.text, re.DOTALL)
    option = rf'<option [^>]*value="{quoted}">(.*?)</option>'
    box = rf'<input\b(?=[^>]*\bname="{name}")(?=[^>]*\bvalue="{quoted}")[^>]*>(.*?)</label>'
    found = re.search(option, select[0]) if select else re.search(box, page.text, re.DOTALL)
    assert found, f"no choice {value} of {name}"
    label = re.sub('<span class="sr">.*?</span>', " ", found[1])
    label = label.partition("</strong>")[0].partition('<span class="t-sub">')[0]
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", label)).split())


def top(names: set[str]) -> set[str]:
    """Rows of small forms are compared as one."""
    return {name.split("-")[0] for name in names}


def shared_forms(world: World) -> Iterator[Found]:
    """Forms with fields to write in, of a record that is there; the fullest of each route."""
    seen: set[str] = set()
    for found in world.forms():
        names_a_record = any(part.isdecimal() for part in found.action.partition("?")[0].split("/"))
        has_version = "version" in found.form.fields and found.form.fields["version"] != [""]
        if (names_a_record or has_version) and written(found.form) and found.endpoint not in seen | NEVER:
            seen.add(found.endpoint)
            yield found


def test_every_form_that_edits_a_record_says_which_version_was_seen(world: World) -> None:
    careless = {
        found.endpoint: found.page
        for found in shared_forms(world)
        if not any(found.form.fields.get("version", [])) and found.endpoint not in WITHOUT_VERSION
    }
    assert careless == {}, (
        "these forms would overwrite what somebody else wrote meanwhile: draw them with obj= and "
        "expect_version in the view, or name them in WITHOUT_VERSION with the reason"
    )


def versioned(world: World) -> Iterator[Found]:
    for found in shared_forms(world):
        if any(found.form.fields.get("version", [])) and found.endpoint not in LAST_WORD:
            world.fresh()
            world.touched = True
            yield found


def test_the_second_of_two_people_sees_both_texts_and_loses_nothing(world: World, session: Session) -> None:
    wrong: dict[str, str] = {}
    checked = 0
    for found in versioned(world):
        try:
            _two_write_everything(world, found, session)
        except AssertionError as no:
            wrong[found.endpoint] = str(no).partition("\n")[0]
        checked += 1
    assert wrong == {}, "\n".join(f"{k}: {v}" for k, v in wrong.items())
    assert checked > 25


def _two_write_everything(world: World, found: Found, session: Session) -> None:
    first, second = Person.opens(world, found, 0), Person.opens(world, found, 1)
    before = first.form.fields
    answer, theirs_typed = first.writes()
    assert answer.status_code in (200, 303), f"the first was answered {answer.status_code}"
    after = first.client.get(found.page)
    refused, typed = second.writes_beside(theirs_typed)
    assert refused.status_code == 409, f"the second was answered {refused.status_code}"
    if not first.has_form(refused):
        # The record has gone on to where there is no such form: what was typed stands there to be copied.
        prose = {str(typed[name]) for name in written(second.form) if " " in typed[name]}
        lost = [text for text in prose if text not in words(refused)]
        assert lost == [], f"loses {lost}"
        return
    kept = second.form_on(refused)
    _keeps(kept, typed)
    if not first.has_form(after):
        # A step that was taken: there is no text of the first's to compare.
        assert "Orang lain" in words(refused) or "terlalu lama terbuka" in words(refused), "says nothing"
        return
    stored = first.form_on(after).fields
    changed = {name for name in written(first.form) if stored.get(name) != before.get(name)}
    told = theirs(refused)
    if changed:
        assert told.keys() == top(changed), f"tells of {sorted(told)}, changed were {sorted(changed)}"
    for name in changed & told.keys():
        in_words = words_for(first.form.kinds[name], stored[name][0])
        assert same([told[name]], [in_words]), f"{name}: {told[name]} is not {in_words}"
    again = second.client.send(refused, form=found.action.partition("?")[0] if second.form.action else None)
    if not changed:
        # A step whose page is still there: pressed again it is taken, or the state has gone on.
        assert again.status_code in (303, 409), f"pressed again it was answered {again.status_code}"
        return
    reasons = words(again).partition("perlu diperbaiki")[2][:200] if again.status_code == 422 else ""
    assert again.status_code in (200, 303), f"pressed again it was answered {again.status_code} {reasons}"
    final = second.form_on(second.client.get(found.page)).fields
    for name in changed & typed.keys():
        assert same(final[name], [typed[name]]), f"{name} is {final[name]}"
    session.rollback()
    by = set(session.scalars(select(AuditEntry.actor_name)))
    names = {
        getattr(person, "name", "")
        for person in (world.people[found.who], world.people[f"second {found.who}"])
    }
    assert found.endpoint in OF_ONE_PERSON or names <= by, f"the trail knows {by}"


def _keeps(kept: PageForm, typed: Fields) -> None:
    for name in kept.names - BESIDE:
        sent = typed.get(name) or []
        mine = sent if isinstance(sent, list) else [sent]
        assert same(kept.fields.get(name, []), mine), f"{name} was {mine}, is {kept.fields.get(name)}"


def words_for(kind: str, held: str) -> str:
    """How people are told what a field holds."""
    return day_long(date.fromisoformat(held)) if kind == "date" and held else held or EMPTY


def same(one: list[str], other: list[str]) -> bool:
    """Whether both say the same: numbers are grouped as people write them, addresses completed."""

    def signs(texts: list[str]) -> list[str]:
        letters = ("".join(filter(str.isalnum, text)).casefold().lstrip("0") for text in texts if text)
        return [text.removeprefix("https").removeprefix("rp") for text in letters]

    return signs(one) == signs(other)


def test_what_the_other_did_not_change_is_not_told_as_theirs(world: World) -> None:
    """The first writes one field, the second another: only the first's is somebody else's text."""
    wrong: dict[str, str] = {}
    checked = 0
    for found in versioned(world):
        first, second = Person.opens(world, found, 0), Person.opens(world, found, 1)
        names = [name for name in written(first.form) if "-" not in name and name != "reason"]
        try:
            answer, _ = first.writes(names[:1])
        except AssertionError:
            continue
        after = first.client.get(found.page)
        if answer.status_code >= 400 or not first.has_form(after):
            continue
        stored, before = first.form_on(after).fields, second.form.fields
        changed = {name for name in written(first.form) if stored.get(name) != before.get(name)}
        refused, _ = second.writes(names[1:2])
        told = theirs(refused).keys()
        if refused.status_code != 409 or told != top(changed):
            wrong[found.endpoint] = f"{refused.status_code}, {sorted(told)} instead of {sorted(changed)}"
        checked += 1
    assert wrong == {}, "\n".join(f"{k}: {v}" for k, v in wrong.items())
    assert checked > 15


def test_a_choice_that_the_other_changed_is_told_by_its_label(world: World) -> None:
    """The first chooses something else, and nothing besides; the second writes: both are kept in sight."""
    wrong: dict[str, str] = {}
    checked: Counter[str] = Counter()
    for found in versioned(world):
        for name in sorted(name for name in found.form.options if "-" not in name):
            world.fresh()
            world.touched = True
            try:
                if _one_chooses(world, found, name):
                    checked[found.form.kinds[name]] += 1
            except AssertionError as no:
                wrong[f"{found.endpoint} {name}"] = str(no).partition("\n")[0]
    assert wrong == {}, "\n".join(f"{k}: {v}" for k, v in wrong.items())
    assert min(checked[kind] for kind in ("select", "radio", "checkbox")) > 5, checked


def _one_chooses(world: World, found: Found, name: str) -> bool:
    """Whether that was possible, and changed nothing else."""
    first, second = Person.opens(world, found, 0), Person.opens(world, found, 1)
    before = second.form
    if not first.chooses(name):
        return False
    after = first.client.get(found.page)
    if not first.has_form(after):
        return False
    stored = first.form_on(after)
    if [one for one in stored.names - BESIDE if stored.fields.get(one) != before.fields.get(one)] != [name]:
        return False
    refused, typed = second.writes([one for one in written(before) if "-" not in one and one != "reason"][:1])
    assert refused.status_code == 409, f"the second was answered {refused.status_code}"
    told = theirs(refused)
    assert told.keys() == {name}, f"tells of {sorted(told)}"
    labels = ", ".join(label_of(after, name, value) for value in stored.fields.get(name, []) if value)
    assert told[name] == (labels or EMPTY), f"{told[name]} is not {labels}"
    _keeps(second.form_on(refused), typed)
    return True
