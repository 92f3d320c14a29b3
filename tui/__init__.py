"""The screens: they show plain values and post messages; ``bridge`` alone calls ``core``.

Never: mail, files or the line from anywhere but the bridge; network text handed as ``str`` to what parses markup.
"""
