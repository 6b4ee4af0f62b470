"""Classes of the new app for a view's `get_permissions`, and for permissions with arguments."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, TypeAlias

import libcst as cst

from strangler.facts import ClassFacts, Endpoint

from .body import Body, Import
from .chosen_permissions import PLACE, read_hook
from .functions import Rewritten, rewrite_function
from .operation import Typed, code_of, parse
from .permission_trees import GivenPermission
from .refusal import RefusalError
from .sources import FunctionSource
from .types import Constant, Plain, Query, Type, View
from .world import World

if TYPE_CHECKING:
    from .permissions import Permissions
    from .querysets import Querysets

_COMPAT = "app.compat.permissions"
#: Values that instances of a permission class are made with, by attribute, and what they import.
Given: TypeAlias = dict[str, tuple[Typed, frozenset[Import]]]


@dataclass
class Choices:
    """Writes what views choose from for each request."""

    world: World
    permissions: Permissions
    querysets: Querysets

    def chosen(self, endpoint: Endpoint) -> tuple[str, str]:
        """Module and name of `class EntryPermissions(PermissionsByRequest)`.

        Raises:
            RefusalError: the hook, or a class that it names, has no rule.
        """
        hook, imports = read_hook(self.world, endpoint), set[Import]()
        texts = {}
        for number, place in enumerate(hook.places, start=1):
            parts = [self.permissions.expression(each, endpoint, imports) for each in place]
            texts[PLACE.format(number)] = f"[{', '.join(parts)}]"
        body = self._body(hook.source, endpoint)
        first = hook.source.node.params.params[0].name.value
        env: dict[str, Type] = {first: View(), **dict.fromkeys(texts, Plain("list[Any]"))}
        rewritten = rewrite_function(hook.source, body, env)
        rewritten.lines[:0] = _path_parts(body, hook.source)
        head = "def choose(self, context: Context) -> list[PermissionSource]"
        text = _with_places(rewritten, head, texts)
        imports |= rewritten.imports | {("app.identity", "Context"), (_COMPAT, "PermissionSource")}
        imports.add((_COMPAT, "PermissionsByRequest"))
        return self._add(endpoint, text, imports, body)

    def _add(
        self, endpoint: Endpoint, text: str, imports: set[Import], body: Body
    ) -> tuple[str, str]:
        app = self.world.app_of(endpoint.view) or "core"
        module = self.permissions.tree.module(f"app.{app}.permissions", "Who may do what.")
        view = endpoint.view.rpartition(".")[2]
        told = f'    """Permits what `{view}` asks for, which depends on the request."""\n\n'
        whole = f"class {view}Permissions(PermissionsByRequest):\n{told}{_indented(text)}"
        name = module.free_name(f"{view}Permissions", whole)
        whole = whole.replace(f"class {view}Permissions(", f"class {name}(")
        for constant, definition in body.definitions.items():
            module.add(constant, definition, (), (1, body.module.path, 0))
        line = int((endpoint.source or ":0").rpartition(":")[2] or 0)
        module.add(name, whole, imports, (6, (endpoint.source or "").partition(":")[0], line))
        return module.name, name

    def _body(self, source: FunctionSource, endpoint: Endpoint) -> Body:
        """A hook of the view that looks at the request itself, before anybody is let in."""
        owner = replace(self.querysets.owner(endpoint, login_required=False), method=None)
        return Body(self.world, source.module, owner, colour="sync", use_context=True)

    def given(self, tree: GivenPermission, facts: ClassFacts, endpoint: Endpoint) -> Given:
        """What `__init__` of a class keeps of its arguments.

        Raises:
            RefusalError: it does something else with them.
        """
        ref = facts.methods.get("__init__")
        source = self.world.sources.function(ref.path) if ref is not None else None
        if source is None:
            raise RefusalError("P105", f"`{facts.name}` takes no arguments", facts.source or "")
        names = [p.name.value for p in source.node.params.params[1:]]
        texts = dict(zip(names, tree.positional, strict=False)) | dict(tree.named)
        kept = _kept(source)
        if list(texts) != names or kept is None or set(kept.values()) - set(names):
            raise RefusalError("P105", f"`__init__` of `{facts.name}` has no rule", source.source)
        return {name: self._argument(tree, texts[each], endpoint) for name, each in kept.items()}

    def _argument(
        self, tree: GivenPermission, text: str, endpoint: Endpoint
    ) -> tuple[Typed, frozenset[Import]]:
        module = self.world.sources.module(tree.module)
        assert module is not None
        owner = self.querysets.owner(endpoint, login_required=False)
        owner.queryset_attribute = lambda body: self.querysets.attribute(endpoint, body)
        body = Body(self.world, module, owner, {"self": View()})
        typed = body.expr(parse(text))
        if not isinstance(typed.type, Query | Constant) or body.parameters or body.definitions:
            body.refuse("P107", f"a permission that is handed `{text}` has no rule")
        return typed, frozenset(body.imports)


def _path_parts(body: Body, source: FunctionSource) -> list[cst.BaseStatement]:
    """Statements that read the parts of the path which the hook needs."""
    lines: list[cst.BaseStatement] = []
    for parameter in body.parameters.values():
        if parameter.kind == "path":
            text = f'context.request.path_params["{parameter.name}"]'
            text = text if parameter.annotation == "str" else f"{parameter.annotation}({text})"
            lines.append(cst.parse_statement(f"{parameter.name} = {text}"))
        elif parameter.kind != "context":
            raise RefusalError("B150", f"`get_permissions` needs `{parameter.name}`", source.source)
    return lines


def _with_places(rewritten: Rewritten, head: str, texts: dict[str, str]) -> str:
    text = rewritten.text(head)
    for name, permissions in texts.items():
        text = text.replace(f"return {name}\n", f"return {permissions}\n")
    return text


def _kept(source: FunctionSource) -> dict[str, str] | None:
    """Attribute to parameter, of an `__init__` that only keeps what it is given."""
    found = {}
    body = source.node.body
    for line in body.body if isinstance(body, cst.IndentedBlock) else ():
        small = line.body[0] if isinstance(line, cst.SimpleStatementLine) else None
        if isinstance(small, cst.Assign) and len(small.targets) == 1:
            target, value = small.targets[0].target, small.value
            if not isinstance(value, cst.Name) or not code_of(target).startswith("self."):
                return None
            found[code_of(target).removeprefix("self.")] = value.value
        elif small is None or code_of(small) != "super().__init__()":
            return None
    return found


def _indented(text: str) -> str:
    return "\n".join(f"    {line}" if line.strip() else "" for line in text.split("\n"))
