"""Endpoints that a person wrote in the new application: found, kept, and counted as `manual`."""

from pathlib import Path

import pytest

from strangler.convert.handwritten import handwritten
from strangler.convert.run import Choices, Result, run
from tests.codemods import library
from tests.codemods.project import Legacy, legacy_project

DELETE, TAG = "DELETE /api/books/{pk}/", "DELETE /api/tags/{pk}/"
IN_A_GENERATED_FILE = '''

@book_router.delete("/{pk}/", status_code=204)
async def remove_book(pk: str) -> None:
    """Written by a person."""
'''
IN_A_FILE_OF_ITS_OWN = '''"""By hand."""

from app.api import Router
from app.books import routers

outer = Router(prefix="/tags")
aside = Router(prefix="/api/elsewhere")


@outer.api_route(path="/{key:int}/", methods=["DELETE", "PURGE"])
async def remove_tag(key: int) -> None: ...


@aside.post("/nowhere/")
async def nobody_asks_legacy_for_this() -> None: ...


@routers.author_router.delete("/{pk}/")
def remove_author(pk: str) -> None: ...
'''


@pytest.fixture(scope="module")
def legacy(tmp_path_factory: pytest.TempPathFactory) -> Legacy:
    return legacy_project(tmp_path_factory.mktemp("library"), library.FILES, library.SETTINGS)


def conversion(legacy: Legacy, out: Path, *skip: str) -> Result:
    return run(legacy.folder, out, legacy.facts, legacy.walk, choices=Choices(skip=skip))


def statuses(result: Result) -> dict[str, tuple[str, str]]:
    return {e["id"]: (e["status"], e.get("new_source", "")) for e in result.report["endpoints"]}


def test_what_a_person_wrote_is_theirs_even_when_a_rule_could_write_it(
    legacy: Legacy, tmp_path: Path
) -> None:
    out = tmp_path / "new"
    before = statuses(conversion(legacy, out, "endpoint_destroy"))
    assert before[DELETE][0] == before[TAG][0] == "legacy"
    assert handwritten(out, legacy.facts) == {}

    routers = out / "app/books/routers.py"
    routers.write_text(routers.read_text() + IN_A_GENERATED_FILE)
    (out / "app/by_hand.py").write_text(IN_A_FILE_OF_ITS_OWN)
    main = out / "app/main.py"
    main.write_text(
        main.read_text().replace(
            "load()\n", 'from app.by_hand import outer\n\nload()\n\napp_include.include_router(outer, prefix="/api")\n', 1
        )
    )  # fmt: skip
    result = conversion(legacy, out)
    after = statuses(result)
    assert after[DELETE][0] == "manual"
    assert after[DELETE][1].startswith("app/books/routers.py:")
    assert after[TAG] == ("manual", "app/by_hand.py:11")
    assert after["DELETE /api/authors/{pk}/"] == ("manual", "app/by_hand.py:19")
    assert result.report["totals"]["endpoints"]["manual"] == 3
    assert {k: v for k, v in after.items() if v[0] == "manual"}.keys() == {
        DELETE, TAG, "DELETE /api/authors/{pk}/",
    }  # fmt: skip
    assert result.written is not None
    assert result.written.conflicts == []
    text = routers.read_text()
    assert text.count('@book_router.delete("/{pk}/"') == 1
    assert "Written by a person." in text
    assert statuses(conversion(legacy, out)) == after


def test_a_changed_body_of_a_generated_function_is_still_converted(
    legacy: Legacy, tmp_path: Path
) -> None:
    out = tmp_path / "new"
    conversion(legacy, out)
    routers = out / "app/books/routers.py"
    routers.write_text(routers.read_text().replace("await destroy(session, book)", "return None"))
    assert "return None" in routers.read_text()
    assert statuses(conversion(legacy, out))[DELETE][0] == "converted"


def test_files_that_are_no_python_hold_no_endpoints(legacy: Legacy, tmp_path: Path) -> None:
    (tmp_path / "app").mkdir()
    (tmp_path / "app/broken.py").write_text("def (:\n")
    (tmp_path / "app/binary.py").write_bytes(b"\xff\xfe\x00")
    assert handwritten(tmp_path, legacy.facts) == {}
    assert handwritten(tmp_path / "nowhere", legacy.facts) == {}
