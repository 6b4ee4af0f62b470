"""`Meta.depth`: serializers that DRF makes on the way, as if the project had declared them."""

from __future__ import annotations

from collections.abc import Container, Iterator

from strangler.facts import Facts, Serializer, SerializerField

_MADE = ".<locals>."
_SUFFIX = "Serializer"


def with_depths(facts: Facts) -> Facts:
    """The facts, with a serializer for each field whose serializer DRF made from the related model.

    Its name is that of the serializer and the field that show it: `shop.serializers.OrderCustomerSerializer`.
    """
    if not any(_is_made(item) for each in facts.serializers for item in each.fields):
        return facts
    taken = {each.name for each in facts.serializers}
    found = [one for each in facts.serializers for one in _expanded(each, taken)]
    return facts.model_copy(update={"serializers": tuple(found)})


def _is_made(item: SerializerField) -> bool:
    return _MADE in (item.serializer or "") and bool(item.nested_fields)


def _expanded(serializer: Serializer, taken: Container[str]) -> Iterator[Serializer]:
    """A serializer and those that DRF made for it, innermost first."""
    fields = []
    for item in serializer.fields:
        if not _is_made(item):
            fields.append(item)
            continue
        words = "".join(word[:1].upper() + word[1:] for word in item.name.split("_"))
        name = f"{serializer.name.removesuffix(_SUFFIX)}{words}{_SUFFIX}"
        while name in taken:
            name = f"{name.removesuffix(_SUFFIX)}Nested{_SUFFIX}"
        source, inner = serializer.source, item.nested_fields
        yield from _expanded(
            Serializer(name=name, source=source, kind="model", fields=inner), taken
        )
        fields.append(item.model_copy(update={"serializer": name, "nested_fields": ()}))
    yield serializer.model_copy(update={"fields": tuple(fields)})
