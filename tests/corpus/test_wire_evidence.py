"""The wire corpus says so when too little was compared, instead of calling it agreement."""

import sys
from collections import Counter
from pathlib import Path

import pytest

sys.path.append(str(Path(__file__).parents[2] / "benchmarks"))

from wire_corpus.evidence import exchanges_note, fields_note, projects_note
from wire_corpus.exchanges import Section, differences, excepted
from wire_corpus.fields import Tally
from wire_corpus.figures import Figure
from wire_corpus.requests import Asked
from wire_corpus.surfaces import Surface

from strangler.diff.exchange import Exchange
from strangler.verify.requests import Request


def test_fewer_exchanges_than_asked_miss_the_goal() -> None:
    """Perfect agreement over too few exchanges is no goal reached."""
    sections = {"crud": Section(compared=80, kept=400)}
    note = exchanges_note(sections, Counter({200: 60, 404: 20}), 100)
    assert note == "too few: 80 of 100 were compared"
    assert not Figure("exchanges", 80, 0, 99.9, note).reached


def test_enough_exchanges_need_no_note() -> None:
    """A full run of good and bad answers stands by itself."""
    assert exchanges_note({"crud": Section(compared=100)}, Counter({200: 60, 404: 40}), 100) == ""


@pytest.mark.parametrize(
    ("sections", "statuses", "note"),
    [
        (
            {"crud": Section(100), "files": Section(kept=9)},
            {200: 99},
            "nothing compared for files",
        ),
        ({"crud": Section(100)}, {401: 95, 200: 5}, "hardly any succeeded"),
        (
            {"crud": Section(100, excepted=Counter(map(str, range(11))))},
            {200: 99},
            "11 kinds of exception",
        ),
    ],
)
def test_one_sided_exchanges_are_told(
    sections: dict[str, Section], statuses: dict[int, int], note: str
) -> None:
    """A section that never converts, nothing but refusals, and too many excuses are misses."""
    assert exchanges_note(sections, Counter(statuses), 100) == note


def test_a_project_without_endpoints_is_told() -> None:
    """What was not found cannot have been proved equal."""
    note = projects_note({"the shop": 12, "lost": 0})
    assert note == "no endpoint found in lost"
    assert not Figure("declared", 12, 0, 100.0, note).reached


def test_fields_need_inputs_of_each_kind_and_accepted_ones() -> None:
    """Crashes of DRF are no comparisons, and refusals alone are no agreement."""
    tallies = {
        "CharField": Tally(compared=100, accepted=30),
        "DurationField": Tally(compared=60, accepted=9, crashed=40),
        "DateField": Tally(compared=100),
    }
    found = fields_note(tallies, 100)
    assert found == "too few inputs for DurationField; hardly any accepted of DateField"


def test_waiting_times_excuse_nothing_else() -> None:
    """A second's difference in a waiting time is none; other texts beside it are."""

    def told(text: str) -> Exchange:
        return Exchange(429, (("Retry-After", "9"),), text.encode())

    one = told("throttled. Expected available in 10 seconds.")
    assert not differences(one, told("throttled. Expected available in 9 seconds."), "GET")
    assert differences(one, told("refused. Expected available in 9 seconds."), "GET")
    assert differences(one, told("throttled. Expected available in 7 seconds."), "GET")


def test_an_answer_without_body_stays_so_where_the_browsable_api_has_a_page() -> None:
    """DRF's page comes with 200 where there is nothing to send; other answers that differ count."""
    page = Exchange(200, (("Content-Type", "text/html; charset=utf-8"),), b"<rest_framework>")
    empty = Exchange(204, (("Vary", "Accept"),), b"")
    asked = Asked("routing", Surface("routing", "/", ("DELETE",)), Request("DELETE", "/", (), b""))
    assert excepted(asked, page, empty) == "browsable API"
    assert excepted(asked, page, Exchange(201, (), b"")) is None
    assert excepted(asked, Exchange(200, (), b"{}"), empty) is None
