"""Torch modules and functions on a task: what is taken for the activity of their units."""

import numpy as np
import pytest
import torch

from neurocompare.errors import InputError
from neurocompare.models.external import external_model, wrap
from neurocompare.models.external.modules import check_module, import_callable, is_factory, run_model


class WithReadout(torch.nn.Module):
    """A recurrent layer and a readout; returns what `returns` says."""

    def __init__(self, returns, batch_first=True):
        super().__init__()
        self.layer = torch.nn.GRU(3, 7, batch_first=batch_first)
        self.readout = torch.nn.Linear(7, 2)
        self.drop = torch.nn.Dropout(0.5)
        self.returns = returns

    def forward(self, inputs):
        hidden, last = self.layer(inputs)
        hidden = self.drop(hidden)
        output = self.readout(hidden)
        return {"output": output, "pair": (output, hidden), "last": (hidden, last)}[self.returns]


class Cell(torch.nn.Module):
    """A cell stepped through time by hand."""

    def __init__(self):
        super().__init__()
        self.cell = torch.nn.GRUCell(3, 7)
        self.readout = torch.nn.Linear(7, 2)

    def forward(self, inputs):
        hidden, outputs = None, []
        for step in inputs.unbind(1):
            hidden = self.cell(step, hidden)
            outputs.append(self.readout(hidden))
        return torch.stack(outputs, 1)


@pytest.mark.parametrize("kind", [torch.nn.RNN, torch.nn.GRU, torch.nn.LSTM])
def test_recurrent_layers_work_as_they_are_batch_first_or_not(task, kind):
    torch.manual_seed(0)
    first = kind(3, 7, batch_first=True)
    second = kind(3, 7)
    second.load_state_dict(first.state_dict())
    inputs = torch.tensor(task.inputs.values, dtype=torch.float32)
    expected = first(inputs)[0].detach().numpy()
    for module in (first, second):
        np.testing.assert_allclose(run_model(module, task).activity, expected, atol=1e-6)


def test_of_output_and_hidden_the_hidden_is_taken(task):
    torch.manual_seed(0)
    for returns in ("pair", "last"):
        module = WithReadout(returns)
        found = run_model(module, task).activity
        assert module.training
        module.eval()  # without dropout, as it was run
        expected = module.layer(torch.tensor(task.inputs.values, dtype=torch.float32))[0].detach().numpy()
        np.testing.assert_allclose(found, expected, atol=1e-6)


def test_a_readout_is_refused_and_the_layer_to_wrap_is_named(task):
    with pytest.raises(
        InputError, match=r"its readout, not its units; give neurocompare.wrap\(module, hidden='layer'\)"
    ):
        run_model(WithReadout("output"), task)


@pytest.mark.parametrize("batch_first", [True, False])
def test_wrap_finds_the_activity_by_name_by_place_and_by_function(task, batch_first):
    torch.manual_seed(0)
    module = WithReadout("pair", batch_first).eval()
    inputs = torch.tensor(task.inputs.values, dtype=torch.float32)
    given = inputs if batch_first else inputs.transpose(0, 1)
    expected = module.layer(given)[0].detach().numpy()
    expected = expected if batch_first else expected.swapaxes(0, 1)
    for hidden in ("layer", 1, lambda module, given: module.layer(given)[0]):
        found = run_model(wrap(module, hidden, batch_first=batch_first), task).activity
        np.testing.assert_allclose(found, expected, atol=1e-6)


def test_wrap_collects_a_cell_over_time(task):
    module = Cell()
    hidden, expected = None, []
    for step in torch.tensor(task.inputs.values, dtype=torch.float32).unbind(1):
        hidden = module.cell(step, hidden)
        expected.append(hidden.detach().numpy())
    np.testing.assert_allclose(run_model(wrap(module, "cell"), task).activity, np.stack(expected, 1), atol=1e-6)


def test_wrap_refuses_a_name_that_is_not_there(task):
    with pytest.raises(InputError, match="found 'gru'; it has layer, readout, drop"):
        wrap(WithReadout("pair"), "gru")


def test_a_module_of_double_precision_and_one_without_parameters(task):
    assert run_model(torch.nn.GRU(3, 7).double(), task).activity.dtype == np.float64
    assert run_model(torch.nn.Tanh(), task).activity.shape == task.inputs.shape


def test_functions_get_arrays_and_noise_is_the_same_every_time(task):
    def noisy(inputs):
        assert isinstance(inputs, np.ndarray)
        return torch.randn(*inputs.shape[:2], 5)

    state = torch.random.get_rng_state()
    one, two, other = (run_model(noisy, task, seed=seed).activity for seed in (1, 1, 2))
    np.testing.assert_array_equal(one, two)
    assert np.abs(one - other).max() > 0.1
    assert torch.equal(torch.random.get_rng_state(), state)


def test_a_model_that_raises_is_one_line_with_what_it_was_given(task, bins):
    def broken(inputs):
        raise KeyError("no such layer")

    with pytest.raises(InputError, match=r"broken raised KeyError .* shape \(3, 20, 3\): 'no such layer'"):
        external_model(broken, task, **bins)
    with pytest.raises(InputError, match=r"GRU raised RuntimeError"):
        external_model(torch.nn.GRU(5, 7), task, **bins)


@pytest.mark.parametrize("wrong", [lambda x: x[:, 0], lambda x: x[:, :-1], lambda x: None, lambda x: (), lambda x: "a"])
def test_what_is_no_activity_is_refused(task, wrong):
    with pytest.raises(InputError, match=r"expected activity \(condition, time, unit\) = \(3, 20, any\)"):
        run_model(wrong, task, where="wrong")


def test_models_are_imported_from_the_working_folder(task, bins, tmp_path, monkeypatch):
    (tmp_path / "my_models_of_a_test.py").write_text(
        "import torch\n"
        "class Zoo: gru = torch.nn.GRU(3, 7)\n"
        "def make(units=8): return torch.nn.GRU(3, units)\n"
        "def bad(): raise ValueError('no weights')\n"
    )
    monkeypatch.chdir(tmp_path)
    here = "my_models_of_a_test"
    assert external_model(f"{here}:Zoo.gru", task, **bins).responses.sizes["unit"] == 7
    made = external_model(f"{here}:make", task, **bins)
    assert (made.name, made.responses.sizes["unit"]) == (f"{here}:make", 8)
    with pytest.raises(InputError, match="bad raised ValueError when called to make the model: no weights"):
        external_model(f"{here}:bad", task, **bins)
    for name in (f"{here}:nothing", "no_such_module_at_all:model"):
        with pytest.raises(InputError, match="expected a model at"):
            import_callable(name)


def test_a_class_that_needs_nothing_makes_its_model(task):
    assert is_factory(Cell)
    assert not is_factory(WithReadout)
    assert not is_factory(Cell())


@pytest.mark.parametrize("where", ["../mine/mymodel:model", "/home/me/mymodel:model", ":model", "my-model:model"])
def test_a_module_given_by_its_path_is_named_from_its_folder(where):
    with pytest.raises(InputError, match=f"found {where}; name the module from the folder it lies in"):
        check_module(where)
