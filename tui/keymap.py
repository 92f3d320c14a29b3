"""What is wrong with the keys that a household gives to commands: [keys] of household.toml.

Never: a binding; Textual makes those of ``tui.commands``.
"""

from collections.abc import Iterator, Mapping

from core.toml import nearest
from tui.commands import COMMANDS, Command
from tui.keys import display, is_key, several

PANES = {"list", "letter"}  # have their keys beside those of the screen they are on, but never both at once
ALONE = {"compose", "form", "guide"}  # have no pane


def misread(keys: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """Each id that is no command's, whose key is none, or is another command's at the same time; with the sentence."""
    known = {command.id: command for command in COMMANDS}
    for id_, text in keys.items():
        if id_ not in known:
            yield id_, f"keys has {id_}, which is no command{nearest(id_, known)}; Settings, Keys, a lists them"
        elif wrong := [key for key in several(text) if not is_key(key)]:
            yield id_, f'keys.{id_} is "{wrong[0]}", which is no key; write it as w, f5 or ctrl+o'
        elif other := _rival(known[id_], keys):
            key = ", ".join(_new(known[id_], keys) & _taken(other, keys))
            yield id_, f"{key} is both “{known[id_].help}” and “{other.help}”; change keys.{id_} in household.toml"


def _rival(command: Command, keys: Mapping[str, str]) -> Command | None:
    """The first other command that has a new key of this one, at the same time."""
    mine = _new(command, keys)
    others = (each for each in COMMANDS if each is not command and _together(command, each))
    return next((each for each in others if mine & _taken(each, keys)), None)


def _new(command: Command, keys: Mapping[str, str]) -> set[str]:
    return _taken(command, keys) - _taken(command, {})


def _taken(command: Command, keys: Mapping[str, str]) -> set[str]:
    return {display(key) for key in several(keys.get(command.id, command.keys))}


def _together(one: Command, other: Command) -> bool:
    """Whether the keys of both can be pressed on one screen."""
    places = {one.where, other.where}
    if len(places) == 1 or "app" in places:
        return True
    return len(places & PANES) == 1 and not places & ALONE
