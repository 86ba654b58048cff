"""A user's own code as a guest: it may print, fail and leave, and none of it is silent or spoils what is printed."""

from __future__ import annotations

import subprocess
import sys
import textwrap

import pytest

from neurocompare import worker
from neurocompare.errors import InputError
from neurocompare.models.external.modules import import_callable, run_model
from neurocompare.tasks.oscillation import oscillation


@pytest.fixture
def module(tmp_path, monkeypatch):
    """Write a module into the working folder."""
    monkeypatch.chdir(tmp_path)
    names = []

    def write(name: str, text: str):
        (tmp_path / f"{name}.py").write_text(textwrap.dedent(text))
        names.append(name)

    yield write
    for name in names:
        sys.modules.pop(name, None)


def test_a_model_that_leaves_is_a_line():
    with pytest.raises(InputError, match="raised SystemExit when given"):
        run_model(lambda inputs: sys.exit(0), oscillation())


class WithoutText(Exception):
    def __str__(self):
        raise RuntimeError


@pytest.mark.parametrize("kind", [BaseException, GeneratorExit, KeyboardInterrupt, WithoutText])
def test_whatever_a_model_raises_is_a_line(monkeypatch, kind):
    def model(inputs):
        raise kind

    monkeypatch.setattr(worker, "serving", True)
    with pytest.raises(InputError, match=f"raised {kind.__name__} when given"):
        run_model(model, oscillation())


def test_ctrl_c_while_a_model_runs_here_is_the_users():
    def model(inputs):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run_model(model, oscillation())


def test_a_module_that_leaves_is_a_line(module):
    module("guest_that_leaves", "import sys; sys.exit(0)")
    with pytest.raises(InputError, match="found SystemExit: 0"):
        import_callable("guest_that_leaves:model")


def test_what_a_model_prints_goes_to_standard_error(capfd):
    def loud(inputs):
        print("by Python")
        subprocess.run([sys.executable, "-c", "print('by another program')"], check=True)
        return inputs.repeat(10, axis=2)

    print("before")
    run_model(loud, oscillation())
    print("after")
    out, err = capfd.readouterr()
    assert out.split() == ["before", "after"]
    assert "by Python" in err
    assert "by another program" in err


def test_the_named_module_comes_from_the_working_folder_and_others_only_where_nothing_else_is_called_so(module):
    module("guest_model", "import guest_layers, colorsys\nmodel = guest_layers.model\nhues = colorsys.__file__")
    module("guest_layers", "def model(inputs): return inputs")
    module("colorsys", "raise RuntimeError('a file of the working folder ran')")
    sys.modules.pop("colorsys", None)
    path = list(sys.path)
    assert import_callable("guest_model:model")(3) == 3
    assert "guest_model" in sys.modules
    assert import_callable("guest_model:hues") != "colorsys.py"
    assert sys.path == path


def test_the_named_module_is_taken_though_another_is_called_so(module, tmp_path):
    """`this` is a module of Python, which nobody has imported."""
    assert "this" not in sys.modules
    module("this", "def model(inputs): return inputs")
    assert import_callable("this:model")(3) == 3
