"""`DjangoModelPermissions`: what Django's tables grant to users and groups on a view's model."""

from __future__ import annotations

import ast
import textwrap

from strangler.facts import Endpoint

from .modules import Tree
from .operation import code_of
from .refusal import RefusalError
from .world import World

#: Of DRF's permissions, those that ask Django's tables.
GRANTED = frozenset({"DjangoModelPermissions", "DjangoModelPermissionsOrAnonReadOnly"})
_COMPAT = "app.compat.model_permissions"
_MODEL_BACKEND = "django.contrib.auth.backends.ModelBackend"
_TABLES = ("auth.Permission", "auth.Group", "contenttypes.ContentType")
# What a user model may not replace: it would grant otherwise.
_GRANTING = frozenset(
    [
        *("has_perm", "has_perms", "has_module_perms", "get_all_permissions"),
        *("get_group_permissions", "get_user_permissions", "is_superuser", "is_active"),
    ]
)


def granted(world: World, tree: Tree, name: str, endpoint: Endpoint) -> tuple[str, str]:
    """Write `class BookPermissions(DjangoModelPermissions)` for the view's model.

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
    text = (
        f"class {model}{suffix}({name}):\n"
        f'    """Permits what Django\'s tables grant on {model}."""\n\n'
        f"    model = {model}\n"
    )
    module = tree.module(f"app.{label.partition('.')[0]}.permissions", "Who may do what.")
    imports = {(_COMPAT, name), (model_module, model)}
    return module.name, module.add(f"{model}{suffix}", text, imports, (5, "", 0))


def _require_own_tables(world: World, name: str, place: str) -> None:
    """Refuse where something other than Django's tables may grant permissions."""
    paths = [ref.path for ref in world.facts.authentication_backends]
    other = next((path for path in paths if path != _MODEL_BACKEND), None)
    if other is not None:
        raise RefusalError("P101", f"`{other}` may grant permissions to `{name}`", place)
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
