"""Compares what two requests did beside their answers and rows."""

from collections.abc import Iterator, Sequence

from strangler.diff.documents import Limits, shown
from strangler.diff.exchange import Difference, Effect
from strangler.diff.jsons import compare_json
from strangler.diff.volatile import Pairing

_ABSENT = "(absent)"


def compare_effects(
    legacy: Sequence[Effect],
    new: Sequence[Effect],
    pairing: Pairing,
    limits: Limits | None = None,
) -> Iterator[Difference]:
    """Differences kind by kind; pointers are `effect:kind/number`, counted from 0 in legacy.

    Effects of one name meet in order. Names that differ meet where `pairing` takes the difference
    for fresh: an uploaded file's, say. Raises Uncomparable where one is too large.
    """
    for kind in sorted({each.kind for each in (*legacy, *new)}):
        mine = [each for each in legacy if each.kind == kind]
        theirs = [each for each in new if each.kind == kind]
        yield from _kind(kind, mine, theirs, pairing, limits or Limits())


def _kind(
    kind: str, legacy: list[Effect], new: list[Effect], pairing: Pairing, limits: Limits
) -> Iterator[Difference]:
    met: dict[int, Effect] = {}
    left = list(new)
    for number, each in enumerate(legacy):
        found = next((other for other in left if other.name == each.name), None)
        if found is not None:
            met[number] = found
            left.remove(found)
    for number, each in enumerate(legacy):
        place = f"effect:{kind}/{number}"
        if number not in met:
            found = next((o for o in left if pairing.texts(each.name, o.name, place)), None)
            if found is None:
                yield Difference("effect-missing", place, _told(each), _ABSENT)
                continue
            met[number] = found
            left.remove(found)
        for one in compare_json(each.value, met[number].value, pairing, limits):
            yield Difference("effect-value", place + one.pointer, one.legacy, one.new, one.note)
    for number, each in enumerate(left, len(legacy)):
        yield Difference("effect-extra", f"effect:{kind}/{number}", _ABSENT, _told(each))


def _told(effect: Effect) -> str:
    return f"{effect.name} {shown(effect.value)}".strip()
