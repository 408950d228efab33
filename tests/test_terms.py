"""The words themselves: the terms of the field, one language a mail, and an hour that says its zone."""

import re
from functools import partial

import pytest
from sqlalchemy import select
from werkzeug.wrappers import Response

from pentahelix.extensions import db
from pentahelix.models import User
from pentahelix.vocabulary import Language, MailKind
from tests import factories as make
from tests.letters import ACTS, Story
from tests.outbox import html, opened, plain, posted
from tests.terms import AVOIDED, TERMS
from tests.test_languages import (
    catalogue,
    extracted,
    forms,
    messages,
    only_in,
    words_of,
    wtforms_messages,
)
from tests.texts import texts

#: What the people of the story have typed, and what they are called.
TYPED = """
    Desain kemasan keripik pisang SMKN 1 Warunggunung, ruang TeFa, Aula, Ada audit, Ruang dipakai, Sari,
    Kemasindo, Tia Baru, Kirim contoh label, Lampirkan surat kuasa, Klaster Teaching Factory Kuliner Lebak,
    Direktur, Rapat koordinasi, Tindak lanjut, Perjanjian Kerja Sama,
    Bidang SMK, Dinas Pendidikan dan Kebudayaan Provinsi Banten, Dra. Aminah,
    Lilis Nurhayati Agustin, notula.pdf
"""

#: An hour, alone or at the end of a range, with no zone behind it: "09.00", "9.00–11.30".
HOUR_WITHOUT_ZONE = re.compile(
    r"(?<![\d.,:/–-])(?:[01]\d|2[0-3])[.:][0-5]\d(?![\d%]|[.,:]\d)"
    r"(?!\s?[–-]\s?\d\d[.:]\d\d\s(?:WIB|WITA|WIT|UTC))(?!\s(?:WIB|WITA|WIT|UTC))"
)


def test_the_english_of_a_term_is_the_glossary_s():
    english = {forms(one.id)[0]: forms(one.string)[0] for one in messages(catalogue("en")) if not one.context}
    assert {term: english.get(term) for term in TERMS} == TERMS


def test_no_indonesian_text_uses_a_word_that_the_glossary_avoids():
    avoided = re.compile(rf"\b(?:{'|'.join(AVOIDED)})(?:nya)?\b", re.IGNORECASE)
    found = [
        f"{word}: say {AVOIDED[word.lower().removesuffix('nya')]!r} in {form!r}"
        for message in messages(extracted())
        if message.id not in wtforms_messages()
        for form in forms(message.id)
        for word in avoided.findall(re.sub(r"%\(\w+\)[sd]", "", form))
    ]
    assert found == []


@pytest.fixture(params=list(Language))
def letters(request, session, cast, monkeypatch):
    """What is read in one language of each mail that a kind of act sends."""

    # Whoever joins in the story, too.
    monkeypatch.setattr(make, "user", partial(make.user, language=request.param))

    def sent(kind):
        for user in session.scalars(select(User)):
            user.language = request.param
        ACTS[kind](Story(cast, request.param))
        # A tick of the scheduler has ended the session that the test began with.
        mails = posted(db.session(), kind)
        assert mails, f"no {kind} was sent"
        for mail in mails:
            yield f"subject of {kind}", str(opened(mail)["Subject"])
            yield f"text of {kind}", plain(mail)
            for where, text in texts(Response(html(mail), mimetype="text/html")):
                yield f"<{where}> of {kind}", text

    return request.param, sent


@pytest.mark.parametrize("kind", ACTS)
def test_c13_a_mail_is_of_one_language_and_its_hours_say_their_zone(letters, kind):
    """C13, for mails."""
    language, sent = letters
    others = only_in(Language.EN if language == Language.ID else Language.ID) - set(words_of(TYPED))
    # Neither an address nor a code is in a language, whatever its letters happen to spell.
    address = re.compile(r"https?://\S+|\S+@\S+|\b\w{4}-\w{4}\b")
    for place, text in sent(kind):
        said = address.sub(" ", text)
        assert not others.intersection(words_of(said)), place
        assert not HOUR_WITHOUT_ZONE.search(said), place


def test_every_kind_of_mail_is_among_the_letters():
    assert set(ACTS) == set(MailKind)
