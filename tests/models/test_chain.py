from __future__ import annotations

import numpy as np
import pytest
import torch
from safetensors.torch import save_file

from neurocompare.errors import InputError
from neurocompare.models import tensor_file
from neurocompare.models.chain import Listener, sample_chain
from neurocompare.models.chain_file import load_chain, save_chain
from neurocompare.models.sampling import Sampling
from neurocompare.models.tensor_file import save_tensors
from neurocompare.settings import Family

FAMILY = Family(n_units=12, beta=60.0, tau=0.1, private_noise=0.1)
SHORT = Sampling(ramp=2, adaptation=4, trajectories=8, max_leapfrogs=6)


def chain(task, *, members=3, **options):
    options = {"generator": torch.Generator().manual_seed(3), "sampling": SHORT} | options
    return sample_chain(task, FAMILY, 0.5, members=members, **options)


def same(one, other):
    assert len(one.members) == len(other.members)
    assert all(map(torch.equal, one.members, other.members))
    np.testing.assert_array_equal(one.trace, other.trace)
    np.testing.assert_array_equal(one.acceptance, other.acceptance)
    assert torch.equal(one.position, other.position)
    assert torch.equal(one.accepted, other.accepted)
    assert torch.equal(one.currents, other.currents)
    assert (one.step, one.gradients) == (other.step, other.gradients)


def test_members_are_spaced_over_what_follows_the_burn_in(task):
    found = chain(task, members=3)
    assert found.trace.shape == (8, 5)
    # of 6 samples after 2 of burn-in, the 2nd, 4th and 6th
    assert torch.equal(found.members[-1], found.position)
    states = []
    chain(task, listener=Listener(lambda so_far: states.append(so_far.position), every=0))
    assert all(map(torch.equal, found.members, (states[3], states[5], states[7])))


def test_a_second_segment_is_as_if_the_chain_had_never_stopped(task, tmp_path):
    whole = chain(task, segments=2)
    assert len(whole.trace) == 16
    first = chain(task)
    save_chain(first, tmp_path / "first", "mine")
    again = load_chain(tmp_path / "first", "mine")
    same(again, first)
    same(chain(task, segments=2, earlier=again, generator=torch.Generator().manual_seed(99)), whole)


@pytest.mark.parametrize("stop", [1, 5, 8, 11])
def test_a_chain_goes_on_to_the_bit_from_wherever_it_was_saved(task, tmp_path, stop):
    class Stop(Exception):
        pass

    def save(so_far):
        save_chain(so_far, tmp_path / "chain", "mine")
        if len(so_far.trace) == stop:
            raise Stop

    with pytest.raises(Stop):
        chain(task, segments=2, listener=Listener(save, every=0))
    earlier = load_chain(tmp_path / "chain", "mine")
    assert len(earlier.trace) == stop
    same(chain(task, segments=2, earlier=earlier), chain(task, segments=2))


def test_more_members_than_samples_are_refused(task):
    with pytest.raises(InputError, match="1 to 6 members"):
        chain(task, members=7)
    with pytest.raises(InputError, match="trajectories to be a whole number at least 8"):
        Sampling(trajectories=7)


def test_a_damaged_or_other_chain_is_refused(task, tmp_path):
    path = tmp_path / "chain"
    save_chain(chain(task), path, "mine")
    with pytest.raises(InputError, match="found another"):
        load_chain(path, "yours")
    whole = path.read_bytes()
    flipped = bytearray(whole)
    flipped[-200] ^= 1  # one bit of one number
    path.write_bytes(flipped)
    with pytest.raises(InputError, match="damaged"):
        load_chain(path, "mine")
    path.write_bytes(whole[:-40])
    with pytest.raises(InputError, match="unfinished chain in"):
        load_chain(path, "mine")
    with pytest.raises(InputError, match="unfinished chain in"):
        load_chain(tmp_path / "none", "mine")


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("position", torch.zeros(3, dtype=torch.bfloat16)),
        ("position", torch.zeros(3, dtype=torch.complex64)),
        ("members", torch.tensor(1.0)),
        ("step", torch.zeros(2)),
        ("gradients", torch.tensor(float("inf"))),
        ("gradients", torch.tensor(float("nan"))),
    ],
)
def test_a_chain_of_another_form_is_refused(tmp_path, name, value):
    whole = ("members", "trace"), ("position", "acceptance", "accepted", "currents", "generator")
    tensors = {each: torch.zeros(*shape) for names, shape in zip(whole, [(2, 3), (3,)], strict=True) for each in names}
    tensors |= {"step": torch.tensor(0.1), "gradients": torch.tensor(1)}
    save_tensors(tmp_path / "chain", tensors, {"digest": "a"})
    load_chain(tmp_path / "chain", "a")
    tensors[name] = value
    digest = "" if value.dtype == torch.bfloat16 else tensor_file._digest(tensors)
    save_file(tensors, tmp_path / "chain", metadata={"digest": "a", "sha256": digest})
    with pytest.raises(InputError, match="expected an unfinished chain"):
        load_chain(tmp_path / "chain", "a")


def test_a_chain_that_is_a_gap_without_end_is_not_read(tmp_path):
    """It takes no room on the disk."""
    with open(tmp_path / "chain", "wb") as file:
        file.truncate(2**42)
    with pytest.raises(InputError, match="of which at most"):
        load_chain(tmp_path / "chain", "a")
