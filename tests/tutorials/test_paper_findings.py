"""The program of the paper's findings: what is passed on, and what is printed."""

from __future__ import annotations

from typer.testing import CliRunner

import paper_findings as program


def test_settings_are_passed_on_and_findings_printed(monkeypatch, tmp_path):
    asked = {}

    def make(out, **settings):
        asked.update(settings, out=out)
        return {"claims": [{"section": "x", "paper": "A finding.", "found": "1 of 2", "verdict": "in part"}]}

    monkeypatch.setattr(program, "make_findings", make)
    done = CliRunner().invoke(program.app, ["--quick", "--out", str(tmp_path), "--jobs", "3", "--seed", "4"])
    assert done.exit_code == 0, done.stderr
    assert done.stdout.splitlines() == ["in part: A finding.", "    1 of 2", "", f"Page: {tmp_path / 'findings.html'}"]
    assert asked.pop("progress") is not None
    assert asked == {"out": tmp_path, "quick": True, "jobs": 3, "seed": 4}


def test_a_folder_that_cannot_be_written_to_is_one_line(tmp_path):
    (tmp_path / "file").write_text("")
    done = CliRunner().invoke(program.app, ["--quick", "--out", str(tmp_path / "file"), "--jobs", "1"])
    assert done.exit_code == 2
    assert len(done.stderr.splitlines()) == 1
