"""Runs both applications on twin databases and compares their answers."""
