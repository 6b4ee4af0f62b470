"""Functions that a person wrote in place of bodies of the legacy project, and what they ask for."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from .refusal import Reason, RefusalError

if TYPE_CHECKING:
    from .body import Body
    from .drafts import Drafting
    from .functions import Rewritten
    from .sources import FunctionSource
    from .statements import Finish
    from .types import Type

#: What a draft leaves where no rule knew an operation; see `drafts`.
OPEN = "# OPEN "
_PACKAGE = "app.overrides"


@dataclass(frozen=True)
class Asked:
    """One parameter of such a function; `annotation` is its text without blanks."""

    name: str
    annotation: str
    optional: bool


@dataclass(frozen=True)
class Override:
    """The function that stands for the body at the dotted path `name`.

    place: its file as the configuration has it. module: its module in the new app.
    sorts: whether it orders its statement itself.
    """

    name: str
    place: str
    module: str
    function: str
    line: int
    asks: tuple[Asked, ...]
    returns: str
    imports: Mapping[str, str]
    sorts: bool
    text: str = field(repr=False)

    @property
    def source(self) -> str:
        """`file:line` of its `def`."""
        return f"{self.place}:{self.line}"

    @property
    def alias(self) -> str:
        """What the new app's modules call it: no two overrides share that."""
        return f"{self.module.removeprefix(_PACKAGE + '.').replace('.', '_')}_{self.function}"

    def resolve(self, name: str) -> str:
        """The dotted path that a name of its module stands for."""
        head, dot, rest = name.partition(".")
        return f"{self.imports.get(head, head)}{dot}{rest}"


class OverrideError(Exception):
    """A function that cannot stand for a body: what is wrong, its line, what to do."""

    def __init__(self, message: str, line: int, hint: str) -> None:
        super().__init__(message)
        self.message, self.line, self.hint = message, line, hint


@dataclass
class Overrides:
    """The overrides of one conversion by the path that they stand for, and what became of each."""

    by_name: Mapping[str, Override] = field(default_factory=dict)
    used: set[str] = field(default_factory=set)
    #: Why one could not be used, where it could not; the last reason.
    refused: dict[str, Reason] = field(default_factory=dict)
    #: The paths of the functions that the rewriter looked into.
    walked: set[str] = field(default_factory=set)
    #: The body that is to be drafted.
    drafting: Drafting | None = None

    @classmethod
    def of(cls, overrides: Iterable[Override], drafting: Drafting | None = None) -> Overrides:
        """Overrides by name."""
        return cls({each.name: each for each in overrides}, drafting=drafting)

    def stands_for(
        self,
        source: FunctionSource,
        body: Body,
        env: dict[str, Type],
        finish: Finish | None,
        result: Rewritten,
    ) -> bool:
        """Fill `result` with a call of the override where there is one.

        Raises:
            RefusalError: it does not fit here.
        """
        from .ported import ANOTHER_FORM, write_call

        name = source.path
        self.walked.add(name)
        if self.drafting is not None:
            self.drafting.take(source, body, env)
        if name not in self.by_name:
            return False
        try:
            write_call(self.by_name[name], result, env, finish)
        except RefusalError as refusal:
            if refusal.code not in ANOTHER_FORM:
                self.refused[name] = refusal.reason(source.source)
            raise
        self.used.add(name)
        return True

    def named(self, place: tuple[str, str]) -> str | None:
        """The body that a function of the new app stands for."""
        for name, each in self.by_name.items():
            if place == (each.module, each.function):
                return name
        return None

    def files(self) -> dict[str, str]:
        """Path to source of the modules that the new app receives, package included."""
        found = {
            f"{each.module.replace('.', '/')}.py": each.text
            for name, each in self.by_name.items()
            if name in self.used
        }
        if found:
            found[f"{_PACKAGE.replace('.', '/')}/__init__.py"] = ""
        return found


def module_of(place: str) -> str:
    """`overrides/tenants.py` becomes `app.overrides.tenants`."""
    stem = place.rpartition("/")[2].removesuffix(".py")
    return f"{_PACKAGE}.{re.sub(r'[^a-z0-9_]', '_', stem.lower())}"


def read_override(name: str, place: str, function: str, text: str) -> Override:
    """The function called `function` in the source `text` of the file at `place`.

    Raises:
        OverrideError: it is not there, or not of a form that converted code can call.
    """
    try:
        tree = ast.parse(text)
    except SyntaxError as error:
        raise OverrideError(f"it is no Python: {error.msg}", error.lineno or 1, "mend it") from None
    node = _definition(tree, function)
    _require_finished(node, text)
    asks = _asked(node)
    if node.returns is None:
        hint = "say what it gives: `-> Select[Any]`, `-> bool`, `-> str`"
        raise OverrideError(
            f"`{function}` has no annotation for what it returns", node.lineno, hint
        )
    calls = (n for n in ast.walk(node) if isinstance(n, ast.Attribute))
    sorts = any(each.attr == "order_by" for each in calls)
    returns = _text(node.returns)
    return Override(
        name, place, module_of(place), function, node.lineno, asks, returns, _imports(tree), sorts, text
    )  # fmt: skip


def _definition(tree: ast.Module, function: str) -> ast.FunctionDef:
    found = [n for n in tree.body if getattr(n, "name", None) == function]
    known = [n.name for n in tree.body if isinstance(n, ast.FunctionDef)]
    if not found:
        hint = f"it has {', '.join(known)}" if known else "it has no function"
        raise OverrideError(f"there is no function `{function}`", 1, hint)
    node = found[-1]
    if isinstance(node, ast.AsyncFunctionDef):
        hint = "write `def`: it runs below `session.run_sync`, on a plain Session"
        raise OverrideError(f"`{function}` is `async def`", node.lineno, hint)
    if not isinstance(node, ast.FunctionDef):
        raise OverrideError(f"`{function}` is no function", node.lineno, "write a plain function")
    return node


def _require_finished(node: ast.FunctionDef, text: str) -> None:
    """Refuse a draft whose open operations nobody has closed."""
    lines = text.splitlines()[node.lineno - 1 : node.end_lineno]
    left = [at for at, line in enumerate(lines, node.lineno) if line.lstrip().startswith(OPEN)]
    if left:
        hint = f"finish the line below each `{OPEN.strip()}` comment and delete the comment"
        text = f"`{node.name}` is a draft with {len(left)} open operations"
        raise OverrideError(text, left[0], hint)


def _asked(node: ast.FunctionDef) -> tuple[Asked, ...]:
    given = node.args
    if given.vararg or given.kwarg or given.posonlyargs:
        hint = "name each parameter; docs/by_hand.md lists what can be asked for"
        raise OverrideError(f"`{node.name}` takes `*`, `**` or `/`", node.lineno, hint)
    first = len(given.args) - len(given.defaults)
    found = []
    for position, each in enumerate([*given.args, *given.kwonlyargs]):
        if each.annotation is None:
            hint = f"write `{each.arg}: Session` or what it is"
            text = f"the parameter `{each.arg}` of `{node.name}` has no annotation"
            raise OverrideError(text, each.lineno, hint)
        named = position - len(given.args)
        late = given.kw_defaults[named] is not None if named >= 0 else position >= first
        found.append(Asked(each.arg, _text(each.annotation), late))
    if any(each.name == "session" for each in found[1:]):
        text = f"`session` is not the first parameter of `{node.name}`"
        raise OverrideError(text, node.lineno, "put it first: `run_sync` hands it over there")
    return tuple(found)


def _text(node: ast.expr) -> str:
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return node.value
    return ast.unparse(node)


def _imports(tree: ast.Module) -> dict[str, str]:
    found: dict[str, str] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and not node.level:
            found |= {a.asname or a.name: f"{node.module}.{a.name}" for a in node.names}
        elif isinstance(node, ast.Import):
            found |= {a.asname: a.name for a in node.names if a.asname}
    return found
