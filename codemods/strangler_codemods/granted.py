"""`DjangoModelPermissions`: what Django's tables grant to users and groups on a view's model."""

from __future__ import annotations

import ast
import textwrap

from strangler.facts import ClassFacts, Endpoint

from .login_backends import granting_problem
from .modules import Tree
from .names import as_docstring
from .operation import code_of
from .refusal import RefusalError
from .world import World

#: Of DRF's permissions, those that ask Django's tables.
GRANTED = frozenset({"DjangoModelPermissions", "DjangoModelPermissionsOrAnonReadOnly"})
_COMPAT = "app.compat.model_permissions"
_TABLES = ("auth.Permission", "auth.Group", "contenttypes.ContentType")
# What a user model may not replace: it would grant otherwise.
_GRANTING = frozenset(
    [
        *("has_perm", "has_perms", "has_module_perms", "get_all_permissions"),
        *("get_group_permissions", "get_user_permissions", "is_superuser", "is_active"),
    ]
)


def asks_tables(world: World, path: str) -> ClassFacts | None:
    """A permission class of the project that asks Django's tables as DRF's class above it does."""
    facts = next((p for p in world.facts.permissions if p.name == path), None)
    return facts if facts is not None and _granting_base(facts) in GRANTED else None


def _granting_base(facts: ClassFacts) -> str:
    """The name of the first class above that is not the project's: what it asks is asked."""
    foreign = next((ref.path for ref in facts.lineage if ref.package is not None), "")
    module, _, name = foreign.rpartition(".")
    return name if module == "rest_framework.permissions" else ""


def granted_by(world: World, tree: Tree, facts: ClassFacts, endpoint: Endpoint) -> tuple[str, str]:
    """Write `class BookStaffOnly(StaffOnly)` for the view's model, and `StaffOnly` of the project.

    Raises:
        RefusalError: as `granted`; or the class decides in a way of its own.
    """
    place, base = facts.source or endpoint.source or "", _granting_base(facts)
    odd = sorted(set(facts.methods) - {"__init__"})
    if odd:
        raise RefusalError("P105", f"`{facts.methods[odd[0]].path}` has no rule", place)
    needed, known = facts.attributes.get("perms_map"), facts.attributes
    if needed is None or not isinstance(needed.value, dict):
        raise RefusalError("P105", f"`{facts.name}.perms_map` is not known", place)
    asks = known.get("authenticated_users_only")
    name = facts.name.rpartition(".")[2]
    app = world.app_of(facts.name) or "core"
    module = tree.module(f"app.{app}.permissions", "Who may do what.")
    text = (
        f"class {name}({base}):\n"
        f"    {as_docstring(facts.docstring or 'What each method asks of the tables.')}\n\n"
        f"    perms_map = {needed.value!r}\n"
    )
    usual = base == "DjangoModelPermissions"
    if asks is not None and bool(asks.value) is not usual:
        text += f"    authenticated_users_only = {bool(asks.value)}\n"
    module.add(name, text, {(_COMPAT, base)}, (4, *_line(facts.source)))
    return granted(world, tree, name, endpoint, (module.name, name))


def _line(source: str | None) -> tuple[str, int]:
    path, _, line = (source or ":0").rpartition(":")
    return path, int(line or 0)


def granted(
    world: World, tree: Tree, name: str, endpoint: Endpoint, base: tuple[str, str] | None = None
) -> tuple[str, str]:
    """Write `class BookPermissions(DjangoModelPermissions)` for the view's model.

    base: module and name of the class to inherit, where that is one of the project.

    Raises:
        RefusalError: permissions are not Django's own, or the view's model is not certain.
    """
    place = endpoint.source or ""
    label = endpoint.queryset.model if endpoint.queryset else None
    if label is None:
        raise RefusalError("P106", f"`{name}` of a view whose model is not known", place)
    if endpoint.attributes.get("_ignore_model_permissions"):
        raise RefusalError("P101", f"the view tells `{name}` not to ask", place)
    _require_own_tables(world, name, place)
    _require_certain_model(world, endpoint, label)
    model_module, model = world.model_symbol(label)
    suffix = "Permissions" if name == "DjangoModelPermissions" else "PermissionsOrReadOnly"
    suffix = suffix if base is None else name
    text = (
        f"class {model}{suffix}({name}):\n"
        f'    """Permits what Django\'s tables grant on {model}."""\n\n'
        f"    model = {model}\n"
    )
    module = tree.module(f"app.{label.partition('.')[0]}.permissions", "Who may do what.")
    imports = {base or (_COMPAT, name), (model_module, model)}
    return module.name, module.add(f"{model}{suffix}", text, imports, (5, "", 0))


def _require_own_tables(world: World, name: str, place: str) -> None:
    """Refuse where something other than Django's tables may grant permissions."""
    if (problem := granting_problem(world)) is not None:
        raise RefusalError("P101", f"{problem}: `{name}` has no rule", place)
    if world.user_problem is not None:
        raise RefusalError("A106", world.user_problem.message, world.user_problem.source or place)
    user = world.models.get(world.user_label)
    relations = {m.name for m in user.many_to_many} if user is not None else set()
    if not {"groups", "user_permissions"} <= relations or not all(
        label in world.models for label in _TABLES
    ):
        raise RefusalError("P101", f"users without permissions: `{name}` has no rule", place)
    replaced = sorted(_GRANTING & set(user.methods)) if user is not None else []
    if replaced:
        text = f"{world.user_label} overrides `{replaced[0]}`, which `{name}` asks"
        raise RefusalError("P101", text, place)


def _require_certain_model(world: World, endpoint: Endpoint, label: str) -> None:
    """Refuse where DRF might ask for the permissions of another model, or not get that far."""
    table = world.models[label].db_table if label in world.models else None
    if table is None or any(m.proxy and m.db_table == table for m in world.facts.models):
        raise RefusalError("P101", f"{label} has proxies, with permissions of their own", "")
    own = endpoint.methods.get("get_queryset")
    source = world.sources.function(own.path) if own is not None else None
    if own is None:
        return
    text = textwrap.dedent(code_of(source.node).strip("\n")) if source is not None else "raise"
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Raise) or (isinstance(node, ast.Call) and _may_fail(node)):
            place = own.source or endpoint.source or ""
            raise RefusalError("P101", "permissions are asked of a queryset that may fail", place)


def _may_fail(node: ast.Call) -> bool:
    """Whether a call looks for one row: `objects.get(pk=1)`, not `query_params.get("name")`."""
    called = node.func
    name = called.attr if isinstance(called, ast.Attribute) else getattr(called, "id", "")
    if name == "get":
        return bool(node.keywords) or not all(isinstance(a, ast.Constant) for a in node.args[:1])
    return name in ("get_object_or_404", "get_object", "latest", "earliest")
