"""Widgets and the words on them: they show plain values and post messages.

Never: a call to the bridge or to core's verbs.
"""
