"""What lock-step does about a clock that somebody sets."""

import time
from typing import Any, cast

import pytest

from strangler.verify import lockstep
from strangler.verify.lockstep import Lockstep
from strangler.verify.requests import Request


@pytest.mark.parametrize(("jumps", "asked"), [([], 1), ([3600.0], 2), ([-5.0, 5.0], 3)])
def test_a_request_during_which_the_clock_was_set_is_asked_again(
    monkeypatch: pytest.MonkeyPatch, jumps: list[float], asked: int
) -> None:
    offset, answers = 0.0, []
    true_time = time.time

    def ask(self: Lockstep, request: Request, *, fresh: bool) -> object:
        nonlocal offset
        offset += jumps.pop(0) if jumps else 0.0
        answers.append(object())
        return answers[-1]

    monkeypatch.setattr(lockstep.time, "time", lambda: true_time() + offset)
    monkeypatch.setattr(Lockstep, "_asked", ask)
    steps = cast(Any, Lockstep.__new__(Lockstep))
    assert steps._once(Request("GET", "/")) is answers[-1]
    assert len(answers) == asked
