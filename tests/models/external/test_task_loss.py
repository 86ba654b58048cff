"""A model's own loss on the task: of outputs known from elsewhere, wherever it returns them."""

import re
from dataclasses import replace

import numpy as np
import pytest
import torch

from neurocompare.models import external_model, wrap
from neurocompare.models.external.task_loss import loss_of
from neurocompare.tasks import ideal_reach

TASK = ideal_reach(directions=4)
SHAPE = TASK.inputs.shape[:2]
TIMES = {"time": TASK.inputs["time"].values[2:-2], "bin_width": TASK.time_step}


class Network(torch.nn.Module):
    """A layer and a readout whose outputs are a share of the targets, returned in some form."""

    def __init__(self, form, share):
        super().__init__()
        self.layer, self.form = torch.nn.GRU(TASK.inputs.sizes["channel"], 20, batch_first=True), form
        self.outputs = torch.tensor(share * TASK.targets.values, dtype=torch.float32)

    def forward(self, inputs):
        activity, _ = self.layer(inputs)
        outputs = self.outputs + 0 * activity[..., :2]
        return {
            "pair": (outputs, activity), "activity first": (activity, outputs), "outputs": outputs,
            "dictionary": {"hidden": activity, "loss": torch.zeros(1), "output": outputs}, "activity": activity,
        }[self.form]  # fmt: skip


@pytest.mark.parametrize(
    ("form", "hidden"),
    [("pair", None), ("dictionary", None), ("outputs", "layer"), ("pair", "layer"), ("pair", 1), ("activity first", 0)],
)
def test_it_is_the_share_that_was_left_out(form, hidden):
    """Outputs of a times the targets miss by (1 - a) of them: relative loss (1 - a)^2."""
    for share, loss in ((1.0, 0.0), (0.7, 0.09), (0.0, 1.0)):
        network = Network(form, share)
        found = external_model(network if hidden is None else wrap(network, hidden), TASK, **TIMES)
        assert found.task.loss == pytest.approx(loss, abs=1e-6)
        assert found.responses.sizes["unit"] == 20


def test_only_what_is_trained_enters():
    task = replace(TASK, trained=TASK.trained & (TASK.trained["time"] > 0.1))
    outputs = TASK.targets.values.copy()
    outputs[~task.trained.values] = 100.0
    assert loss_of(outputs, task).loss == 0


def test_a_function_and_time_first():
    def model(inputs):
        return np.tanh(inputs @ np.ones((inputs.shape[2], 9))), 0.5 * TASK.targets.values

    assert external_model(model, TASK, **TIMES).task.loss == pytest.approx(0.25)

    def time_first(inputs):
        return tuple(each.swapaxes(0, 1) for each in model(inputs.swapaxes(0, 1)))

    assert external_model(wrap(time_first, batch_first=False), TASK, **TIMES).task.loss == pytest.approx(0.25)


@pytest.mark.parametrize(
    ("model", "said"),
    [
        (np.zeros((*SHAPE, 9)), "only its activity was given"),
        (Network("activity", 1.0), "it returned no outputs of shape .condition, time, 2."),
        (torch.nn.GRU(TASK.inputs.sizes["channel"], 9), "it returned no outputs"),
        (Network("pair", np.nan), "its outputs are not finite"),
    ],
)
def test_where_there_is_none_a_sentence_says_why(model, said):
    found = external_model(model, TASK, **TIMES).task
    assert found.loss is None
    assert str(found).startswith("Loss on the task: not known, as ")
    assert re.search(said, str(found))
