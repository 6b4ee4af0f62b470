"""The report for people who were not there: one HTML file, and JUnit's XML for a CI server."""

import math
from xml.etree import ElementTree

from jinja2 import Environment, PackageLoader

from strangler.diff import CATEGORIES
from strangler.verify.origins import Places
from strangler.verify.report import Report

_ROLES = ("anonymous", "owner", "other", "staff", "superuser")
#: Milliseconds at the ends of the scale on which times are drawn.
_SHORTEST, _LONGEST = 0.5, 2000.0


def html(report: Report, places: Places) -> str:
    """One file with everything in it: no scripts, nothing loaded; bodies are shown as text."""
    environment = Environment(
        loader=PackageLoader("strangler.verify", "."), autoescape=True, trim_blocks=True
    )
    used = {role for each in report.endpoints for role in each.roles}
    return environment.get_template("report.html.j2").render(
        report=report,
        totals=report.totals,
        titles=CATEGORIES,
        places=places,
        place=_place,
        roles=[role for role in _ROLES if role in used] + sorted(used - set(_ROLES)),
        causes=report.causes(),
        isolation={
            "namespace": "isolated by a network namespace",
            "sockets": "isolated by patched sockets",
        }.get(report.isolation, report.isolation),
    )


def _place(milliseconds: float) -> float:
    """Per cent of the scale, which is logarithmic."""
    bounded = min(max(milliseconds, _SHORTEST), _LONGEST)
    return round(100 * math.log(bounded / _SHORTEST) / math.log(_LONGEST / _SHORTEST), 1)


def junit(report: Report, places: Places) -> str:
    """A test case for each endpoint: `different` fails, what was not proved is skipped."""
    suite = ElementTree.Element(
        "testsuite",
        name="strangler verify",
        tests=str(len(report.endpoints)),
        failures=str(report.totals["different"]),
        skipped=str(len(report.endpoints) - report.totals["different"] - report.totals["equal"]),
        time=f"{report.seconds:.1f}",
    )
    for each in report.endpoints:
        source = places.get(each.id, ("", ""))[1]
        case = ElementTree.SubElement(suite, "testcase", name=each.id, classname="verify")
        case.set("file", source.rpartition(":")[0])
        for finding in each.differences:
            message = f"{finding.category} at {finding.pointer}"
            failure = ElementTree.SubElement(case, "failure", message=_printable(message))
            lines = f"legacy {finding.legacy}\nnew    {finding.new}"
            if finding.origin.new_source:
                lines += f"\n{finding.origin.source} -> {finding.origin.new_source}"
            failure.text = _printable(lines)
        if each.verdict not in {"equal", "different"}:
            text = f"{each.verdict}: {'; '.join(each.missing)}"
            ElementTree.SubElement(case, "skipped", message=_printable(text))
    return ElementTree.tostring(suite, encoding="unicode", xml_declaration=True) + "\n"


def _printable(text: str) -> str:
    """Without what XML cannot hold."""
    return "".join(each if each.isprintable() or each in "\n\t" else "\N{REPLACEMENT CHARACTER}" for each in text)  # fmt: skip
