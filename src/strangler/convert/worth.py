"""The bodies that hold the most endpoints back, each alone: what is worth porting by hand first."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Any

from strangler.facts import Endpoint, Facts
from strangler_codemods.conversion import Conversion
from strangler_codemods.refusal import Reason
from strangler_codemods.sources import Sources


def bodies_by_worth(
    facts: Facts, conversion: Conversion, files: Mapping[str, str]
) -> list[dict[str, Any]]:
    """Bodies that a person can port, with how many DRF endpoints nothing else is known to hold back.

    Most first: `name`, `source`, `unlocks`, and `among`: endpoints that it holds back with others.
    What stands behind a reason shows only when the reason is gone, so that `unlocks` is the most
    that porting the body alone can give.
    """
    sources = Sources(files)
    alone: Counter[str] = Counter()
    among: Counter[str] = Counter()
    for endpoint in facts.endpoints:
        reasons = conversion.endpoints[endpoint.id].reasons
        if endpoint.kind != "drf" or not reasons:
            continue
        names = {_body(conversion, sources, endpoint, reason) for reason in reasons}
        among.update(name for name in names if name is not None)
        if len(names) == 1:
            alone.update(name for name in names if name is not None)
    ordered = sorted(among, key=lambda name: (-alone[name], -among[name], name))
    return [
        {
            "name": name,
            "source": _place(sources, name),
            "unlocks": alone[name],
            "among": among[name] - alone[name],
        }
        for name in ordered
    ]


def _body(
    conversion: Conversion, sources: Sources, endpoint: Endpoint, reason: Reason
) -> str | None:
    """The body in which a reason stands; None where no function can be written in its place."""
    name = sources.around(reason.source)
    handler = endpoint.methods.get(endpoint.action or "")
    own = endpoint.view if endpoint.function_view else handler.path if handler is not None else None
    return name if name in conversion.overrides.walked and name != own else None


def _place(sources: Sources, name: str) -> str:
    source = sources.function(name)
    return source.source if source is not None else ""
