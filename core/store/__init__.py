"""The disk: the only writers of files. Synced, atomic, locked.

Never: the network, or policy about letters.
"""
