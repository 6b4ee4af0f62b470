"""Reads what SQLite keeps of its tables: the statements that made them."""

import sqlite3
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from strangler.schema.catalogue import COLUMN, Catalogue, Table, Thing
from strangler.schema.sqlite_grammar import bare, closing, listed, text, tokens

_MASTER = """
SELECT type, name, tbl_name, sql FROM sqlite_master
WHERE name NOT LIKE 'sqlite!_%' ESCAPE '!' AND sql IS NOT NULL ORDER BY type DESC, name
"""
_TABLE_STARTS = frozenset({"constraint", "primary", "unique", "check", "foreign"})
_STARTS = frozenset(
    {"constraint", "primary", "not", "null", "unique", "check"}
    | {"default", "collate", "references", "generated", "as"}
)


def read(connection: sqlite3.Connection) -> Catalogue:
    """Tables by name, as declared; SQLite compares names without their case, and so do we."""
    tables: dict[str, list[Thing]] = {}
    for kind, name, table, sql in connection.execute(_MASTER).fetchall():
        if kind == "table":
            tables[name] = list(_things(tokens(sql)))
        elif kind == "index" and table in tables:
            tables[table].append(_index(name, tokens(sql)))
    return {name: Table(name, tuple(things)) for name, things in tables.items()}


def _index(name: str, words: Sequence[str]) -> Thing:
    start = words.index("(")
    unique = "unique " if "unique" in words[:start] else ""
    return Thing("index", name, {"definition": unique + text(words[start:])})


def _things(words: list[str]) -> Iterator[Thing]:
    if "(" not in words[:6]:  # CREATE TABLE name AS SELECT, or a module's own table
        return
    start = words.index("(")
    for part in listed(words[start + 1 : closing(words, start)]):
        if part[0] in _TABLE_STARTS:
            yield from _Reader(part, {}).read()
        else:
            yield from _column(part)


def _column(words: list[str]) -> Iterator[Thing]:
    end = next((n for n, word in enumerate(words) if n and word in _STARTS), len(words))
    parts = {
        "type": text(words[1:end]),
        "nullability": "null",
        "default": "",
        "identity": "",
        "generated": "",
        "collation": "",
    }
    name = words[0].strip('"')
    others = list(_Reader(words[end:], parts, name).read())
    yield Thing(COLUMN, name, parts)
    yield from others


@dataclass
class _Reader:
    """Reads constraints one after the other; `parts` takes what belongs to the column."""

    words: list[str]
    parts: dict[str, str]
    column: str = ""
    position: int = 0
    name: str | None = field(default=None)

    def read(self) -> Iterator[Thing]:
        while self.position < len(self.words):
            word = self._next()
            if word == "constraint":
                self.name = self._next().strip('"')
                continue
            reader = getattr(self, f"_read_{word}", None)
            thing = reader() if reader else None
            if thing is not None:
                yield thing
            self.name = None

    def _next(self) -> str:
        self.position += 1
        return self.words[self.position - 1]

    def _take(self, *wanted: str) -> bool:
        """Pass these words, if they come next."""
        end = self.position + len(wanted)
        if tuple(self.words[self.position : end]) != wanted:
            return False
        self.position = end
        return True

    def _group(self) -> list[str]:
        """What stands in the parentheses that open next; the column itself where none do."""
        if self.position >= len(self.words) or self.words[self.position] != "(":
            return [self.column]
        start, end = self.position, closing(self.words, self.position)
        self.position = end + 1
        return self.words[start + 1 : end]

    def _read_not(self) -> None:
        if self._take("null"):
            self.parts["nullability"] = "not null"

    def _read_default(self) -> None:
        if self.words[self.position] == "(":
            self.parts["default"] = text(bare(self._group()))
            return
        sign = self._next() if self.words[self.position] in "+-" else ""
        self.parts["default"] = sign + self._next()

    def _read_collate(self) -> None:
        self.parts["collation"] = self._next()

    def _read_as(self) -> None:
        expression = text(bare(self._group()))
        kind = "stored" if self._take("stored") else "virtual"
        self.parts["generated"] = f"as ({expression}) {kind}"

    def _read_primary(self) -> Thing:
        self._take("key")
        columns = text(self._group())
        self._take("asc")
        if self._take("autoincrement"):
            self.parts["identity"] = "autoincrement"
        return Thing("primary key", self.name, {"columns": f"({columns})"})

    def _read_unique(self) -> Thing:
        return Thing("unique constraint", self.name, {"columns": f"({text(self._group())})"})

    def _read_check(self) -> Thing:
        return Thing("check constraint", self.name, {"expression": text(bare(self._group()))})

    def _read_foreign(self) -> Thing:
        self._take("key")
        columns = text(self._group())
        self._take("references")
        return self._reference(columns)

    def _read_references(self) -> Thing:
        return self._reference(self.column)

    def _reference(self, columns: str) -> Thing:
        table, start = self._next(), self.position
        target = text(self._group()) if self.words[start : start + 1] == ["("] else ""
        rest = []
        while self.position < len(self.words) and not self._ends():
            rest.append(self._next())
        options = text(rest) if rest else ""
        parts = {"columns": f"({columns})", "target": f"{table} ({target})", "options": options}
        return Thing("foreign key", self.name, parts)

    def _ends(self) -> bool:
        """Whether a new constraint begins; `not deferrable` and `set null` are of this one."""
        here = self.words[self.position : self.position + 2]
        before = self.words[self.position - 1]
        if here[0] == "not":
            return here[1:] != ["deferrable"]
        return here[0] in _STARTS and before not in ("set",)
