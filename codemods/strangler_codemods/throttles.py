"""Throttles and versioning schemes: DRF's own, and the project's that only set attributes."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from strangler.facts import Endpoint, Serializer
from strangler.facts.shapes import ClassFacts, Value

from .body import Import
from .modules import Tree
from .names import as_docstring
from .permission_facts import assigned
from .refusal import RefusalError

if TYPE_CHECKING:
    from .world import World

_THROTTLING, _VERSIONING = "rest_framework.throttling.", "rest_framework.versioning."
_THROTTLES = frozenset({"AnonRateThrottle", "UserRateThrottle", "ScopedRateThrottle"})
_VERSIONS = frozenset(
    {
        "AcceptHeaderVersioning", "HostNameVersioning", "NamespaceVersioning",
        "QueryParameterVersioning", "URLPathVersioning",
    }
)  # fmt: skip
_THROTTLE_ATTRIBUTES = frozenset({"rate", "scope", "THROTTLE_RATES", "cache_format"})
_VERSION_ATTRIBUTES = frozenset({"default_version", "allowed_versions", "version_param"})
#: Where counts are kept: in the process, whatever the class says.
_ELSEWHERE = frozenset({"cache"})
#: Schemes that write the version into addresses.
_REWRITING = ("NamespaceVersioning", "QueryParameterVersioning", "URLPathVersioning")
_LINKS = ("HyperlinkedRelatedField", "HyperlinkedIdentityField")


@dataclass
class Policies:
    """Finds, or writes, the class in the new app that stands for one of DRF's or the project's."""

    world: World
    tree: Tree

    def throttle(self, path: str, place: str) -> Import:
        """Module and name of a throttle; RefusalError where it has no rule."""
        name = path.removeprefix(_THROTTLING)
        if name in _THROTTLES:
            return ("app.compat.throttling", name)
        known = self.world.facts.throttles
        found = self._chain(path, known, _THROTTLING, _THROTTLES, _THROTTLE_ATTRIBUTES)
        if found is None:
            raise RefusalError("E124", f"the throttle `{path}` has no rule", place)
        _require_literals("E124", path, found[1], place)
        return self._class(path, "throttles", "How often somebody may ask.", *found)

    def versioning(self, endpoint: Endpoint, imports: set[Import]) -> str:
        """An endpoint's `versioning` as an expression; RefusalError where it has no rule."""
        path, place = endpoint.versioning or "", endpoint.source or ""
        module, name, base = self._version_class(path, place)
        if base in _REWRITING and self._links(endpoint):
            text = f"addresses that carry the version of `{path}` have no rule"
            raise RefusalError("E123", text, place)
        imports.add((module, name))
        if base == "NamespaceVersioning":
            return f"{name}({endpoint.namespace or ''!r})"
        return name

    def _version_class(self, path: str, place: str) -> tuple[str, str, str]:
        name = path.removeprefix(_VERSIONING)
        if name in _VERSIONS:
            return "app.compat.versioning", name, name
        known = self.world.facts.classes
        found = self._chain(path, known, _VERSIONING, _VERSIONS, _VERSION_ATTRIBUTES)
        if found is None:
            raise RefusalError("E123", f"the versioning `{path}` has no rule", place)
        _require_literals("E123", path, found[1], place)
        written = self._class(path, "versions", "Which version is asked for.", *found)
        return *written, found[0][1]

    def _chain(
        self, path: str, known: Iterable[ClassFacts], framework: str, bases: frozenset[str],
        allowed: frozenset[str],
    ) -> tuple[Import, dict[str, Value], str | None] | None:  # fmt: skip
        """The class of compat below a project's class, with what the project sets on the way."""
        classes = {each.name: each for each in known}
        attributes: dict[str, Value] = {}
        first = classes.get(path)
        for ref in first.lineage if first is not None else ():
            name = ref.path.removeprefix(framework)
            if name in bases:
                module = "app.compat." + framework.split(".")[1]
                return (module, name), attributes, first.docstring if first else None
            facts = classes.get(ref.path)
            if facts is None or facts.methods or facts.attributes.keys() - allowed:
                return None
            # what JSON cannot hold is in the class, and not among the facts
            if assigned(self.world, facts).keys() - facts.attributes.keys() - _ELSEWHERE:
                return None
            attributes = {**facts.attributes, **attributes}
        return None

    def _class(
        self, path: str, stem: str, docstring: str,
        base: Import, attributes: dict[str, Value], said: str | None,
    ) -> Import:  # fmt: skip
        module = self.tree.module(f"app.{self.world.app_of(path) or 'core'}.{stem}", docstring)
        lines = [f"    {as_docstring(said)}"] if said else []
        lines += [f"    {name} = {value.value!r}" for name, value in attributes.items()]
        head = f"class {path.rpartition('.')[2]}({base[1]}):"
        text = "\n".join([head, *(lines or ["    pass"])])
        name = module.free_name(path.rpartition(".")[2], text)
        module.add(name, text, {base}, (1, path, 0))
        return module.name, name

    def _links(self, endpoint: Endpoint) -> bool:
        """Whether answers hold hyperlinks."""
        known = {each.name: each for each in self.world.facts.serializers}
        return _shows_links(known, known.get(endpoint.serializer or ""), set())


def _require_literals(code: str, path: str, attributes: dict[str, Value], place: str) -> None:
    if any(value.kind not in ("literal", "none") for value in attributes.values()):
        raise RefusalError(code, f"an attribute of `{path}` has no rule", place)


def _shows_links(
    known: dict[str, Serializer], serializer: Serializer | None, seen: set[str]
) -> bool:
    if serializer is None or serializer.name in seen:
        return False
    seen.add(serializer.name)
    for item in serializer.fields:
        kinds = [(part.drf_cls or "").rpartition(".")[2] for part in (item, item.child) if part]
        if any(kind in _LINKS for kind in kinds):
            return True
        if item.serializer and _shows_links(known, known.get(item.serializer), seen):
            return True
    return False
