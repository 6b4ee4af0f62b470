"""Functions of the project that converted code calls: written once for each set of argument types."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import libcst as cst
from libcst import matchers

from .annotations import annotation_of, widened
from .arguments import Bound, Shape, bind, with_default
from .body import Body, CallResult, Owner, Parameter
from .class_bodies import loaded_names
from .forms import Form, Forms, first_model
from .functions import Rewritten, in_order, rewrite_function, without_class
from .lattice import join
from .model_overrides import without_stars
from .modules import Tree
from .observed import RETURNS
from .operation import Operation, Typed, code_of, parse
from .refusal import RefusalError
from .sources import FunctionSource
from .specialising import specialised
from .surrounding_types import ServiceObject
from .types import Attrs, Constant, Instance, ModelClass, Plain, Symbol, Type, Unknown, View
from .world import World

_DEPTH = 12


@dataclass
class Helpers:
    """Writes and remembers functions that bodies call."""

    world: World
    tree: Tree
    _known: dict[tuple[object, ...], CallResult | RefusalError] = field(default_factory=dict)
    _running: list[str] = field(default_factory=list)
    forms: Forms = field(default_factory=Forms)

    def install(self) -> None:
        """Let calls of project functions find these."""
        self.world.call_helper = self.call

    def call(
        self, operation: Operation, path: str, owner: Owner | None, subject: Type | None = None
    ) -> Typed:
        """Call the function at `path`; `owner` is the view when it is a method of it.

        subject: what `self` stands for in a method of something else.

        Raises:
            RefusalError: an operation of the function has no rule.
        """
        source = self.world.sources.function(path)
        if source is None:
            operation.refuse("B105", f"calling `{path}` has no rule")
        if [code_of(d.decorator) for d in source.node.decorators] == ["staticmethod"]:
            owner, subject = None, None
            source = replace(source, node=source.node.with_changes(decorators=[]))
        if owner is None and subject is None and _is_classmethod(source):
            subject = self._own_class(path)
            source = without_class(source)
        if owner is not None:
            subject = View()
        shape = Shape.of(source.node, 1 if subject else 0)
        bound = bind(operation, shape, path)
        source, names = specialised(self.world, source, bound)
        result = self._converted(operation.body, path, source, bound, owner, subject, names)
        if operation.body.colour == "async" and any(p.kind == "session" for p in result.parameters):
            return self._write_run(operation, result, bound)
        return self._write_call(operation, result, bound)

    def _own_class(self, path: str) -> Type:
        """What `cls` is in a class method: the class that it was called on, which defines it."""
        owner = path.rpartition(".")[0]
        label = self.world.model_paths.get(owner)
        return Symbol(owner) if label is None else ModelClass(label)

    def _write_call(self, operation: Operation, result: CallResult, bound: Bound) -> Typed:
        body = operation.body
        body.queries.called(body, result, operation.node)
        fields = _fields(operation, result)
        needs = tuple(p for p in result.parameters if p.kind not in ("argument", "field"))
        head = body.call(replace(result, parameters=needs), operation.node)
        given = head.node.args if isinstance(head.node, cst.Call) else ()
        texts = [code_of(a.with_changes(comma=cst.MaybeSentinel.DEFAULT)) for a in given]
        late = [parameter for parameter in needs if parameter.default is not None]
        if late:  # they stand behind the arguments
            texts = [
                f"{parameter.name}={text}" if parameter in late else text
                for parameter, text in zip(needs, texts, strict=True)
            ]
        texts += fields
        texts += _arguments(bound, result, first_in_place=not late and not fields)
        return Typed(parse(f"{result.name}({', '.join(texts)})"), result.returns)

    def _write_run(self, operation: Operation, result: CallResult, bound: Bound) -> Typed:
        """`await session.run_sync(function, ...)`: work of the database below async code."""
        body = operation.body
        body.queries.called(body, result, operation.node)
        body.imports.update(result.imports)
        needs = []
        for parameter in result.parameters:
            match parameter.kind:
                case "session" | "argument" | "field":
                    continue
                case "user":
                    user = body.user()
                    if isinstance(user.type, Instance) and user.type.optional != (
                        "None" in parameter.annotation
                    ):
                        operation.refuse("B131", f"`{result.name}` needs a user who is logged in")
                    needs.append(f"user={user.code}")
                case _:
                    needs.append(f"{parameter.name}={body.need(parameter)}")
        if needs and bound.star:
            operation.refuse("B110", f"`{result.name}` takes `*` and needs more than that")
        needs += _fields(operation, result)
        texts = [*needs, *_arguments(bound, result, first_in_place=False)]
        rest = f", {', '.join(texts)}" if texts else ""
        call = f"await {body.session()}.run_sync({result.name}{rest})"
        return Typed(parse(call), result.returns)

    def _converted(
        self,
        caller: Body,
        path: str,
        source: FunctionSource,
        bound: Bound,
        owner: Owner | None,
        subject: Type | None,
        names: Mapping[str, tuple[str, ...]],
    ) -> CallResult:
        if owner is None and bound.of_request():
            owner = Owner("function", path, login_required=caller.owner.login_required)
        key = (
            path,
            subject,
            tuple(sorted(bound.kinds.items())),
            tuple(sorted(bound.rest.items())),
            frozenset(bound.maybe),
            tuple(names.items()),
            "sync" if caller.colour == "async" else caller.colour,
            _asked(owner) if owner else None,
        )
        if key not in self._known:
            if path in self._running or len(self._running) > _DEPTH:
                raise RefusalError("B145", f"`{path}` calls itself", source.source)
            self._running.append(path)
            try:
                self._known[key] = self._convert(
                    path, source, bound, owner, subject, caller, bool(names) or _of_view(owner)
                )
            except RefusalError as refusal:
                reason = refusal.reason(source.source)
                self._known[key] = RefusalError(reason.code, reason.message, reason.source)
            finally:
                self._running.pop()
        known = self._known[key]
        if isinstance(known, RefusalError):
            raise known
        return known

    def _convert(
        self,
        path: str,
        source: FunctionSource,
        bound: Bound,
        owner: Owner | None,
        subject: Type | None,
        caller: Body,
        numbered: bool,
    ) -> CallResult:
        inner = owner or Owner("function", path)
        colour = "sync" if caller.colour == "async" else caller.colour
        body = Body(self.world, source.module, inner, colour=colour)
        arguments, env = self._parameters(body, source, bound, 1 if subject else 0)
        if subject is not None:
            env[source.node.params.params[0].name.value] = subject
        stripped, _ = without_stars(source)
        stripped = replace(stripped, node=_all_positional(stripped.node))
        rewritten = rewrite_function(stripped, body, body.env | env)
        returns = self._returns(path, rewritten)
        needs = in_order(body.parameters.values())
        if any(p.default is not None for p in needs) and bound.star:
            raise RefusalError("B110", f"`{path}` takes `*` and query parameters", source.source)
        module = self.tree.module(
            self._module(path, owner if owner is None or owner.kind == "view" else None),
            "Functions that endpoints and queries share.",
        )
        result_text = annotation_of(self.world, returns, body.imports)
        prefixed = isinstance(subject, ServiceObject)
        form = Form(
            path, tuple(needs), tuple(arguments), result_text, rewritten, prefixed, numbered
        )
        name = self.forms.write(module, form, first_model(env), self.world.apart)
        imports = ((module.name, name),)
        writes = body.queries.wrote
        return CallResult(name, (*needs, *arguments), returns, imports, writes=writes)

    def _parameters(
        self, body: Body, source: FunctionSource, bound: Bound, skipped: int
    ) -> tuple[list[Parameter], dict[str, Type]]:
        """The new function's own parameters, and the types of its names."""
        env: dict[str, Type] = dict(bound.kinds)
        found = []
        params = source.node.params
        for param in (*params.params[skipped:], *params.kwonly_params):
            name = param.name.value
            if name in bound.implied():
                env[name] = bound.kinds[name]
                continue
            if param.default is not None:
                env[name] = with_default(env.get(name), body.expr(param.default).type)
            elif name not in env or name in bound.maybe:
                raise RefusalError("B206", f"the parameter `{name}` has no value", source.source)
            if isinstance(env[name], Symbol):  # the class of an error, which no call gives
                continue
            default = code_of(param.default) if param.default is not None else None
            text = annotation_of(self.world, env[name], body.imports)
            kind = "argument" if param in params.params else "named"
            found.append(Parameter(name, text, "argument", default, key=kind))
        return [*found, *_collecting(body, source, bound, env)], env

    def _returns(self, path: str, rewritten: Rewritten) -> Type:
        returns: Type = Constant(None)
        found = [t.type if t is not None else Constant(None) for t in rewritten.returns]
        if found:
            returns = widened(found[0])
            for kind in found[1:]:
                returns = join(returns, widened(kind))
        returns = widened(returns)
        if isinstance(returns, Unknown):
            seen = self.world.observed.kind(path, RETURNS)
            said = [kind for kind in map(widened, found) if not isinstance(kind, Unknown)]
            if seen is not None and len(said) < len(found) and all(k == seen for k in said):
                return seen  # what the code says itself, no test that ran one path replaces
            place = rewritten.source.source
            raise RefusalError("B147", f"what `{path}` returns: {returns.reason}", place)
        return returns

    def _module(self, path: str, owner: Owner | None) -> str:
        app = self.world.app_of(path) or "core"
        found = self.world.sources.split(path)
        stem = found[0].name.rpartition(".")[2] if found else "services"
        if owner is not None or stem in ("views", "models", "serializers", "urls", "__init__"):
            stem = "services"
        return f"app.{app}.{stem}"


def _asked(owner: Owner) -> tuple[object, ...]:
    """What a method may read of its owner; a view stands behind several paths."""
    parts = owner.attributes.get("converters")
    path = tuple(sorted(parts.items())) if isinstance(parts, dict) else ()
    return owner.name, owner.action, owner.method, owner.login_required, path


def _of_view(owner: Owner | None) -> bool:
    """Whether each path of a view may need a form of its own."""
    return owner is not None and owner.kind == "view"


def _is_classmethod(source: FunctionSource) -> bool:
    return [code_of(d.decorator) for d in source.node.decorators].count("classmethod") == 1


def _all_positional(node: cst.FunctionDef) -> cst.FunctionDef:
    """The function with parameters that are given by name only among the others."""
    params = node.params
    everything = [*params.params, *params.kwonly_params]
    changed = params.with_changes(params=everything, kwonly_params=())
    return node.with_changes(params=changed.with_changes(star_arg=cst.MaybeSentinel.DEFAULT))


def _collecting(
    body: Body, source: FunctionSource, bound: Bound, env: dict[str, Type]
) -> list[Parameter]:
    """`*args` and `**kwargs`, as parameters of the new function."""
    shape, found = Shape.of(source.node), []
    for star, mark in ((shape.star, "*"), (shape.double, "**")):
        if star is not None:
            body.use("typing", "Any")
            found.append(Parameter(f"{mark}{star}", "Any", "argument", key=mark))
    if shape.star is not None:
        env[shape.star] = Plain("tuple[Any, ...]")
        if not all(isinstance(v.type, Plain | Constant) for v in bound.star):
            body.refuse("B144", f"`*{shape.star}` collects more than plain values")
    if shape.double is not None:
        env[shape.double] = _collected(bound, source.node, shape.double)
    return found


def _collected(bound: Bound, node: cst.FunctionDef, name: str) -> Type:
    """What `**` collects: plain values, or attributes whose types are known."""
    plain = all(isinstance(kind, Plain) for kind in bound.rest.values()) and not bound.unpacked
    if plain and not _only_unpacked(node, name):
        return Plain("dict[str, Any]")
    return Attrs(tuple(sorted(bound.rest.items())), frozenset(bound.maybe & bound.rest.keys()))


def _fields(operation: Operation, result: CallResult) -> list[str]:
    """What the object that a method is called on keeps, as far as the method needs it."""
    wanted = [parameter for parameter in result.parameters if parameter.kind == "field"]
    receiver = operation.receiver.type if operation.receiver is not None else None
    if not wanted or not isinstance(receiver, ServiceObject):
        return []
    texts = {one.name: one.text for one in receiver.fields}
    if receiver.inner:
        texts = {parameter.name: operation.body.need(parameter) for parameter in wanted}
    return [f"{parameter.name}={texts[parameter.name]}" for parameter in wanted]


def _only_unpacked(node: cst.FunctionDef, name: str) -> bool:
    """Whether a function does nothing with a dictionary but hand it on as `**`: its keys stay."""
    unpacked = matchers.Arg(star="**", value=matchers.Name(name))
    used = [found for found in loaded_names(node.body) if found.value == name]
    return len(used) == len(matchers.findall(node.body, unpacked))


def _arguments(bound: Bound, result: CallResult, *, first_in_place: bool) -> list[str]:
    """The arguments of the new call: by name, or by place where `*` follows."""
    texts = []
    only_named = {p.name for p in result.parameters if p.key == "named"}
    for position, (name, value) in enumerate(bound.named.items()):
        in_place = (bound.star or (first_in_place and position == 0)) and name not in only_named
        texts.append(value.code if in_place else f"{name}={value.code}")
    texts += [value.code for value in bound.star]
    texts += [f"{name}={value.code}" for name, value in bound.double.items()]
    return texts + [f"**{value.code}" for value in bound.unpacked]
