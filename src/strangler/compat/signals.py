"""Signals around saves, deletes and many-to-many changes, sent where Django sends them.

    @receiver(post_save, Order)
    def count_order(session: Session, instance: Order, created: bool, **_: Any) -> None: ...

Receivers get keywords only: `session`, `sender`, `instance`, and what the signal adds.
"""

import logging
from collections.abc import Callable
from typing import Any, TypeVar

from sqlalchemy.orm import Session

Receiver = Callable[..., object]
R = TypeVar("R", bound=Receiver)


class Signal:
    """Receivers in the order in which they were connected, each for one model or for all."""

    def __init__(self) -> None:
        self._receivers: list[tuple[Receiver, type[Any] | None]] = []

    def connect(self, receiver: Receiver, sender: type[Any] | None = None) -> None:
        """Call `receiver` from now on; connecting it twice changes nothing."""
        if (receiver, sender) not in self._receivers:
            self._receivers.append((receiver, sender))

    def disconnect(self, receiver: Receiver, sender: type[Any] | None = None) -> bool:
        """Stop calling `receiver`; whether it was connected."""
        known = (receiver, sender) in self._receivers
        if known:
            self._receivers.remove((receiver, sender))
        return known

    def has_listeners(self, sender: type[Any]) -> bool:
        """Whether a signal of this model would be heard."""
        return any(wanted in (None, sender) for _, wanted in self._receivers)

    def send(self, session: Session, sender: type[Any], **values: Any) -> None:
        """Call the receivers of `sender`; the first error stops them and is raised."""
        for receiver, wanted in tuple(self._receivers):
            if wanted in (None, sender):
                receiver(session=session, sender=sender, **values)


def in_turn(*calls: Callable[[], object]) -> None:
    """Make each call; what one raises stops the others."""
    for call in calls:
        call()


def robustly(*calls: Callable[[], object]) -> None:
    """Make each call; what one raises is logged and stops none of the others."""
    for call in calls:
        try:
            call()
        except Exception:  # so promises `send_robust`, whatever a receiver does
            logging.getLogger(__name__).exception("A receiver of a signal failed")


pre_save = Signal()  # instance, raw, using, update_fields
post_save = Signal()  # instance, created, raw, using, update_fields
pre_delete = Signal()  # instance, using, origin
post_delete = Signal()  # instance, using, origin
m2m_changed = Signal()  # instance, action, reverse, model, pk_set, using


def receiver(
    signal: Signal | tuple[Signal, ...] | list[Signal], *senders: type[Any]
) -> Callable[[R], R]:
    """Connect the decorated function to each signal, for each of the models or for all."""
    signals = (signal,) if isinstance(signal, Signal) else signal

    def connect(function: R) -> R:
        for one in signals:
            for sender in senders or (None,):
                one.connect(function, sender)
        return function

    return connect
