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
#: Texts by path, as those of a project.
FRAMEWORK = {"rest_framework/authtoken/models.py": _TOKEN}
