"""ONNX Runtime on the CPU: models of one node, with inputs and outputs allocated before the clock starts."""
import numpy as np
import onnxruntime
from onnx import TensorProto as T
from onnx import helper

from common import REPEAT, Peer, compare

peer = Peer("onnxruntime", "onnxruntime", "onnx")
rounding = "another rounding"


def session(nodes, result, constants):
    """A model of x (a matrix) through `nodes` to y; constants: name -> (type, shape, array of values or raw bytes)."""
    initializers = [helper.make_tensor(name, kind, shape, value.tobytes(), raw=True)
                    for name, (kind, shape, value) in constants.items()]
    inputs = [] if "x" in constants else [helper.make_tensor_value_info("x", T.FLOAT, ["rows", "columns"])]
    outputs = [helper.make_tensor_value_info("y", result, ["rows", "columns"])]
    model = helper.make_model(helper.make_graph(nodes, "one", inputs, outputs, initializers),
                              opset_imports=[helper.make_opsetid("", 21)], ir_version=10)
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_DISABLE_ALL  # or it folds constants
    options.log_severity_level = 3
    return onnxruntime.InferenceSession(model.SerializeToString(), options, providers=["CPUExecutionProvider"])


def timed(one, x=None):
    """A call without Python's conversions; later calls write into the memory that the first one allocated."""
    binding = one.io_binding()
    if x is not None:
        binding.bind_ortvalue_input("x", onnxruntime.OrtValue.ortvalue_from_numpy(x))
    binding.bind_output("y")
    one.run_with_iobinding(binding)
    binding.bind_ortvalue_output("y", binding.get_outputs()[0])
    return lambda: one.run_with_iobinding(binding)


def node(operator, *inputs, output="y", **attributes):
    return helper.make_node(operator, inputs, [output], **attributes)


def block_scales(name, rows):
    """(FLOAT, shape, values): one for 32 neighbours in a row."""
    return T.FLOAT, [rows, 1024 // 32], np.tile(peer.ours(name + ".scales"), rows // 1024)


def quantize(name, operator, constants, kind, ours, bytes_per_value=5, given="", **attributes):
    inputs = ["x", *constants(1024)]
    nodes = [node(operator, *inputs, **attributes)]
    # numpy has no 4-bit integers and no bfloat16: a cast makes them visible.
    visible = [node(operator, *inputs, output="codes", **attributes), node("Cast", "codes", to=T.INT8)]
    check = session(visible, T.INT8, constants(1024)) if kind == T.INT4 else session(nodes, kind, constants(1024))
    peer.row(name, compare(check.run(["y"], {"x": peer.x})[0], ours, rounding) + given,
             timed(session(nodes, kind, constants(1024 * REPEAT)), peer.large_x), bytes_per_value)


def dequantize(name, kind, codes, constants, ours, bytes_per_value, **attributes):
    """The codes are a constant of the model, so that every type of ONNX can be one."""
    def model(repeat):
        rows = 1024 * repeat
        fixed = {"x": (kind, [rows, 1024], np.tile(codes, repeat)), **constants(rows)}
        return session([node("DequantizeLinear", *fixed, **attributes)], T.FLOAT, fixed)

    peer.row(name, compare(model(1).run(["y"], {})[0], ours, rounding), timed(model(REPEAT)), bytes_per_value)


for name, kind, zero in (("int8", T.INT8, np.zeros(1, np.int8)),
                         ("uint8", T.UINT8, peer.ours("uint8.tensor.zero_points").astype(np.uint8))):
    fixed = {"scale": (T.FLOAT, [], peer.ours(name + ".tensor.scales")), "zero": (kind, [], zero)}
    ours = peer.ours(name + ".tensor.codes")
    quantize(f"quantize/{name}/tensor", "QuantizeLinear", lambda rows: fixed, kind, ours)
    dequantize(f"dequantize/{name}/tensor", kind, ours, lambda rows: fixed, peer.ours(name + ".tensor.decoded"), 5)

dynamic = helper.make_node("DynamicQuantizeLinear", ["x"], ["y", "scale", "zero"])
check = session([dynamic], T.UINT8, {})
peer.row("quantize/uint8/tensor/found",
         compare(check.run(["y"], {"x": peer.x})[0], peer.ours("uint8.tensor.found.onnx.codes"), rounding),
         timed(check, peer.large_x), 5)

for name, kind, size in (("int8", T.INT8, 1), ("int4", T.INT4, 0.5)):
    scales = lambda rows: {"scale": block_scales(name + ".32", rows)}
    stored = peer.ours(name + ".32.codes")
    ours = stored
    if kind == T.INT4:  # the first code of a byte is in its low bits
        ours = (np.stack((stored << 4, stored), 1).reshape(-1).astype(np.uint8).view(np.int8) >> 4)
    blocks = {"axis": 1, "block_size": 32}
    quantize(f"quantize/{name}/32", "QuantizeLinear", scales, kind, ours, 4 + size + 4 / 32,
             "; it gets the scales, we find them", output_dtype=kind, **blocks)
    dequantize(f"dequantize/{name}/32", kind, stored, scales, peer.ours(name + ".32.decoded"), 4 + size + 4 / 32,
               **blocks)

for name, kind in (("float16", T.FLOAT16), ("bfloat16", T.BFLOAT16)):
    there, back = node("Cast", "x", output="half", to=kind), node("Cast", "half", to=T.FLOAT)
    y = session([there, back], T.FLOAT, {}).run(["y"], {"x": peer.x})[0]
    peer.row(f"quantize/{name}", compare(y, peer.ours(name + ".decoded"), rounding),
             timed(session([node("Cast", "x", to=kind)], kind, {}), peer.large_x), 6)
peer.save()
