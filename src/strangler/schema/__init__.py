"""Compares the generated models with the live schema of the legacy project."""
