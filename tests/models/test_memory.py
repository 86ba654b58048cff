"""What fits into memory."""

import pytest

from neurocompare.errors import InputError
from neurocompare.models import memory


def test_as_many_workers_as_fit(monkeypatch):
    one = memory.draw_bytes(500, 300)
    monkeypatch.setattr(memory, "available_bytes", lambda: 2.5 * one / memory.SHARE)
    assert memory.jobs_that_fit(8, 500, 300) == 2
    assert memory.jobs_that_fit(1, 500, 300) == 1


def test_a_task_that_does_not_fit_is_refused_with_one_that_would(monkeypatch):
    monkeypatch.setattr(memory, "available_bytes", lambda: memory.draw_bytes(700, 300) / memory.SHARE)
    with pytest.raises(InputError, match="--max-samples 700"):
        memory.jobs_that_fit(2, 7560, 300)


def test_private_noise_takes_memory():
    assert memory.draw_bytes(500, 300, private_noise=True) > memory.draw_bytes(500, 300)
