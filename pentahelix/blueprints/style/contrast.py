"""The colours of the design and how well one reads on another (WCAG 2.2, relative luminance)."""

import json
from functools import cache
from pathlib import Path
from typing import Any

TOKENS = Path(__file__).with_name("tokens.json")


@cache
def tokens() -> dict[str, Any]:
    read: dict[str, Any] = json.loads(TOKENS.read_text(encoding="utf-8"))
    return read


def ratio(one: str, other: str) -> float:
    """Between 1 and 21, for two colours written "#RRGGBB"."""
    lighter, darker = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def _luminance(colour: str) -> float:
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    red, green, blue = [p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
