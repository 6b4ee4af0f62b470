"""Plays a whole migration on the sample shop."""
