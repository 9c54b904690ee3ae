"""Names of rows in words."""
import math

PEERS = {"eigen": "Eigen", "eigen_native": "Eigen, native", "onednn": "oneDNN", "onnxruntime": "ONNX Runtime",
         "pytorch": "PyTorch", "bitsandbytes": "bitsandbytes"}

_WORDS = {"tensor": "per tensor", "found": "range found", "channel_outer": "per channel, outer axis",
          "channel_inner": "per channel, inner axis", "short_channel_outer": "channels of 32, outer axis",
          "short_channel_inner": "channels of 32, inner axis", "nested": "nested scales", "dynamic_map": "dynamic map",
          "user_codebook": "any 256 levels", "nf4": "NF4", "fp4": "FP4", "min_max": "min-max", "bf16": "to bfloat16",
          "fp16": "to float16", "from_bf16": "from bfloat16", "from_fp16": "from float16", "memcpy": "copy",
          "absmax": "absmax", "read": "read only", "write": "write only", "column_major": "column-major",
          "straight_through": "straight through", "learned_scale": "learned scales", "moving_average": "moving average",
          "mean_square_error": "mean squared error"}


_ORDER = ["limit", "quantize", "dequantize", "fake_quantize", "observe", "int8", "uint8", "int16", "dynamic_map", "user_codebook", "nf4",
          "fp4", "int4", "int2", "bfloat16", "float16"]


def order(name):
    """The sort key of an operation: its place in _ORDER; unknown ones come last. Equal keys keep their order."""
    return [_ORDER.index(p) if p in _ORDER else len(_ORDER) for p in name.split("/")[:2]]


def operation(name):
    """quantize/int8/tensor -> int8 per tensor, scale given. The verb is in the heading."""
    verb, *parts = name.split("/")
    words = [f"blocks of {p}" if p.isdigit() else _WORDS.get(p, p) for p in parts]
    if verb in ("quantize", "fake_quantize") and "tensor" in parts and "found" not in parts:
        words.insert(parts.index("tensor") + 1, "scale given")
    text = words[0]
    for word in words[1:]:
        text += (" " if word.startswith("per ") else ", ") + word
    return text


def verb(name):
    return name.split("/")[0]


def number(value, digits=3):
    """The value with three significant digits, without an exponent."""
    if value == 0:
        return "0"
    return f"{value:.{max(0, digits - 1 - math.floor(math.log10(abs(value))))}f}"


def ratio(value):
    """A ratio as text: 0.96, 1.07, but 0.0085."""
    return f"{value:.2f}" if value >= 0.1 else number(value, 2)
