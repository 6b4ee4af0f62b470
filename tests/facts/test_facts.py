"""Facts are a contract between two interpreters."""

import json

import pytest
from pydantic import ValidationError

from strangler.facts import Facts, Ref

LEGACY = {"python": "3.6.15", "django": "1.10.5"}


def test_facts_are_frozen() -> None:
    """Whoever reads them cannot change them for the next reader."""
    ref = Ref(path="zoo.models.Animal")
    with pytest.raises(ValidationError):
        ref.path = "other"  # type: ignore[misc]


def test_a_newer_probe_may_say_more() -> None:
    """Unknown keys are ignored, missing ones have defaults."""
    facts = Facts.model_validate_json(json.dumps({"legacy": {**LEGACY, "os": "x"}, "news": 1}))
    assert facts.endpoints == ()
    assert facts.legacy.drf is None


def test_another_version_is_refused() -> None:
    """Facts of another layout are not taken for ours."""
    with pytest.raises(ValidationError):
        Facts.model_validate({"version": 2, "legacy": LEGACY})


def test_facts_survive_json() -> None:
    """What is dumped is read back the same."""
    facts = Facts.model_validate(
        {"legacy": LEGACY, "problems": [{"code": "urls", "message": "m", "source": None}]}
    )
    assert Facts.model_validate_json(facts.model_dump_json()) == facts
