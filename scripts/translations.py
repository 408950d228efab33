"""Brings the catalogues up to date with the texts of the code: `make translations`.

Message ids are the Indonesian texts. The Indonesian catalogue therefore says only what is not Indonesian
already: plurals, and WTForms' own messages. The English one says everything.
"""

from importlib.resources import files
from pathlib import Path
from tempfile import TemporaryDirectory

from babel.messages.catalog import Catalog, Message
from babel.messages.frontend import CommandLineInterface
from babel.messages.pofile import read_po, write_po

from pentahelix.vocabulary import Language

ROOT = Path(__file__).resolve().parent.parent
TRANSLATIONS = ROOT / "pentahelix" / "translations"
LANGUAGES = tuple(language.value for language in Language)

#: What is called to translate, besides what Babel knows by itself.
KEYWORDS = ("_l", "lazy_gettext", "lazy_ngettext:1,2", "lazy_pgettext:1c,2")


def place_of(language: str) -> Path:
    return TRANSLATIONS / language / "LC_MESSAGES" / "messages.po"


def read(language: str) -> Catalog:
    with place_of(language).open("rb") as file:
        return read_po(file, locale=language)


def extracted() -> Catalog:
    """The texts of code and templates as they are now, and those that WTForms brings."""
    found = from_wtforms()
    with TemporaryDirectory() as folder:
        template = Path(folder) / "messages.pot"
        CommandLineInterface().run(  # type: ignore[no-untyped-call]
            ["pybabel", "--quiet", "extract", f"--mapping-file={ROOT / 'pyproject.toml'}"]
            + [f"--keywords={keyword}" for keyword in KEYWORDS]
            + ["--ignore-dirs=.*", "--sort-by-file", f"--output-file={template}", str(ROOT)]
        )
        with template.open("rb") as file:
            for message in read_po(file):
                if message.id:
                    found.add(message.id, flags=message.flags, context=message.context)
    return found


def from_wtforms() -> Catalog:
    with files("wtforms").joinpath("locale", "wtforms.pot").open("rb") as file:
        listed = read_po(file)
    catalog = Catalog(project="Pentahelix", fuzzy=False)
    for message in listed:
        if message.id:
            catalog.add(message.id, flags=message.flags)
    return catalog


def update(language: str, template: Catalog) -> None:
    """Give the catalogue the messages of the template; what is translated stays, what is gone goes."""
    catalog = read(language)
    catalog.update(template, no_fuzzy_matching=True, update_creation_date=False)
    english = {message.id for message in from_wtforms()}
    for message in catalog:
        if message.fuzzy:
            # It is counted now, and was not before: what it said then is not enough.
            message.flags.discard("fuzzy")
            message.string = ("",) * catalog.num_plurals
        if not message.id or is_translated(message):
            continue
        if language == "en" and message.id in english:
            message.string = message.id
        if language == "id" and message.pluralizable and message.id not in english:
            message.string = (message.id[1],)
    with place_of(language).open("wb") as file:
        write_po(file, catalog, width=0, no_location=True, ignore_obsolete=True)


def is_translated(message: Message) -> bool:
    """Whether each of its forms is there."""
    forms = message.string if isinstance(message.string, tuple | list) else (message.string,)
    return all(forms)


if __name__ == "__main__":
    texts = extracted()
    for language in LANGUAGES:
        update(language, texts)
