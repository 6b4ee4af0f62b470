"""The support modules that generated applications receive a copy of."""
