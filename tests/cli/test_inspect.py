"""neurocompare inspect: opens, describes, prints."""

import sys
import types

from typer.testing import CliRunner

from neurocompare.cli.main import app


def test_prints_the_description_of_what_was_opened(monkeypatch, tmp_path):
    named, describe = (types.ModuleType(name) for name in ("named", "describe"))

    def open_named(source, choices):
        return f"<{'far ' if choices.stream else ''}{source}{' of ' + choices.area if choices.area else ''}>"

    named.open_named = open_named
    describe.describe = lambda recording: f"units of {recording}"
    monkeypatch.setitem(sys.modules, "neurocompare.recordings.remote", named)
    monkeypatch.setitem(sys.modules, "neurocompare.recordings.describe", describe)
    path = tmp_path / "monkey.nwb"
    path.touch()
    result = CliRunner().invoke(app, ["inspect", str(path)])
    assert (result.exit_code, result.stdout) == (0, f"units of <{path}>\n")
    result = CliRunner().invoke(app, ["inspect", str(path), "--area", "PMd"])
    assert result.stdout == f"units of <{path} of PMd>\n"
    result = CliRunner().invoke(app, ["inspect", "mc_maze_small", "--stream"])
    assert result.stdout == "units of <far mc_maze_small>\n"


def test_a_file_that_is_not_there_is_exit_code_2(tmp_path):
    path = tmp_path / "absent.nwb"
    result = CliRunner().invoke(app, ["inspect", str(path)])
    assert result.exit_code == 2
    assert result.stderr == f"neurocompare: expected an NWB file at {path}, found nothing there; check the path\n"


def test_a_known_recording_that_is_not_here_says_how_to_get_it(monkeypatch, tmp_path):
    monkeypatch.setenv("NEUROCOMPARE_DATA", str(tmp_path))
    result = CliRunner().invoke(app, ["inspect", "mc_maze_small"])
    assert result.exit_code == 2
    assert "neurocompare fetch mc_maze_small" in result.stderr
    assert result.stderr.count("\n") == 1
