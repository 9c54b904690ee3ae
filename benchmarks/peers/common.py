"""What the peers in Python share: our data, the comparison with our results, and the clock.

A peer is a script, `peer_<name>.py EXCHANGE RESULT SECONDS`: it reads what the program `exchange` wrote into the folder
EXCHANGE, and writes its rows to the file RESULT, as benchmarks/report/rows.py reads them.
"""
import ctypes
import importlib.metadata
import json
import pathlib
import sys
import time

import numpy as np

REPEAT = 16  # copies of the compared matrix, 1024 x 1024, that are timed: 16 Mi values, from DRAM


def keep_memory():
    """Keeps malloc from returning memory, after touching 2 GiB of it. Peers return results in new memory, ours go into
    existing memory; fresh pages would cost a peer several times its own work."""
    libc = ctypes.CDLL(None)
    if hasattr(libc, "mallopt"):
        m_trim_threshold, m_mmap_max = -1, -4
        libc.mallopt(m_mmap_max, 0)
        libc.mallopt(m_trim_threshold, -1)
        np.ones(2**31, np.uint8)  # and freed again


class Peer:
    def __init__(self, name, *packages):
        self.folder, self.result, self.seconds = pathlib.Path(sys.argv[1]), sys.argv[2], float(sys.argv[3])
        self.name, self.rows = name, []
        self.versions = " ".join(f"{p} {importlib.metadata.version(p)}" for p in packages)
        self.x = self.ours("x")
        self.large_x = np.tile(self.x, (REPEAT, 1))
        self._from, self._to = np.ones_like(self.large_x), np.zeros_like(self.large_x)
        keep_memory()

    def ours(self, name):
        return np.load(self.folder / f"{name}.npy")

    def large(self, name):
        """Our codes or parameters for the large matrix."""
        return np.tile(self.ours(name), REPEAT)

    def row(self, name, verdict, call, bytes_per_value):
        """Times `call`, which processes the large matrix. The verdict comes from the small one."""
        values, copied = self.large_x.size, self.large_x.nbytes
        source, target = self._from.ctypes.data, self._to.ctypes.data
        call()
        best = memcpy = float("inf")
        spent, rounds = 0.0, 0
        while rounds < 3 or spent < self.seconds:
            took, copy = clock(call), clock(lambda: ctypes.memmove(target, source, copied))
            best, memcpy = min(best, took), min(memcpy, copy)
            spent, rounds = spent + took + copy, rounds + 1
        self.rows.append({
            "name": f"peer/{self.name}/{name}/dram", "values": values, "ns_per_value": best * 1e9 / values,
            "x_memcpy": bytes_per_value * values / best / (2 * copied / memcpy),
            "memcpy_GBps": 2e-9 * copied / memcpy, "verdict": verdict,
        })
        print(f"{self.rows[-1]['name']:55} {best * 1e9 / values:9.3f} ns {self.rows[-1]['x_memcpy']:7.3f} x memcpy   "
              f"{verdict}", flush=True)

    def save(self):
        with open(self.result, "w") as file:
            json.dump({"peer": self.name, "versions": self.versions, "rows": self.rows}, file, indent=1)


def clock(call):
    begin = time.perf_counter()
    call()
    return time.perf_counter() - begin


def bits(array):
    """Floats as integers with the same bits, so that -0 differs from 0 and NaN equals NaN."""
    array = np.ascontiguousarray(array).reshape(-1)
    return array.view({2: np.uint16, 4: np.uint32}[array.itemsize]) if array.dtype.kind == "f" else array


def compare(theirs, ours, why, alternatives=()):
    """Returns "equal", or how many elements differ and why; `alternatives`: (name, result) for our other options."""
    theirs, ours = bits(theirs), bits(ours)
    different = int(np.count_nonzero(theirs != ours))
    if different == 0:
        return "equal"
    text = f"{different} of {ours.size} differ: {why}"
    for name, result in alternatives:
        left = int(np.count_nonzero(theirs != bits(result)))
        text += f"; equal to our {name}" if left == 0 else f"; {left} differ from our {name}"
    return text
