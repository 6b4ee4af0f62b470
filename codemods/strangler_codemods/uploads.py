"""File columns that requests write: where their files go."""

from __future__ import annotations

import libcst as cst

from strangler.facts import Model, ModelField

from .body import Body, Import, Owner
from .class_bodies import class_value
from .field_kinds import FILE_KINDS, check_storage, refuse_storage
from .functions import finish_value, rewrite_function
from .modules import Tree
from .names import quoted
from .refusal import RefusalError
from .surrounding_types import StoredFile
from .types import Instance, Plain, Type
from .world import World

_SIZES = frozenset({"width_field", "height_field"})


def store_uploads(world: World, tree: Tree, label: str, name: str, place: str) -> None:
    """Let a file column store what is uploaded into it; other columns are left as they are.

    Raises:
        RefusalError: its files lie elsewhere than below MEDIA_URL, or go where no rule says.
    """
    found = world.field_named(label, name)
    if found is None or found[1].internal_type not in FILE_KINDS:
        return
    model, column = found
    media_url = str(world.facts.settings.get("MEDIA_URL") or "")
    check_storage(name, column, media_url, place)
    if not column.storage_keeps:
        refuse_storage(name, column, place)
    _require_storable(world, tree, model, column, place)
    world.uploads.add((model.name, column.name))


def stored_file(world: World, label: str, name: str) -> StoredFile | None:
    """What code finds under `name` of a row, where that is a file column."""
    found = world.field_named(label, name)
    if found is None or found[1].internal_type not in FILE_KINDS:
        return None
    return StoredFile(label, found[1].name, found[1].null)


def _require_storable(
    world: World, tree: Tree, model: Model, column: ModelField, place: str
) -> None:
    """Refuse a file column whose class body says more than where files go.

    Raises:
        RefusalError: it sets other columns too, or names its files in a way without a rule.
    """
    value = column.upload_to
    if value is None or value.kind not in ("literal", "none", "callable"):
        raise RefusalError("S116", f"where the files of `{column.name}` go has no rule", place)
    found = world.sources.class_node(column.declared_in or model.path)
    bound = class_value(found[0], column.name, found[1]) if found is not None else None
    call = bound[0] if bound is not None else None
    if not isinstance(call, cst.Call):
        raise RefusalError("S116", f"`{column.name}` was not found in the sources", place)
    for argument in call.args:
        name = argument.keyword.value if argument.keyword is not None else ""
        if name in _SIZES or argument.star:
            raise RefusalError("S116", f"`{column.name}` keeps the size of its picture", place)
    upload_text(world, tree, model, column)


def upload_text(world: World, tree: Tree, model: Model, column: ModelField) -> tuple[str, Import]:
    """`Upload("products/", 100)`, and the function that names the files where there is one."""
    value = column.upload_to
    place = column.source or model.source or ""
    limit = f", {column.max_length}" if column.max_length is not None else ""
    if value is not None and value.kind == "callable":
        function = _naming_function(world, tree, model, value.path or "", place)
        return f"Upload({function[1]}{limit})", function
    folder = str(value.value or "") if value is not None else ""
    return f"Upload({quoted(folder)}{limit})", ("", "")


def _naming_function(world: World, tree: Tree, model: Model, path: str, place: str) -> Import:
    """The project's `upload_to` function, which is given the row and the file's name."""
    source = world.sources.function(path)
    if source is None:
        raise RefusalError("S116", f"`{path}` has no source", place)
    names = [p.name.value for p in source.node.params.params]
    if len(names) != 2:  # the row and the name
        raise RefusalError("S116", f"`{path}` takes other arguments", source.source)
    body = Body(world, source.module, Owner("function", path), colour="build")
    env: dict[str, Type] = {names[0]: Instance(model.name), names[1]: Plain("str")}
    rewritten = rewrite_function(source, body, env, finish_value)
    if body.parameters:
        body.refuse("S116", f"`{path}` asks the database", source.node)
    app = model.name.partition(".")[0]
    module = tree.module(f"app.{app}.uploads", "How uploaded files are named.")
    imports = {i for i in body.imports if not i[0].startswith("app.") or "compat" in i[0]}
    if imports != body.imports:
        body.refuse("S116", f"`{path}` needs more of the project", source.node)
    for constant, text in body.definitions.items():
        module.add(constant, text, (), (1, source.module.path, 0))
    name = path.rpartition(".")[2]
    head = f"def {name}({names[0]}: Any, {names[1]}: str) -> str"
    imports = imports | {("typing", "Any")}
    module.add(name, rewritten.text(head), imports, (5, source.module.path, source.line))
    return module.name, name
