"""The pages that follow from the code: reason codes and rules."""

import ast
import re
from pathlib import Path

import pytest

from strangler.convert.rules_page import main, page
from strangler_codemods.rule import all_rules

_ENTRY = re.compile(r"^\| `([A-Z]\d{3})` \| ([^|]+) \| ([^|]+) \|$", re.MULTILINE)


def _codes_in(folder: Path) -> set[str]:
    """Every text that is a code: arguments of refusals and reasons, and tables of them."""
    found = set()
    for path in folder.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            value = node.value if isinstance(node, ast.Constant) else None
            if isinstance(value, str) and re.fullmatch(r"[A-Z]\d{3}", value):
                found.add(value)
    return found


def test_every_reason_code_has_one_entry_and_every_entry_a_code(repository: Path) -> None:
    entries = _ENTRY.findall((repository / "docs/codes.md").read_text(encoding="utf-8"))
    codes = [code for code, _, _ in entries]
    assert sorted(codes) == sorted(set(codes))
    assert set(codes) == _codes_in(repository / "codemods")


def test_every_refusal_names_its_code_in_the_source(repository: Path) -> None:
    """A computed code could not be looked up."""
    for path in (repository / "codemods").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            name = ast.unparse(node.func) if isinstance(node, ast.Call) else ""
            if name == "RefusalError" or name.endswith(".refuse"):
                assert isinstance(node, ast.Call)
                code = node.args[0]
                passed_on = ast.unparse(code) in ("code", "reason.code", "*problem")
                assert passed_on or isinstance(code, ast.Constant), f"{path}:{node.lineno}"


def test_the_page_of_rules_is_fresh(repository: Path) -> None:
    text = (repository / "docs/rules.md").read_text(encoding="utf-8")
    assert text == page(all_rules().values()), "make docs"


@pytest.mark.parametrize("rule", all_rules().values(), ids=lambda rule: rule.name)
def test_every_rule_says_what_it_does_and_shows_before_and_after(rule) -> None:  # type: ignore[no-untyped-def]  # a parameter
    assert rule.summary.endswith(".")
    assert "\nBefore: " in rule.documentation
    assert "\nAfter: " in rule.documentation


def test_a_stale_page_is_told_and_rewritten(tmp_path: Path) -> None:
    file = tmp_path / "rules.md"
    assert main(["--check", str(file)]) == 1
    assert main([str(file)]) == 0
    assert main(["--check", str(file)]) == 0
