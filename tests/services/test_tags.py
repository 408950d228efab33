"""One word is one tag in the whole province."""

import pytest
from sqlalchemy import func, select

from pentahelix.models import Tag
from pentahelix.services import tags

pytestmark = pytest.mark.both_engines


def test_a_word_that_another_cluster_uses_is_the_same_tag(cast, session, acting_as):
    with acting_as(cast.ujang) as his:
        tags.put(his.get_one(type(cast.badak), cast.badak.id), ["Ekspor", "siaran"])
    with acting_as(cast.lilis) as hers:
        tags.put(hers.get_one(type(cast.kemasindo), cast.kemasindo.id), ["ekspor"])
    assert session.scalar(select(func.count()).select_from(Tag)) == 2
    assert tags.names_of(cast.kemasindo.id) == ["ekspor"]


def test_tags_come_and_go_and_count_as_a_change_of_the_partner(cast, session):
    version = cast.kemasindo.version
    tags.put(cast.kemasindo, ["kemasan", "label"])
    tags.put(cast.kemasindo, ["label", "cetak"])
    assert tags.names_of(cast.kemasindo.id) == ["cetak", "label"]
    assert cast.kemasindo.version == version + 2


def test_the_same_tags_again_change_nothing(cast, session):
    tags.put(cast.kemasindo, ["kemasan"])
    version = cast.kemasindo.version
    tags.put(cast.kemasindo, ["kemasan"])
    assert cast.kemasindo.version == version
