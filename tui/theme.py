"""The colour themes of mailrun: evening, paper and sixteen; one accent, everything else quiet.

Evening and paper keep the contrast of WCAG AA between every text and every ground it stands on. Sixteen has only the
terminal's own colours, whatever they are there, and says by bold, dim and reverse what the others say by colour.
Textual's own themes get what they lack from ``lacking``.

Never: layout; that is ``app.tcss``.
"""

from collections.abc import Mapping

from rich.console import Console
from textual.theme import Theme

FOCUS = {"button-focus-text-style": "bold underline"}
EVENING = Theme(
    name="evening",
    primary="#7fb4ca",
    secondary="#a2abb5",
    accent="#7fb4ca",
    warning="#e6b673",
    error="#ee8f90",
    success="#9ece6a",
    foreground="#d8dee9",
    background="#16191d",
    surface="#16191d",
    panel="#22272e",
    dark=True,
    variables=FOCUS
    | {"rule": "#343b44", "quiet": "#a2abb5", "quote": "#8fb573", "deeper": "#bb9fc4", "cursor": "#2b3f4b"},
)
PAPER = Theme(
    name="paper",
    primary="#1b667f",
    secondary="#5f646a",
    accent="#1b667f",
    warning="#7d5400",
    error="#b3261e",
    success="#336b1a",
    foreground="#24292e",
    background="#faf8f4",
    surface="#faf8f4",
    panel="#ece8df",
    dark=False,
    variables=FOCUS
    | {"rule": "#d0cabd", "quiet": "#5f646a", "quote": "#41692c", "deeper": "#7d4f8e", "cursor": "#d3e4ea"},
)
SIXTEEN = Theme(
    name="sixteen",
    ansi=True,
    primary="ansi_cyan",
    secondary="ansi_default",
    accent="ansi_cyan",
    warning="ansi_yellow",
    error="ansi_red",
    success="ansi_green",
    foreground="ansi_default",
    background="ansi_default",
    surface="ansi_default",
    panel="ansi_default",
    boost="ansi_default",
    dark=True,
    variables=FOCUS
    | {
        "rule": "ansi_bright_black",
        "quiet": "ansi_default",
        "quote": "ansi_green",
        "deeper": "ansi_magenta",
        "cursor": "ansi_default",
        "block-cursor-foreground": "ansi_black",
        "block-cursor-background": "ansi_cyan",
        "ansi-background": "ansi_default",
        "ansi-foreground": "ansi_default",
        "border-blurred": "ansi_default",
        "input-cursor-background": "ansi_default",
        "input-cursor-foreground": "ansi_default",
        "input-cursor-text-style": "reverse",
        "input-selection-background": "ansi_cyan",
        "input-selection-foreground": "ansi_black",
        "screen-selection-background": "ansi_cyan",
        "screen-selection-foreground": "ansi_black",
    },
)
THEMES = (EVENING, PAPER, SIXTEEN)


def fitting(environ: Mapping[str, str]) -> Theme:
    """The theme for this terminal: sixteen where it has no more colours, or where NO_COLOR asks for none."""
    if environ.get("NO_COLOR"):
        return SIXTEEN
    system = environ.get("TEXTUAL_COLOR_SYSTEM", "auto")
    console = Console(force_terminal=True, color_system="auto", _environ=environ)  # as Textual finds it out
    few = console.color_system in (None, "standard") if system == "auto" else system in ("standard", "windows")
    return SIXTEEN if few else EVENING


def lacking(theme: Theme) -> dict[str, str]:
    """What our look wants of a theme and Textual's own themes do not say, made of what they do."""
    made = theme.to_color_system().generate()
    if theme.ansi:
        return dict(SIXTEEN.variables)
    return {
        "rule": f"{made['foreground']} 20%",
        "quiet": f"{made['foreground']} 70%",
        "quote": made["text-success"],
        "deeper": made["text-secondary"],
        "cursor": f"{made['primary']} 35%",
    }
