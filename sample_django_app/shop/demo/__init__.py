"""Made-up data, so that a fresh checkout has something to look at."""
