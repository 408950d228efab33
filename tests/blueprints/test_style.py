"""The living page of the design, and the promises of its colours."""

import pytest

from pentahelix import create_app
from pentahelix.blueprints.style.contrast import ratio, tokens
from pentahelix.config import Settings


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_the_style_page_draws_every_component_in_the_theme_asked_for(client, theme):
    page = client.get(f"/style?theme={theme}")
    assert page.status_code == 200
    assert f'data-theme="{theme}"' in page.text
    for part in (
        "cell-at_risk",
        "chip",
        "choice",
        "tl-next",
        "theirs",
        "field-err",
        "table-cards",
        "pager",
        "strands",
    ):
        assert part in page.text


def test_without_a_choice_the_device_decides_the_theme(client):
    assert "data-theme" not in client.get("/style").text


def test_an_installation_in_production_has_no_style_page(tmp_path):
    app = create_app(
        Settings(
            env="production",
            secret_key="k" * 40,
            base_url="https://pentahelix.example",
            database_url=f"sqlite:///{tmp_path}/x.db",
        )
    )
    assert "style.show" not in app.view_functions


PAIRS = [
    (text, ground, theme, pair["least"])
    for text, pair in tokens()["contrast"].items()
    for ground in pair["on"]
    for theme in ("light", "dark")
]


@pytest.mark.parametrize(("text", "ground", "theme", "least"), PAIRS)
def test_text_reads_on_its_ground(text, ground, theme, least):
    colours = tokens()["color"]
    assert ratio(colours[text][theme], colours[ground][theme]) >= least


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("helix", tokens()["helix"])
def test_the_mark_of_a_side_reads_on_its_own_ground(helix, theme):
    colour = tokens()["helix"][helix]
    assert ratio(colour[theme], colour[f"{theme}_soft"]) >= 4.5


def test_black_on_white_is_the_greatest_contrast():
    assert ratio("#000000", "#FFFFFF") == pytest.approx(21)
