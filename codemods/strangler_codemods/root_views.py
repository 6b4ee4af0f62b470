"""The root view of DRF's `DefaultRouter`: links to the lists of what was registered."""

from __future__ import annotations

from strangler.facts import Endpoint, Permission, Url

from .body import Import
from .format_suffixes import is_format
from .names import identifier
from .refusal import RefusalError
from .world import World

#: DRF's own class, and the argument that holds names of routes by prefix.
ROOT = "rest_framework.routers.APIRootView"
NAMES = "api_root_dict"
_REWRITING = ("NamespaceVersioning", "QueryParameterVersioning", "URLPathVersioning")
_TYPES = {"int": ("", "int"), "uuid": ("uuid", "UUID")}
_PERMISSIONS = "rest_framework.permissions."


def is_root(endpoint: Endpoint) -> bool:
    """Whether DRF's own code answers, of the class itself or of one that adds no `get`."""
    lineage = any(ref.path == ROOT for ref in endpoint.lineage)
    known = endpoint.view == ROOT or (lineage and "get" not in endpoint.methods)
    return endpoint.method == "GET" and known


def without_names(endpoint: Endpoint) -> Endpoint:
    """The view as it is without the names that its router hands it."""
    given = {name: value for name, value in endpoint.initkwargs.items() if name != NAMES}
    return endpoint.model_copy(update={"initkwargs": given})


def with_root_permissions(world: World, endpoint: Endpoint) -> Endpoint:
    """The root view asks for no permissions on a model, but may require a login."""
    if not is_root(endpoint):
        return endpoint
    trees = tuple(_without_models(world, tree) for tree in endpoint.permissions)
    return endpoint.model_copy(update={"permissions": trees})


def _without_models(world: World, tree: Permission) -> Permission:
    if tree.op is not None:
        of = tuple(_without_models(world, part) for part in tree.of)
        return tree.model_copy(update={"of": of})
    name = (tree.path or "").removeprefix(_PERMISSIONS)
    if name in ("DjangoModelPermissions", "DjangoObjectPermissions"):
        asks = world.drf_version >= (3, 15)
        path = f"{_PERMISSIONS}{'IsAuthenticated' if asks else 'AllowAny'}"
        return tree.model_copy(update={"path": path})
    if name == "DjangoModelPermissionsOrAnonReadOnly":
        return tree.model_copy(update={"path": f"{_PERMISSIONS}AllowAny"})
    return tree


def root_links(world: World, endpoint: Endpoint, imports: set[Import]) -> tuple[str, str]:
    """Parameters of the endpoint's function, and the expression that gives its links.

    Raises:
        RefusalError: an address depends on more than is known.
    """
    place = endpoint.source or ""
    if "_ignore_model_permissions" in endpoint.attributes:
        raise RefusalError("P101", "the root view asks for permissions on a model", place)
    given = endpoint.initkwargs.get(NAMES)
    names = given.value if given is not None else None
    if not isinstance(names, dict):
        raise RefusalError("E127", "what was registered under the root view is not known", place)
    if (endpoint.versioning or "").rpartition(".")[2] in _REWRITING:
        text = f"addresses that carry the version of `{endpoint.versioning}` have no rule"
        raise RefusalError("E123", text, place)
    space = f"{endpoint.namespace}:" if endpoint.namespace else ""
    shown = {str(key): f"{space}{name}" for key, name in names.items()}
    for name in shown.values():
        _require_known(world, endpoint, name)
    world.links.update(shown.values())
    imports |= {("fastapi", "Request"), ("app.compat.reversing", "links")}
    kwargs = [name for name in endpoint.converters if not is_format(endpoint, name)]
    kinds = {name: _TYPES.get(endpoint.converters[name], ("", "str")) for name in kwargs}
    imports |= {kind for kind in kinds.values() if kind[0]}
    parameters = ["request: Request"]
    parameters += [f"{identifier(name)}: {kind[1]}" for name, kind in kinds.items()]
    parts = ", ".join(f"{name!r}: {identifier(name)}" for name in kwargs)
    passed = f", {{{parts}}}" if parts else ""
    return ", ".join(parameters), f"links(request, {shown!r}{passed})"


def _require_known(world: World, endpoint: Endpoint, name: str) -> None:
    """Refuse a name whose address Django may make otherwise than by the one template of it."""
    place = endpoint.source or ""
    routes = [e for e in world.facts.endpoints if e.full_name == name]
    if any(not _is_plain(url) for url in world.facts.urls if url.name == name) or any(
        not (e.exact and e.anchored) for e in routes
    ):
        raise RefusalError("S108", f"the address of `{name}` depends on more than its path", place)
    parts = endpoint.converters.items()
    found = {e.path: e.converters for e in routes if e.converters.keys() == dict(parts).keys()}
    if parts and (len(found) > 1 or any(c.items() != parts for c in found.values())):
        raise RefusalError("S108", f"`{name}` is the name of several paths", place)


def _is_plain(url: Url) -> bool:
    return url.certain and url.path is not None and not url.arguments
