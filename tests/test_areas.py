"""Names for the codes of places."""

import pytest

from pentahelix import areas
from pentahelix.vocabulary import Regency


@pytest.mark.parametrize(
    ("code", "name"),
    [
        ("36.02.14", "Rangkasbitung, Kabupaten Lebak"),
        ("36.02.28", "Cigemblong, Kabupaten Lebak"),
        ("36.02", "Kabupaten Lebak"),
        ("36.02.99", "Kabupaten Lebak"),
        ("36.71.05", "Kota Tangerang"),
        ("31.71", None),
        ("", None),
        (None, None),
    ],
)
def test_a_code_is_named_as_far_as_it_is_known(code, name):
    assert areas.name_of(code) == name


def test_lebak_has_28_districts_and_they_are_offered_by_name():
    offered = areas.districts_of(Regency.LEBAK)
    assert len(offered) == len(areas.DISTRICTS) == 28
    assert offered[0] == ("36.02.09", "Banjarsari")
    assert [name for _code, name in offered] == sorted(areas.DISTRICTS.values())
    assert areas.districts_of(Regency.SERANG) == []
