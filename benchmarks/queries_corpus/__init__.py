"""Query expressions of Django, converted, and run on the same rows by both sides."""
