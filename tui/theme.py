"""The two colour themes of mailrun: evening and paper; one accent, everything else quiet.

Never: layout; that is ``app.tcss``.
"""

from textual.theme import Theme

FOCUS = {"button-focus-text-style": "bold underline"}
EVENING = Theme(
    name="evening",
    primary="#7fb4ca",
    secondary="#8a9199",
    accent="#7fb4ca",
    warning="#e6b673",
    error="#e67e80",
    success="#9ece6a",
    foreground="#d8dee9",
    background="#16191d",
    surface="#16191d",
    panel="#22272e",
    dark=True,
    variables=FOCUS
    | {"rule": "#343b44", "quiet": "#8a9199", "quote": "#8fb573", "deeper": "#b294bb", "cursor": "#2b3f4b"},
)
PAPER = Theme(
    name="paper",
    primary="#1f6f8b",
    secondary="#6b7075",
    accent="#1f6f8b",
    warning="#9a6700",
    error="#b3261e",
    success="#3b7a1e",
    foreground="#24292e",
    background="#faf8f4",
    surface="#faf8f4",
    panel="#ece8df",
    dark=False,
    variables=FOCUS
    | {"rule": "#d0cabd", "quiet": "#6b7075", "quote": "#4c7a34", "deeper": "#7d4f8e", "cursor": "#d3e4ea"},
)
THEMES = (EVENING, PAPER)
