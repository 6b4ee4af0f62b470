"""What classes below a polymorphic model have of their own is not read from the model above."""

from types import SimpleNamespace
from typing import Any

from strangler.facts import Manager, Model, ModelField, Ref
from strangler_codemods.polymorphic import is_its_manager, is_polymorphic, replaced_below

SAVING = Ref(path="polymorphic.models.PolymorphicModel.pre_save_polymorphic")


def _model(name: str, *columns: str, **methods: str) -> Model:
    kept = {name: Ref(path=path) for name, path in methods.items()}
    fields = [ModelField.model_construct(name=column, attname=column) for column in columns]
    return Model.model_construct(
        name=name, fields=tuple(fields), many_to_many=(),
        methods={"pre_save_polymorphic": SAVING, **kept},
    )  # fmt: skip


def _world(**children: list[Model]) -> Any:
    return SimpleNamespace(children=children)


def test_methods_and_columns_of_classes_below_are_found_at_any_depth() -> None:
    top = _model("Top", title="a.Top.title", kind="a.Top.kind")
    below = _model("Below", kind="a.Below.kind", title="a.Top.title")
    deep = _model("Deep", "width", title="a.Top.title", kind="a.Below.kind")
    world = _world(Top=[below], Below=[deep])
    assert is_polymorphic(top)
    assert replaced_below(world, top, "kind")
    assert replaced_below(world, top, "width")
    assert not replaced_below(world, top, "title")


def test_only_the_manager_as_it_is_counts_as_unfiltered() -> None:
    own = Ref(path="polymorphic.managers.PolymorphicManager")
    shown = Manager(name="objects", cls=own)
    other = Manager(name="objects", cls=Ref(path="a.models.Mine"))
    assert is_its_manager(shown)
    assert not is_its_manager(other)
