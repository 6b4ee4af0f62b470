"""Django's querysets keep the rows that they have read; a statement asks again each time it is used.

The two differ once something was written between. `QueryCache` follows the variables of a function:
those whose queries have read their rows, and those for which something was written since.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import libcst as cst
from libcst import matchers

from .answer_types import PageData, PageOf
from .operation import Operation, Typed
from .refusal import ControlError
from .types import Query, Shown, Unknown
from .walking import walk

if TYPE_CHECKING:
    from .body import Body, CallResult

#: Methods of a queryset that answer from the rows it has, where it has them.
_PEEKING = frozenset(["count", "exists", "contains", "first"])
#: What `compat` offers for statements that change nothing.
READING = frozenset(
    [
        *("aggregate", "columns", "count", "earliest", "entity", "exists", "first", "get"),
        *("get_columns", "get_mapping", "get_object", "get_or_404", "in_bulk", "last", "latest"),
        *(
            "mappings",
            "matching",
            "named_rows",
            "normalize_email",
            "normalize_username",
            "ordering",
        ),
        *("read", "read_all", "read_many", "refresh", "reversed_order", "rows", "session_of"),
    ]
)
_OF_ROWS = frozenset(
    ["app.compat.actions", "app.compat.backends", "app.compat.orm", "app.compat.users"]
)


class KeepRowsError(ControlError):
    """The function must be written once more: a variable has to hold the rows of its query."""

    def __init__(self, name: str) -> None:
        super().__init__("once more")
        self.name = name


@dataclass(frozen=True)
class Reads:
    """Variables whose queries have read their rows; `stale` those before something was written.

    late: those for which something was written before they read.
    """

    read: frozenset[str] = frozenset()
    stale: frozenset[str] = frozenset()
    late: frozenset[str] = frozenset()

    def __or__(self, other: Reads) -> Reads:
        return Reads(self.read | other.read, self.stale | other.stale, self.late | other.late)


@dataclass
class QueryCache:
    """What the queries in the variables of one function have read when; `kept` are to hold rows."""

    now: Reads = Reads()
    wrote: bool = False
    kept: frozenset[str] = frozenset()
    #: Variables that may not hold rows; None where the function cannot be written again.
    settled: frozenset[str] | None = None
    _writing: bool = False
    #: Variables whose queries were first read by the statement that is being written.
    _first: frozenset[str] = frozenset()

    def restart(self) -> None:
        """Forget everything but which variables hold rows: the function is written again."""
        self.now, self.wrote = Reads(), False
        self.statement()

    def statement(self) -> None:
        """Another statement begins."""
        self._writing, self._first = False, frozenset()

    def bound(self, name: str) -> None:
        """A variable has another value."""
        alone = frozenset([name])
        now = self.now
        self.now = Reads(now.read - alone, now.stale - alone, now.late - alone)

    def imported(self, body: Body, module: str, name: str) -> None:
        """A function of `compat` is called: whatever is not known to read may write."""
        if module in _OF_ROWS and name not in READING:
            self.write(body)

    def write(self, body: Body) -> None:
        """Something is written: what was read is not what would be read now."""
        self.wrote = self._writing = True
        queries = {name for name, kind in body.env.items() if isinstance(kind, Query)}
        now = self.now
        self.now = Reads(now.read, now.stale | now.read, now.late | (queries - now.read))
        for name, kind in body.env.items():
            if isinstance(kind, PageOf | PageData) or (isinstance(kind, Shown) and kind.paged):
                body.env[name] = Unknown("its page was read before something was written")

    def used(self, body: Body, node: cst.Name, method: str | None = None) -> None:
        """A query in a variable is used, by one of its methods or for its rows.

        Raises:
            RefusalError: it would give other rows than those that it has.
            KeepRowsError: it would, unless the variable held its rows.
        """
        name = node.value
        if method is not None and method not in _PEEKING:
            return
        if name in self.now.stale:
            self._refuse(body, node)
        if method is None:
            alone = frozenset([name])
            self._first |= alone - self.now.read
            stale = alone if self._writing else frozenset[str]()
            self.now = replace(self.now, read=self.now.read | alone, stale=self.now.stale | stale)

    def shown(self, body: Body, text: str, node: cst.CSTNode) -> None:
        """Rows are shown by a serializer that was made of them before.

        Raises:
            RefusalError: something was written since.
        """
        for name in self.now.stale:
            spelled = body.renames.get(name, name)
            if matchers.findall(cst.parse_expression(text), matchers.Name(spelled)):
                self._refuse(body, node, name)

    def called(self, body: Body, result: CallResult, node: cst.CSTNode) -> None:
        """A function is called that may write, perhaps with queries among its arguments.

        Raises:
            RefusalError: one of them had read its rows before, so that it would not ask again.
        """
        reached = any(p.kind in ("session", "context") for p in result.parameters)
        if not (reached if result.writes is None else result.writes):
            return
        self.write(body)
        for argument in node.args if isinstance(node, cst.Call) else ():
            value = argument.value
            if isinstance(value, cst.Name) and value.value in self.now.read - self._first:
                self._refuse(body, value)

    @contextmanager
    def either(self) -> Iterator[None]:
        """While what may not run is written."""
        before = self.now
        yield
        self.now = self.now | before

    def _refuse(self, body: Body, node: cst.CSTNode, name: str = "") -> None:
        name = name or (node.value if isinstance(node, cst.Name) else "")
        known = self.settled
        if known is not None and name not in known | self.kept | self.now.late:
            raise KeepRowsError(name)
        text = f"`{name}` was read before something was written, and keeps those rows"
        body.refuse("Q134", text, node)


def may_keep_rows(node: cst.FunctionDef, name: str) -> bool:
    """Whether a variable of a function may hold rows in place of their query.

    It may where it is bound once, and no other query is made from it.
    """
    bound = 0
    for each in walk(node):
        match each:
            case cst.AssignTarget(cst.Name(value)) | cst.NamedExpr(cst.Name(value)):
                bound += value == name
            case cst.AnnAssign(cst.Name(value)) | cst.AugAssign(cst.Name(value)):
                bound += 2 * (value == name)
            case cst.Call(cst.Attribute(receiver)):
                if any(matchers.findall(p, matchers.Name(name)) for p in (receiver, *each.args)):
                    return False
    return bound == 1


def kept(body: Body, name: str, node: cst.BaseExpression, value: Typed) -> Typed:
    """The rows of a query that goes into a variable which has to hold them."""
    from .evaluating import evaluated

    if name not in body.queries.kept or not isinstance(value.type, Query):
        return value
    return evaluated(Operation(node, body, "__iter__", value), value)
