import pytest

from pentahelix import identifiers
from pentahelix.identifiers import Fault, IdentifierError


def test_c10_fifteen_digits_and_a_leading_zero_are_the_same_npwp():
    assert identifiers.npwp("01.234.567.8-901.000") == "0012345678901000"
    assert identifiers.npwp("0012345678901000") == identifiers.npwp("01.234.567.8-901.000")


def test_c10_the_sixteen_digits_of_a_person_are_refused_as_such():
    with pytest.raises(IdentifierError) as refused:
        identifiers.npwp("3602 0123 0490 0001")
    assert refused.value.fault == Fault.PERSONAL


def test_c10_fourteen_digits_are_refused_with_their_number():
    with pytest.raises(IdentifierError) as refused:
        identifiers.npwp("01.234.567.8-901.00")
    assert (refused.value.fault, refused.value.digits) == (Fault.WRONG_LENGTH, 14)


def test_an_npwp_as_shown_can_be_typed_again():
    assert identifiers.show_npwp("0012345678901000") == "0012 3456 7890 1000"
    assert identifiers.npwp("0012 3456 7890 1000") == "0012345678901000"


def test_a_nib_has_thirteen_digits_and_an_npsn_eight():
    assert identifiers.nib("0220 0012 3456 7") == "0220001234567"
    assert identifiers.npsn("20601234") == "20601234"


@pytest.mark.parametrize(
    ("read", "typed", "fault"),
    [
        (identifiers.nib, "022000123456", Fault.WRONG_LENGTH),
        (identifiers.nib, "O220001234567", Fault.NOT_DIGITS),
        (identifiers.nib, "０２２０００１２３４５６７", Fault.NOT_DIGITS),
        (identifiers.npsn, "206012345", Fault.WRONG_LENGTH),
        (identifiers.npsn, "", Fault.NOT_DIGITS),
        (identifiers.npwp, "belum punya", Fault.NOT_DIGITS),
    ],
)
def test_other_numbers_are_refused_with_the_reason(read, typed, fault):
    with pytest.raises(IdentifierError) as refused:
        read(typed)
    assert refused.value.fault == fault
