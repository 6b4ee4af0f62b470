"""Runs both applications and the proxy as child processes, and stops them together."""
