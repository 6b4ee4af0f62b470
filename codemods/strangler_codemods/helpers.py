"""Functions of the project that converted code calls: written once for each set of argument types."""

from __future__ import annotations

from dataclasses import dataclass, field

import libcst as cst

from .annotations import annotation_of, widened
from .body import Body, CallResult, Owner, Parameter
from .functions import in_order, rewrite_function, signature
from .modules import NameTakenError, Tree
from .operation import Operation, Typed, code_of, parse
from .refusal import RefusalError
from .sources import FunctionSource
from .types import Constant, Instance, Plain, Query, Rows, Type, Unknown, View, join
from .world import World

_DEPTH = 12


@dataclass
class Helpers:
    """Writes and remembers functions that bodies call."""

    world: World
    tree: Tree
    _known: dict[tuple[object, ...], CallResult | RefusalError] = field(default_factory=dict)
    _running: list[str] = field(default_factory=list)

    def install(self) -> None:
        """Let calls of project functions find these."""
        self.world.call_helper = self.call

    def call(self, operation: Operation, path: str, owner: Owner | None) -> Typed:
        """Call the function at `path`; `owner` is the view when it is a method of it.

        Raises:
            RefusalError: an operation of the function has no rule.
        """
        source = self.world.sources.function(path)
        if source is None:
            operation.refuse("B105", f"calling `{path}` has no rule")
        names = [p.name.value for p in source.node.params.params][1 if owner else 0 :]
        given = {n: operation.body.expr(v) for n, v in operation.take(*names).items()}
        for name, typed in given.items():
            if not isinstance(typed.type, Plain | Constant | Instance | Query | Rows):
                operation.refuse("B144", f"the argument `{name}` of `{path}` has no rule")
        kinds = {name: widened(typed.type) for name, typed in given.items()}
        result = self._converted(operation.body, path, source, kinds, owner)
        return self._write_call(operation, result, given)

    def _write_call(
        self, operation: Operation, result: CallResult, given: dict[str, Typed]
    ) -> Typed:
        body = operation.body
        if body.colour == "async" and any(p.kind == "session" for p in result.parameters):
            return self._write_run(operation, result, given)
        needs = tuple(p for p in result.parameters if p.kind != "argument")
        head = body.call(
            CallResult(result.name, needs, result.returns, result.imports), operation.node
        )
        texts = [code_of(a) for a in head.node.args] if isinstance(head.node, cst.Call) else []
        for name, typed in given.items():
            texts.append(typed.code if name == next(iter(given)) else f"{name}={typed.code}")
        return Typed(parse(f"{result.name}({', '.join(texts)})"), result.returns)

    def _write_run(
        self, operation: Operation, result: CallResult, given: dict[str, Typed]
    ) -> Typed:
        """`await session.run_sync(function, ...)`: work of the database below async code."""
        body = operation.body
        body.imports.update(result.imports)
        texts = []
        for parameter in result.parameters:
            match parameter.kind:
                case "session":
                    continue
                case "user":
                    user = body.user()
                    if isinstance(user.type, Instance) and user.type.optional != (
                        "None" in parameter.annotation
                    ):
                        operation.refuse("B131", f"`{result.name}` needs a user who is logged in")
                    texts.append(f"user={user.code}")
                case "argument":
                    if parameter.name in given:
                        texts.append(f"{parameter.name}={given[parameter.name].code}")
                case _:
                    texts.append(f"{parameter.name}={body.need(parameter)}")
        rest = f", {', '.join(texts)}" if texts else ""
        call = f"await {body.session()}.run_sync({result.name}{rest})"
        return Typed(parse(call), result.returns)

    def _converted(
        self,
        caller: Body,
        path: str,
        source: FunctionSource,
        kinds: dict[str, Type],
        owner: Owner | None,
    ) -> CallResult:
        key = (
            path,
            tuple(sorted(kinds.items())),
            "sync" if caller.colour == "async" else caller.colour,
            (owner.name, owner.action, owner.method) if owner else None,
        )
        if key not in self._known:
            if path in self._running or len(self._running) > _DEPTH:
                raise RefusalError("B145", f"`{path}` calls itself", source.source)
            self._running.append(path)
            try:
                self._known[key] = self._convert(path, source, kinds, owner, caller)
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
        kinds: dict[str, Type],
        owner: Owner | None,
        caller: Body,
    ) -> CallResult:
        inner = owner or Owner("function", path)
        colour = "sync" if caller.colour == "async" else caller.colour
        body = Body(self.world, source.module, inner, colour=colour)
        env: dict[str, Type] = dict(kinds)
        parameters = [p.name.value for p in source.node.params.params]
        if owner is not None:
            env[parameters[0]] = View()
        arguments = []
        for param in source.node.params.params[1 if owner else 0 :]:
            name = param.name.value
            if name not in env:
                if param.default is None:
                    raise RefusalError(
                        "B206", f"the parameter `{name}` has no value", source.source
                    )
                env[name] = widened(body.expr(param.default).type)
            default = code_of(param.default) if param.default is not None else None
            text = annotation_of(self.world, env[name], body.imports)
            arguments.append(Parameter(name, text, "argument", default))
        rewritten = rewrite_function(source, body, env)
        returns: Type = Constant(None)
        found = [t.type if t is not None else Constant(None) for t in rewritten.returns]
        if found:
            returns = found[0]
            for kind in found[1:]:
                returns = join(returns, kind)
        returns = widened(returns)
        if isinstance(returns, Unknown):
            raise RefusalError("B147", f"what `{path}` returns: {returns.reason}", source.source)
        needs = in_order(body.parameters.values())
        name = source.node.name.value.lstrip("_") or "function"
        module = self.tree.module(
            self._module(path, owner), "Functions that endpoints and queries share."
        )
        result_text = annotation_of(self.world, returns, body.imports)
        text = rewritten.text(signature(name, (*needs, *arguments), result_text))
        for constant, definition in body.definitions.items():
            module.add(constant, definition, (), (1, source.module.path, 0))
        try:
            module.add(name, text, body.imports, (5, source.module.path, source.line))
        except NameTakenError:
            raise RefusalError("B148", f"`{path}` is needed in two forms", source.source) from None
        return CallResult(name, (*needs, *arguments), returns, ((module.name, name),))

    def _module(self, path: str, owner: Owner | None) -> str:
        app = self.world.app_of(path) or "core"
        found = self.world.sources.split(path)
        stem = found[0].name.rpartition(".")[2] if found else "services"
        if owner is not None or stem in ("views", "models", "serializers", "urls", "__init__"):
            stem = "services"
        return f"app.{app}.{stem}"
