"""Middleware that the project wrote: forms that have a rule, and those that keep everything on legacy."""

import re
from pathlib import Path
from textwrap import dedent

import pytest

from strangler import compat
from strangler_codemods.middleware_members import is_own
from tests.codemods.project import Converted, legacy_project
from tests.codemods.test_surroundings import MODELS, URLS, VIEWS

HEAD = """
from django.http import HttpResponse, JsonResponse
from django.utils.deprecation import MiddlewareMixin

"""
CALL = """
class Around:
    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        {before}
        response = self.get_response(request)
        {after}
        return response
"""


def _converted(folder: Path, text: str, settings: str = "") -> Converted:
    files = {
        "things/models.py": MODELS,
        "things/views.py": VIEWS,
        "things/around.py": HEAD + dedent(text),
        "urls.py": URLS,
    }
    settings += '\nMIDDLEWARE = ["things.around.Around"]'
    return legacy_project(folder, files, settings).convert()


def _written(folder: Path, text: str, settings: str = "") -> str:
    converted = _converted(folder, text, settings)
    assert converted.converted("GET /things/"), converted.reasons("GET /things/")
    return converted.module("app.middleware")


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        ("pass", 'response["X-Age"] = 7', 'response.headers["X-Age"] = header_text(7)'),
        ("pass", 'response.headers["X-Kind"] = "a"', 'response.headers["X-Kind"] = "a"'),
        ("pass", 'del response["X-Kind"]', 'del response.headers["X-Kind"]'),
        (
            "pass",
            'if response.get("X-Kind") is None: response["X-Kind"] = "b"',
            'if response.headers.get("X-Kind") is None:',
        ),
        (
            'if request.path_info == "/x/": return HttpResponse("no", status=410)',
            "pass",
            'return HttpResponse("no", status=410)',
        ),
        ("print(request.scheme, request.get_host())", "pass", "print(scheme(request), host(request))"),
        (
            """print(f"at {request.path} " f"by {request.method}" " or so")""",
            "pass",
            """print(f"at {request.scope['path']} by {request.method} or so")""",
        ),
        (
            'request.META["HTTP_X_KIND"] = "c"',
            "pass",
            'set_request_header(request, "X-Kind", "c")',
        ),
        (
            'request.kind = request.META.get("REMOTE_ADDR")',
            'response["X-Kind"] = getattr(request, "kind", "none")',
            'header_text(getattr(request.state, "kind", "none"))',
        ),
        (
            "request._dont_enforce_csrf_checks = True",
            "pass",
            "request.state.csrf_exempt = True",
        ),
    ],
)  # fmt: skip
def test_operations_around_the_next_layer(
    before: str, after: str, expected: str, tmp_path: Path
) -> None:
    assert expected in _written(tmp_path, CALL.format(before=before, after=after))


def test_a_setting_that_nobody_sets_has_its_default(tmp_path: Path) -> None:
    text = CALL.format(
        before="pass", after='response["X-Kind"] = getattr(settings, "KIND", "none")'
    )
    written = _written(tmp_path, "from django.conf import settings\n" + dedent(text))
    assert 'response.headers["X-Kind"] = "none"' in written


def test_a_setting_that_a_branch_sets_has_no_default(tmp_path: Path) -> None:
    text = CALL.format(
        before="pass", after='response["X-Kind"] = getattr(settings, "KIND", "none")'
    )
    settings = 'import os\nif os.environ.get("KIND"):\n    KIND = os.environ["KIND"]\n'
    found = _converted(tmp_path, "from django.conf import settings\n" + dedent(text), settings)
    assert [r.code for r in found.reasons("GET /things/")] == ["W101"]


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (CALL.format(before="request.user = None", after="pass"), "setting `request.user`"),
        (CALL.format(before='request.GET = {"a": "b"}', after="pass"), "setting `.GET`"),
        (CALL.format(before="request.csrf_processing_done = True", after="pass"), "`.csrf_proc"),
        (CALL.format(before="print(request.resolver_match)", after="pass"), "`.resolver_match`"),
        (CALL.format(before="print(request.tenant)", after="pass"), "`.tenant` of the request"),
        (CALL.format(before="self.count = 1", after="pass"), "assigning `.count`"),
        (CALL.format(before="request.csrf_exempt = True", after="pass"), "setting `.csrf_exempt`"),
        (
            CALL.format(
                before='request.META["HTTP_X"] = request.headers.get("X-Y", "")', after="pass"
            ),
            "`request.headers` may hold what was sent by then",
        ),
        (CALL.format(before='request.META["HTTP_X"] = None', after="pass"), "header's value"),
        (
            CALL.format(before="seen[request.path] = 1", after="pass") + "\n\nseen = {}\n",
            "`seen` is changed while the project runs",
        ),
        (
            CALL.format(before="self.seen.append(request.path)", after="pass").replace(
                "get_response\n\n", "get_response\n        self.seen = []\n\n", 1
            ),
            "`.seen` of this middleware is changed",
        ),
        (
            CALL.format(before="pass", after="response.status_code = 200"),
            "assigning `.status_code`",
        ),
        (CALL.format(before="pass", after="response.data = {}"), "assigning `.data`"),
        (
            CALL.format(before='request.META["REQUEST_METHOD"] = "PUT"', after="pass"),
            "`.META` of the request has no rule",
        ),
        (
            CALL.format(before="pass", after="pass").replace("class Around", "class Around(dict)"),
            "it has a base class",
        ),
        (
            """
            class Around(MiddlewareMixin):
                def process_request(self, request):
                    return {"a": "b"}
            """,
            "what this middleware answers",
        ),
        (
            """
            class Around(MiddlewareMixin):
                def process_request(self, request):
                    return self.get_response(request)

                def process_exception(self, request, exception):
                    return JsonResponse({"oops": str(exception)}, status=500)
            """,
            "its `process_exception` has no rule",
        ),
        (
            """
            class Around(MiddlewareMixin):
                def process_request(self, request):
                    return self.get_response(request)

                def process_view(self, request, view, args, kwargs):
                    if request.path == "/closed/":
                        return JsonResponse({"oops": "closed"}, status=403)
            """,
            "its `process_view` has no rule",
        ),
        (
            """
            class Around(MiddlewareMixin):
                pass
            """,
            "it has no `__call__`",
        ),
        (
            """
            def Around(get_response):
                known = {}

                def middleware(request):
                    return get_response(request)

                return middleware
            """,
            "it does more than make a function",
        ),
    ],
)
def test_what_has_no_rule_keeps_everything_on_legacy(
    text: str, reason: str, tmp_path: Path
) -> None:
    reasons = _converted(tmp_path, text).reasons("GET /things/")
    assert [r.code for r in reasons] == ["W101"]
    assert reason in reasons[0].message


def test_constants_of_two_classes_do_not_meet(tmp_path: Path) -> None:
    """Each has the name of its class."""
    first = CALL.format(before="pass", after='response["X-A"] = self.KIND')
    first = first.replace("class Around:", 'class Around:\n    KIND = "a"\n')
    both = first + first.replace("Around", "Other").replace('"a"', '"b"').replace("X-A", "X-B")
    files = {
        "things/models.py": MODELS, "things/views.py": VIEWS, "things/around.py": HEAD + both, "urls.py": URLS,
    }  # fmt: skip
    settings = 'MIDDLEWARE = ["things.around.Around", "things.around.Other"]'
    written = legacy_project(tmp_path, files, settings).convert().module("app.middleware")
    assert 'AROUND_KIND = "a"' in written
    assert 'response.headers["X-B"] = OTHER_KIND' in written


def test_two_of_a_name_keep_everything_on_legacy(tmp_path: Path) -> None:
    """One of two modules: nothing is written twice, nothing breaks off."""
    around = HEAD + CALL.format(before="pass", after="pass")
    other = HEAD + CALL.format(before="print(request.path)", after="pass")
    files = {
        "things/models.py": MODELS, "things/views.py": VIEWS, "things/around.py": around,
        "things/others.py": other, "urls.py": URLS,
    }  # fmt: skip
    settings = 'MIDDLEWARE = ["things.around.Around", "things.others.Around"]'
    reasons = legacy_project(tmp_path, files, settings).convert().reasons("GET /things/")
    assert [r.code for r in reasons] == ["W101"]
    assert "`around` is taken" in reasons[0].message


def test_what_the_new_application_keeps_of_requests_is_no_attribute_of_the_projects() -> None:
    """Attributes of `request.state` are those that middleware sets, too."""
    kept: set[str] = set()
    for file in Path(compat.__file__).parent.glob("*.py"):
        text = file.read_text(encoding="utf-8")
        kept |= set(re.findall(r"request\.state\.([a-z_]+)", text))
        kept |= set(re.findall(r"""getattr\((?:\w+\.)*state, "([a-z_]+)\"""", text))
        kept |= set(re.findall(r"""state(?:", {}\))?\.get\("([a-z_]+)\"""", text))
        if "state = request.state" in text or "state = context.request.state" in text:
            kept |= set(re.findall(r"\bstate\.([a-z_]+)\b(?!\()", text))
    assert len(kept) > 20
    assert {name for name in kept if is_own(name)} == set()
