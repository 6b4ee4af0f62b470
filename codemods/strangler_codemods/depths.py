"""Serializers that fields make on the way, as if the project had declared them.

depth = 1                                                     # in Meta: DRF makes them
items = ItemSerializer(many=True, fields=("id", "title"))     # of other fields than the class has
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from strangler.facts import Facts, Serializer, SerializerField

_MADE = ".<locals>."
_SUFFIX = "Serializer"


def with_depths(facts: Facts) -> Facts:
    """The facts, with a serializer for each field whose serializer was made for that field.

    Its name is that of the serializer and the field that show it: `shop.serializers.OrderCustomerSerializer`.
    """
    if not any(_is_made(item) for each in facts.serializers for item in each.fields):
        return facts
    known = {each.name: each for each in facts.serializers}
    found = [one for each in facts.serializers for one in _expanded(each, known)]
    return facts.model_copy(update={"serializers": tuple(found)})


def _is_made(item: SerializerField) -> bool:
    by_drf = _MADE in (item.serializer or "") and bool(item.nested_fields)
    return by_drf or bool(item.given)


def _expanded(serializer: Serializer, known: Mapping[str, Serializer]) -> Iterator[Serializer]:
    """A serializer and those that DRF made for it, innermost first."""
    fields = []
    for item in serializer.fields:
        if not _is_made(item):
            fields.append(item)
            continue
        words = "".join(word[:1].upper() + word[1:] for word in item.name.split("_"))
        name = f"{serializer.name.removesuffix(_SUFFIX)}{words}{_SUFFIX}"
        while name in known:
            name = f"{name.removesuffix(_SUFFIX)}Nested{_SUFFIX}"
        made = Serializer(name=name, source=serializer.source, kind="model")
        told = {"name": name, "fields": item.nested_fields, "given": item.given}
        base = known.get(item.serializer or "", made)
        yield from _expanded(base.model_copy(update=told), known)
        fields.append(item.model_copy(update={"serializer": name, "nested_fields": ()}))
    yield serializer.model_copy(update={"fields": tuple(fields)})
