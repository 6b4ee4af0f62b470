"""Permission classes keep their form; what they ask of request and view comes with a context."""

from __future__ import annotations

from dataclasses import dataclass, field

import libcst as cst

from strangler.facts import ClassFacts, Endpoint, Permission

from .body import Body, CallResult, Import, Owner
from .functions import finish_value, rewrite_function, without_class
from .granted import GRANTED, asks_tables, granted, granted_by
from .handed_rows import permitted_model
from .modules import NameTakenError, Tree
from .names import as_docstring
from .operation import Typed, parse
from .permission_choices import Choices, Given
from .permission_facts import class_attributes, path_kinds, require_told
from .permission_helpers import ASKED, PermissionHelpers, has_no_rule
from .permission_trees import ChosenPermission, GivenPermission
from .querysets import Querysets
from .refusal import RefusalError
from .sources import FunctionSource
from .types import Instance, PermissionSelf, Plain, Request, Type, View
from .view_attributes import view_attribute
from .world import World

_COMPAT = "app.compat.permissions"
_BUILT_IN = frozenset({"AllowAny", "IsAuthenticated", "IsAdminUser", "IsAuthenticatedOrReadOnly"})
_OPERATORS = {"and": " & ", "or": " | "}


@dataclass
class Permissions:
    """Builds and remembers the permission classes of the new app."""

    world: World
    tree: Tree
    querysets: Querysets
    #: Classes that look at the action: endpoints behind them have to say which theirs is.
    asking: set[tuple[str, str]] = field(default_factory=set)
    #: What classes read of the view that they stand before.
    reading: dict[tuple[str, str], set[str]] = field(default_factory=dict)
    _carried: dict[tuple[str, str], dict[str, tuple[tuple[Type, ...], Type]]] = field(
        default_factory=dict
    )
    _done: dict[tuple[str, str | None], tuple[str, str] | RefusalError] = field(
        default_factory=dict
    )

    def expression(self, tree: Permission, endpoint: Endpoint, imports: set[Import]) -> str:
        """A permission, or a composition of them, as an expression.

        Raises:
            RefusalError: a class in it has no rule.
        """
        if tree.op is None or isinstance(tree, ChosenPermission):
            module, name = self.permission(tree, endpoint)
            if (module, name) in self.asking and not is_view_set(endpoint):
                text = f"`{tree.path}` looks at the action, and this view has none"
                raise RefusalError("B123", text, endpoint.source or "")
            self._hand_over((module, name), endpoint)
            imports.add((module, name))
            return name
        parts = [self.expression(part, endpoint, imports) for part in tree.of]
        if tree.op == "not":
            return f"~{parts[0]}"
        return f"({_OPERATORS[tree.op].join(parts)})"

    def _hand_over(self, place: tuple[str, str], endpoint: Endpoint) -> None:
        """Let the view's router know what a permission reads of the view.

        Raises:
            RefusalError: that is not known.
        """
        found = {
            name: view_attribute(self.world, endpoint, name)
            for name in sorted(self.reading.get(place, ()))
        }
        known = {name: text for name, text in found.items() if text is not None}
        if known:
            self.world.view_attributes.setdefault(endpoint.view, {}).update(known)

    def permission(self, leaf: Permission, endpoint: Endpoint) -> tuple[str, str]:
        """Module and class of one permission."""
        if isinstance(leaf, ChosenPermission):
            return Choices(self.world, self, self.querysets).chosen(endpoint)
        path = leaf.path or ""
        if leaf.package is not None:
            module, _, name = path.rpartition(".")
            if module == "rest_framework.permissions" and name in _BUILT_IN:
                return _COMPAT, name
            if module == "rest_framework.permissions" and name in GRANTED:
                return granted(self.world, self.tree, name, endpoint)
            raise RefusalError(
                "P101", f"the permission `{path}` has no rule", endpoint.source or ""
            )
        if (asking := asks_tables(self.world, path)) is not None:
            return granted_by(self.world, self.tree, asking, endpoint)
        label = permitted_model(self.world, endpoint)
        if isinstance(leaf, GivenPermission):
            facts = self._facts(path)
            given = Choices(self.world, self, self.querysets).given(leaf, facts, endpoint)
            return self.convert(path, label, given)
        key = (path, label)
        if key not in self._done:
            try:
                rule = self.world.registry.declared("permission class")
                self._done[key] = rule(self, path, label)
            except RefusalError as refusal:
                self._done[key] = refusal
        known = self._done[key]
        if isinstance(known, RefusalError):
            raise known
        return known

    def _facts(self, path: str) -> ClassFacts:
        facts = next((p for p in self.world.facts.permissions if p.name == path), None)
        if facts is None:
            raise RefusalError("P102", f"the permission `{path}` was not found")
        return facts

    def convert(
        self,
        path: str,
        label: str | None,
        given: Given | None = None,
        *,
        of_its_own: bool = False,
    ) -> tuple[str, str]:
        """Write a permission class of the project, for rows of `label`.

        given: what its instances are made with, which the class then has for good. of_its_own: it
        reads otherwise for rows of other models, so that its name says whose it is.
        """
        facts, given = self._facts(path), given or {}
        require_told(self.world, facts)
        base = self._base(facts, label)
        imports: set[Import] = {base}
        name = _name(path, label if given or of_its_own else None)
        lines = [f"class {name}({base[1]}):"]
        if facts.docstring:
            lines.append(f"    {as_docstring(facts.docstring)}\n")
        for attribute, text in class_attributes(self.world, facts).items():
            lines.append(f"    {attribute}{text}\n")
        module = self.tree.module(f"app.{self._app(path, label)}.permissions", "Who may do what.")
        own = [n for n, r in facts.methods.items() if r.path.startswith(f"{path}.")]
        own = [n for n in own if n != "__init__" or not given]
        self._inherit((module.name, name), base)
        helpers = self._helpers_of(facts, (module.name, name), base)
        helpers.given = given
        for each in sorted(own, key=lambda n: facts.methods[n].source or ""):
            if each in ASKED:
                lines.append(self._method(facts, each, label, helpers, (module.name, name)))
            elif has_no_rule(self.world, each, facts.methods[each].path):
                place = facts.methods[each].source or facts.source or ""
                raise RefusalError("P105", f"`{facts.methods[each].path}` has no rule", place)
        lines += [_indented(text) for text in helpers.texts]
        imports |= helpers.imports
        for source, body in helpers.bodies:
            self._note((module.name, name), source, body)
        if len(lines) == 1:
            lines.append('    """As its base."""')
        line = int((facts.source or ":0").rpartition(":")[2] or 0)
        try:
            order = (5, (facts.source or "").partition(":")[0], line)
            module.add(name, "\n".join(lines), imports, order)
        except NameTakenError:
            if label is not None and not (given or of_its_own):
                return self.convert(path, label, of_its_own=True)
            text = f"`{path}` means different things for different models"
            raise RefusalError("P103", text, facts.source or "") from None
        return module.name, name

    def _inherit(self, place: tuple[str, str], base: tuple[str, str]) -> None:
        """A class asks what its base asks."""
        if base in self.asking:
            self.asking.add(place)
        self.reading.setdefault(place, set()).update(self.reading.get(base, ()))

    def _app(self, path: str, label: str | None) -> str:
        return self.world.app_of(path) or (label or "core.").partition(".")[0]

    def _base(self, facts: ClassFacts, label: str | None) -> tuple[str, str]:
        node = self.world.sources.class_node(facts.name)
        if node is not None and node[0].decorators:
            text = f"a decorator of `{facts.name}` has no rule"
            raise RefusalError("P105", text, facts.source or "")
        bases = [b for b in facts.bases if b != "object"]
        if len(bases) != 1:
            raise RefusalError("P104", f"`{facts.name}` has several bases", facts.source or "")
        base = bases[0]
        name = base.rpartition(".")[2]
        if base.startswith("rest_framework.permissions."):
            if name in _BUILT_IN or name == "BasePermission":
                return _COMPAT, name
            raise RefusalError("P101", f"the permission `{base}` has no rule", facts.source or "")
        if self.world.sources.class_node(base) is None:
            raise RefusalError("P101", f"the permission `{base}` has no rule", facts.source or "")
        return self.convert(base, label)

    def _method(
        self,
        facts: ClassFacts,
        name: str,
        label: str | None,
        helpers: PermissionHelpers,
        place: tuple[str, str],
    ) -> str:
        ref, imports = facts.methods[name], helpers.imports
        source = self.world.sources.function(ref.path)
        if source is None:
            raise RefusalError(
                "P105", f"`{ref.path}` has no rule", ref.source or facts.source or ""
            )
        names = [p.name.value for p in source.node.params.params]
        owner = helpers.owner()
        owner.call_self = helpers.call
        body = Body(self.world, source.module, owner, colour="sync", use_context=True)
        body.returns_truth = True
        types: list[Type] = [PermissionSelf(facts.name), Request(), View()]
        obj = ""
        if name == "has_object_permission":
            label = label or self.world.observed.row(ref.path, (*names, *"    ")[3])
            if label is None:
                body.refuse("P106", "the model of the object is not known", source.node)
            types.append(Instance(label))
            body.stored = frozenset(names[3:4])
            imports.add(self.world.model_symbol(label))
            obj = f", {names[3]}: {self.world.model_symbol(label)[1]}"
        if len(names) != len(types):
            body.refuse("B206", f"`{ref.path}` has unexpected parameters", source.node)
        source = without_class(source)
        rewritten = rewrite_function(
            source, body, dict(zip(names, types, strict=True)), finish_value
        )
        imports |= {*rewritten.imports, ("app.identity", "Context")}
        self._note(place, source, body)
        return _indented(rewritten.text(f"def {name}({names[0]}, context: Context{obj}) -> bool"))

    def _helpers_of(
        self, facts: ClassFacts, place: tuple[str, str], base: tuple[str, str]
    ) -> PermissionHelpers:
        """What the class may call on itself, with what its base carries already."""

        def owner() -> Owner:
            made = Owner("permission", facts.name, call_super=_super)
            made.attributes = {
                "path_kinds": path_kinds(self.world, facts.name),
                "given": helpers.given,
            }
            made.call_self = helpers.call
            return made

        above = dict(self._carried.get(base, {}))
        helpers = PermissionHelpers(self.world, facts, owner, above)
        self._carried[place] = above
        return helpers

    def _note(self, place: tuple[str, str], source: FunctionSource, body: Body) -> None:
        """What the endpoints behind a class have to hand it, and its constants."""
        if "asks_action" in body.owner.attributes:
            self.asking.add(place)
        asked = body.owner.attributes.get("asks_view")
        if isinstance(asked, set):
            self.reading[place] |= asked
        for constant, definition in body.definitions.items():
            self.tree.module(place[0]).add(constant, definition, (), (1, source.module.path, 0))


def _name(path: str, label: str | None) -> str:
    """The class's name, with the model's behind it where it is for that one only."""
    ending = f"For{label.rpartition('.')[2]}" if label else ""
    return f"{path.rpartition('.')[2]}{ending}"


def _indented(text: str) -> str:
    return "\n".join(f"    {line}" if line.strip() else "" for line in text.split("\n"))


def _super(body: Body, name: str, node: cst.BaseExpression) -> CallResult | Typed:
    if name == "has_permission":
        return Typed(parse(f"super().has_permission({body.context()})"), Plain("bool"))
    body.refuse("B302", f"`super().{name}` has no rule", node)


def is_view_set(endpoint: Endpoint) -> bool:
    """Whether the view has actions: `self.action` of other views is an error."""
    return any(ref.path == "rest_framework.viewsets.ViewSetMixin" for ref in endpoint.lineage)
