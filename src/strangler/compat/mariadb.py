"""What Django says to MariaDB in other words than SQLAlchemy, and how it opens connections."""

from collections.abc import Callable
from typing import Any

from sqlalchemy import Engine, Integer, case, event, func, literal_column
from sqlalchemy.dialects.mysql.base import MySQLCompiler
from sqlalchemy.engine import ExceptionContext
from sqlalchemy.exc import IntegrityError
from sqlalchemy.sql import operators


class MariaDBCompiler(MySQLCompiler):
    """Words of MariaDB's for what SQLAlchemy writes as others understand it."""

    def visit_nulls_last_op_unary_modifier(self, unary: Any, operator: Any, **options: Any) -> str:
        """`ORDER BY x NULLS LAST`; MariaDB itself puts NULL before all other values."""
        part = self.process(unary.element, **options)
        if _descends(unary.element):
            return part
        return f"{self.process(_bare(unary.element), **options)} IS NULL, {part}"

    def visit_nulls_first_op_unary_modifier(self, unary: Any, operator: Any, **options: Any) -> str:
        """`ORDER BY x NULLS FIRST`."""
        part = self.process(unary.element, **options)
        if not _descends(unary.element):
            return part
        return f"{self.process(_bare(unary.element), **options)} IS NOT NULL, {part}"

    def visit_length_func(self, function: Any, **options: Any) -> str:
        """The number of characters; MariaDB's `length` counts bytes."""
        return f"char_length{self.function_argspec(function, **options)}"

    def visit_sum_func(self, function: Any, **options: Any) -> str:
        """A sum of whole numbers is one; MariaDB makes a decimal of it."""
        text = f"sum{self.function_argspec(function, **options)}"
        return f"CAST({text} AS SIGNED)" if function.type._type_affinity is Integer else text

    def visit_funcfilter(self, funcfilter: Any, **options: Any) -> str:
        """An aggregate of some rows: of a value that the others do not have."""
        argument: Any = next(iter(funcfilter.func.clauses), None)
        if argument is None or getattr(argument, "name", "") == "*":
            argument = literal_column("1")
        distinct = getattr(argument, "operator", None) is operators.distinct_op
        value: Any = case((funcfilter.criterion, argument.element if distinct else argument))
        again = getattr(func, funcfilter.func.name)
        text: str = self.process(again(value.distinct() if distinct else value), **options)
        return text


def _descends(part: Any) -> bool:
    return getattr(part, "modifier", None) is operators.desc_op


def _bare(part: Any) -> Any:
    directed = getattr(part, "modifier", None) in (operators.desc_op, operators.asc_op)
    return part.element if directed else part


# What is no column's NULL, out of range, and refused by a check: to Django all are the same.
_INTEGRITY = frozenset({1048, 1690, 3819, 4025})


def _reclassify(context: ExceptionContext) -> None:
    """Raise IntegrityError where the drivers call it otherwise."""
    error = context.original_exception
    if error.args[:1] and error.args[0] in _INTEGRITY and isinstance(error, Exception):
        raise IntegrityError(context.statement, context.parameters, error) from error


def prepare(engine: Engine, isolation_level: str) -> Callable[[Any, Any], None]:
    """Teach an engine MariaDB's words; what is to be done with each new connection."""
    engine.dialect.statement_compiler = MariaDBCompiler
    event.listen(engine, "handle_error", _reclassify)
    commands = (
        "SET SQL_AUTO_IS_NULL = 0",
        f"SET SESSION TRANSACTION ISOLATION LEVEL {isolation_level.upper()}",
    )

    def open_connection(connection: Any, record: Any) -> None:
        connection.autocommit(True)
        record.info["begun"] = False
        cursor = connection.cursor()
        for command in commands:
            cursor.execute(command)
        cursor.close()

    return open_connection
