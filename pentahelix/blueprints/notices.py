"""What a page says after an act: the notice stays until the next page, and may carry the way back."""

from flask import flash


def notice(text: str, *, kind: str = "ok", undo: str | None = None) -> None:
    """Show `text` on the next page. `kind`: ok, info, warn, danger. `undo`: where a POST takes it back."""
    flash({"text": str(text), "undo": undo}, kind)  # type: ignore[arg-type]
