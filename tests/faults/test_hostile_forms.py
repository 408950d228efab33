"""T10: every form and every address against what enemies and accidents send; T18: every upload.

The forms are found by themselves, each in a state in which it is open. Whatever stands in a field, the answer
is no failure: it says what is wrong at that field, in the reader's language, and keeps the rest; or it is
stored, and then shown harmlessly everywhere.
"""

import re
from collections.abc import Iterator
from contextlib import ExitStack
from hashlib import sha256
from io import BytesIO
from time import perf_counter, process_time
from typing import NamedTuple
from uuid import uuid4
from zipfile import ZipFile

import pytest
from pypdf import PdfReader
from sqlalchemy import select
from werkzeug.test import TestResponse

from pentahelix.blueprints.held import unpack
from pentahelix.models import Cluster, Contact, GuidanceSession, Meeting, OutboxMessage
from pentahelix.services import invitations, tokens
from pentahelix.unit_of_work import write
from pentahelix.vocabulary import Language, MeetingStatus, Role, TokenPurpose
from tests import factories as make
from tests.clients import words
from tests.conftest import NOW
from tests.faults import hostile
from tests.faults.siege import DOORS_OF_PORTAL, Open, Siege, fields_of
from tests.outbox import opened, posted
from tests.pages import PARTNER, VISITOR, Visit, Walk, demo
from tests.sizes import LARGE, sized
from tests.test_languages import only_in, words_of

#: Routes that take a POST without a form of their own.
WITHOUT_A_FORM: dict[str, str] = {}

#: Fields of which one asks for the other.
PAIRS = {"rating", "raters"}

#: How many of the values each field gets: all, or some that its name chooses. In `make faults` each form gets
#: all of them, distributed over its fields.
SHARE = sized(1, 4, len(hostile.VALUES))

#: Hidden fields may be answered by a page of their own; nobody types there.
REFUSED = {400, 404, 409, 413, 422, 429}


class Case(NamedTuple):
    form: Open
    field: str
    value: str

    def __str__(self) -> str:
        return f"{self.form.endpoint} ({self.form.role}) {self.field} = {self.value}"


@pytest.fixture(scope="module")
def siege() -> Iterator[Siege]:
    with ExitStack() as stack:
        app, session = stack.enter_context(demo(NOW))
        siege = Siege(app, session)
        stack.callback(siege.close)
        yield siege


@pytest.fixture(scope="module")
def forms(siege: Siege) -> dict[str, Open]:
    return siege.find()


def _number(*parts: str) -> int:
    """The same for the same words, on every machine."""
    return int.from_bytes(sha256("/".join(parts).encode()).digest()[:4])


def _cases(forms: dict[str, Open]) -> Iterator[Case]:
    names = list(hostile.VALUES)
    for form in forms.values():
        met = set()
        for field in [*form.names, "a_field_of_nobody"]:
            first = _number(form.endpoint, field)
            for step in range(SHARE):
                # 17 shares no factor with the number of values, so that neighbours are of different kinds.
                case = Case(form, field, names[(first + 17 * step) % len(names)])
                met |= {case.value} if field in _meant_for(case.value, form) else set()
                yield case
        for value in names if LARGE else ():
            if value not in met and (fields := _meant_for(value, form)):
                yield Case(form, fields[_number(form.endpoint, value) % len(fields)], value)


def _meant_for(value: str, form: Open) -> list[str]:
    """The fields of its kind, as of days for a day; where the form has none those one writes in, or any."""
    kind = "date" if value.startswith("a day") else "time" if value.startswith("an hour") else None
    of_kind = [name for name in form.names if form.form.kinds[name] == kind]
    return of_kind or [name for name in form.names if form.is_typed(name)] or form.names


# ---------------------------------------------------------------------------- every field


def test_t10_every_route_that_takes_a_post_is_attacked_while_its_form_is_open(siege, forms):
    missed = {rule.endpoint for rule in siege.post_routes()} - forms.keys() - WITHOUT_A_FORM.keys()
    assert missed == set(), "show tests/faults/siege.py where the form stands"
    closed = [name for name, form in forms.items() if not form.is_taken and not _uploads(form)]
    assert closed == [], "tell tests/faults/siege.py how it is filled in"


def test_t10_whatever_stands_in_a_field_is_refused_there_or_taken_harmlessly(siege, forms, figure):
    found, times, met = [], [], set()
    cases = list(_cases(forms))
    for language in Language:
        siege.speak(language)
        for case in cases:
            if _number(case.form.endpoint, case.field, case.value) % len(Language) == list(Language).index(
                language
            ):
                began = perf_counter()
                answer = siege.send(case.form, {case.field: hostile.VALUES[case.value]})
                times.append(perf_counter() - began)
                if case.field in _meant_for(case.value, case.form):
                    met.add((case.form.endpoint, case.value))
                found += [f"{case}: {answer.status_code} {fault}" for fault in _judged(siege, case, answer)]
    slow = sorted(times)[int(len(times) * 0.99)]
    every = {(form.endpoint, value) for form in forms.values() if form.names for value in hostile.VALUES}
    figure(
        f"T10: {len(times)} hostile values in {len(forms)} forms, {len(met)} of {len(every)} pairs of a form "
        f"and a value, {len(found)} faults, p99 {slow:.2f} s"
    )
    assert not found, "\n".join(found)
    assert slow < 2
    assert not LARGE or met == every


def test_t10_where_everything_is_wrong_everything_is_kept(siege, forms):
    """All fields at once, each with a value of its own."""
    siege.speak(Language.ID)
    found, values = [], list(hostile.TYPED)
    for form in forms.values():
        names = [name for name in form.names if form.is_typed(name)]
        for step in range(sized(1, 3, 20) if len(names) > 1 else 0):
            first = _number(form.endpoint) + step
            chosen = {name: values[(first + 7 * place) % len(values)] for place, name in enumerate(names)}
            answer = siege.send(form, {name: hostile.TYPED[value] for name, value in chosen.items()})
            found += [f"{form.endpoint} {chosen}: {fault}" for fault in hostile.faults(answer)]
            if answer.status_code >= 400:
                again = siege.form_in(form, answer)
                told = hostile.told(answer.get_data(as_text=True))
                for name, value in chosen.items():
                    lost = again is None or not _is_kept(value, again.fields.get(name, []))
                    if lost and (again is None or name in told):
                        found.append(f"{form.endpoint} {name} = {value}: lost")
    assert not found, "\n".join(found)


def test_t10_more_rows_than_anybody_writes_are_refused_before_they_cost_anything(siege, forms):
    grown = [form for form in forms.values() if any("-0-" in name for name in form.names)]
    assert grown
    for form in grown:
        for name in (name for name in form.names if "-0-" in name):
            began = process_time()
            rows = {name.replace("-0-", f"-{number}-"): ["Rapat"] for number in range(10_000)}
            answer = siege.send(form, rows)
            assert answer.status_code == 413, f"{form.endpoint} {name}"
            assert not list(hostile.faults(answer))
            # Seconds of work, however busy the machine is.
            assert process_time() - began < 2


def _judged(siege: Siege, case: Case, answer: TestResponse) -> Iterator[str]:
    yield from hostile.faults(answer)
    if answer.status_code < 400:
        if answer.location:
            yield from _leads_outside(answer.location)
        # Looked at after every tenth here, after each in `make faults`.
        if answer.status_code == 303 and (LARGE or _number(str(case)) % 10 == 0):
            client = siege.client(case.form.role)
            yield from (f"then {fault}" for fault in hostile.faults(client.get(answer.location)))
        return
    if answer.status_code not in REFUSED:
        yield "is no answer to a form"
    if case.form.is_typed(case.field):
        yield from _at_its_field(siege, case, answer)


def _at_its_field(siege: Siege, case: Case, answer: TestResponse) -> Iterator[str]:
    """What a person who typed it must find in the answer."""
    page = answer.get_data(as_text=True)
    again = siege.form_in(case.form, answer)
    if again is None:
        yield "does not show the form again"
        return
    told = hostile.told(page)
    if not told and not hostile.summary(page):
        yield "does not say what is wrong"
    if told and case.field not in told and not _is_pair(case, told):
        yield f"blames {sorted(told)}"
    if loose := hostile.unbound(page):
        yield f"ties no message to {sorted(loose)}"
    other = only_in(Language.EN if siege.language == Language.ID else Language.ID)
    said = re.sub("“[^”]*”", " ", " ".join([*told.values(), hostile.summary(page)]))
    if strangers := other.intersection(words_of(said)):
        yield f"speaks the other language: {sorted(strangers)}"
    yield from _lost(case, again.fields, told)


def _is_pair(case: Case, told: dict[str, str]) -> bool:
    """Whether another is rightly blamed: it stands only with this one, or is a file, which is never kept."""
    return {case.field, *told} <= PAIRS or told.keys() == {"file"}


def _lost(case: Case, fields: dict[str, list[str]], told: dict[str, str]) -> Iterator[str]:
    before = case.form.shown.fields if case.form.shown else case.form.good
    for name in case.form.names:
        kept = [_bare(text) for text in fields.get(name, [])]
        if not case.form.is_typed(name):
            continue
        if name != case.field:
            if kept != [_bare(text) for text in before.get(name, [])]:
                yield f"lost {name}"
            continue
        if name in told and not _is_kept(case.value, fields.get(name, [])):
            yield f"lost what was typed: {str(kept)[:60]}"


def _is_kept(value: str, kept: list[str]) -> bool:
    """Whether a refused field shows what was typed; bytes of no letter and unseen marks have no shape."""
    sent = hostile.VALUES[value]
    typed = sent[0] if isinstance(sent, list) else sent
    if not isinstance(typed, str) or value == "marks of direction alone":
        return True
    return [_bare(text) for text in kept] == [_bare(typed)]


def _bare(text: str) -> str:
    """Without blanks, and without the signs that languages put between digits."""
    return re.sub(r"(?<=\d)[.,](?=\d)", "", "".join(text.split()))


def _leads_outside(location: str) -> Iterator[str]:
    if not re.match(r"/(?![/\\])", location) and not location.startswith("http://localhost/"):
        yield f"leads outside: {location[:80]}"


def _uploads(form: Open) -> bool:
    return "file" in form.form.kinds.values()


# ---------------------------------------------------------------------------- what wraps the fields

FORM = "application/x-www-form-urlencoded"
BROKEN = b'--x\r\nContent-Disposition: form-data; name="title\r\nBcc: a@contoh.example"\r\n\r\nx\r\n--y'

#: Bodies that no form sends, with what they call themselves.
BODIES: dict[str, tuple[bytes, str]] = {
    "JSON": (b'{"title": {"$ne": null}, "csrf_token": ["x"]}', "application/json"),
    "nothing": (b"", FORM),
    "nothing at all": (b"", ""),
    "a broken multipart": (BROKEN, "multipart/form-data; boundary=x"),
    "a multipart without an end": (BROKEN[:50], "multipart/form-data; boundary=x"),
    "a multipart without a boundary": (BROKEN, "multipart/form-data"),
    "a multipart that is none": (b"title=Rapat", "multipart/form-data; boundary=" + "x" * 300),
    "plain text": (b"title=Rapat", "text/plain"),
    "XML": (b'<!DOCTYPE a [<!ENTITY e SYSTEM "file:///etc/passwd">]><a>&e;</a>', "application/xml"),
    "another charset": ("title=Rapat".encode("utf-16"), f"{FORM}; charset=utf-16"),
    "a charset of nobody": (b"title=Rapat", f"{FORM}; charset=klingon"),
    "a type of nobody": (b"title=Rapat", "x/y; \x7f=\"'"),
    "too many fields": (b"&".join(b"f%d=x" % number for number in range(20_100)), FORM),
    "too much": (b"title=" + b"x" * (5 * 1024 * 1024), FORM),
    "signs of percent": (b"%=%&%zz=%00&=&&&title=%", FORM),
}  # fmt: skip

VERSIONS = ("0", "-1", "99", "x", "9" * 18, "9" * 400, "١", "", "\0")

#: What ends a session keeps nothing of it, and a link that ends a subscription is pressed by mail programs.
NO_TOKEN_ASKED = {"reply.show", "optout.show"}


def _some(of: list[str], named: str, small: int) -> list[str]:
    """All of them, or a few that the name chooses, thrice as many in `make faults`."""
    first = _number(named)
    number = sized(small, 3 * small, len(of))
    return [of[(first + 7 * step) % len(of)] for step in range(number)]


def test_t10_a_form_with_a_false_token_comes_back_as_it_was_typed(siege, forms):
    found = []
    for form in forms.values():
        if form.endpoint not in NO_TOKEN_ASKED:
            answer = siege.send(form, {"csrf_token": ["x" * 50]})
            found += [f"{form.endpoint}: {fault}" for fault in _not_kept(siege, form, answer)]
    assert not found, "\n".join(found)


def test_t10_a_form_of_a_session_that_ended_comes_back_with_a_token_of_the_new_one(siege, forms, figure):
    siege.speak(Language.ID)
    siege.come_in_again()
    found, taken = [], 0
    for form in list(forms.values())[:: sized(5, 1)]:
        if form.endpoint in NO_TOKEN_ASKED:
            continue
        client, old = siege.client(form.role), form.form.fields["csrf_token"]
        answer = siege.send(form, {"csrf_token": old}, client=client)
        found += [f"{form.endpoint}: {fault}" for fault in _not_kept(siege, form, answer)]
        again = siege.form_in(form, answer)
        fresh = again.fields["csrf_token"] if again else old
        if fresh == old:
            found.append(f"{form.endpoint}: brings no fresh token")
        elif form.is_taken:
            then = siege.send(form, {"csrf_token": fresh}, client=client).status_code
            # A conflict is found once the token has been taken: people have changed their languages since.
            found += [f"{form.endpoint}: then {then}"] if then >= 400 and then != 409 else []
            taken += 1
    figure(f"T10: {taken} forms of a session that ended taken with the fresh token, {len(found)} faults")
    assert not found, "\n".join(found)
    assert taken > sized(15, 90)


def _not_kept(siege: Siege, form: Open, answer: TestResponse) -> Iterator[str]:
    """What is wrong with the answer to a form that has to come back."""
    if answer.status_code != 422:
        yield f"{answer.status_code}"
    yield from hostile.faults(answer)
    yield from _missing(form, answer)
    if siege.has_changed():
        yield "changed something"


def test_t10_what_is_posted_after_the_session_ended_is_carried_on(siege, forms):
    found = []
    for form in forms.values():
        if form.role not in siege.people:
            continue
        answer = siege.send(form, {}, client=siege.client("visitor"))
        if "sign_out" in form.endpoint:
            continue
        if answer.status_code not in (401, 200) and form.endpoint != "clusters.choose":
            found.append(f"{form.endpoint}: {answer.status_code}")
        found += [f"{form.endpoint}: {fault}" for fault in hostile.faults(answer)]
        # The staff's sign-in carries all of it on; the portal, where coming in takes a mail, shows what was
        # written in words, to be copied.
        held, shown = dict(unpack(fields_of(answer).get("held", ""))), words(answer)
        for name, (typed, *_) in form.good.items():
            is_kept = (
                held.get(name) == typed if held else " " not in typed or " ".join(typed.split()) in shown
            )
            if form.is_typed(name) and not is_kept:
                found.append(f"{form.endpoint}: lost {name}")
        if siege.has_changed():
            found.append(f"{form.endpoint}: changed something")
    assert not found, "\n".join(found)


def test_t10_a_second_press_fails_nothing(siege, forms):
    """What it is told depends on the form; that it gets the first one's answer is tested elsewhere."""
    found = []
    for form in forms.values():
        client, key = siege.client(form.role), str(uuid4())
        siege.send(form, {"submission_id": [key]}, client=client)
        # On what the first one left behind.
        second = siege.send(form, {"submission_id": [key]}, client=client, afresh=False)
        found += [f"{form.endpoint}: {fault}" for fault in hostile.faults(second)]
    assert not found, "\n".join(found)


def test_t10_a_false_version_is_a_conflict_or_refused(siege, forms):
    found = []
    for form in forms.values():
        if "version" not in form.form.names or not form.good.get("version", [""])[0]:
            continue
        for version in _some(list(VERSIONS), form.endpoint, 2):
            answer = siege.send(form, {"version": [version]})
            # What is only shown once more may be shown of any version.
            if answer.status_code not in (303, 409, 422) and siege.has_changed():
                found.append(f"{form.endpoint} {version[:9]!r}: {answer.status_code}")
            if answer.status_code >= 400:
                found += [f"{form.endpoint} {version[:9]!r}: {fault}" for fault in _missing(form, answer)]
            found += [f"{form.endpoint} {version[:9]!r}: {fault}" for fault in hostile.faults(answer)]
    assert not found, "\n".join(found)


def test_t10_a_body_that_no_form_sends_fails_nothing(siege, forms):
    found = []
    for form in forms.values():
        for name in _some(list(BODIES), form.endpoint, 2):
            content, content_type = BODIES[name]
            siege.put_back()
            answer = siege.client(form.role).post(form.url, data=content, content_type=content_type)
            found += [
                f"{form.endpoint} {name}: {answer.status_code} {fault}" for fault in hostile.faults(answer)
            ]
            if siege.has_changed() and answer.status_code >= 400 and not _counts(form):
                found.append(f"{form.endpoint} {name}: {answer.status_code} changed something")
            if answer.status_code < 400 and not _needs_no_token(form):
                found.append(f"{form.endpoint} {name}: taken")
    assert not found, "\n".join(found)


def _needs_no_token(form: Open) -> bool:
    return form.endpoint in NO_TOKEN_ASKED or form.endpoint == "accounts.sign_out"


def _counts(form: Open) -> bool:
    """Whether tries are counted, so that even a refused one leaves a row."""
    return form.role in ("visitor", *DOORS_OF_PORTAL)


def _missing(form: Open, answer: TestResponse) -> Iterator[str]:
    """The fields of which the typed text is nowhere in the answer, neither to read on nor to send again."""
    fields = fields_of(answer)
    for name in form.names:
        typed = " ".join(form.good.get(name, [""])[0].split())
        if form.is_typed(name) and typed not in [" ".join(text.split()) for text in fields.getlist(name)]:
            # Numbers and telephones come back as they are written.
            before = form.shown.fields.get(name) if form.shown else None
            if before is None or fields.getlist(name) != before:
                yield f"lost {name}"


# ---------------------------------------------------------------------------- what was stored


#: What would end a session or put away what the next form is about.
LEFT_OUT = ("accounts.", "archive", "deactivate", "holiday", "password", "remove")

#: What is written, by the kind of the field.
POISON = {"text": hostile.POISON, "textarea": hostile.LINES}


def test_t10_what_was_stored_is_shown_harmlessly_everywhere(siege, forms, figure):
    """The same poison in every field that takes it, of every form; then every page, list, file and mail."""
    siege.speak(Language.ID)
    poisoned, taken = 0, 0
    for form in forms.values():
        if any(word in form.endpoint for word in LEFT_OUT):
            continue
        poison = {name: [POISON[kind]] for name in form.names if (kind := form.form.kinds[name]) in POISON}
        for _ in range(2):
            answer = siege.send(form, poison, afresh=False)
            wrong = hostile.told(answer.get_data(as_text=True)).keys() & poison.keys()
            if answer.status_code < 400 or not wrong:
                break
            poison = {name: text for name, text in poison.items() if name not in wrong}
        if answer.status_code < 400 and poison:
            poisoned, taken = poisoned + len(poison), taken + 1
        assert not list(hostile.faults(answer)), form.endpoint
    siege.keep()
    assert poisoned > 60

    found, seen = [], 0
    walk = Walk(siege.app, siege.session, chosen=sized(1, 2, 6), most_led=sized(1, 3, 12))
    for visit in walk.pages():
        seen += hostile.SCRIPT_AS_TEXT.encode() in visit.response.data
        found += [f"{visit.role} {visit.url}: {fault}" for fault in _harm(visit)]
    files = list(_files(siege))
    found += [f"{visit.role} {visit.url}: {fault}" for visit in files for fault in _harm(visit)]
    mails = posted(siege.session)
    found += [f"mail {mail.id}: {fault}" for mail in mails for fault in _in_mail(mail)]
    figure(
        f"T10: {poisoned} fields of {taken} forms poisoned, shown on {seen} pages and in {len(files)} files, "
        f"{len(found)} faults"
    )
    assert not found, "\n".join(found)
    assert seen > 10
    entries = [visit.response.data for visit in files] + [part for mail in mails for part in _entries(mail)]
    assert sum(b"korban@" in entry.replace(b"\r\n ", b"") for entry in entries) > 3


def _files(siege: Siege) -> Iterator[Visit]:
    """The calendar entry and the minutes of what was poisoned, from each place that hands them out.

    Somebody is invited to it, and so gets the entry by mail too.
    """
    with_script = siege.session.scalars(
        select(GuidanceSession).where(GuidanceSession.description.contains(hostile.SCRIPT))
    )
    guidance, contact = with_script.first(), siege.people[PARTNER]
    assert guidance is not None
    assert isinstance(contact, Contact)
    write()
    cluster = siege.session.get_one(Cluster, guidance.cluster_id)
    place = make.affiliation(make.partner(cluster), contact)
    (invited,) = invitations.invite(guidance, [place.id])
    link = tokens.make(TokenPurpose.INVITATION, object_id=invited.id)
    siege.keep()
    held = (Meeting.status == MeetingStatus.HELD, Meeting.notes.contains(hostile.SCRIPT))
    minutes = siege.session.scalars(select(Meeting.id).where(*held))
    asked = [
        (Role.ADMIN, f"/guidance/{guidance.id}/calendar.ics"),
        (PARTNER, f"/portal/invitations/{invited.id}/calendar.ics"),
        (VISITOR, f"/u/{link}/calendar.ics"),
        *((Role.ADMIN, f"/meetings/{number}/minutes.pdf") for number in minutes),
    ]
    assert asked[-1][1].endswith(".pdf")
    for role, url in asked:
        answer = siege.client(role).get(url)
        assert answer.status_code == 200, url
        yield Visit(role, url, answer)


def _harm(visit: Visit) -> Iterator[str]:
    if visit.url.startswith("/healthz"):
        return
    yield from hostile.faults(visit.response)
    if (visit.response.mimetype or "").endswith("spreadsheetml.sheet"):
        with ZipFile(BytesIO(visit.response.data)) as book:
            for name in book.namelist():
                part = book.read(name)
                if b"<f>" in part or b"<hyperlink" in part:
                    yield f"has a formula or a link in {name}"
    elif visit.response.mimetype == "text/calendar":
        yield from _in_calendar(visit.response.data)
    elif visit.response.mimetype == "application/pdf":
        paper = PdfReader(BytesIO(visit.response.data), strict=True)
        if {"/OpenAction", "/AA", "/AcroForm"} & paper.root_object.keys():
            yield "does something when it is opened"
        if any("/A" in note.get_object() for page in paper.pages for note in page.get("/Annots", ())):
            yield "has a link"


#: Each of them at most once, but for those that frame the rest.
OF_A_CALENDAR = {
    "PRODID", "VERSION", "METHOD", "UID", "SEQUENCE", "DTSTAMP", "DTSTART", "DTEND", "SUMMARY", "STATUS",
    "LOCATION", "DESCRIPTION", "URL", "ORGANIZER", "ATTENDEE",
}  # fmt: skip
FRAME = ["BEGIN:VCALENDAR", "BEGIN:VEVENT", "END:VEVENT", "END:VCALENDAR"]


def _in_calendar(content: bytes) -> Iterator[str]:
    """Where what was typed stands anywhere but in the value of its own line, however lines are told apart."""
    lines = re.split(r"\r\n|\r|\n", content.decode().replace("\r\n ", ""))
    assert lines.pop() == ""
    inner = [line for line in lines if line not in FRAME]
    if [line for line in lines if line in FRAME] != FRAME:
        yield "is not one entry"
    names = [re.split("[:;]", line)[0] for line in inner]
    if wrong := [name for name in names if name not in OF_A_CALENDAR or names.count(name) > 1]:
        yield f"has the lines {sorted(set(wrong))}"
    if [line for line in inner if "korban@" in line and not line.startswith("DESCRIPTION:")]:
        yield "asks somebody who was typed"


def _in_mail(mail: OutboxMessage) -> Iterator[str]:
    message = opened(mail)
    allowed = {
        "from", "to", "reply-to", "subject", "date", "message-id", "mime-version", "content-type",
        "content-transfer-encoding", "auto-submitted", "list-unsubscribe", "list-unsubscribe-post",
        "x-auto-response-suppress", "precedence", "in-reply-to", "references", "list-id",
        "content-language",
    }  # fmt: skip
    if strange := {name.lower() for name in message} - allowed:
        yield f"has the headers {sorted(strange)}"
    if message.defects:
        yield f"is no mail: {message.defects}"
    for part in message.walk():
        if part.get_content_type() == "text/html":
            yield from (f"would run: {sign}" for sign in hostile.RUNS if sign in part.get_content())
    for entry in _entries(mail):
        yield from _in_calendar(entry)


def _entries(mail: OutboxMessage) -> Iterator[bytes]:
    """The calendar entry as mail programs read it, and the same as a file."""
    for part in opened(mail).walk():
        if part.get_content_type() in ("text/calendar", "application/ics"):
            yield bytes(part.get_payload(decode=True))
