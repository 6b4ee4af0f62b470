"""Compares two exchanges and names their differences."""
