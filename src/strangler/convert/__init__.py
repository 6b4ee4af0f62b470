"""Reads legacy sources and writes the new application beside them."""
