"""The last verdicts: they stay until the code of one side is another one."""

import json
from pathlib import Path

import pytest

from strangler.cli import last_report
from strangler.cli.last_report import Sources, dated, kept, remember, standing
from strangler.convert.ledger import Entry, Ledger
from strangler.verify.findings import Finding
from strangler.verify.report import EndpointReport, Report

GET, POST = "GET /a/", "POST /a/"
FILES = {
    "legacy/shop/views.py": """
from shop.helpers import total

class View:
    def get(self, request):
        return total(1)

    def post(self, request):
        return 2
""",
    "legacy/shop/helpers.py": "def total(x):\n    return x\n\ndef other(x):\n    return x\n",
    "out/app/main.py": "from app.middleware import around\nfrom app.shop.routers import router\n",
    "out/app/middleware.py": "def around():\n    return 1\n",
    "out/app/shop/routers.py": """
from app.shop.services import total, other

@router.get("/a/")
async def get():
    return total()

@router.post("/a/")
async def post():
    return other()
""",
    "out/app/shop/services.py": "def total():\n    return 1\n\ndef other():\n    return 2\n",
}


def entry(name: str, action: str, line: int) -> Entry:
    place = f"app/shop/routers.py:{line}"
    return Entry(name, "drf", "converted", "shop/views.py:4", place, (), "shop.views.View", action)


LEDGER = Ledger({GET: entry(GET, "get", 4), POST: entry(POST, "post", 9)})


def now(folder: Path) -> dict[str, str]:
    sources = Sources(folder / "legacy", folder / "out")
    return {k: v["verdict"] for k, v in standing(folder / "out", LEDGER, sources).items()}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Both applications, verified once."""
    for name, text in FILES.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)
    report = Report(7, "none", "sqlite", [
        EndpointReport(GET, "equal", 9, {}), EndpointReport(POST, "different", 9, {}),
    ])  # fmt: skip
    sources = Sources(tmp_path / "legacy", tmp_path / "out")
    remember(tmp_path / "out", "{}\n", report, LEDGER, sources)
    return tmp_path


def test_nothing_changed_nothing_is_stale(folder: Path) -> None:
    assert now(folder) == {GET: "equal", POST: "different"}
    (folder / "legacy/shop/helpers.py").write_text(
        "# a comment\n" + FILES["legacy/shop/helpers.py"].replace("other(x):\n    return x", "other(x): return 5")
    )  # fmt: skip
    assert now(folder) == {GET: "equal", POST: "different"}


@pytest.mark.parametrize(
    ("file", "old", "new", "stale"),
    [
        ("legacy/shop/helpers.py", "return x", "return x + 1", {GET}),
        ("legacy/shop/views.py", "return 2", "return 3", {POST}),
        ("out/app/shop/services.py", "return 1", "return 3", {GET}),
        ("out/app/shop/routers.py", "return other()", "return total()", {POST}),
        ("out/app/middleware.py", "return 1", "return 3", {GET, POST}),
    ],
)
def test_what_changed_makes_stale_who_uses_it(
    folder: Path, file: str, old: str, new: str, stale: set[str]
) -> None:
    path = folder / file
    path.write_text(path.read_text().replace(old, new, 1))
    found = {name for name, verdict in now(folder).items() if verdict == "stale"}
    assert found == stale


def test_another_run_keeps_what_it_did_not_ask(folder: Path) -> None:
    again = Report(7, "none", "sqlite", [EndpointReport(POST, "equal", 9, {})])
    remember(folder / "out", "{}\n", again, LEDGER, Sources(folder / "legacy", folder / "out"))
    assert now(folder) == {GET: "equal", POST: "equal"}
    assert (kept(folder / "out").path / ".gitignore").read_text() == "*\n"


@pytest.mark.parametrize("text", ["", "[]", '{"endpoints": {"GET /a/": 5}}', '{"endpoints": []}'])
def test_what_somebody_else_wrote_is_nothing(folder: Path, text: str) -> None:
    (kept(folder / "out").path / "verified.json").write_text(text)
    assert now(folder) == {}
    assert json.loads((kept(folder / "out").path / "verify.json").read_text()) == {}


def test_a_finding_keeps_the_day_it_was_first_seen_until_a_run_misses_it(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    sources = Sources(folder / "legacy", folder / "out")
    one = Finding("value", "/id", "1", "2", {}, [], 1, "abc")

    def run(day: str, *findings: Finding) -> list[tuple[str, str]]:
        monkeypatch.setattr(last_report, "_now", lambda: day)
        report = Report(7, "none", "sqlite", [EndpointReport(GET, "equal", 9, {}, (), findings)])
        report = dated(report, folder / "out")
        remember(folder / "out", "{}", report, LEDGER, sources)
        return [(each.first_seen, each.last_seen) for each in report.endpoints[0].differences]

    assert run("Monday", one) == [("Monday", "Monday")]
    assert run("Tuesday", one) == [("Monday", "Tuesday")]
    assert run("Wednesday") == []
    assert run("Thursday", one) == [("Thursday", "Thursday")]
