"""Another set-up -> household.toml.

Never: I/O.
"""
