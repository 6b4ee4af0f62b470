"""Notes: the files of an app `things` that only has to be there, its views last, to be added to."""

MODELS = """
from django.db import models


class Note(models.Model):
    text = models.CharField(max_length=20)
"""
VIEWS = """
from rest_framework import serializers, viewsets

from things.models import Note


class NoteSerializer(serializers.ModelSerializer):
    class Meta:
        model = Note
        fields = ["id", "text"]


class Notes(viewsets.ModelViewSet):
    queryset = Note.objects.order_by("id")
    serializer_class = NoteSerializer
"""
