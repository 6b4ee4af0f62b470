"""Files of a row are names in the new app: their truth, name, text and address have rules.

Before: obj.image.url if obj.image else None
After:  file_url(obj.image, "image") if obj.image else None
"""

from strangler_codemods.field_kinds import check_storage
from strangler_codemods.operands import operand
from strangler_codemods.operation import Operation, Typed, code_of, parse
from strangler_codemods.rule import Key, attribute, rewrites
from strangler_codemods.surrounding_types import StoredFile
from strangler_codemods.types import Plain


@rewrites(Key("truth", StoredFile, "*"))
def truth(operation: Operation) -> Typed:
    return Typed(operation.on.node, Plain("str | None"))


@rewrites(attribute(StoredFile, "name"))
def name(operation: Operation) -> Typed:
    function = operation.body.compat("outputs", "file_name")
    return Typed(parse(f"{function}({operation.on.code})"), Plain("str | None"))


@rewrites(Key("shown", StoredFile, "*"))
def text(operation: Operation) -> Typed:
    function = operation.body.compat("outputs", "file_name")
    return Typed(parse(f'({function}({operation.on.code}) or "")'), Plain("str"))


@rewrites(attribute(StoredFile, "url"))
def url(operation: Operation) -> Typed:
    kind, body = operation.on.type, operation.body
    assert isinstance(kind, StoredFile)
    found = body.world.field_named(kind.model, kind.column)
    assert found is not None
    media_url = str(body.world.facts.settings.get("MEDIA_URL") or "")
    place = body.module.path
    check_storage(kind.column, found[1], media_url, found[1].source or place)
    function = body.compat("outputs", "file_url")
    shown = f"{function}({code_of(operand(operation.on))}, {kind.column!r})"
    return Typed(parse(shown), Plain("str"))
