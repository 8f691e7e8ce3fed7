"""The safe gives a secret out from its hour on, and shows nothing of it before, not even to who reads its folder."""

from datetime import timedelta
from pathlib import Path

import pytest

from marketplace.core import clock
from marketplace.core.safe import Missing, TooEarly, safe

SECRET = b"a key of thirty-two bytes........"


@pytest.fixture
def hour():
    moment = clock.now() + timedelta(hours=1)
    safe().put("box-1", SECRET, moment)
    return moment


def files(settings) -> list[Path]:
    return [path for path in Path(settings.SAFE_DIR).rglob("*") if path.is_file()]


def test_a_secret_is_given_out_from_its_hour_on(hour) -> None:
    with pytest.raises(TooEarly):
        safe().take("box-1", hour - timedelta(milliseconds=1))
    assert safe().take("box-1", hour) == SECRET
    assert safe().take("box-1", hour + timedelta(days=365)) == SECRET


def test_an_hour_moves_later_and_never_earlier(hour) -> None:
    later = hour + timedelta(days=2)
    safe().postpone("box-1", later)
    safe().postpone("box-1", hour - timedelta(days=1))
    with pytest.raises(TooEarly):
        safe().take("box-1", later - timedelta(milliseconds=1))
    assert safe().take("box-1", later) == SECRET


def test_files_show_nothing_and_are_for_the_service_alone(hour, settings) -> None:
    (file,) = files(settings)
    assert SECRET not in file.read_bytes()
    assert hour.isoformat().encode() not in file.read_bytes()
    assert file.stat().st_mode & 0o777 == 0o600
    assert file.parent.stat().st_mode & 0o777 == 0o700


def test_what_is_not_there_or_was_changed_is_missing(hour, settings) -> None:
    with pytest.raises(Missing):
        safe().take("box-2", hour)
    (file,) = files(settings)
    file.with_name("box-2").write_bytes(file.read_bytes())  # under another name it is another secret
    with pytest.raises(Missing):
        safe().take("box-2", hour)
    file.write_bytes(file.read_bytes()[:-1] + b"!")
    with pytest.raises(Missing):
        safe().take("box-1", hour)
    with pytest.raises(Missing):
        safe().postpone("box-1", hour + timedelta(days=1))


def test_another_key_of_the_safe_reads_nothing(hour, settings) -> None:
    settings.SAFE_KEY = "another key altogether"
    with pytest.raises(Missing):
        safe().take("box-1", hour)


@pytest.mark.parametrize("name", ["", "../box", "a/b", ".hidden", "x" * 100])
def test_names_that_leave_the_folder_are_refused(name: str) -> None:
    with pytest.raises(ValueError, match="not a name"):
        safe().put(name, SECRET, clock.now())
