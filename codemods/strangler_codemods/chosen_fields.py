"""Serializers that leave out some of their fields, by what is asked and by whom.

def __init__(self, *args, **kwargs):                     def item_fields(context):
    super().__init__(*args, **kwargs)                        left = dict.fromkeys(("id", "cost"))
    if not self.context["request"].user.is_staff:            if not context.user.is_staff:
        self.fields.pop("cost")                                  left.pop("cost")
                                                             return left
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import libcst as cst

from strangler.facts import Facts, Serializer

from .body import Body, Import, Owner
from .field_text import FieldText
from .fixed_shapes import is_fixed, is_fixed_by, is_unread
from .functions import Rewritten, place_function, rewrite_function
from .known_callers import require_known_users
from .modules import Tree
from .names import snake
from .operation import Typed, code_of, parse
from .refusal import RefusalError
from .row_limits import METHODS, is_limit, limits_by_user, require_outermost
from .sources import FunctionSource, Sources
from .types import Plain, SerializerSelf
from .walking import walk
from .world import World

_NAMES = ("left", "fields_left", "names_left")
#: What code may do with the fields: look at their names, and leave some out.
_READS = frozenset({"set", "list", "tuple", "sorted", "frozenset", "len", "dict"})
_METHODS = frozenset({"pop", "keys"})


def of_overrides(
    world: World, tree: Tree, serializer: Serializer, refused: frozenset[str], module: str
) -> list[FieldText]:
    """What a schema says of overrides that DRF would call: which fields it leaves out.

    refused: the names of those that matter. module: where the schema is written.

    Raises:
        RefusalError: one of them has no rule.
    """
    for source in _overrides(world.sources, serializer):
        if limits_by_user(source):
            require_known_users(world, serializer, source.source)
    chosen = None
    for method, ref in sorted(serializer.methods.items()):
        if method not in refused or is_fixed(world, serializer, method):
            continue
        if method in METHODS and chosen is None:
            chosen = _chosen_fields(world, tree, serializer, module)
        if method not in METHODS or chosen is None:
            text = f"the serializer overrides `{method}`"
            raise RefusalError("S130", text, ref.source or serializer.source or "")
    if chosen is None:
        return []
    world.choosing.add(serializer.name)
    imports = {("typing", "ClassVar"), ("typing", "Any"), chosen}
    return [FieldText(f"fields_for: ClassVar[Any] = {chosen[1]}", None, imports)]


def chooses(world: World, name: str | None) -> bool:
    """Whether a serializer, or one inside it, leaves out fields by what is asked."""
    known = {each.name: each for each in world.facts.serializers} if world.choosing else {}
    waiting, seen = [name], set[str | None]()
    while waiting:
        each = waiting.pop()
        if each in world.choosing:
            return True
        if each in known and each not in seen:
            seen.add(each)
            waiting += [item.serializer for item in known[each or ""].fields]
    return False


def with_whole(facts: Facts, sources: Sources) -> Facts:
    """The facts, with all fields of serializers that leave some out by what is asked."""
    if not any(each.whole for each in facts.serializers):
        return facts
    found = [
        each.model_copy(update={"fields": each.whole})
        if each.whole and _chooser(sources, each) is not None
        else each
        for each in facts.serializers
    ]
    return facts.model_copy(update={"serializers": tuple(found)})


def _chooser(sources: Sources, serializer: Serializer) -> FunctionSource | None:
    """The one override that leaves fields out by what is asked; None where there is none."""
    if any(is_unread(sources, ref.path) for ref in serializer.lineage):
        return None
    overrides = _overrides(sources, serializer)
    found = [source for source in overrides if not is_fixed_by(sources, serializer, source)]
    return found[0] if len(found) == 1 and not serializer.given else None


def _overrides(sources: Sources, serializer: Serializer) -> list[FunctionSource]:
    paths = [f"{ref.path}.{method}" for ref in serializer.lineage for method in METHODS]
    return [source for path in paths if (source := sources.function(path)) is not None]


def _chosen_fields(world: World, tree: Tree, serializer: Serializer, module: str) -> Import | None:
    """Write the function that says which fields are left; None for a serializer with all of them.

    Raises:
        RefusalError: the override does more, or something that has no rule.
    """
    source = _chooser(world.sources, serializer)
    if source is None:
        return None
    name = source.node.name.value
    _require_plain(world, serializer, source)
    used = {n.value for n in walk(source.node) if isinstance(n, cst.Name)}
    left = next(each for each in _NAMES if each not in used)
    shaped = source.node.visit(_Left(source, left, name))
    assert isinstance(shaped, cst.FunctionDef)
    declared = repr([item.name for item in serializer.fields])
    suite = shaped.body
    assert isinstance(suite, cst.IndentedBlock)
    first = cst.parse_statement(f"{left} = dict.fromkeys({declared})")
    last = cst.parse_statement(f"return {left}")
    body = [first, *suite.body, last]
    params = shaped.params.with_changes(star_arg=cst.MaybeSentinel.DEFAULT, star_kwarg=None)
    node = shaped.with_changes(body=suite.with_changes(body=body), params=params)
    _require_names(source, node, left)
    stem = snake(serializer.name.rpartition(".")[2].removesuffix("Serializer")) or "serializer"
    return _written(world, tree, serializer, replace(source, node=node), (module, f"{stem}_fields"))


def _written(
    world: World, tree: Tree, serializer: Serializer, source: FunctionSource, place: Import
) -> Import:
    body = Body(world, source.module, Owner("serializer", serializer.name), use_context=True)
    own = source.node.params.params[0].name.value
    rewritten = rewrite_function(source, body, {own: SerializerSelf(serializer.name)}, _names)
    if set(body.parameters) - {"context"}:
        body.refuse("S130", f"`{source.node.name.value}` needs more than the request", source.node)
    if any(isinstance(n, cst.Name) and n.value == "known" for n in _nodes(rewritten)):
        require_known_users(world, serializer, source.source)
    module = tree.module(place[0], "What clients send and receive.")
    imports = rewritten.imports | {("app.identity", "Context"), ("typing", "Any")}
    head = "(context: Context) -> dict[str, Any]"
    return place_function(module, rewritten, place[1], head, imports, rank=4)


def _nodes(rewritten: Rewritten) -> Iterator[cst.CSTNode]:
    return (node for line in rewritten.lines for node in walk(line))


def _names(body: Body, value: Typed | None, node: cst.CSTNode) -> cst.BaseExpression:
    if value is None or not isinstance(value.type, Plain):
        body.refuse("S130", "the fields that are left are expected here", node)
    return value.node


def _require_plain(world: World, serializer: Serializer, source: FunctionSource) -> None:
    """Refuse serializers of which others, or checks of the whole, count on all fields."""
    model = world.models.get(serializer.model or "")
    uniques = () if model is None or model.table_schema is None else model.table_schema.uniques
    together = any(len(each.columns) > 1 for each in uniques)
    if serializer.validators or together:
        text = f"`{source.node.name.value}` may leave out what is checked together"
        raise RefusalError("S130", text, source.source)
    require_outermost(world, serializer, source, shown=source.node.name.value == "__init__")


class _Left(cst.CSTTransformer):
    """Puts the names that are left in the place of `self.fields`, and leaves out the rest."""

    def __init__(self, source: FunctionSource, left: str, method: str) -> None:
        self.source, self.left, self.method = source, left, method
        #: What `super().get_fields()` is called.
        self.fields = ""

    def leave_SimpleStatementLine(
        self, original_node: cst.SimpleStatementLine, updated_node: cst.SimpleStatementLine
    ) -> cst.BaseStatement | cst.RemovalSentinel:
        kept = [
            new
            for old, new in zip(original_node.body, updated_node.body, strict=True)
            if not self._goes(old)
        ]
        if not kept:
            return cst.RemoveFromParent()
        return updated_node.with_changes(body=kept)

    def _goes(self, node: cst.BaseSmallStatement) -> bool:
        if isinstance(node, cst.Expr):
            return code_of(node.value).startswith("super().__init__(")
        if not isinstance(node, cst.Assign) or len(node.targets) != 1:
            return False
        if code_of(node.value) == "super().get_fields()" and isinstance(
            node.targets[0].target, cst.Name
        ):
            self.fields = node.targets[0].target.value
            return True
        return is_limit(node.targets[0])

    def leave_IndentedBlock(
        self, original_node: cst.IndentedBlock, updated_node: cst.IndentedBlock
    ) -> cst.BaseSuite:
        if updated_node.body:
            return updated_node
        return updated_node.with_changes(body=[cst.parse_statement("pass")])

    def leave_Attribute(
        self, original_node: cst.Attribute, updated_node: cst.Attribute
    ) -> cst.BaseExpression:
        own = self.source.node.params.params[0].name.value
        is_own = self.method == "__init__" and code_of(original_node) == f"{own}.fields"
        return cst.Name(self.left) if is_own else updated_node

    def leave_Name(self, original_node: cst.Name, updated_node: cst.Name) -> cst.BaseExpression:
        return (
            cst.Name(self.left)
            if self.fields and original_node.value == self.fields
            else updated_node
        )

    def leave_Return(self, original_node: cst.Return, updated_node: cst.Return) -> cst.Return:
        return updated_node if updated_node.value else cst.Return(parse(self.left))


def _require_names(source: FunctionSource, node: cst.FunctionDef, left: str) -> None:
    """Refuse what does more with the fields than to ask for names and to leave some out."""
    allowed = {id(n) for each in walk(node) for n in _looked_at(each)}
    for each in walk(node):
        if isinstance(each, cst.Name) and each.value == left and id(each) not in allowed:
            text = f"`{source.node.name.value}` changes fields in a way that has no rule"
            raise RefusalError("S130", text, source.source)


def _looked_at(node: cst.CSTNode) -> list[cst.CSTNode]:
    """What a node only asks for names, or leaves names out of."""
    match node:
        case cst.Attribute(value=value, attr=cst.Name(value=name)) if name in _METHODS:
            return [value]
        case cst.Call(func=cst.Name(value=name), args=args) if name in _READS:
            return [argument.value for argument in args]
        case cst.ComparisonTarget(operator=cst.In() | cst.NotIn(), comparator=value):
            return [value]
        case cst.Del(target=cst.Subscript(value=value)) | cst.For(iter=value):
            return [value]
        case cst.Return(value=value) if value is not None:
            return [value]
        case cst.AssignTarget(target=cst.Name() as target):
            return [target]
    return []
