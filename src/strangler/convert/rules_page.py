"""`docs/rules.md` from the rules' docstrings: `python -m strangler.convert.rules_page [--check] FILE`."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterable
from pathlib import Path

from strangler_codemods.rule import Rule, all_rules

_INTRODUCTION = """\
# Rules

One rule carries one thing from Django REST framework to FastAPI, SQLAlchemy and Pydantic. Choose with
`--only NAME` and `--skip NAME`; what a skipped rule would carry stays on Django with the code `R001`.

This page is made from the rules' docstrings by `make docs`.
"""
_EXAMPLE = re.compile(r"^(Before|After): *(.*)$")


def page(rules: Iterable[Rule]) -> str:
    """The page as Markdown, rules in the order given."""
    return "\n".join([_INTRODUCTION, *(_entry(rule) for rule in rules)])


def _entry(rule: Rule) -> str:
    """A heading, the text of the docstring, its example as a table of code."""
    text, example = [], []
    for line in rule.documentation.splitlines():
        found = _EXAMPLE.match(line)
        if found is not None:
            example.append(f"{found[1].lower():6}  {found[2]}")
        elif example and line.strip():
            example.append(f"        {line.strip()}")
        else:
            text.append(line)
    shown = "\n".join(text).strip()
    block = ["", "```text", *example, "```"] if example else []
    return "\n".join([f"## `{rule.name}`", "", shown, *block, ""])


def main(arguments: list[str]) -> int:
    """Write the page, or with `--check` say whether it is stale: 1."""
    file = Path(arguments[-1])
    text = page(all_rules().values())
    if "--check" in arguments:
        return int(not file.is_file() or file.read_text(encoding="utf-8") != text)
    file.write_text(text, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
