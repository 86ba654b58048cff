"""Fuzzing: inputs that Hypothesis changes, each read in a process of its own that may use little time and memory."""

from __future__ import annotations

import contextlib
import copy
import io
import json
import os
import resource
import signal
import tempfile
import time
import traceback
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import Any

import numpy as np
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st

from neurocompare.errors import InputError

SECONDS = 30.0
"""For one input; the door's limit and the slowness of a busy computer included."""

MEMORY = 6 * 2**30
"""In bytes: address space beyond what the process has when it begins; files may take 4 GB."""

SECRET = "the secret text"
"""Stands where inputs may lead to and nothing may read."""

SETTINGS = settings(
    max_examples=100, database=None, deadline=None, phases=[Phase.generate], suppress_health_check=list(HealthCheck)
)


@dataclass
class Fuzz:
    """What inputs of a kind came to.

    Attributes
    ----------
    read : callable
        Of the folder with the input.
    folder : Path
        Where inputs are kept that were found to do what nothing may.
    """

    read: Callable[[Path], object]
    folder: Path
    inputs: int = 0
    taken: int = 0
    found: dict[str, str] = field(default_factory=dict)

    def run(self, inputs: st.SearchStrategy, write: Callable[[Any, Path], None], seconds: float) -> None:
        """Try inputs, the same in every run, until time is over."""
        until = time.monotonic() + seconds

        def try_one(changed: Any) -> None:
            if time.monotonic() < until:
                self._try(changed, write, repr(changed))

        for number in count():
            seed(number)(SETTINGS(given(inputs)(try_one)))()
            if time.monotonic() >= until:
                break
        print(f"{self.inputs} inputs, {self.taken} read, {len(self.found)} faults", flush=True)

    def _try(self, changed: Any, write: Callable[[Any, Path], None], said: str) -> None:
        with tempfile.TemporaryDirectory(dir=self.folder) as place:
            folder = Path(place)
            try:
                write(changed, folder)
            except (ValueError, KeyError, OSError, RuntimeError, TypeError, IndexError, MemoryError):
                return  # this change cannot be made
            self.inputs += 1
            end = ended(lambda: self.read(folder))
            self.taken += end == ""
            fault = fault_of(end)
            if fault and fault not in self.found:
                kept = self.folder / f"found-{len(self.found)}"
                os.rename(folder, kept)
                folder.mkdir()
                self.found[fault] = f"{end}\n{said[:300]}\n{kept}"
                print(self.found[fault], flush=True)


def fault_of(end: str) -> str:
    """Say what is wrong with how a reading ended; nothing where it is a success or one line."""
    if SECRET in end:
        return "it told the secret"
    if end.startswith("line: "):
        return "" if end.isprintable() and len(end) < 6000 else "a line that is none"
    return end.strip().splitlines()[-1][:60] + "".join(end.strip().splitlines()[-3:-1])[:200] if end else ""


def ended(read: Callable[[], object]) -> str:
    """How a reading ends in a process of its own: empty for a success, "line: ..." for an InputError, or a fault."""
    receive, send = os.pipe()
    pid = os.fork()
    if pid == 0:
        os.close(receive)
        _alone(read, send)
    os.close(send)
    os.set_blocking(receive, False)
    deadline, told = time.monotonic() + SECONDS, b""
    while os.waitpid(pid, os.WNOHANG) == (0, 0):
        with contextlib.suppress(BlockingIOError):
            told += os.read(receive, 65536)
        if time.monotonic() > deadline:
            os.killpg(pid, signal.SIGKILL)
            os.waitpid(pid, 0)
            os.close(receive)
            return "it hangs"
        time.sleep(0.002)
    with contextlib.suppress(BlockingIOError):
        while piece := os.read(receive, 65536):
            told += piece
    os.close(receive)
    return told.decode("utf-8", "replace")[1:] if told else "it crashes"


def _alone(read: Callable[[], object], send: int) -> None:
    os.setsid()
    nothing = os.open(os.devnull, os.O_RDWR)
    for stream in (0, 1, 2):
        os.dup2(nothing, stream)
    resource.setrlimit(resource.RLIMIT_AS, (held() + MEMORY, held() + MEMORY))
    end = ""
    try:
        end = str(read() or "")
    except InputError as error:
        end = f"line: {error}"
    except BaseException as error:
        end = "".join(traceback.format_exception(error))[-3000:]
    os.write(send, b" " + end.encode("utf-8", "replace")[:60_000])
    os._exit(0)


def held() -> int:
    """Bytes of address space that this process has."""
    with open("/proc/self/statm", encoding="ascii") as opened:
        return int(opened.read().split()[0]) * resource.getpagesize()


# Changes of bytes

Change = tuple[str, float, bytes]


def changes() -> st.SearchStrategy[list[Change]]:
    """Some places of a file and what is done there."""
    place = st.one_of(st.floats(0, 1, exclude_max=True), st.integers(0, 400).map(float))
    kinds = st.sampled_from(["set", "xor", "insert", "delete", "cut", "repeat"])
    edges = [0, 1, 2, *(2**power + step for power in (7, 8, 15, 16, 31, 32, 63, 64) for step in (-1, 0))]
    numbers = st.sampled_from([edge % 2**64 for edge in edges])
    what = st.one_of(
        st.binary(min_size=1, max_size=8),
        st.tuples(numbers, st.sampled_from(["little", "big"])).map(lambda n: n[0].to_bytes(8, n[1])),
        st.tuples(numbers, st.sampled_from(["little", "big"])).map(lambda n: (n[0] % 2**32).to_bytes(4, n[1])),
        st.integers(0, 12).map(lambda power: b"(" * 2**power),
    )
    return st.lists(st.tuples(kinds, place, what), min_size=1, max_size=6)


def changed_bytes(content: bytes, done: list[Change]) -> bytes:
    """Change bytes: a place from 1 on is counted in bytes from the beginning."""
    held = bytearray(content)
    for kind, place, what in done:
        at = min(int(place if place >= 1 else place * len(held)), max(len(held) - 1, 0))
        if kind == "set":
            held[at : at + len(what)] = what
        elif kind == "xor":
            for i, byte in enumerate(what[: len(held) - at]):
                held[at + i] ^= byte
        elif kind == "insert":
            held[at:at] = what
        elif kind == "delete":
            del held[at : at + len(what)]
        elif kind == "cut":
            del held[at:]
        else:
            held[at:at] = held[at : at + 1000] * 3
    return bytes(held)


# Changes of JSON

RAW = {"nested": "[" * 100_000 + "]" * 100_000, "objects": '{"a":' * 100_000 + "1" + "}" * 100_000, "NaN": "NaN",
       "infinite": "1e999", "digits": "1" * 5000, "surrogate": '"\\ud800"', "zero": '"a\\u0000b"'}  # fmt: skip

ODD = [None, True, False, -1, 0, 1, 2, 0.5, 1e308, -1e-300, 2**31, 2**63, 10**30, [], {}, [[]], [[1], [1, 2]], "", "0",
       "nan", "\x1b[2J\x1b]0;x\x07", "\u202e", "a\nb", "../../../etc/passwd", "/dev/zero", "@pd.io", "__import__('os')",
       "a" * 3000]  # fmt: skip


def values() -> st.SearchStrategy[Any]:
    """What may stand in a document in the place of anything."""
    one = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False)
    one |= st.text(max_size=9)
    return st.one_of(
        st.sampled_from(ODD),
        st.sampled_from(sorted(RAW)).map(lambda name: f"raw {name}"),
        st.recursive(one, lambda it: st.lists(it, max_size=4) | st.dictionaries(st.text(max_size=5), it, max_size=4)),
        st.integers(0, 10**6).map(lambda place: ("of", place)),
    )


def edits() -> st.SearchStrategy[list[tuple[int, str, Any]]]:
    """Some places of a document, and what becomes of them."""
    kinds = st.sampled_from(["put", "put", "put", "delete", "rename", "many", "wrap"])
    return st.lists(st.tuples(st.integers(0, 10**6), kinds, values()), min_size=1, max_size=4)


def _places(document: Any) -> Iterator[tuple[Any, Any]]:
    """Every place of a document: what holds it, and its key. Of long lists, the ends alone."""
    pairs = list(document.items()) if isinstance(document, dict) else []
    if isinstance(document, list):
        pairs = [*enumerate(document)]
        pairs = pairs[:3] + pairs[3:][-1:]
    for key, value in pairs:
        yield document, key
        yield from _places(value)


def changed_json(document: Any, done: list[tuple[int, str, Any]]) -> bytes:
    """Return a document changed, as text."""
    held = [copy.deepcopy(document)]
    for place, kind, value in done:
        places = list(_places(held))
        holder, key = places[place % len(places)]
        if isinstance(value, tuple):  # what stands elsewhere in it
            other, name = places[value[1] % len(places)]
            value = copy.deepcopy(other[name])
        if kind == "put":
            holder[key] = value
        elif kind == "delete":
            del holder[key]
        elif kind == "rename" and isinstance(holder, dict):
            holder[str(value)[:200]] = holder.pop(key)
        elif kind == "many" and isinstance(holder[key], list):
            holder[key] = holder[key] * 300
        else:
            holder[key] = [holder[key]]
        if not held:
            break
    text = json.dumps(held[0] if held else None)
    for name, raw in RAW.items():
        text = text.replace(f'"raw {name}"', raw)
    return text.encode("utf-8", "replace")


# Changes of HDF5


def changed_hdf5(path: Path, done: list[tuple[Callable, int]]) -> None:
    """Change the structure of an HDF5 file by some of the kinds of `mutants`."""
    for kind, number in done:
        with contextlib.redirect_stdout(io.StringIO()):
            kind(path, np.random.default_rng(number))
