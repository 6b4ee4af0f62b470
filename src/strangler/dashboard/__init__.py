"""The web view of a running migration."""
