from .models import Activity


def record(actor, verb, target, **details):
    """Write one line of the activity log."""
    return Activity.objects.create(actor=actor, verb=verb, target=target, details=details)
