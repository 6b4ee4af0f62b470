"""Finds the names that handler code reads from a request: parameters, and keys of the body."""

import ast
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import TypeAlias

from strangler.facts import Endpoint, Facts, Model, Permission

_QUERY = {"query_params", "GET"}
_DATA = {"data", "POST"}
_PARTS = _QUERY | _DATA | {"FILES"}
#: Headers without which a request would be another one; empty: none at all.
_TRANSPORT = {
    "", "host", "content-type", "content-length", "authorization", "cookie", "accept",
    "connection", "transfer-encoding", "upgrade", "expect",
}  # fmt: skip
#: What the methods of generic views hand on to, where they are not written themselves.
_ACTIONS = {
    "get": ("list", "retrieve"), "post": ("create",), "put": ("update",),
    "patch": ("partial_update", "update"), "partial_update": ("update",), "delete": ("destroy",),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Reading:
    """What an endpoint's code names: query parameters, keys of the body, keys of whole objects.

    inner: keys that it reads of such an object. files: names of uploads.
    shaping: query parameters that its serializers read, which say what they show.
    headers: those that it reads, each with texts that its code knows.
    asks: whether it checks the query by a serializer, as others check the body.
    """

    query: list[str]
    data: list[str]
    envelopes: list[str]
    inner: list[str]
    asks: bool = False
    files: Sequence[str] = ()
    shaping: Sequence[str] = ()
    headers: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    listed: bool = False  # a serializer takes a list of them

    @classmethod
    def of(
        cls, root: Path, endpoint: Endpoint, others: Iterable[str], facts: Facts | None = None
    ) -> "Reading":
        """What the code says; `others` are the actions of the view's other endpoints.

        With facts, the headers are those of permissions, authenticators and middleware as well.
        """
        query, data = names_read(root, endpoint, others)
        asks = endpoint.method in {"GET", "ANY"} and checks_query(root, endpoint)
        files = [name for kind, name in _named(root, endpoint, others) if kind == "FILES"]
        inner = inner_names(root, endpoint)
        return cls(
            query, data, envelopes(root, endpoint), inner, asks, sorted(set(files)),
            sorted(_shaping(root, endpoint, facts) - {*query}) if facts else (),
            headers_read([
                *_own_functions(root, endpoint, others),
                *(_guards(root, endpoint, facts) if facts else ()),
                *(_around(root, facts) if facts else ()),
            ]),
            takes_list(root, endpoint),
        )  # fmt: skip


def _shaping(root: Path, endpoint: Endpoint, facts: Facts) -> set[str]:
    """Query parameters that the methods of the endpoint's serializers read."""
    known = {each.name: each for each in facts.serializers}
    short = {each.name.rpartition(".")[2]: each.name for each in facts.serializers}
    called = [name for names in classes_named(root, endpoint) for name in names]
    waiting: list[str | None] = [endpoint.serializer, *map(short.get, called)]
    seen: set[str] = set()
    found: set[str] = set()
    while waiting:
        each = known.get(waiting.pop() or "")
        if each is None or each.name in seen:
            continue
        seen.add(each.name)
        waiting += [item.serializer for item in each.fields]
        for ref in each.methods.values():
            for function in _functions(root, ref.source):
                found |= {name for part, name in _accesses(function) if part in _QUERY}
    return found


def names_read(
    root: Path, endpoint: Endpoint, others: Iterable[str]
) -> tuple[list[str], list[str]]:
    """Query parameters and body keys that the endpoint's own code names, sorted.

    `others` are the actions of the view's other endpoints: their methods are not looked at.
    """
    found = list(_named(root, endpoint, others))
    query = {name for kind, name in found if kind in _QUERY}
    data = {name for kind, name in found if kind in _DATA}
    return sorted(query), sorted(data)


def headers_read(functions: Iterable[ast.AST]) -> dict[str, tuple[str, ...]]:
    """Headers that functions name, each with the texts that they compare with."""
    found: dict[str, tuple[str, ...]] = {}
    for function in functions:
        texts = tuple(_texts_compared(function))
        for holder, name in _lookups(function):
            if isinstance(holder, ast.Attribute) and _is_request(holder.value):
                header = _header(holder.attr, name)
                if header.lower() not in _TRANSPORT:
                    found[header] = found.get(header, ()) + texts
    return {name: tuple(dict.fromkeys(texts)) for name, texts in found.items()}


def _header(attribute: str, key: str) -> str:
    """The header that `request.META[key]` or `request.headers[key]` gives; empty where none is."""
    if attribute == "META":
        return key.removeprefix("HTTP_").replace("_", "-").title() if key[:5] == "HTTP_" else ""
    return key.replace("_", "-") if attribute == "headers" else ""


def _texts_compared(function: ast.AST) -> Iterator[str]:
    """Texts behind `==`, `in` and the like, and those that something starts or ends with."""
    for node in ast.walk(function):
        given: list[ast.expr] = []
        if isinstance(node, ast.Compare):
            given = [node.left, *node.comparators]
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            given = node.args if node.func.attr in {"startswith", "endswith"} else []
        for each in given:
            inner = each.elts if isinstance(each, ast.Tuple | ast.List | ast.Set) else [each]
            values = (e.value for e in inner if isinstance(e, ast.Constant))
            yield from (value for value in values if isinstance(value, str))


def _named(root: Path, endpoint: Endpoint, others: Iterable[str]) -> Iterator[tuple[str, str]]:
    """What the endpoint's own code reads of the request: of which part, and the name."""
    for function in _own_functions(root, endpoint, others):
        yield from _accesses(function)


def _own_functions(root: Path, endpoint: Endpoint, others: Iterable[str]) -> Iterator[ast.AST]:
    """The view's methods, those of its other actions left out."""
    skipped = set(others) - {endpoint.action or ""}
    places = [ref.source for name, ref in endpoint.methods.items() if name not in skipped]
    found = [each for place in [*places, endpoint.source] for each in _functions(root, place)]
    yield from found
    yield from (each for each in _handling(root, endpoint) if each not in found)


def envelopes(root: Path, endpoint: Endpoint) -> list[str]:
    """Keys under which the endpoint's handler looks for a whole object, sorted.

    `request.data.get("user", {})`, `UserSerializer(data=request.data["user"])`.
    """
    found: set[str] = set()
    for function in _handling(root, endpoint):
        for each in _objects(function):
            found |= set(_keys_of_data(each))
    return sorted(found)


def inner_names(root: Path, endpoint: Endpoint) -> list[str]:
    """Keys that the handler reads of a whole object of the body, sorted.

    `given = request.data.get("user", {})`, then `given["email"]` and `given.get("bio")`.
    """
    found: set[str] = set()
    for function in _handling(root, endpoint):
        objects = {ast.dump(each) for each in _objects(function) if _keys_of_data(each)}
        bound = {
            target.id
            for node in ast.walk(function)
            if isinstance(node, ast.Assign) and ast.dump(node.value) in objects
            for target in node.targets
            if isinstance(target, ast.Name)
        }
        for holder, name in _lookups(function):
            if isinstance(holder, ast.Name) and holder.id in bound:
                found.add(name)
    return sorted(found)


def takes_list(root: Path, endpoint: Endpoint) -> bool:
    """Whether the handler makes a serializer over a list: `Serializer(data=…, many=True)`."""
    calls = (n for f in _handling(root, endpoint) for n in ast.walk(f) if isinstance(n, ast.Call))
    named = ({k.arg: k.value for k in call.keywords} for call in calls)
    return any(
        "data" in given
        and isinstance(many := given.get("many"), ast.Constant)
        and many.value is True
        for given in named
    )


def _keys_of_data(node: ast.expr) -> list[str]:
    return [name for kind, name in _accesses(node, deep=False) if kind in _DATA]


def checks_query(root: Path, endpoint: Endpoint) -> bool:
    """Whether the handler makes a serializer over the query: `Serializer(data=request.query_params)`."""
    made = (endpoint.filterset or "").rpartition(".")[2]  # takes `data=` too
    given = [each for function in _handling(root, endpoint) for each in _objects(function, made)]
    queries = [each for each in given if isinstance(each, ast.Attribute) and each.attr in _QUERY]
    return any(_is_request(each.value) for each in queries)


def _objects(function: ast.AST, but: str = "") -> Iterator[ast.expr]:
    """What is handed to `data=`, `but` to one, and what has a dictionary for its default."""
    nodes = list(ast.walk(function))
    assigned = [node for node in nodes if isinstance(node, ast.Assign)]
    bound = {t.id: a.value for a in assigned for t in a.targets if isinstance(t, ast.Name)}
    for node in nodes:
        if isinstance(node, ast.Call) and not (but and ast.unparse(node.func).endswith(but)):
            given = [k.value for k in node.keywords if k.arg == "data"]
            yield from (bound.get(v.id, v) if isinstance(v, ast.Name) else v for v in given)
            if len(node.args) == 2 and isinstance(node.args[1], ast.Dict):
                yield node


def classes_named(root: Path, endpoint: Endpoint) -> tuple[list[str], list[str]]:
    """Names that the endpoint's handler calls, those with `data=` first: serializers among them."""
    with_data: list[str] = []
    others: list[str] = []
    for function in _handling(root, endpoint):
        for node in ast.walk(function):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute | ast.Name):
                called = node.func
                name = called.attr if isinstance(called, ast.Attribute) else called.id
                keywords = [keyword.arg for keyword in node.keywords]
                takes = "data" in keywords or (len(node.args) > 1 and _is_data(node.args[1]))
                (with_data if takes else others).append(name)
    return with_data, others


def _is_data(node: ast.expr) -> bool:
    return isinstance(node, ast.Attribute) and node.attr in _DATA and _is_request(node.value)


def classes_handed(root: Path, endpoint: Endpoint) -> list[str]:
    """Names that the handler hands to what it calls: `paged(rows, pagination_class=self.Pages)`."""
    nodes = [n for function in _handling(root, endpoint) for n in ast.walk(function)]
    calls = [node for node in nodes if isinstance(node, ast.Call)]
    given = [value for c in calls for value in (*c.args, *(k.value for k in c.keywords))]
    attributes = [value.attr for value in given if isinstance(value, ast.Attribute)]
    return attributes + [value.id for value in given if isinstance(value, ast.Name)]


def models_named(root: Path, endpoint: Endpoint, models: Iterable[Model]) -> list[str]:
    """Labels of the project's models that the endpoint's handler names, in order."""
    labels = {each.name.rpartition(".")[2]: each.name for each in models if not each.package}
    nodes = [node for function in _handling(root, endpoint) for node in ast.walk(function)]
    names = [(n.lineno, n.col_offset, n.id) for n in nodes if isinstance(n, ast.Name)]
    return list(dict.fromkeys(labels[name] for _, _, name in sorted(names) if name in labels))


def _handler(endpoint: Endpoint) -> str | None:
    """Where the code starts that answers: the action, or what a generic view's method hands on to."""
    action = endpoint.action or ""
    for name in (action, *_ACTIONS.get(action, ())):
        if name in endpoint.methods:
            return endpoint.methods[name].source
    return endpoint.source


def _handling(root: Path, endpoint: Endpoint) -> list[ast.AST]:
    """The handler, and what it calls of its own view and file."""
    found: list[ast.AST] = []
    first = _handler(endpoint) or ""
    waiting = [(first, each) for each in _functions(root, first)]
    while waiting:
        place, function = waiting.pop(0)
        if function not in found:
            found.append(function)
            waiting += _called(root, endpoint, place, function)
    return found


def _called(
    root: Path, endpoint: Endpoint, place: str, function: ast.AST
) -> Iterator[tuple[str, ast.AST]]:
    """Methods of the view and functions of the file that a function calls, and where they are."""
    for node in ast.walk(function):
        called = node.func if isinstance(node, ast.Call) else None
        if isinstance(called, ast.Attribute):
            own = isinstance(called.value, ast.Name) and called.value.id == "self"
            ref = endpoint.methods.get(called.attr) if own else None
            source = (ref.source if ref else None) or ""
            yield from ((source, each) for each in _functions(root, source))
        elif isinstance(called, ast.Name):
            yield from ((place, each) for each in _beside(root, place, called.id))


def _beside(root: Path, place: str, name: str) -> Iterator[ast.AST]:
    """The function of a name on the first level of the file of a place."""
    tree = _tree(root / place.rpartition(":")[0]) if place else None
    for node in tree.body if tree is not None else ():
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.name == name:
            yield node


def _functions(root: Path, place: str | None) -> Iterator[ast.AST]:
    """The function that starts at `file:line`."""
    file, _, line = (place or "").rpartition(":")
    for node in _definitions(root / file) if file and line.isdigit() else ():
        if isinstance(node, ast.ClassDef):
            continue
        if _first(node) <= int(line) <= node.body[0].lineno:
            yield node


def _around(root: Path, facts: Facts) -> Iterator[ast.AST]:
    """The project's middleware: its functions, the methods of its classes, and what these call."""
    for ref in facts.middleware:
        place = ref.source or ""
        file, name = place.rpartition(":")[0], ref.path.rpartition(".")[2]
        found = [n for n in _definitions(root / file) if n.name == name] if file else []
        for node in [each for one in found for each in ast.walk(one)]:
            if isinstance(node, ast.FunctionDef):
                yield node
            elif isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
                yield from _beside(root, place, node.func.id)


def _guards(root: Path, endpoint: Endpoint, facts: Facts) -> Iterator[ast.AST]:
    """The methods of the project's permissions and authenticators that the endpoint asks."""
    names = {*endpoint.authenticators, *_leaves(endpoint.permissions)}
    for each in (*facts.permissions, *facts.authenticators):
        for method in each.methods.values() if each.name in names else ():
            yield from _functions(root, method.source)


def _leaves(permissions: Iterable[Permission]) -> Iterator[str]:
    for each in permissions:
        yield from [each.path] if each.path else _leaves(each.of)


_Definition: TypeAlias = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef


@lru_cache(maxsize=256)
def _definitions(path: Path) -> list[_Definition]:
    """Functions and classes of a file, at any depth."""
    tree = _tree(path)
    nodes = ast.walk(tree) if tree is not None else ()
    return [node for node in nodes if isinstance(node, _Definition)]


def _first(node: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    return min([node.lineno, *(each.lineno for each in node.decorator_list)])


@lru_cache(maxsize=256)
def _tree(path: Path) -> ast.Module | None:
    try:
        return ast.parse(path.read_bytes())
    except (OSError, SyntaxError, ValueError):
        return None


def _accesses(function: ast.AST, *, deep: bool = True) -> Iterator[tuple[str, str]]:
    """`request.data["a"]`, `self.request.query_params.get("b")`, `"c" in request.GET`.

    Also of a variable that holds such a part: `data = request.data`, then `data["a"]`.
    """
    held = _held(function) if deep else {}
    for holder, name in _lookups(function, deep=deep):
        if isinstance(holder, ast.Name) and holder.id in held:
            yield held[holder.id], name
        elif part := _part(holder):
            yield part, name


def _part(node: ast.expr) -> str:
    """The part of a request that an expression is, or copies; empty where it is none."""
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
        copied = node.func.attr in {"copy", "dict"} and not node.args
        return _part(node.func.value) if copied else ""
    known = isinstance(node, ast.Attribute) and node.attr in _PARTS and _is_request(node.value)
    return node.attr if known and isinstance(node, ast.Attribute) else ""


def _held(function: ast.AST) -> dict[str, str]:
    """Variables that hold a part of the request and nothing else, each with its name."""
    found: dict[str, set[str]] = {}
    for node in ast.walk(function):
        if isinstance(node, ast.Assign | ast.AnnAssign) and node.value is not None:
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            for target in targets:
                if isinstance(target, ast.Name):
                    found.setdefault(target.id, set()).add(_part(node.value))
    return {
        name: part for name, parts in found.items() if len(parts) == 1 for part in parts if part
    }


def _lookups(function: ast.AST, *, deep: bool = True) -> Iterator[tuple[ast.expr, str]]:
    """Where a text is looked up, and the text: `holder["a"]`, `holder.get("b")`, `"c" in holder`."""
    for node in ast.walk(function) if deep else (function,):
        holder, key = None, None
        if isinstance(node, ast.Subscript):
            is_set = isinstance(node.ctx, ast.Store) and isinstance(node.value, ast.Name)
            holder, key = (None if is_set else node.value), node.slice
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.args:
            if node.func.attr in {"get", "getlist", "pop"}:
                holder, key = node.func.value, node.args[0]
        elif isinstance(node, ast.Compare) and isinstance(node.ops[0], ast.In):
            holder, key = node.comparators[0], node.left
        if holder is not None and isinstance(key, ast.Constant) and isinstance(key.value, str):
            yield holder, key.value


def _is_request(node: ast.expr) -> bool:
    """Whether code calls something a request; responses and serializers have `data` too."""
    if isinstance(node, ast.Name):
        return node.id.lower().startswith("req") or node.id.endswith("request")
    if isinstance(node, ast.Subscript):
        return isinstance(node.slice, ast.Constant) and node.slice.value == "request"
    return isinstance(node, ast.Attribute) and node.attr.lstrip("_") == "request"
