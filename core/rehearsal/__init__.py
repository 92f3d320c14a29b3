"""A make-believe modem and provider: the demo, and the tests' counterpart.

Never: used by a real run.
"""
