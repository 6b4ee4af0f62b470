"""What a pagination class reads of its page is an attribute of the new one.

Before: Response({"count": self.page.paginator.count, "pages": self.page.paginator.num_pages, "results": data})
After:  {"count": self.count, "pages": self.num_pages, "results": data}
"""

from dataclasses import replace

from strangler_codemods.answer_types import PaginatorSelf
from strangler_codemods.operation import Operation, Typed, code_of, parse
from strangler_codemods.rule import attribute, method, rewrites
from strangler_codemods.types import Plain

_READ = {
    "page_number": {
        "page.paginator.count": "count",
        "page.paginator.num_pages": "num_pages",
        "page.paginator.per_page": "size",
        "page.number": "number",
    },
    "limit_offset": {"count": "count", "limit": "limit", "offset": "offset"},
}
_OF_PAGE = frozenset({"page", "page.paginator"})


@rewrites(attribute(PaginatorSelf, "*"))
def read(operation: Operation) -> Typed:
    kind = operation.on.type
    assert isinstance(kind, PaginatorSelf)
    path = f"{kind.part}.{operation.name}".lstrip(".")
    if kind.kind == "page_number" and path in _OF_PAGE:
        return Typed(operation.on.node, replace(kind, part=path))
    name = _READ.get(kind.kind, {}).get(path)
    if name is not None:
        return Typed(parse(f"{code_of(operation.on.node)}.{name}"), Plain("int"))
    if path not in kind.literals:
        operation.refuse("G102", f"`.{path}` of a paginator has no rule")
    return Typed(parse(f"{code_of(operation.on.node)}.{path}"))


@rewrites(method(PaginatorSelf, "*"))
def ask(operation: Operation) -> Typed:
    kind = operation.on.type
    assert isinstance(kind, PaginatorSelf)
    path = f"{kind.part}.{operation.name}".lstrip(".")
    own = code_of(operation.on.node)
    if path in ("get_next_link", "get_previous_link") and not operation.args:
        return Typed(parse(f"{own}.{path}()"), Plain("str | None"))
    if kind.kind == "page_number" and not operation.args:
        if path == "page.has_next":
            return Typed(parse(f"{own}.number < {own}.num_pages"), Plain("bool"))
        if path == "page.has_previous":
            return Typed(parse(f"{own}.number > 1"), Plain("bool"))
        if path == "page.next_page_number":
            return Typed(parse(f"{own}.following()"), Plain("int"))
        if path == "page.previous_page_number":
            return Typed(parse(f"{own}.preceding()"), Plain("int"))
    operation.refuse("G102", f"`.{path}()` of a paginator has no rule")
