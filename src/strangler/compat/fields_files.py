"""Uploaded files and images."""

import os.path
from collections.abc import Callable
from io import BytesIO
from typing import Any, ClassVar, Final

from PIL import Image as Pillow
from starlette.datastructures import UploadFile

from .fields import ABSENT, FieldType, Form, FormRules
from .validators import FileExtensionValidator

_MAX_NAME: Final = 255


class File(FieldType):
    """An upload that has a name and is not empty."""

    default_messages: ClassVar = {
        "required": "No file was submitted.",
        "invalid": ("The submitted data was not a file. Check the encoding type on the form."),
        "no_name": "No filename could be determined.",
        "empty": "The submitted file is empty.",
        "max_length": "Ensure this filename has at most {max_length} characters (it has {length}).",
    }

    def __init__(
        self, *, max_length: int | None = None, allow_empty_file: bool = False, **common: Any
    ) -> None:
        super().__init__(**common)
        self.max_length = max_length
        self.allow_empty_file = allow_empty_file

    def converter(self) -> Callable[[Any], UploadFile]:
        def convert(data: Any) -> UploadFile:
            if not isinstance(data, UploadFile):
                raise self.error("invalid")
            name = file_name(data.filename or "")
            if not name:
                raise self.error("no_name")
            if not self.allow_empty_file and not data.size:
                raise self.error("empty")
            if self.max_length and len(name) > self.max_length:
                raise self.error("max_length", max_length=self.max_length, length=len(name))
            data.filename = name
            return data

        return convert

    def form_value(self, name: str, form: Form, rules: FormRules) -> Any:
        value = super().form_value(name, form, rules)
        # A form sends a file input without a choice as an upload without a name.
        nameless = isinstance(value, UploadFile) and not value.filename
        return ABSENT if nameless else value

    def json_schema(self) -> dict[str, Any]:
        return {"type": "string", "format": "binary"}


def file_name(name: str) -> str:
    """Return the last part of a file's name, at most 255 characters, its extension kept."""
    base = os.path.basename(name.rsplit("\\", 1)[-1])
    if len(base) <= _MAX_NAME:
        return base
    stem, extension = os.path.splitext(base)
    extension = extension[:_MAX_NAME]
    return stem[: _MAX_NAME - len(extension)] + extension


class Image(File):
    """An upload that Pillow can open, with an extension that it knows."""

    default_messages: ClassVar = {
        "invalid_image": (
            "Upload a valid image. The file you uploaded was either not an image or a corrupted "
            "image."
        ),
    }

    def converter(self) -> Callable[[Any], UploadFile]:
        as_file = super().converter()
        Pillow.preinit()  # as opening an image does; the order of what is told follows
        Pillow.init()
        known_extension = FileExtensionValidator(name[1:] for name in Pillow.EXTENSION)

        def convert(data: Any) -> UploadFile:
            upload = as_file(data)
            try:
                Pillow.open(BytesIO(upload.file.read())).verify()
            except Exception as error:
                # Pillow raises whatever its decoders raise; for Django all of it is "no image".
                raise self.error("invalid_image") from error
            finally:
                upload.file.seek(0)
            known_extension(upload)
            return upload

        return convert
