"""django-filter's FilterSets as filter sets of the new app."""

from __future__ import annotations

import libcst as cst

from strangler.facts import Endpoint, Filter, FilterSet

from .body import Body, Import, Owner
from .filter_kinds import MODEL_KINDS, is_compat, kind_of
from .functions import is_docstring, rewrite_function
from .modules import NewModule, Tree
from .names import as_docstring, view_stem
from .operation import Typed
from .orderings import require_stored
from .refusal import RefusalError
from .required_login import requires_login
from .shown_rows import shown_rows
from .sources import FunctionSource
from .types import FilterSelf, Plain, Query, Type
from .world import World

_SETS = "app.compat.filtersets"
_MODEL_FILTERS = "app.compat.modelfilters"
_IGNORED = frozenset({"label", "help_text", "empty_label"})
# What filters have anyway.
_STANDARD = (
    ("null_value", "null"),
    ("coerce", "builtins.str"),
    ("widget", "django_filters.widgets.BooleanWidget"),
    ("empty_label", "---------"),
)
_OVERRIDES = frozenset(
    [
        "__init__",
        "filter_queryset",
        "get_form_class",
        "is_valid",
        "qs",
        "errors",
        "form",
        "get_filters",
        "filter_for_field",
        "filter_for_lookup",
        "get_filter_name",
        "get_fields",
        "get_form_kwargs",
        "filter_for_reverse_field",
        "handle_unrecognized_field",
    ]
)


def write_filterset(
    world: World, tree: Tree, facts: FilterSet, endpoint: Endpoint, label: str
) -> Import:
    """Write a filter set and return its module and name.

    Raises:
        RefusalError: a filter, an option or a method of it has no rule.
    """
    place = facts.source or endpoint.source or ""
    if facts.form not in (None, "django.forms.forms.Form"):
        raise RefusalError("F106", f"the filter set has a form of its own, `{facts.form}`", place)
    for name, ref in sorted(facts.methods.items()):
        if name in _OVERRIDES:
            raise RefusalError("F106", f"the filter set overrides `{name}`", ref.source or place)
    own = facts.package is None
    if not own and facts.model not in (None, label):
        text = f"the filters are those of {facts.model}, the rows are of {label}"
        raise RefusalError("F104", text, endpoint.source or "")
    app = world.app_of(facts.name if own else endpoint.view) or label.partition(".")[0]
    name = facts.name.rpartition(".")[2] if own else _generated_name(endpoint)
    module = tree.module(f"app.{app}.filters", "How lists can be narrowed.")
    imports: set[Import] = {(_SETS, "FilterSet")}
    lines = [f"class {name}(FilterSet):"]
    if own and facts.docstring:
        lines.append(f"    {as_docstring(facts.docstring)}\n")
    methods: dict[str, str] = {}
    for item in facts.filters:
        lines.append(f"    {_filter(world, facts, module, item, label, place, imports, methods)}")
    for text in methods.values():
        lines.append("\n" + text)
    if len(lines) == 1:
        lines.append('    """No filters."""')
    line = int((facts.source or ":0").rpartition(":")[2] or 0)
    module.add(name, "\n".join(lines), imports, (5, (facts.source or "").partition(":")[0], line))
    return module.name, name


def _generated_name(endpoint: Endpoint) -> str:
    stem = view_stem(endpoint.view)
    return "".join(part.title() for part in stem.split("_")) + "Filter"


def _filter(
    world: World, facts: FilterSet, module: NewModule, item: Filter, label: str, place: str,
    imports: set[Import], methods: dict[str, str],
) -> str:  # fmt: skip
    kind = kind_of(module, item, place)
    is_multiple = kind in ("MultipleChoiceFilter", "ModelMultipleChoiceFilter")
    if item.conjoined or (is_multiple and not item.distinct):
        option = "conjoined" if item.conjoined else "distinct"
        raise RefusalError("F108", f"the option `{option}` of `{item.name}` has no rule", place)
    options = []
    if item.method is None:
        require_stored(world, label, item.field_name or item.name, place)
    if item.field_name not in (None, item.name):
        options.append(repr(item.field_name))
    if item.lookup_expr not in (None, "exact"):
        options.append(f"lookup={item.lookup_expr!r}")
    if item.method is not None:
        options.append(f"method={_method(world, facts, item, label, place, imports, methods)!r}")
    if item.exclude:
        options.append("exclude=True")
    if item.distinct and not is_multiple:
        options.append("distinct=True")
    options.extend(_extra(world, item, kind, place, imports))
    if is_compat(kind):
        imports.add((_MODEL_FILTERS if kind in MODEL_KINDS else _SETS, kind))
    return f"{item.name} = {kind}({', '.join(options)})"


def _extra(world: World, item: Filter, kind: str, place: str, imports: set[Import]) -> list[str]:
    options = []
    for key, value in sorted(item.extra.items()):
        if value in (None, False, "") or key in _IGNORED or (key, value) in _STANDARD:
            continue
        if key == "required":
            options.append("required=True")
        elif key == "choices" and isinstance(value, list | tuple):
            options.append(f"choices={tuple(pair[0] for pair in value)!r}")
        elif key == "queryset":
            options.append(f"queryset={_queryset(world, item, value, place, imports)}")
        elif key == "to_field_name":
            options.append(f"to_field={value!r}")
        else:
            raise RefusalError("F108", f"the option `{key}` of `{item.name}` has no rule", place)
    if kind in MODEL_KINDS and not any(o.startswith("queryset=") for o in options):
        raise RefusalError("F109", f"the queryset of `{item.name}` is not known", place)
    return options


def _queryset(world: World, item: Filter, value: object, place: str, imports: set[Import]) -> str:
    label = value if isinstance(value, str) else None
    if label is None or label not in world.models:
        raise RefusalError("F109", f"the queryset of `{item.name}` has no rule", place)
    shown = shown_rows(world, label)
    if shown is not None:
        imports.add(shown)
        return f"lambda request: {shown[1]}()"
    imports.add(world.model_symbol(label))
    return world.model_symbol(label)[1]


def _behind_login(world: World, facts: FilterSet) -> bool:
    """Whether nobody asks this filter set who is not known."""
    asking = [e for e in world.facts.endpoints if e.filterset == facts.name]
    return all(requires_login(e.permissions, e.method) for e in asking)


def _of_request(body: Body, name: str, source: FunctionSource) -> list[cst.BaseStatement]:
    """What a method reads of the request that its filter set was asked with."""
    lines = []
    for parameter in body.parameters.values():
        if parameter.kind == "user":
            function = "optional_user" if "None" in parameter.annotation else "current_user"
            asked = f"{body.compat('identity', function)}(self.request)"
            lines.append(f"{parameter.name}: {parameter.annotation} = {asked}")
        elif parameter.kind == "request":
            lines.append(f"{parameter.name} = self.request")
        else:
            body.refuse("F110", f"`{name}` needs more than the value", source.node)
    return [cst.parse_statement(line) for line in lines]


def _method(
    world: World,
    facts: FilterSet,
    item: Filter,
    label: str,
    place: str,
    imports: set[Import],
    methods: dict[str, str],
) -> str:
    """A filter method, rewritten on statements."""
    assert item.method is not None
    name = item.method.path.rpartition(".")[2]
    source = world.sources.function(item.method.path)
    if source is None or len(source.node.params.params) != 4:  # self, queryset, name, value
        raise RefusalError("F110", f"`{item.method.path}` has no rule", item.method.source or place)
    if name not in methods:
        owner = Owner("function", item.method.path, login_required=_behind_login(world, facts))
        body = Body(world, source.module, owner)
        params = [p.name.value for p in source.node.params.params]
        spelled = [body.local(param) for param in params]
        kinds: list[Type] = [FilterSelf(), Query(label, "applied"), Plain("str"), Plain("Any")]

        def finish(inner: Body, value: Typed | None, node: cst.CSTNode) -> cst.BaseExpression:
            if value is None or not isinstance(value.type, Query):
                inner.refuse("Q108", "a query is expected here", source.node)
            return value.node

        rewritten = rewrite_function(source, body, dict(zip(params, kinds, strict=True)), finish)
        first = 1 if rewritten.lines and is_docstring(rewritten.lines[0]) else 0
        rewritten.lines[first:first] = _of_request(body, name, source)
        imports |= rewritten.imports | {("sqlalchemy", "Select"), ("typing", "Any")}
        module, model = world.model_symbol(label)
        imports.add((module, model))
        head = (
            f"def {name}(self, {spelled[1]}: Select[{model}], {spelled[2]}: str, "
            f"{spelled[3]}: Any) -> Select[{model}]"
        )
        text = rewritten.text(head)
        methods[name] = "\n".join(f"    {t}" if t.strip() else "" for t in text.split("\n"))
    return name
