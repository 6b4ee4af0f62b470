"""What the source itself shows to change nothing: a mistake there is none."""

import ast
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

_MAKERS = frozenset({"create", "get_or_create"})
#: Calls that find one row, or count: the order of what they are given says nothing.
_ORDERLESS = frozenset({"get_object", "get", "exists", "count"})
_CUT = frozenset({"limit", "offset", "distinct", "first"})
_METHODS = frozenset({"get", "post", "put", "patch", "delete"})


def called(node: ast.AST) -> str:
    """The last part of the name that a call names."""
    call = node.value if isinstance(node, ast.Await) else node
    if not isinstance(call, ast.Call):
        return ""
    return ast.unparse(call.func).rpartition(".")[2]


@dataclass(slots=True)
class Whole:
    """What all modules of the application together do."""

    #: Classes whose rows are made: for each place the columns that it gives; None: any.
    made: dict[str, list[frozenset[str] | None]] = field(default_factory=dict)
    #: Tables whose rows are deleted.
    deleted: frozenset[str] = frozenset()
    #: Classes that are raised with a text of their own wherever they are raised.
    told: frozenset[str] = frozenset()
    classes: dict[str, ast.ClassDef] = field(default_factory=dict)
    #: Constants by name.
    values: dict[str, ast.expr] = field(default_factory=dict)
    #: By name where it is used: the top-level definition, and the calls around, the inner first.
    uses: dict[str, list[tuple[ast.stmt, list[ast.Call]]]] = field(default_factory=dict)

    @classmethod
    def of(cls, trees: Iterable[ast.Module], deleted: Iterable[str]) -> "Whole":
        """Read from the application's own modules and its support package."""
        whole, calls = cls(deleted=frozenset(deleted)), dict[str, list[bool]]()
        for tree in trees:
            for top in tree.body:
                whole._used(top, top, [])
                if isinstance(top, ast.Assign) and isinstance(top.targets[0], ast.Name):
                    whole.values[top.targets[0].id] = top.value
            for node in ast.walk(tree):
                if isinstance(node, ast.ClassDef):
                    whole.classes.setdefault(node.name, node)
                elif isinstance(node, ast.Call):
                    whole._makes(node)
                    whole._builds(node)
                    calls.setdefault(called(node), []).append(bool(node.args))
                elif isinstance(node, ast.Raise) and isinstance(node.exc, ast.Name):
                    calls.setdefault(node.exc.id, []).append(False)
        whole.told = frozenset(name for name, texts in calls.items() if all(texts))
        return whole

    def _makes(self, node: ast.Call) -> None:
        """Keyword arguments are columns; what is read from a body may be any."""
        for each in node.args[1:2] if called(node) in _MAKERS else ():
            if isinstance(each, ast.Name):
                given = frozenset(word.arg for word in node.keywords if word.arg)
                self.made.setdefault(each.id, []).append(None if len(node.args) > 2 else given)

    def _builds(self, node: ast.Call) -> None:
        """A row that is made by its class and saved later."""
        name = node.func.id if isinstance(node.func, ast.Name) else ""
        if name and not node.args:
            given = frozenset(word.arg for word in node.keywords if word.arg)
            loose = any(word.arg is None for word in node.keywords)
            self.made.setdefault(name, []).append(None if loose else given)

    def _used(self, top: ast.stmt, node: ast.AST, around: list[ast.Call]) -> None:
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load):
            self.uses.setdefault(node.id, []).append((top, around))
        inner = [node, *around] if isinstance(node, ast.Call) else around
        for child in ast.iter_child_nodes(node):
            self._used(top, child, inner)

    def orderless(self, name: str, seen: frozenset[str] = frozenset()) -> bool:
        """Whether no order of the statement of this name is ever seen.

        Wherever it is used one row is looked for, or pages by cursor give it an order of their own.
        """
        if name in seen:
            return True
        uses = self.uses.get(name, ())
        return bool(uses) and all(self._drops(name, *use, seen) for use in uses)

    def _drops(
        self, name: str, top: ast.stmt, around: list[ast.Call], seen: frozenset[str]
    ) -> bool:
        for call in around:
            if called(call) in _ORDERLESS or self._reorders(call):
                return True
            if called(call) == "paginate" and len(call.args) > 1:
                return self._is_cursor(ast.unparse(call.args[1]))
        if not isinstance(top, ast.FunctionDef) or "Select" not in ast.unparse(top.returns or top):
            return False
        cut = any(called(each) in _CUT for each in ast.walk(top))
        return not cut and self.orderless(top.name, seen | {name})

    def _reorders(self, call: ast.Call) -> bool:
        """Whether a call gives its rows another order: `order_by(None)`, a filter's own default."""
        if called(call) == "order_by":
            return [ast.unparse(each) for each in call.args] == ["None"]
        values = [self.values.get(each.id) for each in call.args if isinstance(each, ast.Name)]
        found = [each for value in values if value is not None for each in ast.walk(value)]
        return called(call) == "filtered_by" and any(
            called(each) == "OrderingFilter" and any(w.arg == "default" for w in each.keywords)
            for each in found
            if isinstance(each, ast.Call)
        )

    def _is_cursor(self, name: str) -> bool:
        node = self.classes.get(name)
        bases = [ast.unparse(each) for each in node.bases] if node is not None else []
        return "CursorPagination" in bases or any(map(self._is_cursor, bases))

    def fills(self, owner: str, column: str) -> bool:
        """Whether some row is made without a value for the column."""
        return any(given is None or column not in given for given in self.made.get(owner, ()))

    def permits(self, name: str, method: str) -> bool:
        """Whether a permission class lets everybody pass who uses this method."""
        node = self.classes.get(name)
        if node is None or [ast.unparse(each) for each in node.bases] != ["BasePermission"]:
            return False
        checks = {one.name: one for one in node.body if isinstance(one, ast.FunctionDef)}
        if "has_object_permission" in checks:
            return False
        asked = checks.get("has_permission")
        return asked is None or _passes(asked, method)

    def opens(self, route: ast.AST | None, permissions: ast.expr) -> bool:
        """Whether nobody is refused by the permissions of one route."""
        method = called(route) if route is not None else ""
        listed = permissions.elts if isinstance(permissions, ast.List) else []
        names = [each.id for each in listed if isinstance(each, ast.Name)]
        if len(names) < max(len(listed), 1):
            return False
        methods = {method} if method in _METHODS else _METHODS
        return all(self.permits(name, each.upper()) for name in names for each in methods)


def _passes(check: ast.FunctionDef, method: str) -> bool:
    """Whether a check begins by letting the method pass: `if ….method in (…): return True`."""
    body = [each for each in check.body if not isinstance(each, ast.Expr)]
    first = body[0] if body else None
    if isinstance(first, ast.Return):
        return ast.unparse(first) == "return True"
    if not (isinstance(first, ast.If) and ast.unparse(first.body[0]) == "return True"):
        return False
    test = first.test
    if not (isinstance(test, ast.Compare) and isinstance(test.ops[0], ast.In)):
        return False
    words = {each.value for each in ast.walk(test.comparators[0]) if isinstance(each, ast.Constant)}
    return ast.unparse(test.left).endswith("request.method") and method in words


def deleting(functions: Mapping[str, ast.stmt]) -> Iterator[str]:
    """Keys of the endpoints whose function deletes a row, and does not only mark it."""
    for key, node in functions.items():
        body = ast.Module(getattr(node, "body", []), [])
        if any(called(each) in {"destroy", "delete"} for each in ast.walk(body)):
            yield key
