"""Faults, injected: into the ports of the fakes, into the calls of boto3, and into what is carried.

docs/reliability.md says which fault is met where, and what must hold whatever happens.
"""
