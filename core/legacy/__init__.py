"""The files of a set-up that mailrun takes the place of, read: text in, frozen values and a remark on each line out.

Never: I/O, a clock, a household.toml (``core.adopt`` writes it), the text of a password in a remark.
"""
