"""How much memory drawing networks takes, and how much there is."""

from __future__ import annotations

import os
from pathlib import Path

from neurocompare.errors import InputError

BASE = 350e6
"""Bytes of a worker before it draws anything: the interpreter, torch, xarray."""

VECTORS, LOW_VECTORS = 8, 1
"""Vectors as long as the weights: members, a proposal and what it is drawn from in float64, work space in float32."""

RATES, KERNELS = 18, 22
"""Arrays like rates (sample, unit), and like kernels (sample, sample), as if all were in float64: where a trajectory
stands and the work space of its two engines."""

SHARE = 0.8
"""How much of the memory that is free may be planned for."""


def draw_bytes(n_samples: int, n_units: int, *, private_noise: bool = False) -> float:
    """Estimate the peak memory in bytes of one worker that draws networks.

    Parameters
    ----------
    n_samples : int
        M, conditions times time steps.
    n_units : int
        N.
    private_noise : bool
        Whether a noise for every unit and sample is sampled too.

    Examples
    --------
    >>> round(draw_bytes(160, 400) / 1e6), round(draw_bytes(7560, 4000) / 1e6)
    (375, 15852)
    """
    weights = n_units**2 + (n_samples * n_units if private_noise else 0)
    return BASE + (8 * VECTORS + 4 * LOW_VECTORS) * weights + 8 * (RATES * n_samples * n_units + KERNELS * n_samples**2)


def network_bytes(n_samples: int, n_units: int) -> float:
    """Estimate the bytes on disk of a network: its weights, and its activity.

    Examples
    --------
    >>> round(network_bytes(160, 400) / 1e6, 1)
    1.8
    """
    return 8 * (n_units**2 + n_samples * n_units)


def largest_task(n_units: int, available: float, *, private_noise: bool = False) -> int:
    """Return the most samples of which a worker can draw networks in so many bytes; 0 where not even one fits.

    Examples
    --------
    >>> largest_task(400, draw_bytes(160, 400))
    160
    """
    fewest, most = 0, 1 << 24
    while most - fewest > 1:
        middle = (fewest + most) // 2
        fits = draw_bytes(middle, n_units, private_noise=private_noise) <= available
        fewest, most = (middle, most) if fits else (fewest, middle)
    return fewest


def available_bytes() -> float:
    """Return the memory in bytes that this process and its workers may still take: of the machine, or of its container.

    Examples
    --------
    >>> available_bytes() > 1e6
    True
    """
    limits = [float(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES"))]
    lines = _read("/proc/meminfo").splitlines()
    limits += [1024.0 * int(line.split()[1]) for line in lines if line.startswith("MemAvailable")]
    allowed, used = _read("/sys/fs/cgroup/memory.max").strip(), _read("/sys/fs/cgroup/memory.current").strip()
    if allowed.isdigit() and used.isdigit():
        limits.append(float(allowed) - float(used))
    return min(limits)


def jobs_that_fit(jobs: int, n_samples: int, n_units: int, *, private_noise: bool = False) -> int:
    """Return how many of `jobs` workers fit into memory.

    Raises
    ------
    InputError
        If not even one does; the message says how large a task would.
    """
    available = SHARE * available_bytes()
    needed = draw_bytes(n_samples, n_units, private_noise=private_noise)
    fitting = int(available // needed)
    if fitting < 1:
        most = largest_task(n_units, available, private_noise=private_noise)
        advice = f"thin the task to {most} samples (--max-samples {most})" if most > 5 else "ask for fewer units"
        raise InputError(
            f"expected a task that fits into {available / 1e9:.1f} GB of memory, found one of {n_samples} samples "
            f"and {n_units} units that needs about {needed / 1e9:.1f} GB; {advice}"
        )
    return min(jobs, fitting)


def _read(path: str) -> str:
    try:
        return Path(path).read_text(encoding="ascii")
    except (OSError, ValueError):
        return ""
