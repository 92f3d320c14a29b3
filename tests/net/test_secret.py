import sys
from pathlib import Path
from typing import Literal

import pytest

from core.config import Maildrop, Secret, SmartHost
from core.errors import ConfigError
from core.net import secret


def settings(*command: str, password: str = "") -> SmartHost:
    """A host whose password a Python program prints."""
    program = (sys.executable, "-c", *command) if command else ()
    return SmartHost(host="smtp.far.example", password=Secret(password), password_command=program)


def test_password() -> None:
    """A password in the settings goes before a program that prints one."""
    assert secret.password(settings("print('other')", password="sesame")) == "sesame"


def test_command() -> None:
    """The first line that the program prints is the password, spaces and all."""
    assert secret.password(settings(r"print(' open sesame \r\nand a remark')")) == " open sesame "


@pytest.mark.parametrize(
    ("command", "sentence"),
    [
        (None, "there is no password for smtp.far.example; set password or password_command"),
        ("print('sesame'); raise SystemExit(3)", "failed with status 3"),
        ("print()", "printed no password"),
        ("import time; print('sesame', flush=True); time.sleep(60)", "did not end within 0 seconds"),
    ],
)
def test_faults(command: str | None, sentence: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without a password the sentence names the host and what to do, and nothing of what was printed."""
    if "sleep" in (command or ""):
        monkeypatch.setattr(secret, "_SECONDS", 0.2)
    with pytest.raises(ConfigError) as caught:
        secret.password(settings(*([command] if command else [])))

    assert "smtp.far.example" in str(caught.value)
    assert sentence in str(caught.value)
    assert "sesame" not in str(caught.value)


def test_no_program() -> None:
    """A program that is not there is named."""
    with pytest.raises(ConfigError, match=r"/no/such/program\) cannot be started: No such file"):
        secret.password(SmartHost(host="smtp.far.example", password_command=("/no/such/program",)))


def test_one_line() -> None:
    """A password with a line break is refused: it would be a command."""
    with pytest.raises(ConfigError, match="has a line break"):
        secret.password(settings(password="p\r\nQUIT"))


def counting(path: Path, ending: str = "") -> tuple[str, ...]:
    """A program that notes each of its runs in a file, and prints a password."""
    return (sys.executable, "-c", f"open({str(path)!r}, 'a').write('x'); print('sesame'); {ending}")


async def test_asked_once(tmp_path: Path) -> None:
    """A program is run when it is prepared for, and not again."""
    known = secret.Password(SmartHost(host="smtp.far.example", password_command=counting(tmp_path / "runs")))

    await known.prepare()

    assert [await known.reveal() for _ in range(2)] == ["sesame", "sesame"]
    assert (tmp_path / "runs").read_text() == "x"
    assert "sesame" not in repr(known) + repr(known._known)


@pytest.mark.parametrize(("auth", "early"), [("auto", True), ("xoauth2", False)])
async def test_token_may_need_the_line(tmp_path: Path, auth: Literal["auto", "xoauth2"], early: bool) -> None:
    """What is wrong with a password is told before the call; a token gets a second try on the line."""
    runs = tmp_path / "runs"
    command = counting(runs, f"raise SystemExit(len(open({str(runs)!r}).read()) < 2)")
    known = secret.Password(
        Maildrop(name="isp", user="anna", host="pop.far.example", auth=auth, password_command=command)
    )

    if early:
        with pytest.raises(ConfigError, match="failed with status 1"):
            await known.prepare()
    else:
        await known.prepare()
        assert await known.reveal() == "sesame"
