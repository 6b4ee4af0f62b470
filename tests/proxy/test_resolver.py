"""The trie finds what Django's own resolver finds."""

from pathlib import Path

import pytest

from strangler.legacy import read_facts
from strangler_proxy.leaves import shape_of
from strangler_proxy.table import Catalogue
from tests.proxy.resolving import PATHS, compared, configured, share_of_ordinary


@pytest.mark.parametrize("name", ["shop", "routers", "patterns"])
def test_never_a_wrong_endpoint(name: str, tmp_path: Path, repository: Path) -> None:
    """10,000 paths: what is decided is what Django does; the rest goes to legacy."""
    seen, wrong = compared(configured(name, tmp_path, repository))
    assert wrong == []
    assert seen["matched"] > PATHS / 4, seen


def test_ordinary_paths_match_their_own(tmp_path: Path, repository: Path) -> None:
    """At least 99 of 100, over the shop's API."""
    assert share_of_ordinary(configured("shop", tmp_path, repository)) >= 0.99


def test_most_of_an_api_is_found_without_trying_expressions(
    tmp_path: Path, repository: Path
) -> None:
    """The trie holds what routers make; only few leaves are tried one by one."""
    facts = read_facts(configured("shop", tmp_path, repository))
    tried = [
        leaf.path
        for leaf in Catalogue.of(facts).trie.leaves
        if not shape_of(leaf).whole and (leaf.path or "").startswith("/api/")
    ]
    assert tried == []
