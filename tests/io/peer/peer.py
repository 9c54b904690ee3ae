"""The other side of peer_test.cpp and file_format_test.cpp: writes and checks files with numpy, the safetensors
package, and the reader among the examples."""

import importlib.util
import itertools
import json
import pathlib
import sys

KINDS = {"BOOL": "b1", "U8": "u1", "I8": "i1", "I16": "i2", "U16": "u2", "F16": "f2",
         "I32": "i4", "U32": "u4", "F32": "f4", "F64": "f8", "I64": "i8", "U64": "u8"}
BITS = {name: 8 * int(kind[1]) for name, kind in KINDS.items()} | {
    "BF16": 16, "C64": 64, "F4": 4, "F6_E2M3": 6, "F6_E3M2": 6, "F8_E5M2": 8, "F8_E4M3": 8, "F8_E8M0": 8,
    "F8_E5M2FNUZ": 8, "F8_E4M3FNUZ": 8}
SHAPES = [(), (5,), (2, 3), (2, 3, 4), (3, 0), (1, 2, 1, 2, 1, 2, 1, 2)]
METADATA = {"key": 'va"lue \u20ac'}


def count(shape):
    n = 1
    for extent in shape:
        n *= extent
    return n


def pattern(name, shape):
    """The bytes of a test tensor, little-endian, in storage order."""
    return bytes((i * 37 + 11) % (2 if name == "BOOL" else 256) for i in range(BITS[name] * count(shape) // 8))


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
    stored = [(n, s) for n, s in itertools.product(BITS, SHAPES) if BITS[n] * count(s) % 8 == 0]
    assert len(read) == len(stored), len(read)
    for name, shape in stored:
        tensor = read[file_name(name, shape)]
        assert tensor["dtype"] == name and tuple(tensor["shape"]) == shape, (name, shape, tensor)
        assert bytes(tensor["data"]) == pattern(name, shape), (name, shape)
    with safetensors.safe_open(path, framework="np") as opened:
        assert opened.metadata() == METADATA, opened.metadata()


def write_safetensors(path):
    from safetensors.numpy import save_file

    save_file({file_name(n, s): array(n, s) for n, s in itertools.product(KINDS, SHAPES)}, path, METADATA)


def reader():
    sys.dont_write_bytecode = True
    sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[3] / "examples"))
    import read_lowbit

    return read_lowbit


def check_refused(folder, count):
    """Checks that the reader rejects tensor "W" of every file "bad-*", and reads that of every file "good-*"."""
    read_lowbit, files = reader(), sorted(pathlib.Path(folder).glob("*.safetensors"))
    assert len(files) == int(count), (len(files), count)
    for path in files:
        file = read_lowbit.File(path)
        description = json.loads(file.metadata["lowbit.W"])
        try:
            read_lowbit.decode(file, "W", description)
            assert path.name.startswith("good-"), (path, description)
        except ValueError as error:
            assert path.name.startswith("bad-"), (path, error)


def check_names(path, *names):
    assert sorted(reader().read(path)) == sorted(names), path


def older_versions(description):
    """The description as in files of versions 2 and 1, where only blocks could have nested scales."""
    second = json.loads(json.dumps(description)) | {"version": 2}
    nested = second.pop("scales")["type"] == "nested"
    if second["group"]["type"] == "blockwise":
        second["group"]["nested"] = nested
    elif nested:
        return []
    first = json.loads(json.dumps(second)) | {"version": 1}
    first["codec"].pop("zero_point", None)
    del first["parts"]
    return [second, first]


def check_quantized(path, expected_path, count):
    import numpy as np

    read_lowbit = reader()
    file, expected = read_lowbit.File(path), read_lowbit.File(expected_path)
    descriptions = file.descriptions()
    assert len(descriptions) == len(expected.header) == int(count), (len(descriptions), count)
    for name, description in descriptions.items():
        parts = {key for key in file.header if key.startswith(name + ".")}
        assert parts == {f"{name}.{part}" for part in description["parts"]}, (name, parts)
        for version in [description, *older_versions(description)]:
            values = read_lowbit.decode(file, name, version)
            assert values.dtype == np.float32 and values.shape == expected[name].shape, (name, version)
            same = np.ascontiguousarray(values).view(np.uint32) == expected[name].view(np.uint32)
            assert same.all(), (version, values[~same], expected[name][~same])


if __name__ == "__main__":
    command, *arguments = sys.argv[1:]
    if command == "has":
        sys.exit(importlib.util.find_spec(arguments[0]) is None)
    globals()[command](*arguments)
