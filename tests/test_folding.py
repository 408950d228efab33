import sqlite3

import pytest
from hypothesis import given, strategies as st

from pentahelix.folding import ALIKE, begins_alike, fold, likeness, match_query


@pytest.fixture(scope="module")
def found():
    """Asks SQLite's own index, since what it takes for a word is what counts."""
    connection = sqlite3.connect(":memory:")
    connection.execute("CREATE VIRTUAL TABLE entry USING fts5(folded, tokenize='unicode61')")

    def found_in(text: str, typed: str) -> bool:
        query = match_query(typed, "sqlite")
        if query is None:
            return False
        connection.execute("DELETE FROM entry")
        connection.execute("INSERT INTO entry VALUES (?)", (fold(text),))
        return bool(connection.execute("SELECT 1 FROM entry WHERE entry MATCH ?", (query,)).fetchall())

    yield found_in
    connection.close()


@pytest.mark.parametrize(
    ("text", "typed"),
    [
        ("Prof. Ir. Siti Nur'aini, Ph.D., IPU", "nuraini"),
        ("Prof. Ir. Siti Nuraini", "Nur'aini"),
        ("Dr. H. Ma’mun Nu’man, S.Pd., M.M.", "ma'mun numan spd"),
        ("Dr. H. Ma'mun Nu'man, S.Pd., M.M.", "S.Pd."),
        ("SMKN 1 Warunggunung", "smkn1"),
        ("SMKN1 Warunggunung", "SMKN 1"),
        ("SMKN 1 Warunggunung", "smkn 1 warung"),
        ("Café Lebak", "cafe"),
        ("Cafe Lebak", "CAFÉ"),
        ("Ana Diặ", "ana dia"),
        ("CV 3 Saudara Jaya", "3 saudara"),
        ("Implementation Arrangement (IA)", "IA"),
        ("421.5/37-SMKN1 WRG/II/2026", "421.5/37-SMKN1 WRG/II/2026"),
        ("421.5/37-SMKN1 WRG/II/2026", "37-SMKN1"),
        ("421.5/37-SMKN1 WRG/II/2026", "WRG"),
        ("421.5/37-SMKN1 WRG/II/2026", "421537"),
        ("Polis POL-358", "POL-358"),
        ("Polis POL-358", "pol358"),
        ('Naskah "PKS" tahun 2026', '"PKS"'),
        ("Promosi diskon 50% A_B", "50%"),
        ("Promosi diskon 50% A_B", "A_B"),
    ],
)
def test_c100_c101_found_each_way(found, text, typed):
    assert found(text, typed)


@pytest.mark.parametrize("typed", ["%", "_", "\\", "*", "", "  ", "()", '"', "'", "–"])
def test_c99_signs_alone_find_nothing_rather_than_everything(typed):
    assert match_query(typed, "sqlite") is None
    assert match_query(typed, "postgresql") is None


@pytest.mark.parametrize(
    "typed", ["AND", "NEAR(", "-a", "a OR b", "NOT", "folded:x", "a" * 5000, "a " * 5000]
)
def test_c100_no_word_is_an_operator_and_nothing_is_an_error(found, typed):
    assert not found("Sari Rasa", typed)


@given(st.text(max_size=80))
def test_c100_whatever_is_typed_is_found_in_itself(found, typed):
    assert match_query(typed, "sqlite") is None or found(typed, typed)


def test_a_query_for_postgresql_quotes_each_word():
    assert match_query("SMKN 1 & Ma'mun | !x", "postgresql") == "'smkn':* & '1':* & 'mamun':* & 'x':*"


def test_folding_joins_a_word_with_its_number_and_keeps_each_word_once():
    assert fold("SMKN 1 smkn") == "smkn 1 smkn1"
    assert fold("S.Pd.") == "s pd spd"


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("PT Gurih Ciujung", "Gurih Ciujung, PT."),
        ("CV. Rasa Lebak Sejahtera", "Rasa Lebak Sejahtera"),
        ("Toko Ma'mun", "Mamun"),
        ("UD Sumber Rejeki", "Sumber Rezeki"),
        ("Politeknik Ciujung", "Poli Teknik Ciujung"),
        ("SMKN1 Warunggunung", "SMKN 1 Warung Gunung"),
    ],
)
def test_the_same_name_written_otherwise_is_alike(one, other):
    assert likeness(one, other) >= ALIKE


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("SMKN 1 Rangkasbitung", "SMKN 2 Rangkasbitung"),
        ("PT Gurih Ciujung", "PT Kopi Pandeglang"),
        ("CV 3 Saudara Jaya", "CV Saudara Jaya"),
        ("", "PT"),
    ],
)
def test_different_names_are_not_alike(one, other):
    assert likeness(one, other) < ALIKE


@pytest.mark.parametrize(
    ("one", "other", "alike"),
    [
        ("CV Gurih Ciujung", "Gurih Ciujung Pangan", True),
        ("Dinas Kesehatan Kabupaten Lebak", "Dinas Kesehatan", True),
        ("Gurih", "Gurih Ciujung", False),
        ("Dinas Pertanian", "Dinas Perikanan", False),
    ],
)
def test_a_name_of_several_words_is_recognised_in_a_longer_one(one, other, alike):
    assert begins_alike(one, other) is alike


def test_a_name_of_nothing_but_a_legal_form_is_compared_as_it_is():
    assert likeness("Koperasi", "koperasi") == 100
