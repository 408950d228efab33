"""docs/entities.md shows the entities as they are."""

from pentahelix import models
from pentahelix.extensions import Entity
from scripts import draw_entities


def test_the_picture_of_the_entities_is_up_to_date() -> None:
    drawn = draw_entities.PICTURE.read_text(encoding="utf-8")
    assert drawn == draw_entities.drawing(), (
        "models.py has changed: run `python -m scripts.draw_entities` and commit docs/entities.md"
    )


def test_every_entity_stands_in_a_chapter_and_in_the_table_of_contents() -> None:
    in_chapters = [entity for _, entities in draw_entities.chapters() for entity in entities]
    assert set(in_chapters) == {mapper.class_ for mapper in Entity.registry.mappers}
    contents = (models.__doc__ or "").split("\n\n")[1]
    words = contents.replace("·", " ").split()
    listed = [word for word in words if word in {entity.__name__ for entity in in_chapters}]
    assert listed == [entity.__name__ for entity in in_chapters], (
        "the docstring of models.py lists the entities of each chapter in their order"
    )
