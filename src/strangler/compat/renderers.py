"""Renderers of the project, which derive from DRF's JSON renderer.

class Wrapped(JSONRenderer):
    def render(self, data, media_type=None, response=None): return super().render({"item": data})

WRAPPED = renderer(Wrapped())
"""

import inspect
from typing import Any

from pydantic import BaseModel

from .responses import Renderer, plain, render_json


class JSONRenderer:
    """DRF's: subclasses set `format` and `charset`, and override `render`."""

    media_type = "application/json"
    format = "json"
    charset: str | None = None

    def render(self, data: Any, media_type: str | None = None, response: Any = None) -> Any:
        """Write the data; what subclasses return is a text in `charset`, or bytes."""
        return render_json(data, media_type or "")


def renderer(of: JSONRenderer) -> Renderer:
    """What routers take for a renderer class."""
    count = len(inspect.signature(of.render).parameters)

    def render(data: Any, media_type: str, response: Any) -> bytes | str:
        text = of.render(*(primitive(data), media_type, response)[:count])
        if isinstance(text, str):
            if not of.charset:
                raise AssertionError("renderer returned unicode, and did not specify a charset")
            return text
        return text or b""

    return Renderer(of.media_type, of.format, render, of.charset)


def primitive(data: Any) -> Any:
    """The data as the project's code knows it: schemas as dictionaries, all else as it is."""
    if isinstance(data, BaseModel):
        return primitive(plain(data))
    if isinstance(data, dict):
        return {key: primitive(value) for key, value in data.items()}
    if isinstance(data, (list, tuple)):
        return [primitive(value) for value in data]
    return data
