"""The shape of the tree: what may import what, and a few habits that no linter knows."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
SOURCES = sorted(path for folder in ("core", "tui") for path in (ROOT / folder).rglob("*.py"))


def test_core_needs_no_screens() -> None:
    """The command line imports neither Textual nor Rich."""
    code = (
        "import pkgutil, sys, core.cli, core.sendmail\n"
        "print(len([__import__('core.cli.' + m.name) for m in pkgutil.iter_modules(core.cli.__path__)]) > 5)\n"
        "print([m for m in ('textual', 'rich') if m in sys.modules])"
    )

    answer = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)

    assert answer.stdout.split() == ["True", "[]"]


def test_core_imports_nothing() -> None:
    """The package core is a drawing only."""
    assert "import " not in re.sub(r'""".*?"""', "", (ROOT / "core/__init__.py").read_text(), flags=re.DOTALL)


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: str(path.relative_to(ROOT)))
def test_module_says_what_never_lives_in_it(path: Path) -> None:
    """Each module of core begins with what lives there and what never does."""
    text = path.read_text()

    if "core" in path.relative_to(ROOT).parts[:1]:
        assert re.match(r'""".*?\nNever: ', text, re.DOTALL), (
            f"{path}: its docstring has no line that begins with Never:"
        )


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: str(path.relative_to(ROOT)))
def test_only_the_bridge_catches_everything(path: Path) -> None:
    """A bare Exception is caught in tui/bridge.py or nowhere."""
    if path.name != "bridge.py":
        assert not re.search(r"except\s+\(?Exception\b", path.read_text())


@pytest.mark.parametrize("path", [path for path in SOURCES if "tui" in path.parts], ids=lambda path: path.name)
def test_only_the_bridge_has_workers(path: Path) -> None:
    """Screens, widgets and verbs start no task and no thread."""
    if path.name != "bridge.py":
        assert not re.search(r"@work\b|run_worker|to_thread|create_task", path.read_text())


def test_app_stays_small() -> None:
    """The App composes; it has under 150 lines."""
    assert len((ROOT / "tui/app.py").read_text().splitlines()) < 150
