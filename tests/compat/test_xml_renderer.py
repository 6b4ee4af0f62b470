"""XML is written as djangorestframework-xml writes it, with Django's generator."""

import datetime
from decimal import Decimal
from io import StringIO
from typing import Any

import pytest
from django.utils.encoding import force_str
from django.utils.xmlutils import SimplerXMLGenerator

from strangler.compat.xml_renderer import XML, render_xml


def _by_django(data: Any) -> str:
    """What the package's renderer does, in the words of its own source."""
    stream = StringIO()
    xml = SimplerXMLGenerator(stream, "utf-8")
    xml.startDocument()
    xml.startElement("root", {})

    def write(part: Any) -> None:
        if isinstance(part, list | tuple):
            for item in part:
                xml.startElement("list-item", {})
                write(item)
                xml.endElement("list-item")
        elif isinstance(part, dict):
            for key, value in part.items():
                xml.startElement(key, {})
                write(value)
                xml.endElement(key)
        elif part is not None:
            xml.characters(force_str(part))

    write(data)
    xml.endElement("root")
    xml.endDocument()
    return stream.getvalue()


@pytest.mark.parametrize(
    "data",
    [
        {"a": 1, "b": [True, None, "<&>"], "c": {"d": Decimal("1.50")}},
        [],
        {},
        "text",
        0,
        [datetime.date(2024, 2, 29), b"bytes", 1.5, ("x",)],
    ],
)
def test_the_same_text_is_written(data: Any) -> None:
    assert render_xml(data) == _by_django(data)


def test_nothing_is_written_for_none_and_control_characters_are_refused() -> None:
    assert render_xml(None) == ""
    with pytest.raises(ValueError, match="control characters"):
        render_xml({"a": "\x00"})
    assert XML.content_type == "application/xml; charset=utf-8"
