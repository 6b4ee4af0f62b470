"""Code of Django's and DRF's own applications that is carried as if the project had written it."""

_TOKEN = """
import secrets

from django.db import models


class Token(models.Model):
    def save(self, *args, **kwargs):
        if not self.key:
            self.key = secrets.token_hex(20)
        super().save(*args, **kwargs)
"""
_TOKEN_VIEW = """
from rest_framework.authtoken.models import Token
from rest_framework.response import Response
from rest_framework.views import APIView


class ObtainAuthToken(APIView):
    def post(self, request, *args, **kwargs):
        serializer = self.get_serializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        user = serializer.validated_data["user"]
        token, created = Token.objects.get_or_create(user=user)
        return Response({"token": token.key})
"""
#: Texts by path, as those of a project.
FRAMEWORK = {
    "rest_framework/authtoken/models.py": _TOKEN,
    "rest_framework/authtoken/views.py": _TOKEN_VIEW,
}
