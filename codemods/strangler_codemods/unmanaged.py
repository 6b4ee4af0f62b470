"""Says `managed = False` in the Meta of Django models: their tables belong to somebody else.

class Tag(models.Model):                 class Tag(models.Model):
    class Meta:                              class Meta:
        ordering = ["name"]      ->              ordering = ["name"]
                                                 managed = False
"""

from __future__ import annotations

from collections.abc import Mapping

import libcst as cst

_LINE = cst.parse_statement("managed = False")


def unmanaged(source: str, names: Mapping[str, int | None]) -> tuple[str, list[str]]:
    """The source with these classes changed, and the names of those that were not found.

    names: with the position of the base that a class without a Meta inherits one from, else None.
    """
    visitor = _Unmanaged(names)
    changed = cst.parse_module(source).visit(visitor)
    return changed.code, sorted(set(names) - visitor.done)


class _Unmanaged(cst.CSTTransformer):
    def __init__(self, names: Mapping[str, int | None]) -> None:
        self.names = names
        self.done: set[str] = set()
        self._depth = 0

    def visit_ClassDef(self, node: cst.ClassDef) -> None:
        self._depth += 1

    def leave_ClassDef(
        self, original_node: cst.ClassDef, updated_node: cst.ClassDef
    ) -> cst.ClassDef:
        self._depth -= 1
        name = updated_node.name.value
        body = updated_node.body
        if self._depth or name not in self.names or not isinstance(body, cst.IndentedBlock):
            return updated_node
        statements = list(body.body)
        for position, each in enumerate(statements):
            if isinstance(each, cst.ClassDef) and each.name.value == "Meta":
                statements[position] = _with_line(each)
                break
        else:
            statements.append(_meta(updated_node, self.names[name]))
        self.done.add(name)
        return updated_node.with_changes(body=body.with_changes(body=statements))


def _meta(node: cst.ClassDef, inherits: int | None) -> cst.BaseStatement:
    """A Meta for a class that has none; it goes on with the one that the class inherits."""
    parent = ""
    if inherits is not None and inherits < len(node.bases):
        parent = f"({cst.Module([]).code_for_node(node.bases[inherits].value)}.Meta)"
    meta = cst.parse_statement(f"class Meta{parent}:\n    managed = False\n")
    return meta.with_changes(leading_lines=[cst.EmptyLine(indent=False)])


def _with_line(meta: cst.ClassDef) -> cst.ClassDef:
    """The Meta with the line at its end; an earlier one is left out."""
    if isinstance(meta.body, cst.SimpleStatementSuite):
        line = cst.SimpleStatementLine(list(meta.body.body))
        return meta.with_changes(body=cst.IndentedBlock([line, _LINE]))
    kept = [each for each in meta.body.body if not _is_managed(each) and not _is_pass(each)]
    return meta.with_changes(body=meta.body.with_changes(body=[*kept, _LINE]))


def _is_managed(statement: cst.CSTNode) -> bool:
    if not isinstance(statement, cst.SimpleStatementLine):
        return False
    return any(
        isinstance(each, cst.Assign)
        and any(
            isinstance(t.target, cst.Name) and t.target.value == "managed" for t in each.targets
        )
        for each in statement.body
    )


def _is_pass(statement: cst.CSTNode) -> bool:
    return isinstance(statement, cst.SimpleStatementLine) and all(
        isinstance(each, cst.Pass) for each in statement.body
    )
