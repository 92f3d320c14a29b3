"""What a test wants told at the end, whatever process it ran in: ``record_property("a call", "12 turns")``."""

import pytest


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """A line for each of these."""
    for report in [*terminalreporter.stats.get("passed", []), *terminalreporter.stats.get("failed", [])]:
        for what, said in getattr(report, "user_properties", []):
            terminalreporter.write_line(f"{what}: {said}")
