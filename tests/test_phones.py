import pytest
from hypothesis import given, strategies as st

from pentahelix import phones
from pentahelix.phones import Fault, PhoneNumber, PhoneNumberError


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("0812-3456-7890", "+6281234567890"),
        ("8123456789", "+628123456789"),
        ("62812 3456 7890", "+6281234567890"),
        ("+62 (0)812.3456.7890", "+6281234567890"),
        ("0062 812 3456 7890", "+6281234567890"),
        ("0811-123-456", "+62811123456"),
        ("1500-123", "+621500123"),
        ("+65 6123 4567", "+6561234567"),
    ],
)
def test_numbers_are_kept_in_one_form(typed, kept):
    assert phones.parse(typed) == PhoneNumber(kept)


@pytest.mark.parametrize(
    ("typed", "kept", "shown"),
    [
        ("(021) 3456789", "+62213456789", "(021) 345-6789"),
        ("0252-200001", "+62252200001", "(0252) 200-001"),
        ("0254 200 001", "+62254200001", "(0254) 200-001"),
        ("(0252) 201234", "+62252201234", "(0252) 201-234"),
    ],
)
def test_c06_landlines_are_accepted_and_shown_with_the_area_code_apart(typed, kept, shown):
    assert phones.parse(typed) == PhoneNumber(kept)
    assert phones.show(kept) == shown
    assert phones.whatsapp_link(kept) is None


def test_c08_a_mobile_number_of_thirteen_digits_is_accepted():
    assert phones.parse("0895 0000 00001") == PhoneNumber("+62895000000001")
    assert phones.show("+62895000000001") == "0895-0000-00001"


@pytest.mark.parametrize(
    ("typed", "fault"),
    [
        ("0895 0000 000001", Fault.TOO_LONG),
        ("+621", Fault.TOO_SHORT),
        ("081234567", Fault.TOO_SHORT),
        ("081200000012 / 081200000013 (TU)", Fault.TWO_NUMBERS),
        ("081200000012 081200000013", Fault.TWO_NUMBERS),
        ("0812-0000-0012 0812-0000-0013", Fault.TWO_NUMBERS),
        ("081200000012 atau 081200000013", Fault.TWO_NUMBERS),
        ("0252-201234/5", Fault.TWO_NUMBERS),
        ("081200000012 (TU)", Fault.WORDS),
        ("tanya Bu Neneng", Fault.WORDS),
        ("14045", Fault.UNKNOWN),
        ("+1 555 000 0000", Fault.UNKNOWN),
    ],
)
def test_c08_c09_what_is_not_one_number_is_refused_with_the_reason(typed, fault):
    with pytest.raises(PhoneNumberError) as refused:
        phones.parse(typed)
    assert refused.value.fault == fault


@pytest.mark.parametrize("typed", ["", "  ", "-", "–", "tidak ada", "Tidak Ada", "N/A"])
def test_c09_words_for_nothing_mean_nothing(typed):
    assert phones.parse(typed) is None


@pytest.mark.parametrize(
    "typed", ["081200000014 ext 12", "081200000014, ext. 12", "0812 0000 0014 pesawat 12"]
)
def test_c09_an_extension_is_kept_apart(typed):
    assert phones.parse(typed) == PhoneNumber("+6281200000014", "12")


def test_a_mobile_number_has_a_whatsapp_link_without_plus():
    assert phones.whatsapp_link("+6281234567890") == "https://wa.me/6281234567890"


def test_the_text_of_a_whatsapp_link_is_quoted():
    link = phones.whatsapp_link("+6281234567890", "Yth. Ibu & Bapak: 100%?\nSalam")
    assert link == "https://wa.me/6281234567890?text=Yth.%20Ibu%20%26%20Bapak%3A%20100%25%3F%0ASalam"


def test_hotlines_have_no_whatsapp_link():
    assert phones.whatsapp_link("+621500123") is None


def test_a_foreign_number_is_shown_with_its_code():
    assert phones.show("+60123456789") == "+60 12-345 6789"
    assert phones.is_mobile("+60123456789")


@given(st.integers(811, 899), st.integers(100_000, 999_999_999))
def test_what_is_shown_can_be_typed_again(prefix, rest):
    kept = phones.parse(f"0{prefix}{rest}")
    assert kept is not None
    assert phones.parse(phones.show(kept.e164)) == kept


@given(st.text(max_size=60))
def test_whatever_is_typed_gives_a_number_or_a_reason(typed):
    try:
        kept = phones.parse(typed)
    except PhoneNumberError:
        return
    assert kept is None or phones.show(kept.e164)
