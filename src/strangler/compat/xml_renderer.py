"""Answers in XML, as the package djangorestframework-xml writes them."""

import re
from io import StringIO
from typing import Any
from xml.sax.saxutils import XMLGenerator
from xml.sax.xmlreader import AttributesImpl

from .renderers import primitive
from .responses import Renderer

_CONTROL = re.compile(r"[\x00-\x08\x0B-\x0C\x0E-\x1F]")


def render_xml(data: Any, media_type: str = "application/xml", response: Any = None) -> str:
    """Write `data` below `<root>`, lists as `<list-item>`s; nothing for None.

    Raises:
        ValueError: a text holds what XML 1.0 cannot.
    """
    if data is None:
        return ""
    stream = StringIO()
    xml = XMLGenerator(stream, "utf-8")
    xml.startDocument()
    _element(xml, "root", primitive(data))
    xml.endDocument()
    return stream.getvalue()


def _element(xml: XMLGenerator, name: str, data: Any) -> None:
    xml.startElement(name, AttributesImpl({}))
    if isinstance(data, (list, tuple)):
        for item in data:
            _element(xml, "list-item", item)
    elif isinstance(data, dict):
        for key, value in data.items():
            _element(xml, key, value)
    elif data is not None:
        text = data.decode() if isinstance(data, bytes) else str(data)
        if _CONTROL.search(text):
            raise ValueError("control characters are no part of XML 1.0")
        xml.characters(text)
    xml.endElement(name)


XML = Renderer("application/xml", "xml", render_xml, "utf-8")
