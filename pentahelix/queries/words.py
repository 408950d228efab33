"""The index of words inside an ORM select: which records hold what somebody typed."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from sqlalchemy import (
    CTE,
    ColumnElement,
    Dialect,
    Select,
    String,
    TypeDecorator,
    and_,
    case,
    column,
    desc,
    false,
    func,
    literal,
    literal_column,
    select,
    table,
    type_coerce,
)

from pentahelix.extensions import Entity, db
from pentahelix.folding import match_query, resembling_query, words_asked
from pentahelix.models import SearchText
from pentahelix.search_index import noun

#: SQLite's index of words; its rows are those of search_text.
_WORDS = table("search_words", column("rowid"))
#: The `place` of what is found otherwise than by its name.
ELSEWHERE = 2
#: PostgreSQL's own parser would stem; the same word as in the index, or the index is not used.
_SIMPLE: ColumnElement[str] = literal_column("'simple'")

#: A query that finds no row, which is none at all to the one engine and an error to the other.
_NOTHING = {"postgresql": "", "sqlite": '""'}


class _Asked(TypeDecorator[str]):
    """What somebody typed, as the engine's full text search asks for it; no word at all finds nothing."""

    impl = String
    cache_ok = True

    def process_bind_param(self, typed: str | None, dialect: Dialect) -> str:
        return match_query(typed or "", dialect.name) or _NOTHING[dialect.name]


def matching(entity: Any, typed: str) -> ColumnElement[bool]:
    """Whether a row of `entity` holds every word of `typed`, each as the beginning of one; no wildcards."""
    criterion: ColumnElement[bool] = entity.id.in_(found(entity, typed))
    return criterion


def found(entity: type[Entity], typed: str) -> Select[int]:
    """The ids of the rows that `matching` means, to set beside a column that names such rows."""
    return select(SearchText.object_id).where(
        SearchText.noun == noun(entity), _holds(type_coerce(typed, _Asked()))
    )


def resembling(entity: type[Entity], name: str, limit: int) -> Select[int]:
    """The ids of at most `limit` rows that share a word's beginning with `name`, the closest first."""
    dialect = _dialect()
    query = resembling_query(name, dialect)
    candidates = select(SearchText.object_id).where(SearchText.noun == noun(entity)).limit(limit)
    if query is None:
        return candidates.where(false())
    if dialect == "postgresql":
        rank = func.ts_rank(func.to_tsvector(_SIMPLE, SearchText.folded), func.to_tsquery(_SIMPLE, query))
        return candidates.where(_holds(query)).order_by(desc(rank), SearchText.object_id)
    return (
        candidates.join(_WORDS, _WORDS.c.rowid == SearchText.id)
        .where(_match(query))
        .order_by(literal_column("search_words.rank"), SearchText.object_id)
    )


@dataclass(frozen=True)
class Words:
    """What somebody typed, a word after the other, as a prepared statement takes it apart."""

    first: str
    others: "Words | None"

    def __iter__(self) -> Iterator[str]:
        yield self.first
        yield from self.others or ()


def words_of(typed: str) -> Words | None:
    """None where there is nothing to look for."""
    words: Words | None = None
    for word in reversed(words_asked(typed)):
        words = Words(word, words)
    return words


def ranked(typed: str, words: Words) -> CTE:
    """All that holds what somebody typed, of which `words` are the words, whoever may see it.

    Its columns are noun, object_id, and `place` and `rank`, of which less is better. `place` is 0 where every
    word stands whole in the record's name, 1 where its beginning does, ELSEWHERE for what is found otherwise.
    """
    dialect, query = _dialect(), type_coerce(typed, _Asked())
    place = _place(words, dialect).label("place")
    found = select(SearchText.noun, SearchText.object_id, place)
    if dialect == "postgresql":
        rank = func.ts_rank(func.to_tsvector(_SIMPLE, SearchText.folded), func.to_tsquery(_SIMPLE, query))
        found = found.add_columns((-rank).label("rank")).where(_holds(query))
    else:
        found = (
            found.add_columns(literal_column("search_words.rank").label("rank"))
            .join(_WORDS, _WORDS.c.rowid == SearchText.id)
            .where(_match(query))
        )
    # Read for its own sake: SQLite would else ask the index of words again for each record of a noun.
    return found.cte("ranked").prefix_with("MATERIALIZED")


def _place(words: Words, dialect: str) -> ColumnElement[int]:
    # A LIKE over what the index has found already, and of that only the line of the name.
    position = func.strpos if dialect == "postgresql" else func.instr
    name = func.substr(SearchText.folded, 1, position(SearchText.folded, "\n") - 1)
    padded = literal(" ") + name + literal(" ")
    return case(
        (and_(*(padded.contains(literal(" ") + word + literal(" ")) for word in words)), 0),
        (and_(*(padded.contains(literal(" ") + word) for word in words)), 1),
        else_=ELSEWHERE,
    )


def _holds(query: Any) -> ColumnElement[bool]:
    if _dialect() == "postgresql":
        words = func.to_tsvector(_SIMPLE, SearchText.folded)
        return words.bool_op("@@")(func.to_tsquery(_SIMPLE, query))
    return SearchText.id.in_(select(_WORDS.c.rowid).where(_match(query)))


def _match(query: Any) -> ColumnElement[bool]:
    return literal_column("search_words").bool_op("MATCH")(query)


def _dialect() -> str:
    return db.session.get_bind().dialect.name
