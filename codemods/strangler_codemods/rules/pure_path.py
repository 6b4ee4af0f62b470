"""A path of `pathlib` whose parts are read touches no file, so it is a pure one.

Before: extension = pathlib.Path(file_name).suffix
After:  extension = PurePath(file_name).suffix
"""

from strangler_codemods.operation import Operation, Typed, code_of, parse
from strangler_codemods.plain_values import plain
from strangler_codemods.rule import attribute, call, rewrites
from strangler_codemods.surrounding_types import PurePath
from strangler_codemods.types import Plain

_TEXTS = ("anchor", "drive", "name", "root", "stem", "suffix")


@rewrites(call("pathlib.Path"), call("pathlib.PurePath"))
def made(operation: Operation) -> Typed:
    if operation.keywords() or any(argument.star for argument in operation.args):
        operation.refuse("B105", f"`{operation.name}` made like this has no rule")
    texts = [code_of(plain(operation.body, node)) for node in operation.positional()]
    name = operation.body.use("pathlib", "PurePath")
    return Typed(parse(f"{name}({', '.join(texts)})"), PurePath())


@rewrites(*(attribute(PurePath, name) for name in _TEXTS))
def part(operation: Operation) -> Typed:
    return Typed(parse(f"{operation.on.code}.{operation.name}"), Plain("str"))


@rewrites(attribute(PurePath, "parent"))
def parent(operation: Operation) -> Typed:
    return Typed(parse(f"{operation.on.code}.parent"), PurePath())


@rewrites(attribute(PurePath, "parts"), attribute(PurePath, "suffixes"))
def parts(operation: Operation) -> Typed:
    kind = "tuple[str, ...]" if operation.name == "parts" else "list[str]"
    return Typed(parse(f"{operation.on.code}.{operation.name}"), Plain(kind))
