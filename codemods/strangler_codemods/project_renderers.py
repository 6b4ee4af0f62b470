"""Renderers that the project derives from DRF's JSON: classes that wrap or change the data."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property

import libcst as cst

from strangler.facts import Endpoint

from .body import Body, Import
from .carried_classes import CarriedClasses, Entry, Form
from .modules import Tree
from .names import snake
from .operation import Typed
from .refusal import RefusalError
from .surrounding_types import RendererContext
from .types import Constant, Plain
from .view_attributes import view_attribute
from .world import World

JSON_RENDERER = "rest_framework.renderers.JSONRenderer"
_COMPAT = "app.compat.renderers"


def _rendered(body: Body, value: Typed | None, node: cst.CSTNode) -> cst.BaseExpression | None:
    """`return text`: what is sent."""
    if value is None or not isinstance(value.type, Plain | Constant):
        body.refuse("B207", "a renderer returns something other than a text", node)
    return value.node


def _head(names: list[str]) -> str:
    """The signature of `render`, with the parameters that the project's has."""
    texts = ["self", f"{names[0]}: Any"]
    texts += [f"{name}: str | None = None" for name in names[1:2]]
    texts += ["response: Any = None" for _ in names[2:3]]
    return f"def render({', '.join(texts)}) -> Any"


_RENDER = Entry(
    (Plain(), Plain("str | None"), RendererContext()),
    _head,
    _rendered,
    frozenset({("typing", "Any")}),
    above=Plain("bytes"),
    asks=False,
)
_FORM = Form(
    "renderers",
    "How answers are written.",
    {JSON_RENDERER: (_COMPAT, "JSONRenderer")},
    {"render": _RENDER},
    frozenset(
        [
            *("get_indent", "encoder_class", "ensure_ascii", "compact", "strict"),
            *("render_style", "media_type", "renderer"),
        ]
    ),
    asks=False,
)


@dataclass
class ProjectRenderers:
    """Writes the classes once, and the renderers made of them."""

    world: World
    tree: Tree
    _done: dict[str, Import | RefusalError] = field(default_factory=dict)

    @cached_property
    def _classes(self) -> CarriedClasses:
        return CarriedClasses(self.world, self.tree, _FORM)

    def place(self, path: str) -> Import:
        """Module and name of the renderer.

        Raises:
            RefusalError: it has no rule.
        """
        if path not in self._done:
            try:
                self._done[path] = self._write(path)
            except RefusalError as refusal:
                reason = refusal.reason("")
                text = f"the renderer `{path}` has no rule: {reason.message}"
                self._done[path] = RefusalError("E120", text, reason.source)
        known = self._done[path]
        if isinstance(known, RefusalError):
            raise known
        return known

    def hand_over(self, path: str, endpoint: Endpoint) -> None:
        """Let the view's router know what a renderer reads of the view.

        Raises:
            RefusalError: that is not known.
        """
        asked = set[str]().union(
            *(self._classes.asked.get(each, ()) for each in self._classes.lineage(path)[0])
        )
        found = {name: view_attribute(self.world, endpoint, name) for name in sorted(asked)}
        known = {name: text for name, text in found.items() if text is not None}
        if known:
            self.world.view_attributes.setdefault(endpoint.view, {}).update(known)

    def _write(self, path: str) -> Import:
        self.world.registry.declared("renderer class")
        self._classes.lineage(path)
        module, name = self._classes.place(path)
        new = self.tree.module(module)
        constant = _constant_name(name)
        new.add(
            constant,
            f"{constant} = renderer({name}())",
            {(_COMPAT, "renderer")},
            (6, constant, 0),
        )
        return module, constant


def _constant_name(name: str) -> str:
    """`WrappedJSONRenderer` is `WRAPPED_JSON`."""
    return snake(name).upper().removesuffix("_RENDERER") or "RENDERER"
