"""The demonstration: the pilot cluster with invented partners, and how to run it."""
