"""The routing proxy between the legacy and the new application."""
