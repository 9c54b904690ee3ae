#!/usr/bin/env python3
"""Reads quantized tensors from safetensors files, with NumPy alone. The format: docs/file_format.md.

  read_lowbit.py model.safetensors             lists the quantized tensors
  read_lowbit.py model.safetensors out.npz     decodes them, and writes them as float32 under their names

In a program: read_lowbit.read("model.safetensors") is a dict of float32 arrays.
"""

import json
import math
import sys

import numpy as np

DTYPES = {"BOOL": "?", "U8": "u1", "I8": "i1", "U16": "<u2", "I16": "<i2", "F16": "<f2", "BF16": "<u2",
          "U32": "<u4", "I32": "<i4", "F32": "<f4", "F64": "<f8", "U64": "<u8", "I64": "<i8"}
BITS = {"int8": 8, "uint8": 8, "int16": 16, "uint16": 16, "int4": 4, "uint4": 4, "int2": 2, "uint2": 2}


class File:
    """A safetensors file: `metadata`, and the stored tensors by name. BF16 comes as its bits."""

    def __init__(self, path):
        with open(path, "rb") as file:
            size = int.from_bytes(file.read(8), "little")
            self.header = json.loads(file.read(size))
            self.data = file.read()
        self.metadata = self.header.pop("__metadata__", None) or {}

    def __getitem__(self, name):
        entry = self.header[name]
        begin, end = entry["data_offsets"]
        values = np.frombuffer(self.data[begin:end], DTYPES[entry["dtype"]])
        return values.reshape(entry["shape"])

    def descriptions(self):
        """What the file says about each quantized tensor, by name."""
        found = {}
        for key, value in self.metadata.items():
            name = key[len("lowbit."):]
            if key.startswith("lowbit.") and name + ".codes" in self.header:
                try:
                    description = json.loads(value)
                except ValueError:
                    continue
                if isinstance(description, dict) and "codec" in description and "group" in description:
                    found[name] = description
        return found


def unpack(stored, code, count, nibble_order):
    """Codes of 4 or 2 bits that share bytes."""
    bits = BITS[code]
    per = 8 // bits
    shifts = np.arange(per, dtype=np.uint8) * bits
    if nibble_order == "high_first":
        shifts = shifts[::-1]
    codes = (stored[:, None] >> shifts & (2**bits - 1)).reshape(-1)[:count].astype(np.int64)
    if code.startswith("int"):
        codes -= (codes >= 2 ** (bits - 1)) * 2**bits
    return codes


def group_of_each(group, shape, order, count):
    """The group of every element, in the order of the codes."""
    if group["type"] == "per_tensor":
        return np.zeros(count, np.int64)
    if group["type"] == "blockwise" and group["axis"] is None:
        return np.arange(count) // group["block_size"]
    axis = group["axis"] % len(shape)
    if group["type"] == "per_channel":
        along = [-1 if k == axis else 1 for k in range(len(shape))]
        numbers = np.broadcast_to(np.arange(shape[axis]).reshape(along), shape)
    elif group["type"] == "blockwise":
        size = group["block_size"]
        blocks = [-(-e // size) if k == axis else e for k, e in enumerate(shape)]
        of_blocks = np.arange(math.prod(blocks)).reshape(blocks)
        numbers = np.take(of_blocks, np.arange(shape[axis]) // size, axis=axis)
    else:
        raise ValueError(f"unknown group {group['type']!r}")
    return numbers.reshape(-1, order=order)


def decode(file, name, description):
    """One quantized tensor as float32."""
    if description["version"] not in (1, 2):
        raise ValueError(f"{name}: version {description['version']} of the description is unknown")
    codec, group, shape = description["codec"], description["group"], description["shape"]
    order = {"row_major": "C", "column_major": "F"}[description["order"]]
    count = math.prod(shape)
    code = codec["code"]
    stored = file[name + ".codes"].reshape(-1)

    if codec["type"] == "cast":
        if code == "bfloat16":
            values = (stored.astype(np.uint32) << 16).view(np.float32)
        else:
            values = stored.astype(np.float32)
        return values.reshape(shape, order=order)

    packed = BITS[code] < 8
    codes = unpack(stored, code, count, description["nibble_order"]) if packed else stored.astype(np.int64)
    if group.get("nested"):
        levels, absmax = file[name + ".nested_levels"], file[name + ".nested_absmax"]
        nested = file[name + ".nested_codes"]
        scales = levels[nested] * absmax[np.arange(nested.size) // 256] + file[name + ".nested_mean"]
    else:
        scales = file[name + ".scales"]
    groups = group_of_each(group, shape, order, count)

    if codec["type"] == "codebook":
        levels = file[name + ".levels"]
        table = np.zeros(2 ** BITS[code], np.float32)
        table[:levels.size] = levels
        unscaled = table[codes]
    elif codec["type"] == "affine":
        unscaled = (codes - file[name + ".zero_points"].astype(np.int64)[groups]).astype(np.float32)
    elif codec["type"] == "symmetric":
        half = 2 ** (BITS[code] - 1) if code.startswith("uint") else 0
        unscaled = (codes - codec.get("zero_point", half)).astype(np.float32)
    else:
        raise ValueError(f"{name}: unknown codec {codec['type']!r}")
    with np.errstate(over="ignore"):
        return (unscaled * scales[groups]).reshape(shape, order=order)


def read(path):
    """All quantized tensors of a file, by name, as float32."""
    file = File(path)
    return {name: decode(file, name, description) for name, description in file.descriptions().items()}


def main(arguments):
    if len(arguments) not in (1, 2) or arguments[0].startswith("-"):
        sys.exit(__doc__)
    file = File(arguments[0])
    for name, description in file.descriptions().items():
        codec = description["codec"]
        print(name, description["shape"], codec["type"], codec.get("code", ""), description["group"]["type"])
    if len(arguments) == 2:
        np.savez(arguments[1], **read(arguments[0]))


if __name__ == "__main__":
    main(sys.argv[1:])
