"""The models of Django's own tests as a corpus: made into a project, converted, compared."""
