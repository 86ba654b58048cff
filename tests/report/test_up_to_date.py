"""A page is drawn again whenever what it shows has changed, and only then."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace

import pytest
from drawing import drawing_once

from neurocompare.account import read_account
from neurocompare.report import up_to_date, write_report
from neurocompare.report.up_to_date import is_up_to_date
from neurocompare.stages import StageCost


@pytest.fixture(scope="module")
def drawn(run_folder, tmp_path_factory):
    """A run with its page, for copies."""
    folder = tmp_path_factory.mktemp("drawn") / "run"
    shutil.copytree(run_folder, folder)
    with drawing_once():
        write_report(folder)
    return folder


@pytest.fixture
def written(drawn, tmp_path):
    folder = tmp_path / "run"
    shutil.copytree(drawn, folder)
    return folder, read_account(folder)


def test_a_page_stands_though_date_command_and_cost_are_others(written):
    folder, account = written
    later = replace(account.made, date="2030-01-01T00:00:00+00:00", command="neurocompare run again")
    assert is_up_to_date(folder, account)
    assert is_up_to_date(folder, replace(account, made=later, stages=(StageCost("report", 9.0, 1, 1),)))


def add_a_space(path):
    path.write_bytes(path.read_bytes() + b" ")


CHANGES = {
    "scores": lambda folder: add_a_space(folder / "scores.csv"),
    "ranking": lambda folder: add_a_space(folder / "ranking.json"),
    "a theory beside it": lambda folder: (folder / "theory.json").write_text("{}"),
    "weights of a network": lambda folder: add_a_space(next(folder.glob("zoo/*/weights.safetensors"))),
    "a network that is gone": lambda folder: shutil.rmtree(next(folder.glob("zoo/*/weights.safetensors")).parent),
    "a figure that is gone": lambda folder: next(folder.glob("figures/*.svg")).unlink(),
    "no page": lambda folder: (folder / "report.html").unlink(),
    "a page of before there were marks": lambda folder: (folder / "report.html").write_text("<html></html>"),
    "no account": lambda folder: (folder / "run.json").unlink(),
    "an account that cannot be read": lambda folder: (folder / "run.json").write_text("{"),
}


@pytest.mark.parametrize("change", CHANGES)
def test_whatever_it_shows_that_has_changed_makes_it_old(written, change):
    folder, account = written
    CHANGES[change](folder)
    assert not is_up_to_date(folder, account)


def test_other_settings_and_other_packages_make_it_old(written):
    folder, account = written
    assert not is_up_to_date(
        folder, replace(account, settings=replace(account.settings, seed=account.settings.seed + 1))
    )
    assert not is_up_to_date(folder, replace(account, made=replace(account.made, versions={"torch": "1"})))


def test_other_code_makes_it_old(written, tmp_path, monkeypatch):
    folder, account = written
    (tmp_path / "package").mkdir()
    (tmp_path / "package" / "figures.py").write_text("COLOUR = 'red'\n")
    monkeypatch.setattr(up_to_date, "PACKAGE", tmp_path / "package")
    assert not is_up_to_date(folder, account)


def test_networks_elsewhere_count(written, tmp_path):
    folder, account = written
    elsewhere = tmp_path / "networks"
    shutil.move(folder / "zoo", elsewhere)
    shutil.copy(elsewhere / "zoo.csv", folder / "zoo.csv")
    with drawing_once():
        write_report(folder, zoo=elsewhere)
    assert is_up_to_date(folder, account, zoo=elsewhere)
    add_a_space(next(elsewhere.glob("*/weights.safetensors")))
    assert not is_up_to_date(folder, account, zoo=elsewhere)


def test_the_mark_is_that_of_the_files_as_they_were_read(written):
    folder, account = written
    document = json.loads((folder / "run.json").read_text())
    (folder / "run.json").write_text(json.dumps(document | {"stages": []}))
    assert is_up_to_date(folder, account)
