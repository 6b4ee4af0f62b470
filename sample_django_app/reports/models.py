from django.conf import settings
from django.contrib.contenttypes.fields import GenericForeignKey
from django.contrib.contenttypes.models import ContentType
from django.db import models


class Activity(models.Model):
    """One line of the log: who did what to which object."""

    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="activities",
    )
    verb = models.CharField(max_length=30)
    content_type = models.ForeignKey(ContentType, on_delete=models.CASCADE)
    # Text, because orders have UUIDs and products have numbers.
    object_id = models.CharField(max_length=36)
    target = GenericForeignKey("content_type", "object_id")
    details = models.JSONField(default=dict, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["-created_at", "-id"]
        verbose_name_plural = "activities"
        indexes = [
            models.Index(fields=["content_type", "object_id"], name="reports_activity_target"),
        ]

    def __str__(self):
        return f"{self.verb} {self.content_type_id}:{self.object_id}"
