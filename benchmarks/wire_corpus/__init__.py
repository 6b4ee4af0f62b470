"""The corpus of wire behaviour: projects made from a seed, and what both sides are asked."""
