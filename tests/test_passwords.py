import pytest

from pentahelix import passwords


@pytest.fixture
def dearer_hashes():
    """A call that makes hashes cost more, until the test ends."""
    yield lambda: passwords.configure(time_cost=2, memory_kib=16, parallelism=1)
    passwords.configure(time_cost=1, memory_kib=8, parallelism=1)


def test_a_password_fits_its_own_hash_only():
    kept = passwords.digest("empat kata yang acak")
    assert passwords.verify("empat kata yang acak", kept)
    assert not passwords.verify("empat kata yang Acak", kept)


def test_the_same_password_has_another_hash_each_time():
    assert passwords.digest("empat kata yang acak") != passwords.digest("empat kata yang acak")


def test_nobody_has_the_password_of_nobody():
    assert not passwords.verify("empat kata yang acak", None)
    assert not passwords.verify("nobody has this password", None)


def test_what_is_no_hash_fits_nothing():
    assert not passwords.verify("empat kata yang acak", "bukan hash")


def test_composed_and_decomposed_letters_are_the_same():
    assert passwords.verify("cafe\u0301 di tepi kali", passwords.digest("caf\u00e9 di tepi kali"))


def test_a_hash_of_cheaper_parameters_is_asked_for_anew(dearer_hashes):
    kept = passwords.digest("empat kata yang acak")
    assert not passwords.needs_rehash(kept)
    dearer_hashes()
    assert passwords.needs_rehash(kept)
    assert passwords.verify("empat kata yang acak", kept)


@pytest.mark.parametrize(
    "password",
    ["pendek", "password123", "bismillah1", "indonesia2024", "qwertyuiop", "aaaaaaaaaaaa", "x" * 201],
)
def test_an_easy_password_is_refused_with_a_reason(password):
    assert passwords.weakness(password)


def test_own_names_and_places_are_easy():
    assert passwords.weakness("rangkasbitung") is None
    assert passwords.weakness("rangkasbitung", ["SMKN 1 Rangkasbitung", ""])
    assert passwords.weakness("NenengSulastri", ["Neneng Sulastri, S.Pd."])


def test_several_unrelated_words_are_good():
    assert passwords.weakness("gerobak tarum nasi seribu", ["Rangkasbitung"]) is None
