"""Templates, compiled once for each language, with their texts already in it.

A page has some hundreds of texts and signs. What each of them is does not change from one reader to the next,
so it is looked up when a template is compiled, not when it is drawn: `_("Simpan")`, `icon("plus")` and
`asset("js/enhance.js")` become part of the page around them. Texts with a number in them (`ngettext`) are
chosen when the page is drawn, from the catalogue of the template's language.

Macros that draw the same whenever they are given the same (a badge, the row of a list) are listed by their
file as `drawn_once`; they are drawn once for each of their arguments. So these hold values and no rows of the
session, and all that the macro looks at is among them: what depends on the day, on the reader's clock or on
where the application stands is given `reading()`.
"""

from collections.abc import Callable, Hashable
from contextlib import nullcontext
from datetime import date
from functools import cache, lru_cache
from typing import Any, NamedTuple

from babel.support import Translations
from flask import Flask, g, request
from flask.templating import Environment
from flask_babel import get_locale, get_translations
from jinja2 import Template, nodes, pass_eval_context
from jinja2.environment import TemplateModule
from jinja2.runtime import Macro
from jinja2.visitor import NodeTransformer
from markupsafe import Markup

from pentahelix import clock, principal
from pentahelix.extensions import Entity
from pentahelix.presentation import number

#: Functions that always answer the same to the same: called with constants, they are called once.
Constant = Callable[..., object]
#: Of each macro that is `drawn_once`: twenty pages of rows.
MOST_DRAWN = 500


class Reading(NamedTuple):
    """What a page shows differently at another time, to a reader elsewhere, under another address."""

    #: that of the province
    today: date
    #: in each of the country's zones
    days: tuple[date, ...]
    #: of the reader's own clock, where they have set one
    zone: str | None
    root: str


def reading() -> Reading:
    """Of this request; the first argument of a macro that is drawn once and looks at any of it."""
    reader = principal.current()
    zone = g.get("viewers_zone", reader.timezone if reader else None)
    return Reading(clock.today(), tuple(map(clock.today, clock.ZONES)), zone, request.script_root)


class Page(Template):
    """A template, whose module remembers what its macros drew that it lists as `drawn_once`."""

    def make_module(self, *args: Any, **kwargs: Any) -> TemplateModule:
        module = super().make_module(*args, **kwargs)
        for name in getattr(module, "drawn_once", ()):
            setattr(module, name, _drawn_once(getattr(module, name)))
        return module


def _drawn_once(macro: Macro) -> Callable[..., Markup]:
    looks_around = "reading" in macro.arguments

    # By type as well: a text that is safe is another argument than one that is not.
    @lru_cache(MOST_DRAWN, typed=True)
    def drawn(*args: Hashable, **kwargs: Hashable) -> Markup:
        if held := [one for one in (*args, *kwargs.values()) if _is_of_session(one)]:
            raise TypeError(f"{macro.name} is kept and must not know a row: {held}")
        with nullcontext() if looks_around else clock.unasked():
            return Markup(macro(*args, **kwargs))  # noqa: S704 - it is what the macro drew

    return drawn


def _is_of_session(argument: object) -> bool:
    parts = argument if isinstance(argument, tuple) else (argument,)
    return any(isinstance(part, Entity) for part in parts)


class Templates(Environment):
    """Jinja's environment for Flask: hands out the template in the language of the reader."""

    template_class = Page
    language: str = ""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.constants: dict[str, Constant] = {}
        self.languages: dict[Hashable, Templates] = {}

    def make_globals(self, d: Any) -> Any:
        """One dictionary: a chain of them would be asked for each of its names when a page is drawn."""
        return {**self.globals, **(d or {})}

    def get_template(self, name: Any, parent: Any = None, globals: Any = None) -> Any:
        if self.language:
            return super().get_template(name, parent, globals)
        return self._spoken().get_template(name, parent, globals)

    def _spoken(self) -> "Templates":
        language = str(get_locale() or "id")
        if language not in self.languages:
            spoken = self.overlay(cache_size=-1)
            spoken.language = language
            spoken.globals = dict(self.globals)
            spoken.globals["ngettext"] = _plural(get_translations())
            self.languages[language] = spoken
        return self.languages[language]

    def _parse(self, source: str, name: str | None, filename: str | None) -> nodes.Template:
        tree = super()._parse(source, name, filename)
        _Settled(self.constants).visit(tree)
        return tree


class _Settled(NodeTransformer):
    """Puts in its place what is known before a page is drawn."""

    def __init__(self, constants: dict[str, Constant]) -> None:
        self.constants = constants

    def visit_Call(self, call: nodes.Call) -> nodes.Node:  # noqa: N802
        self.generic_visit(call)
        name = call.node.name if isinstance(call.node, nodes.Name) else ""
        words = [_settled(one) for one in call.args]
        if call.dyn_args or call.dyn_kwargs or None in words:
            return call
        if name in ("_", "gettext"):
            return _text(get_translations().ugettext(*words), call)
        if name == "pgettext":
            return _text(get_translations().upgettext(*words), call)
        named = {given.key: _settled(given.value) for given in call.kwargs}
        if name in self.constants and None not in named.values():
            return nodes.Const(self.constants[name](*words, **named), lineno=call.lineno)
        return call


def _settled(argument: nodes.Expr) -> Any:
    """The constant text that is given; None of what is known when the page is drawn only."""
    if isinstance(argument, nodes.MarkSafeIfAutoescape):
        argument = argument.expr
    return argument.value if isinstance(argument, nodes.Const) else None


def _plural(texts: Translations) -> Callable[..., str]:
    """What Jinja's own ngettext does, without a new context for each call and the search for the language.

    The number is written as numbers are: "2.000 mitra".
    """

    @pass_eval_context
    def ngettext(at: nodes.EvalContext, one: str, many: str, count: Any, /, **filled: Any) -> str:
        text = texts.ungettext(one, many, count)
        # What the translators wrote is ours; only what is filled in is escaped.
        return (Markup(text) if at.autoescape else text) % {"num": number(count), **filled}  # noqa: S704

    return ngettext


def _text(text: str, call: nodes.Call) -> nodes.Expr:
    """As the call would have given it: safe where the template escapes, with what is filled in escaped."""
    safe = nodes.MarkSafeIfAutoescape(nodes.Const(text if call.kwargs else text % {}), lineno=call.lineno)
    if not call.kwargs:
        return safe
    filled = nodes.Dict(
        [nodes.Pair(nodes.Const(given.key), given.value) for given in call.kwargs], lineno=call.lineno
    )
    return nodes.Mod(safe, filled, lineno=call.lineno)


def register(app: Flask) -> None:
    """What pages are made of: with constants, it is settled when a template is compiled."""

    def asset(path: str) -> str:
        """The address of a file of static/."""
        return f"{app.static_url_path}/{path}"

    sprite = asset("icons/sprite.svg")

    @cache
    def icon(name: str, cls: str = "") -> Markup:
        """A sign of the sprite; a class beside its own says how it looks: "f-media"."""
        classes = f"i {cls}" if cls else "i"
        return Markup('<svg class="{}" aria-hidden="true"><use href="{}#{}"/></svg>').format(
            classes, sprite, name
        )

    @cache
    def cell(label: str = "", cls: str = "") -> Markup:
        """The attributes of a cell in a data_table; on a card its label stands before the value.

        cls: t-main (the card's head), t-side (its mark, with the word beside it in a table), t-act (its
        corner), only-wide (left out on a card), end, nowrap.
        """
        # What cards leave out stands in tables only, where a cell is one by itself.
        on_cards = "only-wide" not in str(cls)
        attributes = {"role": "cell", "class": cls, "data-label": label} if on_cards else {"class": cls}
        return Markup("").join(
            Markup(' {}="{}"').format(name, value) for name, value in attributes.items() if value
        )

    templates = app.jinja_env
    assert isinstance(templates, Templates)
    templates.constants.update(asset=asset, icon=icon, cell=cell)
    templates.globals.update(templates.constants, reading=reading)
