"""Where a generated module can be made wrong, and how: operators over its syntax tree."""

import ast
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from mutation.unseen import Whole
from mutation.unseen import called as _called

_STATUSES = {200: 202, 201: 200, 204: 202, 400: 422, 403: 404, 404: 410, 409: 400}
_COMPARED: dict[type[ast.cmpop], str] = {
    ast.Eq: "!=", ast.NotEq: "==", ast.Lt: "<=", ast.LtE: "<", ast.Gt: ">=", ast.GtE: ">",
    ast.In: "not in", ast.NotIn: "in", ast.Is: "is not", ast.IsNot: "is",
}  # fmt: skip
#: Keywords whose texts are documentation, or compiled into the schema of the database.
_SILENT = frozenset(
    {
        "tags",
        "description",
        "summary",
        "name",
        "prefix",
        "server_default",
        "info",
        "sqlite_where",
        "postgresql_where",
    }
)
_EFFECTS = ("on_commit", "send", "mail", "record", "delay", "signal")
#: What changes nothing when it is done again, whatever it is done to.
_IDEMPOTENT = frozenset({"setdefault"})
_PLACES = frozenset({"decimal_places", "max_digits"})
_LIMITS = frozenset({"max_length", "min_length", "min_value", "max_value", "page_size",
                     "max_page_size", "default_limit", "max_limit"})  # fmt: skip


@dataclass(frozen=True, slots=True)
class Mutant:
    """One replacement in one file. `start`, `end`: bytes; `definition`: the top-level one.

    member: What the nearest function, annotated or assigned name in it is called.
    """

    file: str
    line: int
    start: int
    end: int
    text: str
    operator: str
    definition: str
    member: str = ""

    def applied(self, source: bytes) -> bytes:
        """The module with the mistake in it."""
        return source[: self.start] + self.text.encode() + source[self.end :]

    def named(self, source: bytes) -> str:
        """What became what, in one line; it stays while other lines come and go."""
        line = source[source.rfind(b"\n", 0, self.start) + 1 : self.start].decode().strip()
        before = source[self.start : self.end].decode()
        place = f"{self.file} {self.definition}{self.member} {self.operator}"
        return f"{place}: {line} {_differing(_plain(before), _plain(self.text))}".replace(
            ":  ", ": "
        )


def _plain(text: str) -> str:
    """The code as `ast` writes it; a part of an expression may stand on several lines."""
    try:
        return ast.unparse(ast.parse(text))
    except SyntaxError:
        return ast.unparse(ast.parse(f"({text.strip()})"))


def _differing(before: str, after: str) -> str:
    """Both texts in one line, without most of what they begin with alike; no two are named alike."""
    left, right = " ".join(before.split()), " ".join(after.split())
    pairs = enumerate(zip(left, right, strict=False))
    shared = next((at for at, (one, other) in pairs if one != other), min(len(left), len(right)))
    start = shared - 60 if shared > 120 else 0
    head = "…" if start else ""
    told = [f"{head}{text[start : start + 160]}" for text in (left, right)]
    return " -> ".join(told)


Found = Iterator[tuple[ast.AST, str, str]]


class Module:
    """A parsed module that finds its own mutants."""

    def __init__(self, name: str, source: bytes) -> None:
        self.name, self.source = name, source
        #: What the other modules do with what is defined here.
        self.whole = Whole()
        self.tree = ast.parse(source)
        self.parents = {
            child: node for node in ast.walk(self.tree) for child in ast.iter_child_nodes(node)
        }
        lengths = [len(line) for line in source.splitlines(keepends=True)]
        self._starts = [sum(lengths[:number]) for number in range(len(lengths) + 1)]

    def mutants(self) -> Iterator[Mutant]:
        """Every mutant of every operator; those that change nothing are left out."""
        for top in self.tree.body:
            definition = name_of(top)
            if definition is None:
                continue
            for node in ast.walk(top):
                for operator in OPERATORS:
                    for target, text, kind in operator(self, node):
                        mutant = self._mutant(target, text, kind, definition)
                        if self.source[mutant.start : mutant.end] != text.encode():
                            yield mutant

    def _mutant(self, node: ast.AST, text: str, kind: str, definition: str) -> Mutant:
        start = self._starts[node.lineno - 1] + node.col_offset  # type: ignore[attr-defined]
        end = self._starts[node.end_lineno - 1] + node.end_col_offset  # type: ignore[attr-defined]
        member = self._member(node, definition)
        return Mutant(self.name, node.lineno, start, end, text, kind, definition, member)  # type: ignore[attr-defined]

    def _member(self, node: ast.AST, definition: str) -> str:
        kinds = (ast.AnnAssign, ast.Assign, ast.FunctionDef, ast.AsyncFunctionDef)
        holder = node if isinstance(node, kinds) else self.around(node, *kinds)
        if isinstance(holder, ast.AnnAssign | ast.Assign):
            target = holder.target if isinstance(holder, ast.AnnAssign) else holder.targets[0]
            name = ast.unparse(target)
        else:
            name = getattr(holder, "name", definition)
        return "" if name == definition else f".{name}"

    def around(self, node: ast.AST, *kinds: type[ast.AST]) -> ast.AST | None:
        """The nearest enclosing node of one of the kinds."""
        parent = self.parents.get(node)
        while parent is not None and not isinstance(parent, kinds):
            parent = self.parents.get(parent)
        return parent

    def calls_around(self, node: ast.AST) -> set[str]:
        """The names of the calls that it is an argument of, directly or not."""
        found: set[str] = set()
        parent = self.parents.get(node)
        while parent is not None and not isinstance(parent, ast.stmt):
            found.add(_called(parent))
            parent = self.parents.get(parent)
        return found

    def top(self, node: ast.AST) -> ast.stmt:
        """The top-level statement that it is in."""
        while not isinstance(parent := self.parents[node], ast.Module):
            node = parent
        assert isinstance(node, ast.stmt)
        return node

    def in_function(self, node: ast.AST) -> bool:
        """Whether the node runs when a request is answered."""
        return self.around(node, ast.FunctionDef, ast.AsyncFunctionDef) is not None

    def keyword(self, node: ast.AST) -> str | None:
        """The name of the argument that the node is a part of."""
        found = self.around(node, ast.keyword, ast.stmt)
        return found.arg if isinstance(found, ast.keyword) else None


def name_of(top: ast.stmt) -> str | None:
    """What a top-level statement defines."""
    if isinstance(top, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
        return top.name
    if isinstance(top, ast.Assign) and isinstance(top.targets[0], ast.Name):
        return top.targets[0].id
    return None


def _bases(node: ast.AST | None) -> str:
    return " ".join(map(ast.unparse, node.bases)) if isinstance(node, ast.ClassDef) else ""


def _method(node: ast.AST) -> str:
    """The name of the method that a call calls."""
    called = isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)
    return node.func.attr if called else ""  # type: ignore[attr-defined]


def _receiver(node: ast.AST) -> ast.expr:
    return node.func.value  # type: ignore[attr-defined,no-any-return]


def status(module: Module, node: ast.AST) -> Found:
    """Another status code."""
    if not (isinstance(node, ast.Constant) and type(node.value) is int):
        return
    parent = module.parents.get(node)
    named = isinstance(parent, ast.keyword) and parent.arg in {"status_code", "status"}
    held = isinstance(parent, ast.Assign) and "status_code" in ast.unparse(parent.targets[0])
    if (named or held) and 200 <= node.value < 600:
        yield node, str(_STATUSES.get(node.value, node.value + 1)), "status"


def message(module: Module, node: ast.AST) -> Found:
    """Another text for people."""
    if not (isinstance(node, ast.Constant) and isinstance(node.value, str) and " " in node.value):
        return
    parent = module.parents.get(node)
    if isinstance(parent, ast.Expr | ast.JoinedStr) or module.keyword(node) in _SILENT:
        return
    if module.calls_around(node) & {"CheckConstraint", "Index"}:
        return  # compiled into the schema, as the keywords above are
    owner = module.around(node, ast.ClassDef)
    default = isinstance(parent, ast.Assign) and ast.unparse(parent.targets[0]) == "default_detail"
    if default and isinstance(owner, ast.ClassDef) and owner.name in module.whole.told:
        return  # wherever it is raised it has a text
    holder = module.around(node, ast.Assign, ast.AnnAssign, ast.FunctionDef, ast.AsyncFunctionDef)
    if isinstance(holder, ast.Assign) and "__" in ast.unparse(holder.targets[0]):
        return
    if "primaryjoin" in ast.unparse(holder) if isinstance(holder, ast.AnnAssign) else False:
        return
    yield node, repr(node.value[:-1] + "~"), "message"


def field(module: Module, node: ast.AST) -> Found:
    """A field less, or one that may be left out and now must not, or the reverse."""
    parent = module.parents.get(node)
    if not (isinstance(node, ast.AnnAssign) and isinstance(parent, ast.ClassDef)):
        return
    bases = _bases(parent)
    if "ReadSchema" in bases or "WriteSchema" in bases:
        yield node, "pass", "field"
    if "WriteSchema" in bases:
        head = f"{ast.unparse(node.target)}: {ast.unparse(node.annotation)}"
        yield node, head if node.value is not None else f"{head} = UNSET", "field"


def limit(module: Module, node: ast.AST) -> Found:
    """A limit or a rounding that is one off."""
    if not (isinstance(node, ast.Constant) and type(node.value) is int):
        return
    parent = module.parents.get(node)
    if isinstance(parent, ast.keyword) and parent.arg in _LIMITS | _PLACES:
        yield node, str(node.value - 1), "rounding" if parent.arg in _PLACES else "limit"
    elif isinstance(parent, ast.Call) and _called(parent) in {"round", "Decimals", "quantize"}:
        yield node, str(node.value - 1), "rounding"
    elif isinstance(parent, ast.Assign) and ast.unparse(parent.targets[0]) in _LIMITS:
        yield node, str(node.value - 1), "limit"


def condition(module: Module, node: ast.AST) -> Found:
    """A filter dropped, a comparison turned, a logical operator swapped."""
    if _method(node) in {"where", "filter"}:
        yield node, f"({ast.unparse(_receiver(node))})", "filter"
    if isinstance(node, ast.Compare) and len(node.ops) == 1 and module.in_function(node):
        left, right = ast.unparse(node.left), ast.unparse(node.comparators[0])
        yield node, f"{left} {_COMPARED[type(node.ops[0])]} {right}", "filter"
    if isinstance(node, ast.BoolOp) and module.in_function(node):
        word = " or " if isinstance(node.op, ast.And) else " and "
        joined = word.join(f"({ast.unparse(each)})" for each in node.values)
        yield node, f"({joined})", "filter"
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not):
        yield node, f"({ast.unparse(node.operand)})", "filter"
    parent = module.parents.get(node)
    if isinstance(node, ast.Assign) and "FilterSet" in _bases(parent):
        yield node, "pass", "filter"


def permission(module: Module, node: ast.AST) -> Found:
    """A permission less, or one that decides the other way."""
    route = module.parents.get(node)
    if (
        isinstance(node, ast.keyword)
        and node.arg == "permissions"
        and not module.whole.opens(route, node.value)
    ):
        yield node.value, "[]", "permission"
    owner = module.around(node, ast.ClassDef)
    if isinstance(node, ast.Return) and node.value is not None and "Permission" in _bases(owner):
        yield node.value, f"not ({ast.unparse(node.value)})", "permission"
        yield node.value, "True", "permission"


def order(module: Module, node: ast.AST) -> Found:
    """Rows in another order, where an order is seen."""
    top = module.top(node)
    if module.whole.orderless(name_of(top) or "") and "limit" not in ast.unparse(top):
        return
    if _method(node) in {"desc", "order_by"}:
        yield node, ast.unparse(_receiver(node)), "order"
    ordering = isinstance(node, ast.Assign) and ast.unparse(node.targets[0]).endswith("_ORDER")
    if ordering and isinstance(node.value, ast.Tuple) and node.value.elts:  # type: ignore[attr-defined]
        rest = "".join(f"{ast.unparse(each)}, " for each in node.value.elts[1:])  # type: ignore[attr-defined]
        yield node.value, f"({rest})", "order"  # type: ignore[attr-defined]
    parent = module.parents.get(node)
    if isinstance(parent, ast.Tuple) and isinstance(node, ast.Constant) and len(parent.elts) > 1:
        call = module.around(node, ast.Call, ast.stmt)
        if _called(call) == "OrderingFilter" if call is not None else False:
            yield node, repr(f"{node.value}_"), "order"


def write(module: Module, node: ast.AST) -> Found:
    """A write that is missing, or one too many; an effect that is lost."""
    if not module.in_function(node):
        return
    if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Attribute):
        yield node, "pass", "missing write"
    if isinstance(node, ast.AugAssign):
        yield node, "pass", "missing write"
        yield node, f"{ast.unparse(node)}; {ast.unparse(node)}", "extra write"
    if isinstance(node, ast.Expr) and (name := _called(node.value)):
        lost = any(word in name for word in _EFFECTS)
        yield node, "pass", "lost effect" if lost else "missing write"
        if name not in _IDEMPOTENT:
            yield node, f"{ast.unparse(node)}; {ast.unparse(node)}", "extra write"
    if isinstance(node, ast.Call) and _called(node) in {"create", "save"}:
        for position, each in enumerate(node.keywords):
            if each.arg is None or each.arg == "update_fields":
                continue
            rest = node.keywords[:position] + node.keywords[position + 1 :]
            less = ast.Call(node.func, node.args, rest)
            yield node, ast.unparse(less), "missing write"


def column(module: Module, node: ast.AST) -> Found:
    """A default or an automatic value that rows no longer get; another rule when rows go.

    Of columns of rows that the application makes, and of keys of rows that it deletes.
    """
    if not (isinstance(node, ast.Call) and _called(node) == "mapped_column"):
        return
    owner = module.around(node, ast.ClassDef)
    parent = module.parents.get(node)
    name = ast.unparse(parent.target) if isinstance(parent, ast.AnnAssign) else ""
    made = isinstance(owner, ast.ClassDef) and module.whole.fills(owner.name, name)
    deleted = any(f"ForeignKey('{table}." in ast.unparse(node) for table in module.whole.deleted)
    for position, each in enumerate(node.keywords):
        if each.arg in {"default", "onupdate"} and made:
            rest = node.keywords[:position] + node.keywords[position + 1 :]
            yield node, ast.unparse(ast.Call(node.func, node.args, rest)), "missing write"
        elif each.arg == "info" and deleted and "on_delete" in ast.unparse(each.value):
            other = "SET_NULL" if "CASCADE" in ast.unparse(each.value) else "CASCADE"
            if any(other in ast.unparse(one) for one in module.tree.body[:30]):
                yield each.value, f'{{"on_delete": {other}}}', "extra write"


OPERATORS: tuple[Callable[[Module, ast.AST], Found], ...] = (
    status, message, field, limit, condition, permission, order, write, column,
)  # fmt: skip
