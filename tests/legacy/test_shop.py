"""The sample shop: a realistic project is read without a single problem."""

import sys
from collections import Counter
from pathlib import Path

import pytest

from strangler.config import Config, resolve
from strangler.facts import Facts
from strangler.legacy import read_facts, walked


@pytest.fixture(scope="module")
def config() -> Config:
    shop = Path(__file__).resolve().parents[2] / "sample_django_app"
    return resolve(Config(folder=shop), legacy_path=str(shop), legacy_python=sys.executable)


@pytest.fixture(scope="module")
def facts(config: Config) -> Facts:
    return read_facts(config)


def test_nothing_is_amiss(facts: Facts) -> None:
    """No problem, no serializer that cannot be made."""
    assert facts.problems == ()
    assert [each.name for each in facts.serializers if each.problem] == []


def test_the_walk_agrees(config: Config, facts: Facts) -> None:
    """Method by method, found by the second way through the resolver."""
    counted = Counter(method for method, _ in walked(config))
    assert counted == Counter(each.method for each in facts.endpoints)


def test_facts_are_the_same_each_time(config: Config, facts: Facts) -> None:
    """Nothing depends on hashes, addresses or the clock."""
    assert read_facts(config) == facts


def test_everything_the_project_wrote_has_a_place(config: Config, facts: Facts) -> None:
    """Each `file:line` is the line of a class or function of that name."""
    root = config.at(config.legacy.path)
    places = {
        ref.path.rpartition(".")[2]: ref.source
        for each in (*facts.models, *facts.serializers, *facts.permissions, *facts.filtersets)
        for ref in (*each.lineage, *each.methods.values())
        if ref.package is None and not getattr(each, "auto_created", False)
    }
    for name, source in places.items():
        assert source is not None, name
        file, _, line = source.rpartition(":")
        text = (root / file).read_text(encoding="utf-8").splitlines()[int(line) - 1]
        assert name in text, (name, source, text)
