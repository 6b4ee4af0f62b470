"""DRF's search and ordering by query parameters, and what applies all filters of a view."""

import functools
import operator
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, ClassVar, Protocol

from sqlalchemy import ColumnElement, Select, or_, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Session, aliased
from starlette.requests import Request

from . import settings
from .conditions import LOOKUPS, condition
from .errors import ValidationError
from .fetching import entity
from .paths import Paths, ordered

_WORDS = re.compile(
    r"""((?:[^\s'"]*(?:(?:"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')[^\s'"]*)+)|\S+)""", re.VERBOSE
)
_PREFIXES = {"^": "istartswith", "=": "iexact", "@": "search", "$": "iregex"}
_SURROGATE = re.compile("[\ud800-\udfff]")


class Backend(Protocol):
    """What narrows or orders a list by the request."""

    def filter(
        self, statement: Select[Any], request: Request, session: Session | None
    ) -> Select[Any]:
        """Return the statement as the request's parameters have it."""

    def parameters(self) -> dict[str, str]:
        """Return the query parameters with their descriptions."""


def _checked(text: str) -> str:
    """Refuse what DRF's CharField refuses."""
    if "\x00" in text:
        if settings.DRF < (3, 15):
            return text.replace("\x00", "")
        raise ValidationError(["Null characters are not allowed."])
    found = _SURROGATE.search(text)
    if found:
        text = "Surrogate characters are not allowed: U+{code_point:X}."
        raise ValidationError([text.format(code_point=ord(found[0]))])
    return text


def _unquoted(text: str) -> str:
    quote = text[0]
    return text[1:-1].replace(rf"\{quote}", quote).replace(r"\\", "\\")


def search_terms(text: str) -> list[str]:
    """Split a search at blanks and commas; from DRF 3.15 on quotes keep phrases together."""
    text = _checked(text)
    if settings.DRF < (3, 15):
        return text.replace(",", " ").split()
    terms: list[str] = []
    for match in _WORDS.finditer(text):
        term = match[0].strip(",")
        if term.startswith(('"', "'")) and term[0] == term[-1]:
            terms.append(_unquoted(term))
        else:
            terms += [part.strip() for part in term.split(",") if part]
    return terms


class SearchFilter:
    """`?search=two words`: each word must be found in one of the fields.

    Fields are paths or attributes; a path may start with `^` (starts with), `=` (equals), `$`
    (regular expression) or `@` (full text), or end in a lookup such as `name__iexact`.
    """

    search_param: ClassVar[str | None] = None

    def __init__(self, *fields: Any) -> None:
        self.fields = fields

    def parameters(self) -> dict[str, str]:
        """Return the query parameters with their descriptions."""
        return {self.search_param or settings.SEARCH_PARAM: "A search term."}

    def filter(
        self, statement: Select[Any], request: Request, session: Session | None = None
    ) -> Select[Any]:
        """Keep the rows in which every term is found."""
        name = self.search_param or settings.SEARCH_PARAM
        terms = search_terms(request.query_params.get(name, ""))
        if not terms or not self.fields:
            return statement
        model = entity(statement)
        paths = Paths(model)
        wanted = self._condition(paths, terms)
        if not paths.to_many:
            return paths.joined(statement).where(wanted)
        # Joins to many would repeat rows: the same search runs on another alias, inside EXISTS.
        inner = aliased(model)
        paths = Paths(inner)
        wanted = self._condition(paths, terms)
        key, own = Paths(inner).column("pk"), Paths(model).column("pk")
        found = paths.joined(select(key)).where(key == own, wanted)
        return statement.where(found.correlate(model).exists())

    def _condition(self, paths: Paths, terms: Iterable[str]) -> ColumnElement[bool]:
        tests = [self._test(paths, field) for field in self.fields]
        return functools.reduce(
            operator.and_, (or_(*(test(term) for test in tests)) for term in terms)
        )

    def _test(self, paths: Paths, field: Any) -> Callable[[str], ColumnElement[bool]]:
        lookups = ["icontains"]
        if isinstance(field, str) and field[0] in _PREFIXES:
            lookups = [_PREFIXES[field[0]]]
            field = field[1:]
        column, given = paths.find(field)
        complete = bool(given) and given[-1] in LOOKUPS
        lookup = given if complete else (*given, *lookups)
        return lambda term: condition(column, lookup, term)


class OrderingFilter:
    """`?ordering=price,-name`: unknown names are ignored; with none left the default holds.

    `fields` are names that are also paths, or map a name to a path or attribute (or several).
    `one`: a single row is looked for, without an order, but an order that fails does so.
    """

    ordering_param: ClassVar[str | None] = None

    def __init__(
        self,
        fields: Iterable[str] | Mapping[str, Any],
        default: str | Sequence[Any] | None = None,
        *,
        one: bool = False,
    ) -> None:
        self.one = one
        self.fields = (
            dict(fields) if isinstance(fields, Mapping) else {name: name for name in fields}
        )
        self.default = (default,) if isinstance(default, str) else default

    def parameters(self) -> dict[str, str]:
        """Return the query parameters with their descriptions."""
        name = self.ordering_param or settings.ORDERING_PARAM
        return {name: "Which field to use when ordering the results."}

    def get_ordering(self, request: Request) -> tuple[Any, ...] | None:
        """Return the terms to order by; None leaves the statement's own order."""
        text = request.query_params.get(self.ordering_param or settings.ORDERING_PARAM, "")
        terms = [term.strip() for term in text.split(",")] if text else []
        valid = tuple(term for term in terms if term.removeprefix("-") in self.fields)
        return valid or (tuple(self.default) if self.default else None)

    def filter(
        self, statement: Select[Any], request: Request, session: Session | None = None
    ) -> Select[Any]:
        """Order the rows."""
        terms = self.get_ordering(request)
        if not terms:
            return statement
        paths = Paths(entity(statement))
        expressions = [part for term in terms for part in self._expressions(paths, term)]
        if self.one:
            return statement
        return paths.joined(statement).order_by(None).order_by(*expressions)

    def _expressions(self, paths: Paths, term: Any) -> list[ColumnElement[Any]]:
        if not isinstance(term, str):
            return [term]
        name = term.removeprefix("-")
        targets = self.fields.get(name, name)
        if not isinstance(targets, (tuple, list)):
            targets = (targets,)
        return [
            part
            for target in targets
            for part in _directed(paths, target, descending=term.startswith("-"))
        ]


def _directed(paths: Paths, target: Any, *, descending: bool) -> list[ColumnElement[Any]]:
    """Order by a path, whose own minus is turned round when `descending`."""
    if isinstance(target, str):
        backwards = target.startswith("-") != descending
        name = target.removeprefix("-")
        return ordered(paths, [f"-{name}" if backwards else name])
    column = paths.column(target)
    return [column.desc() if descending else column.asc()]


def chosen_ordering(request: Request, backends: Iterable[Any]) -> tuple[Any, ...] | None:
    """What the first ordering filter orders by, for cursors; None leaves it to the paginator."""
    filters = (backend for backend in backends if isinstance(backend, OrderingFilter))
    first = next(filters, None)
    return first.get_ordering(request) if first is not None else None


def filtered(
    statement: Select[Any],
    request: Request,
    backends: Iterable[Any],
    session: Session | None = None,
) -> Select[Any]:
    """Apply the backends in their order: instances, or FilterSet classes.

    Filters by related objects look them up and need the `session`; without one they raise
    RuntimeError. Endpoints of such views use `filtered_by`.
    """
    for backend in backends:
        chosen = backend() if isinstance(backend, type) else backend
        statement = chosen.filter(statement, request, session)
    return statement


async def filtered_by(
    session: AsyncSession, statement: Select[Any], request: Request, backends: Iterable[Any]
) -> Select[Any]:
    """Apply the backends in their order, with a session for what they look up."""
    return await session.run_sync(lambda sync: filtered(statement, request, tuple(backends), sync))


__all__ = [
    "OrderingFilter",
    "SearchFilter",
    "chosen_ordering",
    "filtered",
    "filtered_by",
    "search_terms",
]
