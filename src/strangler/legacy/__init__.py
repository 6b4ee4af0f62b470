"""Talks to the legacy project, in its own interpreter."""
