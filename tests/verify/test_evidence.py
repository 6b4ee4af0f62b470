"""An endpoint is called equal only on enough evidence; what is missing is named."""

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from strangler.diff import Accepted, Comparison, Exchange, RowChange
from strangler.verify.cases import Case, Sources
from strangler.verify.evidence import Record, Requirements, missing
from strangler.verify.lockstep import Outcome
from strangler.verify.report import Counting, judged
from strangler.verify.requests import Request

ROW = RowChange("note", "1", None, {"id": 1})
#: Nobody accepted anything.
ALL = Counting("GET /a/", Accepted(), date(2026, 1, 1))


def record(
    body: Any = None,
    *tags: str,
    status: int = 200,
    sent: Any = None,
    role: str = "owner",
    rows: bool = False,
    path: str = "/a/",
    **outcome: Any,
) -> Record:
    content = json.dumps(sent).encode() if sent is not None else b""
    request = Request("POST", path, (("Content-Type", "application/json"),), content)
    exchange = Exchange(status, (), json.dumps({"a": 1} if body is None else body).encode())
    changed = (ROW,) if rows else ()
    result = Outcome(
        request,
        exchange,
        exchange,
        outcome.pop("comparison", Comparison()),
        changed,
        changed,
        **outcome,
    )
    return Record(Case(request, role, frozenset(tags)), result)


READ = Requirements("GET", ("owner",))
WRITE = Requirements("POST", ("owner",), fields=("title",))


def test_one_good_answer_is_enough_where_nothing_more_is_asked() -> None:
    assert missing(READ, [record()]) == []


def test_without_a_2xx_there_is_no_evidence() -> None:
    assert missing(READ, [record(status=404)]) == ["a request that legacy answers with 2xx"]


def test_every_role_has_to_be_seen() -> None:
    assert missing(Requirements("GET", ("owner", "staff")), [record()]) == ["role: staff"]


def test_a_list_has_to_show_two_items() -> None:
    wanted = Requirements("GET", ("owner",), lists=True)
    assert missing(wanted, [record([1])]) == ["a list with two items"]
    assert missing(wanted, [record({"results": [1, 2]})]) == []
    assert missing(wanted, [record({"count": 1, "results": [1]})]) == ["a list with two items"]
    assert missing(wanted, [record({"count": 2, "results": [1]})]) == []  # pages of one


def test_empty_bodies_are_no_evidence() -> None:
    assert missing(READ, [record({})]) == ["a body that is not empty"]


def test_every_field_has_to_be_sent_valid_and_invalid() -> None:
    valid = record(sent={"title": "x"}, rows=True)
    invalid = record(None, "refuse:title", status=400, sent={"title": 1})
    assert missing(WRITE, [valid]) == ["an invalid value for title"]
    assert missing(WRITE, [invalid, record(rows=True)]) == ["a valid value for title"]
    assert missing(WRITE, [valid, invalid]) == []


def test_only_what_lies_in_the_envelope_of_a_view_counts_as_its_fields() -> None:
    wanted = replace(WRITE, envelope="item")
    invalid = record(None, "refuse:title", status=400)
    wrapped = record(sent={"item": {"title": "x"}}, rows=True)
    assert missing(wanted, [wrapped, invalid]) == []
    assert missing(WRITE, [wrapped, invalid]) == ["a valid value for title"]
    assert missing(wanted, [record(sent={"title": "x"}, rows=True), invalid]) == [
        "a valid value for title"
    ]


def test_a_value_that_makes_legacy_fail_shows_nothing() -> None:
    failing = record(None, "field:title", status=500, sent={"title": "x"})
    invalid = record(None, "refuse:title", status=400)
    good = [record(rows=True), record(rows=True)]
    assert missing(WRITE, [failing, invalid, *good]) == ["a valid value for title"]


def test_more_than_half_of_the_cases_have_to_be_2xx_or_exactly_half() -> None:
    bad = [record(status=404) for _ in range(2)]
    assert missing(READ, [record(), *bad]) == ["a balance of outcomes: only 1 of 3 are 2xx"]
    assert missing(READ, [record(), record(), *bad]) == []


def test_a_parameter_has_to_narrow_or_reorder() -> None:
    wanted = Requirements("GET", ("owner",), parameters=("search",))
    plain, same = record([1, 2], "base"), record([1, 2], "param:search")
    assert missing(wanted, [plain, same]) == ["parameter search: a value that narrows or reorders"]
    assert missing(wanted, [plain, record([2], "param:search")]) == []


def test_every_kind_of_page_has_to_be_seen() -> None:
    wanted = Requirements("GET", ("owner",), pages=("page:first", "page:past"))
    assert missing(wanted, [record(None, "page:first")]) == ["page: past"]


def test_a_field_that_takes_all_needs_no_invalid_value() -> None:
    wanted = Requirements("POST", ("owner",), fields=("data",))
    assert "an invalid value for data" in missing(wanted, [record()])
    wanted = Requirements("POST", ("owner",), fields=("data",), boundless=("data",))
    assert "an invalid value for data" not in missing(wanted, [record()])


def test_credentials_that_nobody_has_are_missing() -> None:
    wanted = Requirements("GET", (), unknown_authenticators=("acme.Signed",))
    assert missing(wanted, [record()]) == ["credentials for acme.Signed"]


@pytest.mark.parametrize(
    ("changes", "verdict"),
    [
        ({}, "equal"),
        ({"status": 404}, "insufficient"),
        ({"comparison": Comparison(uncompared="too large")}, "uncompared"),
        ({"moving": True}, "moving"),
    ],
)
def test_verdicts(changes: dict[str, Any], verdict: str) -> None:
    assert judged("GET /a/", READ, [record(**changes)], ALL).verdict == verdict


def test_writes_that_never_write_are_told() -> None:
    wanted = Requirements("POST", ("owner",))
    assert "no 2xx of legacy changed a row" in judged("POST /a/", wanted, [record()], ALL).notes


def test_secrets_do_not_reach_the_report() -> None:
    headers = (("Authorization", "Token abc"), ("Cookie", "sessionid=abc"), ("X-Csrftoken", "abc"))
    assert "abc" not in json.dumps(Request("GET", "/a/", headers).shown())


def test_a_kind_of_request_that_keeps_being_refused_is_left() -> None:
    """So that more requests for a balance are not more refusals."""

    def kind(name: str) -> Iterator[Case]:
        return (Case(Request("GET", f"/{name}/{number}/"), "owner") for number in range(9))

    sources = Sources([kind("refused"), kind("passes")])
    sent = []
    for case in sources:
        sent.append(case.request.path)
        sources.told(good="passes" in case.request.path)
    assert sent[:3] == ["/refused/0/", "/refused/1/", "/refused/2/"]
    assert sent[3:] == [f"/passes/{number}/" for number in range(9)]
