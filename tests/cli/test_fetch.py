"""neurocompare fetch: the path on stdout, the rest on stderr, one line for every failure."""

import pytest
from archive_server import SIGNATURE
from fetching import CONTENT, PATTERN, SHA256, add, archive_for
from typer.testing import CliRunner

from neurocompare.cli.main import app
from neurocompare.recordings.cache import place


@pytest.fixture
def archive(tmp_path, monkeypatch):
    with archive_for(tmp_path, monkeypatch) as server:
        add(server, PATTERN)
        yield server


def fetch(*arguments):
    return CliRunner().invoke(app, ["fetch", *arguments])


def test_fetches_and_is_found_by_name_afterwards(archive):
    result = fetch("perich", "--session", "M-CO-20140203", "--url", archive.url)
    assert result.exit_code == 0
    assert result.stdout == f"{place(PATTERN)}\n"
    assert "perich-M-CO-20140203: 0.4 of 0.4 MB (" in result.stderr
    assert "neurocompare: verified by size and SHA-256 as the archive states them\n" in result.stderr
    again = fetch("perich-M-CO-20140203")
    assert (again.exit_code, again.stdout) == (0, f"{place(PATTERN)}\n")
    assert again.stderr == "neurocompare: here already; verified when it came\n"
    # Random bytes, so the next command opens them and says what they are not.
    inspected = CliRunner().invoke(app, ["inspect", "perich-M-CO-20140203"])
    assert inspected.exit_code == 2
    assert f"{place(PATTERN)}: expected an NWB file, found a file that is not HDF5" in inspected.stderr


def test_several_sessions_and_another_folder(archive, tmp_path):
    other = PATTERN.path.replace("20140203", "20140204")
    archive.add(PATTERN.dandiset, PATTERN.version, other, CONTENT)
    sessions = ["--session", "M-CO-20140203", "--session", "M-CO-20140204"]
    result = fetch("perich", *sessions, "--dest", str(tmp_path / "d"), "--url", archive.url)
    base = tmp_path / "d" / "000688" / PATTERN.version
    assert result.stdout == f"{base / PATTERN.path}\n{base / other}\n"


def test_list(archive):
    archive.add(PATTERN.dandiset, PATTERN.version, "../evil\x1b[2J.nwb", CONTENT)
    result = fetch("perich", "--list", "--url", archive.url)
    assert result.exit_code == 0
    header, row, total = result.stdout.splitlines()
    assert header.split() == ["session", "MB", "here", "path"]
    assert row.split() == ["M-CO-20140203", "0.4", PATTERN.path]
    assert total == "1 sessions, 0.4 MB"


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["mc_mase"], "did you mean mc_maze"),
        (["perich"], "perich has several sessions; name one"),
        (["synthetic"], "comes with this package"),
        (["mc_maze", "--url", "nowhere"], "expected an archive's address"),
    ],
)
def test_what_cannot_be_fetched_is_one_line(archive, arguments, said):
    result = fetch(*arguments)
    assert result.exit_code == 2
    assert result.stdout == ""
    assert result.stderr.count("\n") == 1
    assert said in result.stderr


@pytest.mark.parametrize("debug", [(), ("--debug",)])
def test_no_signature_and_no_key_in_what_is_written(archive, monkeypatch, debug):
    monkeypatch.setenv("DANDI_API_KEY", "secret-of-mine")
    archive.needs_key = "secret-of-mine"
    archive.fault("blob", "reset", at=1000)
    archive.fault("blob", "status", code=403)
    result = fetch("perich-M-CO-20140203", "--url", archive.url, *debug)
    assert result.exit_code == 2
    assert "its answer is 403" in result.stderr
    assert "trying again in 1 s" in result.stderr
    written = result.stdout + result.stderr
    assert not any(private in written for private in ("secret", "Amz", SIGNATURE))
    archive.fault("blob", "wrong", times=2)
    assert f"expected SHA-256 {SHA256}" in fetch("perich-M-CO-20140203", "--url", archive.url, *debug).stderr
