"""The findings of the paper: made from nothing, continued, and its pieces against what is known of them."""

from __future__ import annotations

import json
import os
import re
from functools import partial

import numpy as np
import pytest
from browser import FAINT, STICKING_OUT
from markupsafe import escape

from findings.claims import CHAOTIC, FEWEST, claims_of
from findings.extent import Extent
from findings.make import make_findings
from findings.networks import power, readout_noise
from findings.page import write_page
from findings.theory import DRAWS, EDGES, density_of, predict
from neurocompare.errors import InputError
from neurocompare.models import Family, Sampling
from neurocompare.parallel import Workers
from neurocompare.tasks import oscillation
from neurocompare.theory import mean_field

TINY = Extent(
    gammas=(0.1, 1.0), linear_gammas=(1.0,), units=60, linear_units=60, seeds=1, sizes=(30, 60), growing_gammas=(1.0,),
    windows=1, duration=100.0, trajectories=8, population=128, reach_gammas=(),
)  # fmt: skip


@pytest.fixture(scope="module", autouse=True)
def brief():
    """Chains that are not continued until they agree, and a theory of as few samples as are allowed."""
    short = partial(Sampling, ramp=2, adaptation=4, segments=1, max_leapfrogs=40)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("findings.make.Sampling", short)
        patch.setattr("findings.theory.mean_field", partial(mean_field, trajectories=8))
        yield


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    folder = tmp_path_factory.mktemp("findings")
    stages = []
    contents = make_findings(
        folder, extent=TINY, jobs=1, progress=lambda stage, done, total: stages.append((stage, done, total))
    )
    return folder, contents, stages


def test_everything_is_left_behind(made):
    folder, contents, stages = made
    assert json.loads((folder / "findings.json").read_text()) == json.loads(json.dumps(contents))
    names = {"gaussian", "transition", "runs", "spectrum", "generalisation", "growing", "linear"}
    assert {path.name for path in (folder / "figures").iterdir()} == {
        f"{n}.{kind}" for n in names for kind in ("png", "svg")
    }
    assert list(dict.fromkeys(stage for stage, _, _ in stages)) == ["theory", "networks", "dynamics", "report"]
    assert all(0 <= done <= total * (1 + 1e-9) for _, done, total in stages)


def test_the_page_needs_nothing_beside_it(made):
    page = (made[0] / "findings.html").read_text()
    assert "<script" not in page
    assert not re.search(r'(src|href)="(?!#)', page)
    for claim in made[1]["claims"]:
        assert str(escape(claim["paper"])) in page
    assert page.count("<svg") == 7


def test_the_page_in_a_browser(made, browser):
    page = made[0] / "findings.html"
    browser.open(page)
    assert browser.requested() == [page.as_uri()]
    assert browser.console() == []
    assert all(claim["paper"] in browser.text() for claim in made[1]["claims"])
    for width in (360, 768, 1440):
        for scheme in ("light", "dark"):
            browser.look(width, scheme)
            assert browser.run(FAINT) == [], (width, scheme)
        assert browser.run(STICKING_OUT) == [], width
    assert 3 <= browser.pages_printed() <= 15


@pytest.mark.parametrize(
    ("error", "uncertain", "verdict"),
    [
        (lambda n: 0.4 * n**-0.5, 0.1, "borne out"),
        (lambda n: 2.0 * n**-0.5, 0.1, "borne out"),  # how fast it falls counts, not how large it is
        (lambda n: 0.4 * n**-0.5, 1.0, "in part"),  # that it falls is not sure
        (lambda n: 0.2 + 0 * n, 0.1, "not borne out"),  # it does not fall
        (lambda n: 0.1 + 0.1 * n**-0.5, 0.1, "not borne out"),  # it falls to something else than zero
    ],
)
def test_networks_become_the_theory_where_their_error_falls_as_the_root_of_n(made, error, uncertain, verdict):
    contents = json.loads(json.dumps(made[1]))
    rows = [dict(contents["oscillation"]["growing"][0], n_units=n) for n in (100, 200, 400, 800)]
    for row in rows:
        row |= {name: error(row["n_units"]) for name in ("kernel_error", "output_error")}
        row |= {f"{name}_se": uncertain * row[name] for name in ("kernel_error", "output_error")}
    contents["oscillation"]["growing"] = rows
    (claim,) = (each for each in claims_of(contents) if each["section"] == "growing")
    assert claim["verdict"] == verdict


def test_gammas_count_for_targets_of_amplitude_one(made):
    contents = made[1]
    scale = oscillation().target_scale
    for name in ("theory", "networks", "dynamics", "growing"):
        for row in contents["oscillation"][name]:
            assert row["gamma"] == pytest.approx(row["gamma_raw"] * scale)
    assert sorted({row["gamma_raw"] for row in contents["oscillation"]["theory"]}) == [0.1, 1.0]


def test_a_second_call_solves_and_draws_nothing(made):
    folder, contents, _ = made
    kept = [path for name in ("theory", "zoos", "dynamics") for path in (folder / name).rglob("*.*")]
    before = {
        path: path.stat().st_mtime_ns for path in kept if path.is_file() and path.name not in ("zoo.csv", "task.nc")
    }
    again = make_findings(folder, extent=TINY, jobs=1)
    assert {path: path.stat().st_mtime_ns for path in before} == before
    assert again["claims"] == contents["claims"]
    assert again["oscillation"] == contents["oscillation"]


def test_a_damaged_solution_is_solved_again(tmp_path):
    family = Family(g=0.8, tau=0.05, beta=100.0, nonlinearity="linear")
    first = predict(oscillation(), family, [0.2], tmp_path, population=64, workers=Workers(1))
    (path,) = tmp_path.iterdir()
    path.write_bytes(path.read_bytes()[:200])
    again = predict(oscillation(), family, [0.2], tmp_path, population=64, workers=Workers(1))
    kept = predict(oscillation(), family, [0.2], tmp_path, population=64, workers=Workers(1))
    for other in (again, kept):
        assert other[0].free_energy == first[0].free_energy
        assert other[0].row() == first[0].row()
        np.testing.assert_array_equal(other[0].kernel, first[0].kernel)


def test_a_linear_units_density_is_normal(tmp_path):
    family = Family(g=0.8, tau=0.05, beta=100.0, nonlinearity="linear")
    (found,) = predict(oscillation(), family, [0.2], tmp_path, population=64, workers=Workers(1))
    centres = (EDGES[:-1] + EDGES[1:]) / 2
    # All samples of a unit move together: the error is that of the independent units, not of the samples.
    expected = np.exp(-(centres**2) / 2) / np.sqrt(2 * np.pi)
    np.testing.assert_allclose(found.density, expected, atol=4 * np.sqrt(0.4 / 0.2 / DRAWS))


def test_a_density_sums_to_one_within_its_edges():
    values = np.random.default_rng(0).uniform(-1, 1, (2, 3, 500))
    found = density_of(values * np.array([1.0, 2.0, 3.0])[:, None])
    assert (found * np.diff(EDGES)).sum() == pytest.approx(1)
    inside = np.abs((EDGES[:-1] + EDGES[1:]) / 2) < 1.5
    np.testing.assert_allclose(found[inside], 1 / (2 * np.sqrt(3)), atol=0.06)


def test_power_is_that_of_the_signal_itself():
    task = oscillation()
    rates = np.random.default_rng(1).standard_normal((2, 30, 7))
    flat = rates.reshape(60, 7)
    frequencies = np.array([0.0, 2.5, 10.0])
    found = power(flat @ flat.T / 7, task, frequencies)
    window = np.hanning(24)[1:-1]
    time = task.inputs["time"].values[8:]
    for k, frequency in enumerate(frequencies):
        waves = np.einsum("t,ctu->cu", window * np.exp(-2j * np.pi * frequency * time), rates[:, 8:])
        assert found[k] == pytest.approx((np.abs(waves) ** 2).mean() / (window**2).sum())


def test_readout_noise_is_the_loss_that_a_network_expects_beyond_its_mean_output(tmp_path):
    import torch

    from neurocompare.models.law import Likelihood

    task, family = oscillation(), Family(g=0.8, tau=0.05, beta=100.0, nonlinearity="linear")
    (found,) = predict(task, family, [0.2], tmp_path, population=64, workers=Workers(1))
    targets = torch.from_numpy(task.targets.values.reshape(60, 1))  # by condition, as the kernel is
    precision = 100.0 / 60
    terms = Likelihood(targets, torch.arange(60), 0.2, precision, 50, readouts=1).terms(torch.from_numpy(found.kernel))
    expected = 0.5 * readout_noise(found, task, precision, 50) ** 2
    assert expected == pytest.approx(terms.expected_loss - terms.loss)


def test_a_claim_that_fails_is_said_to(made):
    contents = json.loads(json.dumps(made[1]))
    for row in contents["oscillation"]["networks"]:
        row["kurtosis_x"] = 2.0 + row["gamma"]
    for row in contents["oscillation"]["dynamics"]:
        row["verdict"] = "positive" if row["gamma_raw"] >= 1 else "not positive"
    small = sum(row["gamma_raw"] <= CHAOTIC for row in contents["oscillation"]["dynamics"])
    assert 0 < small < FEWEST
    verdicts = [claim["verdict"] for claim in claims_of(contents)]
    assert verdicts[:2] == ["not borne out", "too small to tell"]
    contents["oscillation"]["dynamics"] *= FEWEST  # as if as many had been drawn
    verdicts = [claim["verdict"] for claim in claims_of(contents)]
    assert verdicts[:2] == ["not borne out", "not borne out"]


def test_no_findings_are_one_line(tmp_path):
    with pytest.raises(InputError, match="paper_findings"):
        write_page(tmp_path)
    (tmp_path / "findings.json").write_text('{"schema": 2}')
    with pytest.raises(InputError, match="schema 1"):
        write_page(tmp_path)


def test_what_a_file_says_is_escaped(made, tmp_path):
    contents = json.loads((made[0] / "findings.json").read_text())
    contents["claims"][0]["found"] = "<img src=x onerror=alert(1)>"
    (tmp_path / "findings.json").write_text(json.dumps(contents))
    page = write_page(tmp_path).read_text()
    assert "<img" not in page
    assert os.listdir(tmp_path / "figures")
