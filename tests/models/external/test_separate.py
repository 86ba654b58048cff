"""Modules that run along time, and those that would run along conditions: never the wrong activity in silence."""

from dataclasses import replace

import numpy as np
import pytest
import torch

from neurocompare.errors import InputError
from neurocompare.models.external import external_model, wrap
from neurocompare.models.external.modules import run_model


class Inside(torch.nn.Module):
    """A recurrent layer of torch's usual order (time, batch, channel) inside a module."""

    def __init__(self, kind=torch.nn.GRU, returns="hidden"):
        super().__init__()
        self.layer, self.returns = kind(3, 12), returns

    def forward(self, inputs):
        hidden = self.layer(inputs)[0]
        return {"hidden": hidden, "pair": (hidden[..., :2], hidden), "named": {"output": 0, "rates": hidden}}[
            self.returns
        ]


def along_time(layer, task):
    """What a layer of the order (time, batch, channel) does when time is its first axis."""
    with torch.no_grad():
        inputs = torch.tensor(task.inputs.values.swapaxes(0, 1), dtype=torch.float32)
        return layer.eval()(inputs)[0].numpy().swapaxes(0, 1)


@pytest.mark.parametrize("kind", [torch.nn.RNN, torch.nn.GRU, torch.nn.LSTM])
@pytest.mark.parametrize("returns", ["hidden", "pair", "named"])
def test_a_layer_inside_a_module_is_refused_and_right_when_its_axis_is_named(task, kind, returns):
    torch.manual_seed(0)
    module = Inside(kind, returns)
    with pytest.raises(InputError, match=r"first move the activity of the others .*wrap\(module, batch_first=False\)"):
        run_model(module, task)
    right = along_time(module.layer, task)
    np.testing.assert_array_equal(run_model(wrap(module, batch_first=False), task).activity, right)
    np.testing.assert_array_equal(run_model(wrap(module, "layer", batch_first=False), task).activity, right)


@pytest.mark.parametrize("make", [torch.nn.DataParallel, lambda layer: torch.compile(layer, backend="eager")])
def test_wrappers_of_torch_are_run_as_what_is_in_them(task, make):
    layer = torch.nn.GRU(3, 12)
    np.testing.assert_array_equal(run_model(make(layer), task).activity, along_time(layer, task))


@pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore:Converting a tensor")
@pytest.mark.parametrize(
    "make",
    [
        lambda layer, inputs: torch.jit.trace(layer, inputs),
        lambda layer, inputs: torch.nn.Sequential(layer, First()),
        lambda layer, inputs: lambda given: layer(torch.tensor(given, dtype=torch.float32))[0],
        lambda layer, inputs: torch.nn.DataParallel(torch.nn.Sequential(layer, First())),
    ],
)
def test_what_hides_its_axes_is_refused(task, make):
    layer = torch.nn.GRU(3, 12)
    model = make(layer, torch.tensor(task.inputs.values, dtype=torch.float32))
    with pytest.raises(InputError, match="expected conditions that do not depend on one another"):
        run_model(model, task)
    if not isinstance(model, torch.nn.Module):
        np.testing.assert_array_equal(run_model(wrap(model, batch_first=False), task).activity, along_time(layer, task))


class First(torch.nn.Module):
    def forward(self, given):
        return given[0]


def test_as_many_conditions_as_times(task):
    """Shapes cannot tell; what moves what can."""
    square = task.inputs.isel(time=slice(0, task.inputs.sizes["condition"]))
    small = replace(task, inputs=square, targets=task.targets.isel(time=slice(0, square.sizes["time"])))
    torch.manual_seed(1)
    for module in (Inside(), Inside(torch.nn.RNN)):
        with pytest.raises(InputError, match="do not depend on one another"):
            run_model(module, small)


def test_noise_within_a_model_is_not_mistaken_for_mixing(task):
    """With noise of numpy's, which no seed of torch's settles."""
    rng = np.random.default_rng(0)

    def noisy(inputs):
        return np.cumsum(inputs @ np.ones((3, 6)), axis=1) + rng.standard_normal((*inputs.shape[:2], 6))

    for _ in range(20):
        run_model(noisy, task)
    with pytest.raises(InputError, match="do not depend on one another"):
        run_model(lambda inputs: noisy(inputs) + 100 * np.cumsum(inputs, axis=0).sum(2, keepdims=True), task)


@pytest.mark.parametrize("kind", [torch.bfloat16, torch.float16, torch.float64])
def test_other_precisions(task, kind):
    torch.manual_seed(0)
    layer = torch.nn.GRU(3, 12, batch_first=True)
    right = run_model(layer, task).activity
    found = run_model(layer.to(kind), task).activity
    np.testing.assert_allclose(found, right, atol=0.05 if kind != torch.float64 else 1e-5)
    with pytest.raises(InputError, match="do not depend on one another"):
        run_model(Inside().to(kind), task)


def test_evaluation_mode_however_a_module_is_given_and_each_part_is_put_back(task, bins):
    module = torch.nn.Sequential(torch.nn.Linear(3, 6), torch.nn.Dropout(0.5), torch.nn.BatchNorm1d(20))
    module[2].eval()
    expected = module[0](torch.tensor(task.inputs.values, dtype=torch.float32)).detach().numpy()

    def closes_over(inputs):
        return module[:2](torch.tensor(inputs, dtype=torch.float32))

    for model in (module[:2], wrap(module, lambda m, given: m[:2](given)), wrap(module, "1"), closes_over):
        np.testing.assert_allclose(run_model(model, task).activity, expected, atol=1e-6)
        assert [part.training for part in module] == [True, True, False]
    with pytest.raises(InputError):
        run_model(wrap(module, lambda m, given: 1 / 0), task)
    assert [part.training for part in module] == [True, True, False]


def test_from_the_command_line_the_wrapped_module_is_named(task, bins, tmp_path, monkeypatch):
    (tmp_path / "time_first_of_a_test.py").write_text(
        "import torch, neurocompare\n"
        "class Net(torch.nn.Module):\n"
        "    def __init__(self):\n"
        "        super().__init__()\n"
        "        self.layer = torch.nn.GRU(3, 12)\n"
        "    def forward(self, inputs): return self.layer(inputs)[0]\n"
        "net = Net()\n"
        "right = neurocompare.wrap(net, batch_first=False)\n"
    )
    monkeypatch.chdir(tmp_path)
    with pytest.raises(InputError, match=r"its first axis is time, give neurocompare.wrap\(.*, batch_first=False\)"):
        external_model("time_first_of_a_test:net", task, **bins)
    assert external_model("time_first_of_a_test:right", task, **bins).responses.sizes["unit"] == 12


class Agent:
    """Keeps a network, and acts by a method."""

    def __init__(self, network):
        self.network = network

    def act(self, inputs):
        return self.network(torch.tensor(inputs, dtype=torch.float32))


@pytest.mark.parametrize("hide", [lambda network: Agent(network).act, lambda network: lambda x: Agent(network).act(x)])
def test_dropout_is_off_wherever_a_module_is_kept(task, hide):
    layer = torch.nn.Linear(3, 12)
    network = torch.nn.Sequential(layer, torch.nn.Dropout(0.5))
    right = run_model(layer, task).activity
    np.testing.assert_array_equal(run_model(hide(network), task).activity, right)
    assert network.training
    assert network[1].training
