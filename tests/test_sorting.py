"""Names stand where people look for them."""

import pytest

from pentahelix.models import Contact, Partner
from pentahelix.sorting import sort_key
from pentahelix.vocabulary import Helix


@pytest.mark.parametrize(
    "names",
    [
        ["SMKN 1 Rangkasbitung", "SMKN 2 Rangkasbitung", "SMKN 10 Rangkasbitung"],
        ["CV 3 Saudara Jaya", "CV 12 Saudara", "CV Gurih Ciujung Pangan"],
        ["Dr. H. Ma'mun Nu'man, S.Pd., M.M.", "Prof. Ir. Siti Nur'aini, Ph.D., IPU", "Sumiyati"],
        ["Ana Dia", "Ana Diặ B", "budi 2", "Budi 10"],
    ],
)
def test_a_list_of_names(names: list[str]) -> None:
    backwards = names[::-1]
    assert sorted(backwards, key=sort_key) == names


@pytest.mark.parametrize("name", ["Dr.", "Hj", "H", "Irma", "Drajat"])
def test_a_name_that_looks_like_a_title_is_kept(name: str) -> None:
    assert sort_key(name) == name.casefold().rstrip(".")


def test_the_sorted_form_follows_the_name() -> None:
    partner = Partner(name="CV Gurih", helix=Helix.INDUSTRY)
    contact = Contact(name="Ir. Wulan")
    assert (partner.sort_name, contact.sort_name) == ("cv gurih", "wulan")
    contact.name = "Hj. Yuyun"
    assert contact.sort_name == "yuyun"
