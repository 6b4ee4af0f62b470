"""What is told beside differences: statements row by row, effects, refused connections."""

from strangler.diff import Comparison, Effect, Exchange
from strangler.verify import observed
from strangler.verify.cases import Case
from strangler.verify.evidence import Record
from strangler.verify.lockstep import Outcome
from strangler.verify.requests import Request

LIST = "SELECT * FROM note"
ONE = "SELECT * FROM user WHERE id = ?"


def record(legacy: list[str], new: list[str], path: str = "/a/") -> Record:
    request = Request("GET", path)
    sides = (
        Exchange(200, (), b"", statements=tuple(each), queries=len(each)) for each in (legacy, new)
    )
    return Record(Case(request, "owner"), Outcome(request, *sides, Comparison()))


def test_the_worst_request_that_asks_row_by_row_is_named() -> None:
    records = [
        record([LIST, ONE], [LIST, *[ONE] * 6]),
        record([LIST, ONE], [LIST, *[ONE] * 9], "/a/?page=2"),
    ]
    (note,) = observed.repetitions(records)
    assert note.startswith("N+1: for /a/?page=2 the new application sends one statement 9 times")
    assert ONE in note


def test_what_legacy_does_as_well_is_no_news() -> None:
    assert list(observed.repetitions([record([LIST, *[ONE] * 9], [LIST, *[ONE] * 9])])) == []
    assert list(observed.repetitions([record([LIST], [LIST, ONE, ONE])])) == []


def test_lists_of_keys_are_one_form() -> None:
    several = [f"SELECT * FROM tag WHERE id IN ({keys})" for keys in ("?", "?, ?", "?, ?, ?")]
    assert len(list(observed.repetitions([record([LIST], several * 2)]))) == 1


def test_statements_and_effects_are_counted() -> None:
    exchanges = [Exchange(200, (), b"", queries=number) for number in (4, 1, 9)]
    assert observed.statements(exchanges) == {"p50": 4, "max": 9}
    request = Request("POST", "/a/")
    mail = Exchange(200, (), b"", effects=(Effect("mail", "hello"),))
    sent = Record(Case(request, "owner"), Outcome(request, mail, mail, Comparison()))
    assert list(observed.effects([sent, sent])) == ["effects compared: 2 mail"]
