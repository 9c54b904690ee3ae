"""bitsandbytes on the CPU: through its Python interface where PyTorch is there, else its CPU library directly, which
has all but the 4-bit quantization (that one is made of PyTorch operations)."""
import ctypes
import importlib.util
import pathlib

import numpy as np

from common import Peer, bits, compare


class Interface:
    """The public functions."""

    def __init__(self):
        import bitsandbytes.functional
        import torch

        torch.set_num_threads(1)
        self.torch, self.f = torch, bitsandbytes.functional
        self.types = {"": torch.float32, "/bf16": torch.bfloat16, "/fp16": torch.float16}

    def tensor(self, array):
        return self.torch.from_numpy(array)

    def array(self, tensor):
        if tensor.dtype in (self.torch.bfloat16, self.torch.float16):
            return tensor.view(self.torch.int16).numpy().view(np.uint16)
        return tensor.numpy()

    def quantize8(self, x, levels, block):
        codes, state = self.f.quantize_blockwise(x, code=levels, blocksize=block)
        return codes, state.absmax

    def dequantize8(self, codes, absmax, levels, block, kind):
        state = self.f.QuantState(absmax=absmax, code=levels, blocksize=block, dtype=self.types[kind])
        return self.f.dequantize_blockwise(codes, state)

    def quantize4(self, x, block, table):
        return self.f.quantize_4bit(x, blocksize=block, quant_type=table)[0]

    def dequantize4(self, codes, absmax, block, table, kind):
        rows = codes.shape[0] * 2 // 1024
        state = self.f.QuantState(absmax=absmax, shape=self.torch.Size((rows, 1024)), blocksize=block, quant_type=table,
                                  dtype=self.types[kind])
        return self.f.dequantize_4bit(codes.view(-1, 1), state)


class Library:
    """The C functions that the public ones call."""

    quantize4 = None

    def __init__(self):
        where = pathlib.Path(importlib.util.find_spec("bitsandbytes").origin).parent
        self.lib = ctypes.CDLL(str(where / "libbitsandbytes_cpu.so"))
        self.names = {"": "fp32", "/bf16": "bf16", "/fp16": "fp16"}

    def tensor(self, array):
        return array

    def array(self, array):
        return array

    def quantize8(self, x, levels, block):
        codes, absmax = np.empty(x.size, np.uint8), np.empty(-(-x.size // block), np.float32)
        self.call("cquantize_blockwise_cpu_fp32", levels, x, absmax, codes, block, x.size)
        return codes, absmax

    def dequantize8(self, codes, absmax, levels, block, kind):
        y = self.empty(codes.size, kind)
        self.call("cdequantize_blockwise_cpu_" + self.names[kind], levels, codes, absmax, y, block, codes.size)
        return y

    def dequantize4(self, codes, absmax, block, table, kind):
        rows = codes.size * 2 // 1024
        y = self.empty(codes.size * 2, kind)
        self.call(f"cdequantize_blockwise_cpu_{table}_{self.names[kind]}", codes, absmax, y, block, rows, 1024)
        return y

    def call(self, name, *arguments):
        getattr(self.lib, name)(*(ctypes.c_longlong(a) if isinstance(a, int) else ctypes.c_void_p(a.ctypes.data)
                                  for a in arguments))

    def empty(self, size, kind):
        return np.empty(size, np.uint16 if kind else np.float32)


def not_nearest(peer, theirs, ours, absmax, levels, block):
    """Counts the reasons why 8-bit codes differ."""
    different = np.flatnonzero(theirs != ours)
    value = (peer.x.reshape(-1, block) * (np.float32(1) / absmax)[:, None]).reshape(-1)[different].astype(np.float64)
    error = [np.abs(levels[codes[different]].astype(np.float64) - value) for codes in (theirs, ours)]
    counts = {"not the nearest level": np.sum(error[0] > error[1]), "a tie": np.sum(error[0] == error[1]),
              "nearer than ours": np.sum(error[0] < error[1])}
    return ", ".join(f"{count} {what}" for what, count in counts.items() if count)


peer = Peer("bitsandbytes", "bitsandbytes")
lib = Interface() if importlib.util.find_spec("torch") else Library()
levels = peer.ours("dynamic_map.levels")
x, table8 = lib.tensor(peer.large_x.reshape(-1)), lib.tensor(levels)

for block in (64, 256, 4096):
    name = f"dynamic_map.{block}"
    codes, absmax = map(lib.array, lib.quantize8(lib.tensor(peer.x.reshape(-1)), table8, block))
    ours, scales = peer.ours(name + ".codes"), peer.ours(name + ".scales")
    why = not_nearest(peer, codes, ours, scales, levels, block) if np.array_equal(absmax, scales) else "other scales"
    peer.row(f"quantize/dynamic_map/{block}", compare(codes, ours, why),
             lambda: lib.quantize8(x, table8, block), 5 + 4 / block)
    large = [lib.tensor(peer.large(f"{name}.{part}")) for part in ("codes", "scales")]
    for kind in ("", "/bf16", "/fp16") if block == 256 else ("",):
        y = lib.array(lib.dequantize8(lib.tensor(ours), lib.tensor(scales), table8, block, kind))
        decoded = peer.ours(name + ".decoded" + kind.replace("/", "_"))
        peer.row(f"dequantize/dynamic_map/{block}{kind}", compare(y, bits(decoded), "another rounding"),
                 lambda: lib.dequantize8(*large, table8, block, kind), 1 + (2 if kind else 4) + 4 / block)

for table in ("nf4", "fp4"):
    ours, scales = peer.ours(table + ".64.codes"), peer.ours(table + ".64.scales")
    if lib.quantize4:
        theirs = lib.array(lib.quantize4(lib.tensor(peer.x), 64, table)).reshape(-1)
        unpacked = [np.stack((c >> 4, c & 15), 1).reshape(-1) for c in (theirs, ours)]
        pairs = set(zip(*(c[unpacked[0] != unpacked[1]].tolist() for c in unpacked)))
        why = "it writes code 8, -0.0, where we write 0.0" if pairs == {(8, 0)} else "another rounding"
        peer.row(f"quantize/{table}/64", compare(*unpacked, why), lambda: lib.quantize4(x, 64, table), 4.5 + 4 / 64)
    large = [lib.tensor(peer.large(f"{table}.64.{part}")) for part in ("codes", "scales")]
    for kind in ("", "/bf16"):
        y = lib.array(lib.dequantize4(lib.tensor(ours), lib.tensor(scales), 64, table, kind))
        decoded = peer.ours(table + ".64.decoded" + kind.replace("/", "_"))
        peer.row(f"dequantize/{table}/64{kind}", compare(bits(y), bits(decoded), "another rounding"),
                 lambda: lib.dequantize4(*large, 64, table, kind), 0.5 + (2 if kind else 4) + 4 / 64)
peer.save()
