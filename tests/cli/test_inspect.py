"""neurocompare inspect: opens, describes, prints."""

import sys
import types

from typer.testing import CliRunner

from neurocompare.cli.main import app
from neurocompare.errors import InputError


def test_prints_the_description_of_what_was_opened(monkeypatch):
    nwb, describe = types.ModuleType("nwb"), types.ModuleType("describe")
    nwb.open_recording = lambda path: f"<{path}>"
    describe.describe = lambda recording: f"units of {recording}"
    monkeypatch.setitem(sys.modules, "neurocompare.recordings.nwb", nwb)
    monkeypatch.setitem(sys.modules, "neurocompare.recordings.describe", describe)
    result = CliRunner().invoke(app, ["inspect", "monkey.nwb"])
    assert (result.exit_code, result.stdout) == (0, "units of <monkey.nwb>\n")


def test_a_file_that_cannot_be_opened_is_exit_code_2(monkeypatch):
    nwb, describe = types.ModuleType("nwb"), types.ModuleType("describe")

    def refuse(path):
        raise InputError(f"expected an NWB file at {path}, found none")

    nwb.open_recording, describe.describe = refuse, str
    monkeypatch.setitem(sys.modules, "neurocompare.recordings.nwb", nwb)
    monkeypatch.setitem(sys.modules, "neurocompare.recordings.describe", describe)
    result = CliRunner().invoke(app, ["inspect", "absent.nwb"])
    assert result.exit_code == 2
    assert result.stderr == "neurocompare: expected an NWB file at absent.nwb, found none\n"
