"""Errors as this API shows them."""

from django.db.models import ProtectedError
from rest_framework import status
from rest_framework.exceptions import APIException, ErrorDetail
from rest_framework.views import exception_handler as drf_exception_handler


class Conflict(APIException):
    """The request is fine, the state of the object is not."""

    status_code = status.HTTP_409_CONFLICT
    default_detail = "The object is in a state that does not allow this."
    default_code = "conflict"


def exception_handler(exc, context):
    """Add a machine-readable ``code`` beside ``detail`` and turn protected deletes into 409."""
    if isinstance(exc, ProtectedError):
        exc = Conflict("Other objects still refer to this one.", code="protected")
    response = drf_exception_handler(exc, context)
    if response is not None and isinstance(response.data, dict):
        detail = response.data.get("detail")
        if isinstance(detail, ErrorDetail):
            response.data.setdefault("code", detail.code)
    return response
