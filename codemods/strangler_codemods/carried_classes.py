"""Classes of the project that keep their form: their constants, and the methods that DRF calls."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import NoReturn

import libcst as cst

from .annotations import annotation_of, widened
from .body import Body, CallResult, Import, Owner
from .functions import finish_value, rewrite_function
from .lattice import join
from .modules import Tree
from .names import as_docstring
from .operation import Operation, Typed, code_of, parse, string_value
from .refusal import RefusalError
from .sources import FunctionSource, Module
from .statements import Finish
from .types import ClassSelf, Constant, Plain, Request, Type, Unknown
from .world import World

_CONTEXT = ("app.identity", "Context")
#: Modules that import nothing of the project but one another.
_EARLY = ("app.compat.", "app.settings", "app.constants")


@dataclass(frozen=True)
class Entry:
    """A method that the framework calls: what its parameters are, and the new one's signature.

    head: the new signature, `{}` for the names of the parameters behind `self`.
    finish: what its `return` gives; plain: DRF's name for it is kept with plain parameters.
    """

    parameters: tuple[Type, ...]
    head: Callable[[list[str]], str]
    finish: Finish = finish_value
    imports: frozenset[Import] = frozenset()
    decorators: tuple[str, ...] = ()
    above: Type | None = None  # what the framework's own gives; None where `super()` has no rule
    asks: bool = True  # whether the new method is given the request's context
    called: bool = False  # whether the project's own methods may call it
    shown: str = ""  # the attribute that has what it gives
    whole: bool = False  # whether a body that ends without `return` has no rule
    named: str = ""  # the new method's name, where it is another
    free: bool = False  # whether parameters with names of their own follow: any values


@dataclass(frozen=True)
class Form:
    """A kind of class: its module, what it may derive from, the methods that DRF calls.

    closed: methods of the framework's class that no rule carries; `closed_prefixes` begin others.
    attributes: what the framework's class gives its objects. judged: what is written for constants that
    DRF reads; it raises ValueError where that has no rule. left: methods that what makes the object knows of.
    """

    module: str
    docstring: str
    bases: Mapping[str, Import]
    entries: Mapping[str, Entry]
    closed: frozenset[str]
    asks: bool = True  # whether its methods are given the request's context
    attributes: Mapping[str, Type] = field(default_factory=dict)
    judged: Mapping[str, Callable[[cst.BaseExpression], str]] = field(default_factory=dict)
    closed_prefixes: tuple[str, ...] = ()
    left: frozenset[str] = frozenset()
    early: bool = False  # whether `app.identity` needs the classes, so that they cannot need it

    @property
    def context(self) -> tuple[Import, str]:
        """Where the type of contexts is, and how an annotation names it."""
        if self.early:
            return ("app.compat.context", "Context"), "Context[Any]"
        return _CONTEXT, "Context"


@dataclass
class CarriedClasses:
    """Writes classes of one form, each below its base, and remembers them."""

    world: World
    tree: Tree
    form: Form
    _done: dict[str, Import | RefusalError] = field(default_factory=dict)
    #: What classes read of the view that they work for, by path.
    asked: dict[str, set[str]] = field(default_factory=dict)

    def place(self, path: str) -> Import:
        """Module and name of the new class.

        Raises:
            RefusalError: its base, or an operation of one of its methods, has no rule.
        """
        if path not in self._done:
            try:
                self._done[path] = _Writer(self, path).write()
            except RefusalError as refusal:
                self._done[path] = refusal
        known = self._done[path]
        if isinstance(known, RefusalError):
            raise known
        return known

    def lineage(self, path: str) -> tuple[list[str], str]:
        """The project's classes from `path` upwards, and the framework's class below them.

        Raises:
            RefusalError: a class has several bases, a decorator, or a base without a rule.
        """
        found: list[str] = []
        while path not in self.form.bases:
            source = self.world.sources.class_node(path)
            if source is None or path in found:
                raise RefusalError("B104", f"`{path}` has no rule")
            node, module = source
            place = f"{module.path}:{module.line_of(node.name)}"
            bases = [code_of(b.value) for b in node.bases if code_of(b.value) != "object"]
            if len(bases) != 1 or node.decorators or node.keywords:
                raise RefusalError("B104", f"`{path}` is put together in its own way", place)
            found.append(path)
            path = self.world.sources.resolve(module, bases[0]) or bases[0]
        return found, path


class _Writer:
    """Writes one class: constants first, then the methods that are reached."""

    def __init__(self, owner: CarriedClasses, path: str) -> None:
        self.world, self.tree, self.form = owner.world, owner.tree, owner.form
        self.path, self.asked = path, owner.asked.setdefault(path, set())
        self.classes, self.framework = owner.lineage(path)
        node, self.module = self._node(path)
        self.node = node
        above = owner.place(self.classes[1]) if len(self.classes) > 1 else None
        self.base: Import = above or self.form.bases[self.framework]
        self.imports: set[Import] = {self.base}
        self.members: list[tuple[int, str]] = []
        self.helpers: dict[str, tuple[tuple[Type, ...], CallResult]] = {}
        self.running: set[str] = set()
        self.definitions: dict[str, str] = {}

    def _node(self, path: str) -> tuple[cst.ClassDef, Module]:
        found = self.world.sources.class_node(path)
        assert found is not None  # `lineage` has read it
        return found

    def stop(self, text: str, node: cst.CSTNode) -> NoReturn:
        """Refuse the class at a line of it.

        Raises:
            RefusalError: always.
        """
        raise RefusalError("B104", text, f"{self.module.path}:{self.module.line_of(node)}")

    def write(self) -> Import:
        """Write the class and give its place."""
        for line in self.node.body.body:
            self._member(line)
        app = self.world.app_of(self.path)
        name = f"app.{app}.{self.form.module}" if app else f"app.{self.form.module}"
        new = self.tree.module(name, self.form.docstring)
        docstring = self.node.get_docstring()
        shown = [f"    {as_docstring(docstring)}\n"] if docstring else []
        lines = [text for _, text in sorted(self.members, key=lambda m: m[0])]
        if not lines and not shown:
            shown = ['    """As its base."""']
        text = "\n".join([f"class {self.name}({self.base[1]}):", *shown, *lines])
        if self.form.early:
            self._without_identity()
        for constant, definition in self.definitions.items():
            new.add(constant, definition, (), (1, self.module.path, 0))
        order = (5, self.module.path, self.module.line_of(self.node.name))
        new.add(self.name, text, self.imports, order)
        return new.name, self.name

    def _without_identity(self) -> None:
        """Name contexts by compat's type; refuse what may need `app.identity`, which needs this class."""
        if _CONTEXT in self.imports:
            self.imports -= {_CONTEXT}
            self.imports |= {self.form.context[0], ("typing", "Any")}
        for module, name in self.imports:
            own = module.startswith("app.") and not module.startswith(_EARLY)
            if own and not module.endswith((".models", f".{self.form.module}")):
                self.stop(f"what it needs of `{name}` is not there early enough", self.node)

    @property
    def name(self) -> str:
        """The class's own name; another one where its base has the same."""
        own = self.path.rpartition(".")[2]
        return f"Own{own}" if own == self.base[1] else own

    def _member(self, line: cst.BaseStatement | cst.BaseSmallStatement) -> None:
        if isinstance(line, cst.FunctionDef):
            self._function(line)
        elif isinstance(line, cst.SimpleStatementLine):
            for small in line.body:
                self._constant(small)
        else:
            self.stop(f"this part of `{self.path}` has no rule", line)

    def _constant(self, small: cst.BaseSmallStatement) -> None:
        if isinstance(small, cst.Pass) or (
            isinstance(small, cst.Expr) and isinstance(small.value, cst.SimpleString)
        ):
            return
        if isinstance(small, cst.AnnAssign) and small.value is not None:
            target: cst.BaseExpression = small.target
            value = small.value
        elif isinstance(small, cst.Assign) and len(small.targets) == 1:
            target, value = small.targets[0].target, small.value
        else:
            self.stop(f"this part of `{self.path}` has no rule", small)
        if not isinstance(target, cst.Name) or target.value in self.form.closed:
            self.stop(f"`{code_of(target)}` of `{self.path}` has no rule", small)
        if target.value in self.form.judged:
            self._judged(target.value, value)
            return
        body = Body(self.world, self.module, Owner("function", self.path))
        typed = body.expr(value)
        if not isinstance(typed.type, Constant) or body.parameters:
            self.stop(f"`{target.value}` of `{self.path}` is no constant", small)
        self.members.append((0, f"    {target.value} = {typed.code}\n"))

    def _judged(self, name: str, value: cst.BaseExpression) -> None:
        try:
            line = self.form.judged[name](value)
        except ValueError:
            self.stop(f"`{name}` of `{self.path}` has no rule", value)
        self.members += [(0, f"    {line}\n")] if line else []

    def _function(self, node: cst.FunctionDef) -> None:
        name = node.name.value
        closed = name in self.form.closed or name.startswith(self.form.closed_prefixes)
        if closed or (name.startswith("__") and name.endswith("__")):
            self.stop(f"`{name}` of `{self.path}` has no rule", node)
        if name in self.form.left:
            return
        if name in self.form.entries:
            self._entry(name)
        elif any(self._source_in(path, name) for path in self.classes[1:]):
            self.stop(f"`{name}` of `{self.path}` replaces that of another class", node)

    def _source_in(self, path: str, name: str) -> FunctionSource | None:
        return self.world.sources.function(f"{path}.{name}")

    def _owner(self) -> Owner:
        owner = Owner("class", self.path, attributes={"shows": True} if self.form.asks else {})
        owner.attributes["asks_view"] = self.asked
        owner.call_self = self._call_self
        owner.call_super = self._call_super
        owner.read_self = self.attribute
        owner.texts_of_self = self.texts
        return owner

    def _entry(self, name: str) -> None:
        source = self._source_in(self.path, name)
        assert source is not None
        entry = self.form.entries[name]
        source, first = as_method(source)
        names = [p.name.value for p in source.node.params.params]
        expected = len(entry.parameters) + 1
        if (
            names[:1] != [first]
            or len(names) < expected
            or (len(names) > expected and not entry.free)
        ):
            self.stop(f"`{name}` takes other arguments than DRF gives", source.node)
        kinds = (ClassSelf(self.path), *entry.parameters)
        body = self._body(source)
        body.renames[first] = "self"
        env: dict[str, Type] = dict(zip(names, kinds, strict=False))
        if entry.free:
            names = names[:expected] + self._free(source, expected, env)
            params = source.node.params.with_changes(star_kwarg=None)
            source = replace(source, node=source.node.with_changes(params=params))
        rewritten = rewrite_function(source, body, env, entry.finish)
        self.imports |= rewritten.imports | entry.imports
        if entry.whole and rewritten.falls_through:
            self.stop(f"`{name}` may end without returning anything", source.node)
        if body.parameters and not entry.asks:
            self.stop(f"`{name}` needs more than it is given", source.node)
        self._add(source, rewritten.text(entry.head(names[1:]), entry.decorators), body)

    def _free(self, source: FunctionSource, start: int, env: dict[str, Type]) -> list[str]:
        """Parameters behind those that the framework gives by position, as they are written."""
        params = source.node.params
        shown = []
        for param in params.params[start:]:
            env[param.name.value] = Plain()
            default = "" if param.default is None else f" = {code_of(param.default)}"
            if param.default is not None and not isinstance(
                param.default, cst.Name | cst.SimpleString | cst.Integer
            ):
                self.stop("this default of a parameter has no rule", param.default)
            shown.append(f"{param.name.value}: Any{default}")
        if params.kwonly_params or params.posonly_params or isinstance(params.star_arg, cst.Param):
            self.stop("these parameters have no rule", source.node)
        if params.star_kwarg is not None:
            env[params.star_kwarg.name.value] = Plain("dict[str, Any]")
            shown.append(f"**{params.star_kwarg.name.value}: Any")
        return shown

    def _body(self, source: FunctionSource) -> Body:
        return Body(self.world, source.module, self._owner(), colour="sync", use_context=True)

    def _add(self, source: FunctionSource, text: str, body: Body) -> None:
        if body.parameters.keys() - {"context"} or (body.parameters and not self.form.asks):
            self.stop(f"`{source.node.name.value}` needs more than it is given", source.node)
        self.definitions |= body.definitions
        shown = "\n".join(f"    {line}" if line.strip() else "" for line in text.split("\n"))
        self.members.append((source.line, shown))

    def attribute(self, name: str) -> Type | None:
        """The type of a class's constant, its own or that of a class above it.

        One that only classes below it have is declared: reading it fails where there is none.
        """
        if name in self.form.attributes:
            return self.form.attributes[name]
        for path in self.classes:
            if (kind := self._assigned(path, name)) is not None:
                return kind
        facts = self.world.facts
        for below in (*facts.classes, *facts.authenticators):
            paths = [ref.path for ref in below.lineage]
            if self.path not in paths:
                continue
            for path in paths[: paths.index(self.path)]:
                if (kind := self._assigned(path, name)) is not None:
                    shown = annotation_of(self.world, kind, self.imports)
                    line = (0, f"    {name}: {shown}\n")
                    self.members += [] if line in self.members else [line]
                    return kind
        return None

    def texts(self, name: str) -> tuple[str, ...]:
        """The texts that a constant of the class may be, those of classes below it included."""
        own = next((v for p in self.classes if (v := self._value(p, name)) is not None), None)
        facts = self.world.facts
        lineages = [
            [ref.path for ref in c.lineage] for c in (*facts.classes, *facts.authenticators)
        ]
        below = {
            p for paths in lineages if self.path in paths for p in paths[: paths.index(self.path)]
        }
        values = [own, *filter(None, (self._value(path, name) for path in sorted(below)))]
        texts = [string_value(value) if value is not None else None for value in values]
        return tuple(text for text in texts if text is not None) if None not in texts else ()

    def _assigned(self, path: str, name: str) -> Type | None:
        value = self._value(path, name)
        if value is None:
            return None
        found = self.world.sources.class_node(path)
        assert found is not None
        body = Body(self.world, found[1], Owner("function", path))
        return widened(body.expr(value).type)

    def _value(self, path: str, name: str) -> cst.BaseExpression | None:
        """What the body of a class assigns to a name."""
        found = self.world.sources.class_node(path)
        for line in found[0].body.body if found is not None else ():
            for small in line.body if isinstance(line, cst.SimpleStatementLine) else ():
                if isinstance(small, cst.Assign) and any(
                    code_of(t.target) == name for t in small.targets
                ):
                    return small.value
        return None

    def _call_super(self, body: Body, name: str, node: cst.BaseExpression) -> CallResult | Typed:
        return self._call_entry(body, name, node, "super()")

    def _call_entry(self, body: Body, name: str, node: cst.BaseExpression, whose: str) -> Typed:
        """The call of a method that the framework calls too: the one above, or `self`'s."""
        entry = self.form.entries.get(name)
        if entry is None or entry.above is None or not isinstance(node, cst.Call):
            body.refuse("B302", f"`{whose}.{name}` has no rule", node)
        starred = any(a.star for a in node.args)
        if not entry.free and (starred or len(node.args) > len(entry.parameters)):
            body.refuse("B302", f"`{whose}.{name}` with these arguments has no rule", node)
        texts = self._given(body, node, entry)
        if entry.shown:
            return Typed(parse(f"{whose}.{entry.shown}"), entry.above)
        first = [body.context()] if self.form.asks else []
        called = entry.named or name
        return Typed(parse(f"{whose}.{called}({', '.join([*first, *texts])})"), entry.above)

    def _given(self, body: Body, node: cst.Call, entry: Entry) -> list[str]:
        """What a call gives besides the request."""
        texts = []
        for argument in node.args:
            typed = body.expr(argument.value)
            if isinstance(typed.type, Request):
                continue
            if entry.free and argument.star == "*":
                body.refuse("B302", "these arguments have no rule", node)
            named = argument.keyword is not None and entry.free
            name = f"{argument.keyword.value}=" if named and argument.keyword else ""
            texts.append(f"{argument.star}{name}{typed.code}")
        return texts

    def _call_self(self, body: Body, name: str, node: cst.Call) -> CallResult | Typed:
        entry = self.form.entries.get(name)
        if entry is not None and entry.called:
            return self._call_entry(body, name, node, "self")
        source = self._source_in(self.path, name)
        if source is None or name in self.form.entries:
            body.refuse("B106", f"`.{name}()` of this class has no rule", node)
        operation = Operation(node, body, name, args=tuple(node.args))
        names = [p.name.value for p in source.node.params.params][1:]
        given = operation.take(*names)
        typed = {key: body.expr(value) for key, value in given.items()}
        if list(typed) != names[: len(typed)] or len(typed) != len(names):
            body.refuse("B110", f"`{name}` is called without all its arguments", node)
        kinds = tuple(widened(t.type) for t in typed.values())
        result = self._helper(source, name, kinds, node, body)
        texts = [t.code for t in typed.values() if not isinstance(t.type, Request)]
        first = [body.context()] if self.form.asks else []
        call = f"{code_of(node.func)}({', '.join([*first, *texts])})"
        return Typed(parse(call), result.returns)

    def _helper(
        self, source: FunctionSource, name: str, kinds: tuple[Type, ...], node: cst.Call, body: Body
    ) -> CallResult:
        if name in self.running:
            body.refuse("B145", f"`{name}` calls itself", node)
        if name not in self.helpers:
            self.running.add(name)
            self.helpers[name] = kinds, self._convert(source, name, kinds)
            self.running.discard(name)
        before, result = self.helpers[name]
        if before != kinds:
            body.refuse("B148", f"`{name}` is given different things", node)
        return result

    def _convert(self, source: FunctionSource, name: str, kinds: tuple[Type, ...]) -> CallResult:
        params = source.node.params.params
        names = [p.name.value for p in params]
        inner = self._body(source)
        env = dict(zip(names, (ClassSelf(self.path), *kinds), strict=True))
        rewritten = rewrite_function(source, inner, env)
        found = [t.type if t is not None else Constant(None) for t in rewritten.returns]
        returns: Type = widened(found[0]) if found else Plain("None")
        for kind in found[1:]:
            returns = join(returns, widened(kind))
        if isinstance(returns, Unknown):
            self.stop(f"what `{name}` returns: {returns.reason}", source.node)
        place, kind_shown = self.form.context
        shown = [f"{names[0]}", *([f"context: {kind_shown}"] if self.form.asks else [])]
        if self.form.asks:
            self.imports.add(place)
        for key, kind in zip(names[1:], kinds, strict=True):
            if not isinstance(kind, Request):
                shown.append(f"{key}: {annotation_of(self.world, kind, self.imports)}")
        text = annotation_of(self.world, returns, self.imports)
        self.imports |= rewritten.imports
        self._add(source, rewritten.text(f"def {name}({', '.join(shown)}) -> {text}"), inner)
        return CallResult(name, (), returns)


def as_method(source: FunctionSource) -> tuple[FunctionSource, str]:
    """A method, and what it calls its object; a class method that the new class has as a method."""
    decorators = [code_of(d.decorator) for d in source.node.decorators]
    if decorators != ["classmethod"]:
        return source, "self"
    return replace(source, node=source.node.with_changes(decorators=())), "cls"
