"""Plays a whole migration on the sample shop: from Django to FastAPI while traffic flows."""
