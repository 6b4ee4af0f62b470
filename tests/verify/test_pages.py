"""The report as a page and as JUnit's XML: the same causes, and nothing in it is alive."""

from xml.etree import ElementTree

from strangler.verify.findings import Finding
from strangler.verify.pages import html, junit
from strangler.verify.report import EndpointReport, Report

ALIVE = "<script>alert(1)</script>"


def finding(pointer: str, new: str, path: str) -> Finding:
    request = {"method": "GET", "path": path, "headers": {"Accept": ALIVE}, "body": ""}
    return Finding("value", pointer, '"old"', new, request, [], 2)


REPORT = Report(
    7,
    "namespace",
    "sqlite",
    [
        EndpointReport(
            "GET /a/",
            "different",
            4,
            {"200": 4},
            differences=[finding("/0/name", ALIVE, "/a/?long=1"), finding("/1/age", "\x1b[1m", "/")],
            roles={"owner": {"200": 4}},
            latency={"legacy": {"p10": 1.0, "p90": 9.0}, "new": {"p10": 0.1, "p90": 9000.0}},
        ),
        EndpointReport("GET /b/", "different", 1, {}, differences=[finding("/3/name", ALIVE, "/b/")]),
        EndpointReport("GET /c/", "insufficient", 1, {}, ["a list with two items"]),
        EndpointReport("GET /d/", "equal", 9, {"200": 9}),
    ],
    seconds=1.0,
    requests=15,
)  # fmt: skip
PLACES = {"GET /a/": ("shop/views.py:3", "app/shop/routers.py:9")}


def test_one_difference_at_many_places_is_one_cause() -> None:
    causes = REPORT.causes()
    assert [(each.endpoints, each.count) for each in causes] == [
        (["GET /a/", "GET /b/"], 4),
        (["GET /a/"], 2),
    ]
    assert causes[0].finding.request["path"] == "/b/"


def test_bodies_are_text_on_the_page() -> None:
    page = html(REPORT, PLACES)
    assert "<script" not in page
    assert page.count("&lt;script&gt;alert(1)&lt;/script&gt;") > 1
    assert "shop/views.py:3" in page
    assert "app/shop/routers.py:9" in page
    assert page.count("<article>") == 2
    assert "a list with two items" in page


def test_a_ci_server_sees_failures_and_what_was_not_proved() -> None:
    suite = ElementTree.fromstring(junit(REPORT, PLACES))  # written right here
    cases = {each.get("name"): [child.tag for child in each] for each in suite}
    assert cases == {
        "GET /a/": ["failure", "failure"],
        "GET /b/": ["failure"],
        "GET /c/": ["skipped"],
        "GET /d/": [],
    }
    assert (suite.get("failures"), suite.get("skipped")) == ("2", "1")
    assert "\x1b" not in "".join(suite.itertext())
