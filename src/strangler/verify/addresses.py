"""Addresses by which a request names rows: those that lead to one, and those that do not."""

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from strangler.facts import SerializerField

if TYPE_CHECKING:
    from strangler.verify.values import Material

_PART = re.compile(r"{(\w+)(?::[^}]*)?}")
_ELSEWHERE = "http://elsewhere.example"


def _paths(field: SerializerField, material: "Material", *, right: bool) -> Iterator[str]:
    """Templates to which the field's addresses lead, or the others."""
    found = (e for e in material.world.facts.endpoints if (e.full_name == field.view_name) is right)
    yield from dict.fromkeys(e.path for e in found)


def _filled(template: str, kwarg: str, value: Any) -> str:
    return _PART.sub(lambda part: str(value) if part[1] == kwarg else "1", template)


def links(field: SerializerField, material: "Material") -> Iterator[Any]:
    """Addresses of rows: paths, and paths on any host."""
    label = field.queryset.model if field.queryset else None
    lookup = field.lookup_field or "pk"
    kwarg = field.lookup_url_kwarg or lookup
    keys = material.keys(label, material.turn)
    values = keys if lookup == "pk" else material.world.column(label, lookup)
    for template in _paths(field, material, right=True):
        found = [_filled(template, kwarg, value) for value in values[:4]]
        if kwarg not in _PART.findall(template):
            continue
        for path in found[:1]:
            yield path
            yield f"{_ELSEWHERE}{path}?a=b#c"
        yield from found[1:]


def broken_links(field: SerializerField, material: "Material") -> list[Any]:
    """Addresses of other endpoints and of no row, what is none, and what cannot be read."""
    kwarg = field.lookup_url_kwarg or field.lookup_field or "pk"
    found: list[Any] = ["/nowhere/", 5]
    for template in _paths(field, material, right=True):
        odd = [_filled(template, kwarg, value) for value in (99999999, "abc", "%2541", "1%0a")]
        found += [odd[0], *odd, f"{_ELSEWHERE}{odd[0]}", f"https:{odd[0]}", odd[0].strip("/")]
        found += [f"{odd[0]}?a", f"{odd[0].rstrip('/')}.json", f"{_ELSEWHERE}{odd[0]};a"]
        break
    found += [_filled(each, kwarg, 1) for each in [*_paths(field, material, right=False)][:3]]
    return [*found, "http://[", "http://elsewhere.example", "//elsewhere.example/"]
