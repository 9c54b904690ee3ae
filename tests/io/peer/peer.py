"""The other side of peer_test.cpp: writes and checks files with numpy and the safetensors package."""

import importlib
import itertools
import pathlib
import sys

KINDS = {"BOOL": "b1", "U8": "u1", "I8": "i1", "I16": "i2", "U16": "u2", "F16": "f2",
         "I32": "i4", "U32": "u4", "F32": "f4", "F64": "f8", "I64": "i8", "U64": "u8"}
BYTES = {name: int(kind[1]) for name, kind in KINDS.items()} | {"BF16": 2, "F8_E5M2": 1, "F8_E4M3": 1}
SHAPES = [(), (5,), (2, 3), (2, 3, 4), (3, 0), (1, 2, 1, 2, 1, 2, 1, 2)]
METADATA = {"key": 'va"lue \u20ac'}


def count(shape):
    n = 1
    for extent in shape:
        n *= extent
    return n


def pattern(name, shape):
    """The bytes of a tensor, little-endian, in the order in which they are stored."""
    return bytes((i * 37 + 11) % (2 if name == "BOOL" else 256) for i in range(BYTES[name] * count(shape)))


def file_name(name, shape):
    return "_".join([name, *map(str, shape)])


def array(name, shape, order="C", byte_order="<"):
    import numpy as np

    flat = np.frombuffer(pattern(name, shape), dtype="<" + KINDS[name])
    return flat.astype(byte_order + KINDS[name]).view(byte_order + KINDS[name]).reshape(shape, order=order)


def check_npy(folder):
    import numpy as np

    for name, shape, order in itertools.product(KINDS, SHAPES, "CF"):
        path = pathlib.Path(folder, f"{file_name(name, shape)}_{order}.npy")
        read = np.load(path)
        assert read.dtype == np.dtype("<" + KINDS[name]), (path, read.dtype)
        assert read.shape == shape, (path, read.shape)
        assert read.tobytes(order=order) == pattern(name, shape), path
        if read.ndim > 1 and read.size > 1:
            assert read.flags["C_CONTIGUOUS" if order == "C" else "F_CONTIGUOUS"], path


def write_npy(folder):
    import numpy as np

    variants = [("C1", "C", "<", (1, 0)), ("F1", "F", "<", (1, 0)), ("C2", "C", "<", (2, 0)),
                ("C3", "C", "<", (3, 0)), ("Cbig", "C", ">", (1, 0)), ("Fbig", "F", ">", (1, 0))]
    for name, shape, (suffix, order, byte_order, version) in itertools.product(KINDS, SHAPES, variants):
        with open(pathlib.Path(folder, f"{file_name(name, shape)}_{suffix}.npy"), "wb") as out:
            np.lib.format.write_array(out, array(name, shape, order, byte_order), version=version)


def check_safetensors(path):
    import safetensors

    read = dict(safetensors.deserialize(pathlib.Path(path).read_bytes()))
    assert len(read) == len(BYTES) * len(SHAPES), len(read)
    for name, shape in itertools.product(BYTES, SHAPES):
        tensor = read[file_name(name, shape)]
        assert tensor["dtype"] == name and tuple(tensor["shape"]) == shape, (name, shape, tensor)
        assert bytes(tensor["data"]) == pattern(name, shape), (name, shape)
    with safetensors.safe_open(path, framework="np") as opened:
        assert opened.metadata() == METADATA, opened.metadata()


def write_safetensors(path):
    from safetensors.numpy import save_file

    save_file({file_name(n, s): array(n, s) for n, s in itertools.product(KINDS, SHAPES)}, path, METADATA)


if __name__ == "__main__":
    command, argument = sys.argv[1:]
    if command == "has":
        importlib.import_module(argument)
    else:
        globals()[command](argument)
