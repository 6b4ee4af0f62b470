"""Source to source rules: pure, guided by facts, no I/O, no Django, no web server."""
