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

DTYPES = {"F8_E4M3": "u1", "F8_E5M2": "u1", "F8_E4M3FNUZ": "u1", "F8_E5M2FNUZ": "u1", "BOOL": "?", "U8": "u1", "I8": "i1", "U16": "<u2", "I16": "<i2", "F16": "<f2", "BF16": "<u2",
          "U32": "<u4", "I32": "<i4", "F32": "<f4", "F64": "<f8", "U64": "<u8", "I64": "<i8"}
# Codes: their bits, and the dtype of the stored tensor.
CODES = {"int8": (8, "I8"), "uint8": (8, "U8"), "int16": (16, "I16"), "uint16": (16, "U16"), "int4": (4, "U8"),
         "uint4": (4, "U8"), "int2": (2, "U8"), "uint2": (2, "U8"), "float16": (16, "F16"), "bfloat16": (16, "BF16"),
         "float8_e4m3fn": (8, "F8_E4M3"), "float8_e5m2": (8, "F8_E5M2"), "float8_e4m3fnuz": (8, "F8_E4M3FNUZ"),
         "float8_e5m2fnuz": (8, "F8_E5M2FNUZ"), "float6_e2m3fn": (6, "U8"), "float6_e3m2fn": (6, "U8"),
         "float4_e2m1fn": (4, "U8")}
FLOATS = tuple(name for name in CODES if "float" in name)
INTEGERS = ("int8", "uint8", "int16", "uint16", "int4", "uint4", "int2", "uint2")
SCALING = {"scaling": ("divide", "reciprocal"), "scale_rule": ("free", "power_of_two")}
# The codes that a codec may have, and its options with their values.
CODECS = {
    "symmetric": (INTEGERS, {"codes": ("restricted", "full"), **SCALING}),
    "affine": (INTEGERS, {"range": ("exact", "include_zero", "onnx_dynamic"), **SCALING}),
    "codebook": (("uint8", "uint4", "uint2"), {"ties": ("lower", "even")}),
    "scaled_float": (FLOATS[2:], {"scaling": ("divide", "reciprocal")}),
    "cast": (FLOATS, {"overflow": ("saturate", "ieee")}),
}
GROUPS = {"per_tensor": (), "per_channel": ("axis",), "blockwise": ("block_size", "axis", "order"),
          "tiles": ("extents",), "indexed": ("axis",)}
SCALES = ("float32", "nested")


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

    def part(self, name, dtype, shape):
        """Returns a stored tensor. Raises ValueError unless it has this type and shape."""
        entry = self.header.get(name)
        if entry is None:
            raise ValueError(f"tensor {name!r} is not in the file")
        if entry["dtype"] != dtype or entry["shape"] != list(shape):
            raise ValueError(f"tensor {name!r} is {entry['dtype']} {entry['shape']}, expected {dtype} {list(shape)}")
        return self[name]

    def descriptions(self):
        """Returns the description of each quantized tensor, by name. Keys of other programs are left out."""
        found = {}
        for key, value in self.metadata.items():
            name = key[len("lowbit."):]
            if key.startswith("lowbit.") and name + ".codes" in self.header:
                description = parse(value)
                if is_description(description):
                    found[name] = description
        return found


def parse(text):
    """Parses JSON. Returns None for other text, NaN, and text that is nested too deeply to be a description."""
    def refuse(constant):
        raise ValueError(constant)
    try:
        return json.loads(text, parse_constant=refuse)
    except (ValueError, RecursionError):
        return None


def is_description(value):
    return (isinstance(value, dict) and "version" in value and "shape" in value
            and all(isinstance(value.get(key), dict) and "type" in value[key] for key in ("codec", "group")))


def is_integer(value):
    return type(value) is int and -2**63 <= value < 2**63


def check(description):
    """Raises ValueError for a description that the library rejects, also for unknown fields, which may matter."""
    def expect(condition, place, value, expected):
        if not condition:
            raise ValueError(f"{place} is {value!r}, expected {expected}")

    def check_fields(place, value, names):
        for name in sorted(set(names) ^ set(value)):
            raise ValueError(f"{place}: {'unknown' if name in value else 'missing'} field {name!r}")

    def check_choice(place, value, choices):
        expect(isinstance(value, str) and value in choices, place, value, "one of " + ", ".join(choices))

    version = description.get("version")
    expect(is_integer(version) and version in (1, 2, 3), "version", version, "1, 2 or 3")
    names = ["version", "codec", "group", "shape", "order", "nibble_order"]
    check_fields("description", description, names + ["parts"] * (version >= 2) + ["scales"] * (version >= 3))
    codec, group, shape = description["codec"], description["group"], description["shape"]
    expect(isinstance(codec, dict), "codec", codec, "an object")
    expect(isinstance(group, dict), "group", group, "an object")
    check_choice("order", description["order"], ("row_major", "column_major"))
    check_choice("nibble_order", description["nibble_order"], ("low_first", "high_first"))

    check_choice("codec.type", codec.get("type"), CODECS)
    codes, options = CODECS[codec["type"]]
    stated = codec["type"] == "symmetric" and version >= 2
    check_fields("codec", codec, ["type", "code", *options] + ["zero_point"] * stated)
    check_choice("codec.code", codec["code"], codes)
    for name, choices in options.items():
        check_choice("codec." + name, codec[name], choices)
    if stated:
        expected = zero_point_of(codec["code"])
        expect(is_integer(codec["zero_point"]) and codec["zero_point"] == expected, "codec.zero_point",
               codec["zero_point"], expected)

    expect(isinstance(shape, list) and len(shape) <= 8, "shape", shape, "a list of at most 8 extents")
    expect(all(is_integer(e) and e >= 0 for e in shape), "shape", shape, "extents")
    size = max(1, CODES[codec["code"]][0] // 8) * math.prod(e for e in shape if e > 0)
    expect(size < 2**63, "shape", shape, "one whose size in bytes fits in 64 bits")

    check_choice("group.type", group.get("type"), GROUPS)
    says_nested = version < 3 and group["type"] == "blockwise"
    check_fields("group", group, ["type", *GROUPS[group["type"]]] + ["nested"] * says_nested)
    axis = group.get("axis")
    flat = group["type"] == "blockwise" and axis is None
    if "axis" in group and not flat:
        expect(is_integer(axis) and -len(shape) <= axis < len(shape), "group.axis", axis,
               f"an axis of a tensor of rank {len(shape)}")
    if group["type"] == "blockwise":
        expect(is_integer(group["block_size"]) and group["block_size"] >= 1, "group.block_size",
               group["block_size"], "at least 1")
        check_choice("group.order", group["order"], ("logical", "storage"))
        if says_nested:
            expect(type(group["nested"]) is bool, "group.nested", group["nested"], "true or false")
        if flat and group["order"] == "logical":
            expect(description["order"] == "row_major", "order", description["order"],
                   "row_major, as flat blocks in logical order have it")

    if group["type"] == "tiles":
        extents = group["extents"]
        expect(isinstance(extents, list) and len(extents) <= len(shape)
               and all(e is None or is_integer(e) and e >= 1 for e in extents), "group.extents", extents,
               f"at most {len(shape)} extents of at least 1, or null")

    if version >= 3:
        scales = description["scales"]
        expect(isinstance(scales, dict), "scales", scales, "an object")
        check_fields("scales", scales, ["type"])
        check_choice("scales.type", scales["type"], SCALES[:1] if codec["type"] == "cast" else SCALES)
    if version >= 2:
        parts, expected = description["parts"], parts_of(codec, group, is_nested(description))
        expect(isinstance(parts, list) and all(isinstance(p, str) for p in parts)
               and sorted(parts) == sorted(expected), "parts", parts, expected)


def zero_point_of(code):
    return 2 ** (CODES[code][0] - 1) if code.startswith("uint") else 0


def is_nested(description):
    """Before version 3, the group says whether scales are nested."""
    if description["version"] < 3:
        return description["group"].get("nested", False)
    return description["scales"]["type"] == "nested"


def parts_of(codec, group, are_nested):
    """The suffixes of the stored tensors, whose names are the tensor's name, a dot and a suffix."""
    parts = ["codes"]
    if codec["type"] == "codebook":
        parts += ["levels"]
    if codec["type"] != "cast":
        nested = ["nested_codes", "nested_absmax", "nested_levels", "nested_mean"]
        parts += nested if are_nested else ["scales"]
    if codec["type"] == "affine":
        parts += ["zero_points"]
    if group["type"] == "indexed":
        parts += ["indices"]
    return parts


def unpack(stored, code, count, nibble_order):
    """Unpacks codes of 6, 4 or 2 bits that share bytes."""
    bits = CODES[code][0]
    if bits == 6:
        stream = np.unpackbits(stored, bitorder="little")[:6 * count].reshape(-1, 6)
        return stream @ (1 << np.arange(6, dtype=np.int64))
    per = 8 // bits
    shifts = np.arange(per, dtype=np.uint8) * bits
    if nibble_order == "high_first":
        shifts = shifts[::-1]
    codes = (stored[:, None] >> shifts & (2**bits - 1)).reshape(-1)[:count].astype(np.int64)
    if code.startswith("int"):
        codes -= (codes >= 2 ** (bits - 1)) * 2**bits
    return codes


def values_of(codes, name):
    """Returns the values of small floats."""
    if name == "float16":
        return codes.astype(np.uint16).view(np.float16).astype(np.float32)
    if name == "bfloat16":
        return (codes.astype(np.uint32) << 16).view(np.float32)
    exponent_bits, fraction_bits = int(name[8]), int(name[10])
    bias = 2 ** (exponent_bits - 1) - (0 if name.endswith("fnuz") else 1)
    sign, rest = codes >> exponent_bits + fraction_bits, codes & 2 ** (exponent_bits + fraction_bits) - 1
    exponent, fraction = rest >> fraction_bits, rest & 2**fraction_bits - 1
    values = np.where(exponent > 0, np.ldexp(1 + fraction / 2**fraction_bits, exponent - bias),
                      np.ldexp(fraction / 2**fraction_bits, 1 - bias))
    if name == "float8_e5m2":
        values = np.where(exponent == 31, np.where(fraction == 0, np.inf, np.nan), values)
    if name == "float8_e4m3fn":
        values = np.where(rest == 127, np.nan, values)
    if name.endswith("fnuz"):
        values = np.where((sign == 1) & (rest == 0), np.nan, values)
    return np.where(sign == 1, -values, values).astype(np.float32)


def group_of_each(group, shape, order, indices):
    """Returns the group of every element, in the order of the codes, and the number of groups."""
    count = math.prod(shape)
    if group["type"] == "per_tensor":
        return np.zeros(count, np.int64), 1
    if group["type"] == "blockwise" and group["axis"] is None:
        return np.arange(count) // group["block_size"], -(-count // group["block_size"])
    if group["type"] == "tiles":
        extents = [1] * (len(shape) - len(group["extents"])) + group["extents"]
        extents = [max(1, e) if t is None else min(t, max(1, e)) for e, t in zip(shape, extents)]
        tiles = [-(-e // t) for e, t in zip(shape, extents)]
        numbers = np.arange(math.prod(tiles)).reshape(tiles)
        for axis, (e, t) in enumerate(zip(shape, extents)):
            numbers = np.take(numbers, np.arange(e) // t, axis=axis)
        return numbers.reshape(-1, order=order), math.prod(tiles)
    axis = group["axis"] % len(shape)
    if group["type"] == "indexed":
        if (indices < 0).any():
            raise ValueError("indices of groups cannot be negative")
        lists = 0 if count == 0 else count // shape[axis]
        largest = int(indices.max(initial=-1)) + 1
        if largest >= 2**63 or lists * largest >= 2**63:
            raise ValueError("more groups than 64 bits can count")
        along = [largest if k == axis else e for k, e in enumerate(shape)]
        if count == 0:
            return np.zeros(0, np.int64), 0
        strides = [math.prod(along[k + 1:]) for k in range(len(shape))]
        places = np.meshgrid(*[indices if k == axis else np.arange(e) for k, e in enumerate(shape)], indexing="ij")
        numbers = sum(p * s for p, s in zip(places, strides))
        return numbers.reshape(-1, order=order), lists * largest
    if group["type"] == "per_channel":
        along = [-1 if k == axis else 1 for k in range(len(shape))]
        groups = shape[axis]
        numbers = np.broadcast_to(np.arange(groups).reshape(along), shape)
    else:
        size = group["block_size"]
        blocks = [-(-e // size) if k == axis else e for k, e in enumerate(shape)]
        groups = math.prod(blocks) if count > 0 else 0
        of_blocks = np.arange(math.prod(blocks)).reshape(blocks)
        numbers = np.take(of_blocks, np.arange(shape[axis]) // size, axis=axis)
    return numbers.reshape(-1, order=order), groups


def scales_of(file, name, nested, groups):
    if not nested:
        scales = file.part(name + ".scales", "F32", [groups])
    else:
        codes = file.part(name + ".nested_codes", "U8", [groups])
        absmax = file.part(name + ".nested_absmax", "F32", [-(-groups // 256)])
        levels = file.part(name + ".nested_levels", "F32", [256])
        with np.errstate(all="ignore"):
            scales = levels[codes] * absmax[np.arange(groups) // 256] + file.part(name + ".nested_mean", "F32", [])
    if not np.isfinite(scales).all():
        raise ValueError("scales have to be finite")
    return scales


def table_of(file, name, bits):
    shape = file.header.get(name + ".levels", {}).get("shape", [])
    levels = file.part(name + ".levels", "F32", [math.prod(shape)])
    if not 2 <= levels.size <= 2**bits or not np.isfinite(levels).all():
        raise ValueError(f"a table of {bits}-bit codes has 2 to {2**bits} finite levels")
    if np.abs(levels).max() < 2.0**-100 or (levels == levels[0]).all():
        raise ValueError("a table has two different levels, and one that is not 0")
    table = np.zeros(2**bits, np.float32)
    table[:levels.size] = levels
    return table


def decode(file, name, description):
    """Decodes one quantized tensor to float32. Raises ValueError where it does not follow docs/file_format.md."""
    try:
        check(description)
        return decode_checked(file, name, description)
    except ValueError as error:
        raise ValueError(f"{name}: {error}") from None


def decode_checked(file, name, description):
    codec, group, shape = description["codec"], description["group"], description["shape"]
    order = {"row_major": "C", "column_major": "F"}[description["order"]]
    count = math.prod(shape)
    code = codec["code"]
    bits, dtype = CODES[code]
    packed = bits < 8
    stored_shape = [-(-count * bits // 8)] if packed else shape if order == "C" else shape[::-1]
    stored = file.part(name + ".codes", dtype, stored_shape).reshape(-1)
    indices = file.part(name + ".indices", "I64", [shape[group["axis"]]]) if group["type"] == "indexed" else None
    groups, group_count = group_of_each(group, shape, order, indices)

    if code == "float16":
        stored = stored.view(np.uint16)
    codes = unpack(stored, code, count, description["nibble_order"]) if packed else stored.astype(np.int64)
    if codec["type"] == "cast":
        return values_of(codes, code).reshape(shape, order=order)
    scales = scales_of(file, name, is_nested(description), group_count)
    if codec["type"] == "scaled_float":
        unscaled = values_of(codes, code)
    elif codec["type"] == "codebook":
        unscaled = table_of(file, name, bits)[codes]
    elif codec["type"] == "affine":
        zero_points = file.part(name + ".zero_points", "I32", [group_count]).astype(np.int64)
        if (np.abs(zero_points) > 2**29 + 2**16).any():
            raise ValueError("zero-points lie within +-(2^29 + 2^16)")
        unscaled = (codes - zero_points[groups]).astype(np.float32)
    else:
        unscaled = (codes - zero_point_of(code)).astype(np.float32)
    with np.errstate(over="ignore"):
        return (unscaled * scales[groups]).reshape(shape, order=order)


def read(path):
    """Decodes all quantized tensors of a file to float32, by name. Raises ValueError for a malformed one."""
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
