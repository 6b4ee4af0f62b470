from datetime import datetime, time, timedelta

from django.utils import timezone


class Clock:
    """Moments before a given day, the same ones for the same random generator."""

    def __init__(self, rng, today):
        self.rng = rng
        self.now = timezone.make_aware(datetime.combine(today, time(12)))

    def before(self, days):
        """Return a moment within the last ``days`` days."""
        return self.now - timedelta(seconds=self.rng.randrange(days * 86_400))

    def date(self, model, rows, moment):
        """Set the time stamps of saved rows, which Django filled with the time of saving."""
        fields = ["created_at"]
        if any(field.name == "updated_at" for field in model._meta.fields):
            fields.append("updated_at")
        for row in rows:
            row.created_at = row.updated_at = moment(row)
        model._base_manager.bulk_update(rows, fields, batch_size=200)
