"""The files of the demo: for each name in the tables one page that says that it is an example.

They are stored before anything is entered, because files are received while no transaction is open.
"""

from collections.abc import Callable, Iterator

from pentahelix.exports.pdf import typeset
from pentahelix.services import documents
from pentahelix.services.documents import Received

Row = dict[str, str]

#: a table's key and the name of a paper of it → the file
Papers = dict[tuple[str, str], Received]


def names(row: Row) -> list[str]:
    """What proves a contribution, by name."""
    return [name.strip() for name in row["evidence"].split(";") if name.strip()]


def title(name: str) -> str:
    return name[0].upper() + name[1:]


def store(read: Callable[[str], list[Row]]) -> Papers:
    return {
        (key, name): documents.receive(_page(title(name), lines), f"{key} {name}.pdf")
        for key, name, lines in _wanted(read)
    }


def _wanted(read: Callable[[str], list[Row]]) -> Iterator[tuple[str, str, list[str]]]:
    partners = {row["partner_key"]: row["name"] for row in read("partners")}
    for row in read("contributions"):
        for name in names(row):
            yield row["contribution_key"], name, [row["title"], partners[row["partner_key"]]]
    agreements = {row["agreement_key"]: row for row in read("agreements")}
    for row in read("addenda"):
        agreement = agreements[row["agreement_key"]]
        yield (
            row["agreement_key"],
            row["title"],
            [agreement["title"], partners[agreement["partner_key"]]],
        )


def _page(heading: str, lines: list[str]) -> bytes:
    return typeset("sample.typ", {"title": heading, "lines": lines})
