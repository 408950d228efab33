"""What a page says after an act: the notice stays until the next page, and may carry the way back."""

from flask import flash


def notice(
    text: str,
    *,
    kind: str = "ok",
    undo: str | None = None,
    undo_fields: dict[str, str] | None = None,
    then: tuple[str, str] | None = None,
) -> None:
    """Show `text` on the next page. `kind`: ok, info, warn, danger. `undo`: where a POST takes it back,
    with what it posts there besides.

    `then`: what is often done next, as the words of a link and its address.
    """
    flash({"text": str(text), "undo": undo, "undo_fields": undo_fields, "then": then}, kind)  # type: ignore[arg-type]
