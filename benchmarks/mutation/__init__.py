"""Mistakes that are put into a generated application, to see whether `verify` finds them."""
