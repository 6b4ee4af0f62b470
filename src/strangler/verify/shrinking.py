"""Makes a request that shows a difference smaller, as long as it still shows it."""

import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

from strangler.verify.requests import Request

#: Headers that say who asks, of whom and in which form: without them it is another question.
_NEEDED = frozenset({"host", "authorization", "cookie", "x-csrftoken", "referer", "content-type"})


def shrunk(request: Request, still: Callable[[Request], bool], budget: int) -> Request:
    """The smallest request found for which `still` holds, asked at most `budget` times."""
    asked: set[Request] = {request}
    progress = True
    while progress:
        progress = False
        for candidate in _smaller(request):
            if candidate in asked:
                continue
            if len(asked) > budget:
                return request
            asked.add(candidate)
            if still(candidate):
                request, progress = candidate, True
                break
    return request


def _smaller(request: Request) -> Iterator[Request]:
    """The request with one thing less, the largest things first."""
    path, mark, query = request.path.partition("?")
    pairs = query.split("&") if mark else []
    for number in range(len(pairs)):
        rest = "&".join(pairs[:number] + pairs[number + 1 :])
        yield replace(request, path=f"{path}?{rest}" if rest else path)
    if _media(request).startswith("application/json"):
        try:
            body = json.loads(request.body)
        except ValueError:
            body = None
        for part in sorted(_less(body), key=lambda each: len(json.dumps(each))):
            yield replace(request, body=json.dumps(part).encode())
    for number, (name, _) in enumerate(request.headers):
        if name.lower() not in _NEEDED:
            headers = request.headers[:number] + request.headers[number + 1 :]
            yield replace(request, headers=headers)


def _media(request: Request) -> str:
    return next((value for name, value in request.headers if name.lower() == "content-type"), "")


def _less(value: Any) -> Iterator[Any]:
    """The value with one thing less in it."""
    if isinstance(value, dict):
        for key in value:
            rest = {name: each for name, each in value.items() if name != key}
            yield rest
            yield from ({**value, key: each} for each in _less(value[key]))
    elif isinstance(value, list):
        half = len(value) // 2
        if half > 1:
            yield from (value[:half], value[half:])
        for number in range(len(value)):
            yield value[:number] + value[number + 1 :]
            for each in _less(value[number]):
                yield [*value[:number], each, *value[number + 1 :]]
    elif isinstance(value, str) and len(value) > 1:
        yield value[: len(value) // 2]
