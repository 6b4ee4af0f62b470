"""Values, bodies and paths are made from the facts, and fit what they are for."""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from types import SimpleNamespace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from strangler.facts import Endpoint, Facts, Model, Serializer, SerializerField, Validator
from strangler.facts.shapes import Queryset
from strangler.verify.bodies import Writer, form, in_query, multipart
from strangler.verify.preparation import shown_models
from strangler.verify.reading import (
    Reading,
    checks_query,
    classes_named,
    envelopes,
    inner_names,
    names_read,
)
from strangler.verify.refusals import beyond, refused
from strangler.verify.regex_text import matching
from strangler.verify.requests import Request
from strangler.verify.targets import Targets
from strangler.verify.uploads import Upload, picture
from strangler.verify.values import Material, accepted
from strangler.verify.world import World
from tests.verify.notes_project import facts

NOTES = facts()


class _Nothing:
    """A world without rows."""

    def keys(self, label: str | None) -> list[object]:
        return []

    def column(self, label: str | None, path: str) -> list[object]:
        return []

    def field(self, label: str | None, name: str | None) -> None:
        return None


MATERIAL = Material(_Nothing(), 7)  # type: ignore[arg-type]  # all that plain fields ask of it


def field(kind: str, **more: object) -> SerializerField:
    path = f"rest_framework.fields.{kind}"
    return SerializerField.model_validate({"name": "x", "cls": path, "drf_cls": path, **more})


@given(st.integers(0, 10_000))
@pytest.mark.parametrize(
    "pattern",
    [
        r"^[A-Z]{3}-\d{5}$",
        r"\+?\d{7,15}",
        r"^(draft|live)$",
        r"^[^0-9]+\Z",
        r"^(?:a|b)?x.{2}\s*$",
        r"^[\w.-]+@example\.com$",
    ],
)
def test_a_text_matches_the_pattern_it_is_made_for(pattern: str, number: int) -> None:
    text = matching(pattern, number)
    assert text is not None
    assert re.search(pattern, text)


def test_a_pattern_that_is_not_understood_has_no_text() -> None:
    assert matching(r"(a)\1(?=b)", 1) is None


def test_texts_keep_to_their_length() -> None:
    texts = accepted(field("CharField", options={"max_length": 5, "min_length": 2}), MATERIAL)
    assert all(len(str(text)) <= 5 for text in texts)
    assert any(
        len(str(text)) > 5
        for text in refused(field("CharField", options={"max_length": 5}), MATERIAL)
    )


@pytest.mark.parametrize("kind", ["FileField", "ImageField"])
@pytest.mark.parametrize(("length", "sent"), [(40, [40]), (3, []), (None, []), (300, [])])
def test_names_of_files_go_to_their_limit(kind: str, length: int | None, sent: list[int]) -> None:
    files = accepted(field(kind, options={"max_length": length}), MATERIAL)
    assert [len(file.name) for file in files if "www" in file.name] == sent


def test_numbers_keep_to_their_limits() -> None:
    limits = {"min_value": 1, "max_value": 5}
    numbers = [int(each) for each in accepted(field("IntegerField", options=limits), MATERIAL)]
    assert {min(numbers), max(numbers)} == {1, 5}
    wrong = refused(field("IntegerField", options=limits), MATERIAL)
    assert {0, 6} <= {each for each in wrong if type(each) is int}


def test_a_field_with_a_pattern_gets_texts_that_match_it() -> None:
    validator = Validator(
        cls="RegexValidator", params={"regex": {"pattern": r"^\d{3}$", "flags": 32}}
    )
    assert all(
        re.fullmatch(r"\d{3}", text)
        for text in accepted(field("CharField", validators=(validator,)), MATERIAL)
    )


@pytest.mark.parametrize("kind", ["IntegerField", "DecimalField", "FloatField"])
def test_zero_is_tried_as_a_limit_where_none_is_declared(kind: str) -> None:
    """Behind a value that is surely refused: code may allow it."""
    assert beyond(field(kind), MATERIAL) == ["abc", 0, -1]
    assert beyond(field(kind, options={"min_value": 3}), MATERIAL) == [2]


def test_rows_are_found_by_keys_as_text_however_they_are_stored() -> None:
    """SQLite and MariaDB keep a UUID without its dashes."""
    asked: list[str] = []

    def rows(table: str, limit: int, column: str = "", values: Sequence[str] = ()) -> object:
        asked.extend(values)
        return [{"id": number} for number in range(limit)]

    key = "ab12ab12-ab12-4b12-8b12-ab12ab12ab12"
    model = {"name": "a.B", "path": "a.B", "db_table": "b", "pk": "id", "fields": [
        {"name": "id", "attname": "id", "column": "id", "cls": "", "primary_key": True}]}  # fmt: skip
    facts = NOTES.model_copy(update={"models": (Model.model_validate(model),)})
    World(facts, SimpleNamespace(rows=rows), added={"a.B": [key]}).rows("a.B")  # type: ignore[arg-type]  # all that it asks of it
    assert asked == [key, key.replace("-", "")]


def test_null_is_refused_only_where_it_is_not_allowed() -> None:
    assert None in refused(field("BooleanField"), MATERIAL)
    assert None not in refused(field("BooleanField", allow_null=True), MATERIAL)


class _Rows(_Nothing):
    """A world that reads a row's columns."""

    def __init__(self, *fields: SerializerField) -> None:
        self.serializers = {"S": SimpleNamespace(model="m", fields=fields)}

    def along(self, label: str | None, path: str, row: Mapping[str, object]) -> Iterator[object]:
        yield from (row[path],) if path in row else ()


def test_a_refused_field_of_an_update_keeps_the_value_of_its_row() -> None:
    name = field("CharField", source="title")
    endpoint = Endpoint.model_construct(method="PUT", serializer="S")
    writer = Writer(_Rows(name), endpoint, Reading([], [], [], []))  # type: ignore[arg-type]  # all that it asks of it
    row = {"title": "as it was"}
    assert writer.base(1, row=row) != {"x": "as it was"}
    assert {"x": "as it was"} in [body for _, body in writer.variants(1, row=row)]
    assert writer.repair({"x": ["Stays as it is."]})
    assert writer.base(1, row=row) == {"x": "as it was"}
    assert writer.base(1) != {"x": "as it was"}


class _Numbered(_Nothing):
    """A world with rows of one model."""

    serializers: Mapping[str, object] = {}
    models: Mapping[str, object] = {"a.Door": None}

    def keys(self, label: str | None) -> list[object]:
        return [3, 5, 7, 9] if label == "a.Door" else []

    def owned(self, label: str | None, user: str) -> set[object]:
        return set()


def test_a_deletion_sends_the_keys_that_its_code_reads() -> None:
    endpoint = Endpoint.model_construct(
        method="DELETE", serializer=None, queryset=Queryset(model="a.Door")
    )
    writer = Writer(_Numbered(), endpoint, Reading([], ["ids"], [], []))  # type: ignore[arg-type]  # all that it asks of it
    bodies = [body for _, body in writer.variants(0)]
    assert {"ids": [3]} in bodies
    assert any(set(map(int, body["ids"])) == {3, 5, 7, 9} for body in bodies)


def test_a_text_named_after_a_model_is_a_key_of_its_rows() -> None:
    world = _Numbered()
    named = SerializerField.model_validate(
        {"name": "door_id", "cls": "x.CharField", "drf_cls": "x.CharField"}
    )
    material = Material(world, 0)  # type: ignore[arg-type]  # all that it asks of it
    assert accepted(named, material)[:2] == ["3", "5"]


class _Doors:
    """Rows of one model with a flag and a nullable column, some of which are referred to."""

    asking = ("7",)
    added: Mapping[str, tuple[str, ...]] = {"a.Door": ("2",)}

    def key(self, label: str) -> str:
        return "pk"

    def field(self, label: str | None, name: str | None) -> object:
        return name

    def __init__(self) -> None:
        flag = SimpleNamespace(
            attname="open", choices=(), internal_type="BooleanField", null=False,
            relation=None, primary_key=False,
        )  # fmt: skip
        note = SimpleNamespace(
            attname="note", choices=(), internal_type="CharField", null=True,
            relation=None, primary_key=False,
        )  # fmt: skip
        self.models = {"a.Door": SimpleNamespace(fields=(flag, note))}

    def rows(self, label: str | None) -> list[dict[str, object]]:
        plain: dict[str, object] = {"open": True, "note": None, "owner": "7"}
        rows = [{"pk": number, **plain} for number in range(1, 9)]
        rows[4]["open"] = False
        rows[6]["note"] = "x"
        rows[7]["owner"] = "8"
        return rows

    def along(self, label: str | None, path: str, row: Mapping[str, object]) -> Iterator[object]:
        yield from (row[path],) if path in row else ()

    def owners(self, label: str | None, row: Mapping[str, object]) -> list[str]:
        return [str(row["owner"])]

    def related(self, label: str | None, row: Mapping[str, object]) -> list[str]:
        return ["a.Key.door"] if row["pk"] in (3, 8) else []


def test_rows_in_every_state_that_code_may_ask_about_are_tried() -> None:
    endpoint = Endpoint.model_construct(
        id="POST /doors/{pk}/shut/", path="/doors/{pk}/shut/", converters={},
        queryset=Queryset.model_construct(model="a.Door"),
    )  # fmt: skip
    targets = Targets(_Doors(), endpoint)  # type: ignore[arg-type]  # all that it asks of it
    tried = [target.values["pk"] for target in targets.various(12)]
    assert set(tried) == {"1", "2", "3", "5", "7"}
    assert targets.existing[-1].values["pk"] == "8"


def test_forms_carry_lists_as_repeated_names_and_refuse_objects() -> None:
    sent = form({"a": [1, 2], "b": True, "c": None})
    assert sent is not None
    assert sent.content == b"a=1&a=2&b=true"
    assert form({"a": {"b": 1}}) is None


def test_every_encoding_tells_which_names_it_holds() -> None:
    body = {"a": 1, "file": Upload("x.png", picture(1), "image/png")}
    sent = multipart(body)
    request = Request("POST", "/", (("Content-Type", sent.media),), sent.content)
    assert request.names() == {"a", "file"}
    plain = Request(
        "POST", "/", (("Content-Type", "application/json"),), json.dumps(body["a"]).encode()
    )
    assert plain.names() == set()


def test_names_that_code_reads_are_found(tmp_path: Path) -> None:
    (tmp_path / "views.py").write_text(
        "class View:\n"
        "    def get(self, request):\n"
        "        since = request.query_params.get('since')\n"
        "        if 'until' in self.request.GET:\n"
        "            pass\n"
        "        response.data['extra'] = serializer.data['size']\n"
        "        return NoteSerializer(request.data['note'])\n"
        "    def other(self, request):\n"
        "        return request.query_params['unrelated']\n"
    )
    endpoint = Endpoint.model_validate(
        {
            "id": "GET /a/",
            "method": "GET",
            "path": "/a/",
            "route": "a/",
            "kind": "drf",
            "view": "views.View",
            "action": "get",
            "methods": {
                "get": {"path": "views.View.get", "source": "views.py:2"},
                "other": {"path": "views.View.other", "source": "views.py:7"},
            },
        }
    )
    assert names_read(tmp_path, endpoint, ["get", "other"]) == (["since", "until"], ["note"])
    assert "NoteSerializer" in classes_named(tmp_path, endpoint)[1]


def test_keys_under_which_code_looks_for_an_object_are_envelopes(tmp_path: Path) -> None:
    (tmp_path / "views.py").write_text(
        "class View:\n"
        "    def post(self, request):\n"
        "        stars = request.data.get('stars')\n"
        "        text = request.data.get('text', '')\n"
        "        given = request.data.get('book', {})\n"
        "        shelf = request.data['shelf']\n"
        "        ShelfSerializer(data=shelf)\n"
        "        return BookSerializer(data=request.data['author'], context={'stars': stars})\n"
    )
    endpoint = Endpoint.model_validate(
        {
            "id": "POST /a/",
            "method": "POST",
            "path": "/a/",
            "route": "a/",
            "kind": "drf",
            "view": "views.View",
            "action": "post",
            "methods": {"post": {"path": "views.View.post", "source": "views.py:2"}},
        }
    )
    assert names_read(tmp_path, endpoint, [])[1] == ["author", "book", "shelf", "stars", "text"]
    assert envelopes(tmp_path, endpoint) == ["author", "book", "shelf"]


def test_keys_of_a_variable_that_holds_the_body_are_read(tmp_path: Path) -> None:
    (tmp_path / "views.py").write_text(
        "def view(request, pk):\n"
        "    data = request.data\n"
        "    given = request.data.copy()\n"
        "    asked = self.request.query_params\n"
        "    other = request.data\n"
        "    other = {}\n"
        "    given['owner'] = request.user.pk\n"
        "    row.name, row.text = data['name'], given.get('text')\n"
        "    return [asked.get('page'), other['no'], 'seen' in data]\n"
    )
    endpoint = Endpoint.model_validate(
        {
            "id": "POST /a/",
            "method": "POST",
            "path": "/a/",
            "route": "a/",
            "kind": "drf",
            "view": "views.view",
            "source": "views.py:1",
        }
    )
    assert names_read(tmp_path, endpoint, []) == (["page"], ["name", "seen", "text"])


def test_keys_of_an_object_are_found_where_a_generic_method_hands_on(tmp_path: Path) -> None:
    (tmp_path / "views.py").write_text(
        "class View(RetrieveUpdateAPIView):\n"
        "    def update(self, request):\n"
        "        given = request.data.get('book', {})\n"
        "        other = request.session.get('shelf', {})\n"
        "        return BookSerializer(data={'title': given.get('title'), 'text': given['text'],\n"
        "                                    'shelf': other['name']})\n"
    )
    endpoint = Endpoint.model_construct(
        id="PUT /a/", method="PUT", action="put", source="views.py:1", serializer=None,
        methods={"update": SimpleNamespace(path="views.View.update", source="views.py:2")},
        queryset=None,
    )  # fmt: skip
    assert envelopes(tmp_path, endpoint) == ["book"]
    assert inner_names(tmp_path, endpoint) == ["text", "title"]
    world = SimpleNamespace(serializers={}, models={}, field=lambda *_: None)
    writer = Writer(world, endpoint, Reading.of(tmp_path, endpoint, []))  # type: ignore[arg-type]  # all that it asks of it
    assert set(writer.wrapped(writer.base(0))["book"]) == {"text", "title"}


def test_a_value_that_may_not_repeat_is_none_that_a_row_has() -> None:
    """Also where the serializer declares the field without its validator."""
    column = SimpleNamespace(name="x", unique=True, relation=None)
    world = SimpleNamespace(
        field=lambda *_: column, column=lambda *_: ["verify-0", "verify-100"], models={}
    )
    found = accepted(field("SlugField"), Material(world, 0, label="m"))  # type: ignore[arg-type]  # all that it asks of it
    assert found[0] == "verify-200"


@pytest.mark.parametrize(
    ("given", "asks"),
    [("request.query_params", True), ("self.request.GET", True), ("request.data", False)],
)
def test_a_serializer_over_the_query_is_seen(tmp_path: Path, given: str, asks: bool) -> None:
    (tmp_path / "views.py").write_text(
        "class View:\n"
        "    def get(self, request):\n"
        f"        wanted = {given}\n"
        "        return FilterSerializer(data=wanted)\n"
    )
    endpoint = Endpoint.model_validate(
        {
            "id": "GET /a/",
            "method": "GET",
            "path": "/a/",
            "route": "a/",
            "kind": "drf",
            "view": "views.View",
            "action": "get",
            "methods": {"get": {"path": "views.View.get", "source": "views.py:2"}},
        }
    )
    assert checks_query(tmp_path, endpoint) is asks


def test_values_go_into_the_query() -> None:
    body = {"a": 1, "b": True, "c": None, "d": ["x", "y"], "e": {"f": 1}}
    assert in_query(body) == "a=1&b=true&d=x&d=y"


def test_rows_are_made_of_the_model_that_only_a_serializer_names() -> None:
    serializer = Serializer.model_construct(name="things.Shown", model="things.Lead")
    facts = Facts.model_construct(serializers=(serializer,))
    endpoint = Endpoint.model_construct(serializer="things.Shown")
    assert shown_models(facts, endpoint, []) == ["things.Lead"]
    assert shown_models(facts, endpoint, ["things.Other"]) == ["things.Other"]
    assert shown_models(facts, Endpoint.model_construct(serializer=None), []) == []
