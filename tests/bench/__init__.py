"""Measurements too long for every run of the tests: `make bench`."""
