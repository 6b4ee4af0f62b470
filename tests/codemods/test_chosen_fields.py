"""Which serializers leave out fields by what is asked is told from their sources."""

from types import SimpleNamespace
from typing import cast

import pytest

from strangler.facts import Facts, Ref, Serializer, SerializerField
from strangler_codemods.chosen_fields import chooses, with_whole
from strangler_codemods.sources import Sources
from strangler_codemods.world import World

POPS = "if self.context['request'].user.is_staff:\n            self.fields.pop('cost')"
FIXED = "self.fields.pop('cost')"


@pytest.mark.parametrize(
    ("lines", "above", "known"),
    [
        (POPS, "rest_framework.serializers.ModelSerializer", ["id", "cost"]),
        (FIXED, "rest_framework.serializers.ModelSerializer", ["id"]),
        (POPS, "elsewhere.Mixin", ["id"]),
    ],
)
def test_what_was_left_out_is_known_where_the_request_decides(
    lines: str, above: str, known: list[str]
) -> None:
    """Not where a class is in between whose source nobody read."""
    text = "class Notes(Base):\n    def __init__(self, *args, **kwargs):\n"
    text += f"        super().__init__(*args, **kwargs)\n        {lines}\n"
    fields = [SerializerField(name=name, cls="X", source=name) for name in ("id", "cost")]
    lineage = (Ref(path="notes.Notes"), Ref(path=above))
    given = Serializer(
        name="notes.Notes", lineage=lineage, fields=(fields[0],), whole=tuple(fields)
    )
    facts = with_whole(Facts.model_construct(serializers=(given,)), Sources({"notes.py": text}))
    assert [field.name for field in facts.serializers[0].fields] == known


@pytest.mark.parametrize(
    ("name", "expected"), [("a", True), ("b", True), ("c", False), (None, False)]
)
def test_what_is_inside_decides_too_and_serializers_may_show_each_other(
    name: str | None, expected: bool
) -> None:
    inside = {"a": ("b", "d"), "b": ("a",), "c": ("c",), "d": ()}
    serializers = tuple(
        Serializer(
            name=one,
            fields=tuple(SerializerField(name=n, cls="X", serializer=n) for n in others),
        )
        for one, others in inside.items()
    )
    facts = Facts.model_construct(serializers=serializers)
    world = cast("World", SimpleNamespace(facts=facts, choosing={"d"}))
    assert chooses(world, name) is expected
