"""Signal receivers of the project: functions that compat calls around writes."""

from __future__ import annotations

import ast
from dataclasses import dataclass, field

from strangler.facts import Receiver

from .body import Body, Owner
from .functions import rewrite_function
from .model_overrides import without_stars
from .modules import Tree
from .operation import code_of
from .refusal import RefusalError
from .types import Instance, ModelClass, Plain, Type
from .world import World

_SIGNALS = frozenset({"pre_save", "post_save", "pre_delete", "post_delete"})
# What signals hand over by name; `update_fields` has other names there than here.
_GIVEN: dict[str, Type] = {
    "raw": Plain("bool"),
    "using": Plain("str"),
    "created": Plain("bool"),
}


@dataclass
class Receivers:
    """Writes receivers on demand; one that is written is called for every write."""

    world: World
    tree: Tree
    _done: dict[str, RefusalError | None] = field(default_factory=dict)

    def install(self) -> None:
        """Let writes ask for the receivers of their signals."""
        self.world.carry_receiver = self.carry

    def carry(self, receiver: Receiver) -> None:
        """Write a receiver, for all signals that it hears.

        Raises:
            RefusalError: an operation of it has no rule, or its turn among others is not known.
        """
        path = receiver.function.path
        if path not in self._done:
            # what it writes may send the signal that it hears
            self._done[path] = None
            try:
                self._convert(path)
            except RefusalError as refusal:
                self._done[path] = refusal
        known = self._done[path]
        if known is not None:
            raise known

    def _convert(self, path: str) -> None:
        self.world.registry.declared("receiver")
        heard = [r for r in self.world.facts.receivers if r.function.path == path]
        senders = {label for r in heard for label in r.senders}
        signals = [r.signal for r in heard]
        source = self.world.sources.function(path)
        if source is None or len(senders) != 1 or not all(r.senders for r in heard):
            raise RefusalError("Q113", "it hears more than one model, or has no source")
        if not set(signals) <= _SIGNALS or len(set(signals)) != len(signals):
            raise RefusalError("Q113", f"it hears {', '.join(signals)}")
        label = senders.pop()
        self._require_alone(path, label, signals)
        source, stars = without_stars(source)
        names = [p.name.value for p in source.node.params.params]
        if not any(star.startswith("**") for star in stars) or names[:1] != ["sender"]:
            raise RefusalError("Q113", "it takes other arguments", source.source)
        body = Body(self.world, source.module, Owner("function", path), colour="sync")
        env: dict[str, Type] = {"sender": ModelClass(label), "instance": Instance(label)}
        env |= {name: kind for name, kind in _GIVEN.items() if name in names}
        rewritten = rewrite_function(source, body, env, lambda inner, value, at: None)
        if body.parameters.keys() - {"session"}:
            body.refuse("Q113", "it needs the request", source.node)
        app = label.partition(".")[0]
        module = self.tree.module(f"app.{app}.receivers", "What happens around writes.")
        model = body.model(label)
        for signal in signals:
            body.compat("signals", signal)
        body.compat("signals", "receiver")
        body.imports |= {("sqlalchemy.orm", "Session"), ("typing", "Any")}
        texts = ["session: Session"]
        for param in source.node.params.params[1:]:
            kind = model if param.name.value == "instance" else "Any"
            default = f" = {code_of(param.default)}" if param.default is not None else ""
            texts.append(f"{param.name.value}: {kind}{default}")
        double = next(star for star in stars if star.startswith("**"))
        if "sender" in env and _uses(rewritten.text("def _()"), "sender"):
            texts.append("sender: Any")
        head = f"def {path.rpartition('.')[2]}({', '.join(texts)}, {double}: Any) -> None"
        shown = signals[0] if len(signals) == 1 else f"({', '.join(signals)})"
        position = self.world.facts.receivers.index(heard[0])
        for constant, text in body.definitions.items():
            module.add(constant, text, (), (1, source.module.path, 0))
        text = rewritten.text(head, [f"@receiver({shown}, {model})"])
        module.add(path.rpartition(".")[2], text, body.imports, (5, "", position))

    def _require_alone(self, path: str, label: str, signals: list[str]) -> None:
        """Refuse where another function hears the same: which comes first is not known."""
        for other in self.world.facts.receivers:
            same = other.signal in signals and (not other.senders or label in other.senders)
            own = other.function.path == path or other.function.package == "django"
            if same and not own:
                raise RefusalError("Q113", f"`{other.function.path}` hears the same signal")


def _uses(text: str, name: str) -> bool:
    return any(isinstance(n, ast.Name) and n.id == name for n in ast.walk(ast.parse(text)))


def token_receiver(world: World, signals: tuple[str, ...], table: str) -> str | None:
    """Why tokens stay on Django where the project hears of their rows or of these signals."""
    for receiver in world.facts.receivers:
        name = receiver.signal.rpartition(".")[2]
        if not receiver.function.package and (name in signals or table in str(receiver)):
            return f"`{receiver.function.path}` hears of tokens or logins"
    return None
