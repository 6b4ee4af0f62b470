"""Follow one request through logs and services by its id."""

import logging
import re
import uuid
from contextvars import ContextVar

HEADER = "X-Request-ID"
# What a client sends ends up in our logs, so only harmless ids are taken over.
ACCEPTABLE = re.compile(r"[A-Za-z0-9._-]{8,64}")

current_request_id = ContextVar("request_id", default="-")


class RequestIDMiddleware:
    """Take the client's request id, or make one, and answer with it."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        received = request.headers.get(HEADER, "")
        request.id = received if ACCEPTABLE.fullmatch(received) else uuid.uuid4().hex
        token = current_request_id.set(request.id)
        try:
            response = self.get_response(request)
        finally:
            current_request_id.reset(token)
        response[HEADER] = request.id
        return response


class RequestIDFilter(logging.Filter):
    """Put the id of the current request on every log record."""

    def filter(self, record):
        # Django logs 4xx and 5xx answers after the middleware, and names the request.
        request = getattr(record, "request", None)
        record.request_id = getattr(request, "id", None) or current_request_id.get()
        return True
