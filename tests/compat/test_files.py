"""Uploads against DRF's file and image fields."""

import io
from typing import Annotated, Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import QueryDict
from PIL import Image as Pillow
from rest_framework import serializers as drf
from starlette.datastructures import FormData, UploadFile

from strangler.compat.errors import ValidationError
from strangler.compat.fields_files import File, Image
from strangler.compat.schemas import UNSET, WriteSchema, validate
from tests.compat.agreement import body, context, plain


def picture(form: str = "PNG") -> bytes:
    """Return a small image."""
    stream = io.BytesIO()
    Pillow.new("RGB", (2, 2)).save(stream, form)
    return stream.getvalue()


class OracleUpload(drf.Serializer):
    file = drf.FileField(max_length=12)
    empty = drf.FileField(allow_empty_file=True, required=False)
    null = drf.FileField(allow_null=True, required=False)
    image = drf.ImageField(required=False)


class UploadWrite(WriteSchema):
    file: Annotated[UploadFile, File(max_length=12)]
    empty: Annotated[UploadFile, File(allow_empty_file=True)] = UNSET
    null: Annotated[UploadFile | None, File()] = UNSET
    image: Annotated[UploadFile, Image()] = UNSET


def django_form(fields: dict[str, Any]) -> QueryDict:
    query = QueryDict(mutable=True)
    for key, value in fields.items():
        query[key] = SimpleUploadedFile(*value) if isinstance(value, tuple) else value
    return query


def our_form(fields: dict[str, Any]) -> FormData:
    def upload(value: Any) -> Any:
        if not isinstance(value, tuple):
            return value
        name, content = value
        return UploadFile(io.BytesIO(content), size=len(content), filename=name)

    return FormData([(key, upload(value)) for key, value in fields.items()])


GOOD = {"file": ("a.txt", b"x")}


@pytest.mark.parametrize("partial", [False, True])
@pytest.mark.parametrize(
    "fields",
    [
        {},
        GOOD,
        {"file": "text"},
        {"file": ""},
        {"file": ("a.txt", b"")},
        {"file": ("a-long-name.txt", b"x")},
        {"file": ("/etc/dir/a.txt", b"x")},
        {**GOOD, "empty": ("e.txt", b""), "null": ""},
        {**GOOD, "empty": "", "null": "x"},
        {**GOOD, "image": ("a.png", picture())},
        {**GOOD, "image": ("a.jpg", picture("JPEG"))},
        {**GOOD, "image": ("a.txt", picture())},
        {**GOOD, "image": ("a", picture())},
        {**GOOD, "image": ("a.png", b"no image")},
        {**GOOD, "image": ("a.png", picture()[:40])},
        {**GOOD, "image": ("a.png", b"")},
    ],
    ids=lambda fields: "-".join(fields) or "nothing",
)
def test_an_upload_gets_drfs_answer(fields: dict[str, Any], partial: bool) -> None:
    """Names, sizes and images are judged with DRF's texts; the last part of the name stays."""
    checked = OracleUpload(data=django_form(fields), partial=partial)
    try:
        found = validate(UploadWrite, our_form(fields), context(), partial=partial).attrs()
    except ValidationError as error:
        assert not checked.is_valid()
        assert body(error.detail) == body(plain(checked.errors))  # noqa: PT017 - the point here
    else:
        assert checked.is_valid(), checked.errors
        names = {key: value and value.name for key, value in checked.validated_data.items()}
        assert {key: value and value.filename for key, value in found.items()} == names
        assert all(value is None or value.file.tell() == 0 for value in found.values())


def test_json_cannot_hold_a_file() -> None:
    """Text where a file belongs is refused, so is nothing."""
    for value in ("x", 1, None, {"name": "x", "size": 1}):
        checked = OracleUpload(data={"file": value})
        checked.is_valid()
        with pytest.raises(ValidationError) as caught:
            validate(UploadWrite, {"file": value}, context())
        assert body(caught.value.detail) == body(plain(checked.errors))
