"""Overrides that shape every instance of a serializer alike are told from those that do not."""

import textwrap
from types import SimpleNamespace
from typing import Any, cast

import pytest

from strangler.facts import Serializer
from strangler_codemods.fixed_shapes import is_fixed
from strangler_codemods.sources import Sources
from strangler_codemods.world import World

FIXED = {
    "required": "self.fields['note'].required = True",
    "message": "self.fields['note'].error_messages['blank'] = 'Say.'",
    "popped": "self.fields.pop('note')",
    "added": "self.fields['more'] = serializers.CharField(max_length=3)",
    "loop": "for name, field in self.fields.items():\n    if name in KEPT:\n        field.read_only = True",
    "rows": "self.fields['jar'].queryset = Jar.objects.filter(open=True)",
    "rows by request": "user = self.context['request'].user\nif user.is_staff:\n"
    "    self.fields['jar'].queryset = Jar.objects.filter(owner=user)",
    "unasked": "kept = kwargs.pop('kept', None)\nif kept is not None:\n    self.fields.pop(kept)",
    "unasked, else": "kept = kwargs.pop('kept', None)\nif not kept:\n    self.fields.pop('note')",
    "constant": "self.key = 'note'\nself.fields[f'new_{self.key}'] = self.fields.pop(self.key)",
    "joined": "self.key = 'note'\nself.fields['new_' + self.key] = self.fields.pop(self.key)",
    "set": "for name in set(self.fields) - set(KEPT):\n    del self.fields[name]",
}
OTHERWISE = {
    "constant, declared": "self.key = 'declared'\nself.fields[self.key] = serializers.CharField()",
    "constant of DRF": "self.partial = True",
    "set twice": "self.key = 'note'\nif self.fields:\n    self.key = 'jar'\nself.fields.pop(self.key)",
    "context": "if self.context.get('request'):\n    self.fields.pop('note')",
    "instance": "if self.instance:\n    self.fields.pop('note')",
    "keywords": "self.kept = kwargs.get('kept')",
    "unasked, another": "kept = kwargs.pop('kept', None) or self.context['x']\nself.fields.pop(kept)",
    "asked of DRF": "kept = kwargs.pop('context', None)\nif kept:\n    self.fields.pop('note')",
    "set again": "kept = kwargs.pop('kept', None)\nkept = 'note'\nif kept:\n    self.context.pop(kept)",
    "argument": "if args:\n    self.fields.pop('note')",
    "limit": "self.fields['note'].max_length = 3",
    "declared": "self.fields['declared'] = serializers.CharField()",
    "clock": "self.fields['note'].required = now().hour > 12",
    "state": "self.fields['note'].required = STATE['strict']",
    "validators": "self.fields['note'].validators.pop()",
    "meta": "self.Meta.fields.append('note')",
    "branch": "try:\n    self.fields.pop('note')\nexcept KeyError:\n    pass",
}


def shaped(
    lines: str, method: str = "__init__", above: str = "super().__init__(*args, **kwargs)"
) -> bool:
    text = (
        "from datetime import datetime\nfrom rest_framework import serializers\n"
        "now = datetime.now\nKEPT = ('id',)\nSTATE = {}\nSTATE['strict'] = True\n\n\n"
        "class Notes(serializers.ModelSerializer):\n"
        f"    def {method}(self{', *args, **kwargs' if method == '__init__' else ''}):\n"
        + textwrap.indent(f"{above}\n{lines}", "        ")
    )
    world = cast("World", SimpleNamespace(sources=Sources({"notes.py": text})))
    refs: list[Any] = [
        SimpleNamespace(path="notes.Notes"),
        SimpleNamespace(path="rest_framework.serializers.X"),
    ]
    fields = [SimpleNamespace(name="declared", declared=True)]
    made = SimpleNamespace(lineage=refs, fields=fields, given=())
    return is_fixed(world, cast("Serializer", made), method)


@pytest.mark.parametrize("lines", FIXED.values(), ids=FIXED)
def test_what_looks_at_fields_and_constants_is_the_same_for_each_instance(lines: str) -> None:
    assert shaped(lines)


@pytest.mark.parametrize("lines", OTHERWISE.values(), ids=OTHERWISE)
def test_what_looks_at_anything_else_is_not(lines: str) -> None:
    assert not shaped(lines)


def test_what_is_handed_on_is_what_was_handed_in() -> None:
    assert not shaped("pass", above="super().__init__(*args, many=True)")
    assert not shaped("pass", above="super().__init__(*args, **kwargs, partial=True)")


def test_given_extra_options_are_fixed_where_they_are_constants() -> None:
    above = "extra = super().get_extra_kwargs()"
    assert shaped("extra['note'] = {'write_only': True}\nreturn extra", "get_extra_kwargs", above)
    lines = "extra['note'] = {'write_only': self.context['w']}\nreturn extra"
    assert not shaped(lines, "get_extra_kwargs", above)
