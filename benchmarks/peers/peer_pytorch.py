"""PyTorch's quantized tensors, observers and casts, on the CPU."""
import warnings

warnings.filterwarnings("ignore")  # newer releases recommend another package in every call
import numpy as np
import torch
from torch.ao.quantization import observer

from common import Peer, compare

torch.set_num_threads(1)
peer = Peer("pytorch", "torch")
small, x = torch.from_numpy(peer.x), torch.from_numpy(peer.large_x)
reciprocal = "it multiplies by 1/scale, we divide"
rounding = "another rounding"


def codes(q):
    return q.int_repr().numpy().reshape(-1)


def halves(tensor):
    return tensor.view(torch.int16).numpy().view(np.uint16).reshape(-1)


def observed(kind, tensor, **options):
    """Finds parameters with an observer."""
    o = kind(**options)
    o(tensor)
    return o.calculate_qparams()


for name, code in (("int8", torch.qint8), ("uint8", torch.quint8)):
    scale = float(peer.ours(f"{name}.tensor.scales")[0])
    zero_point = int(peer.ours("uint8.tensor.zero_points")[0]) if name == "uint8" else 0
    ours = peer.ours(f"{name}.tensor.codes")
    verdict = compare(codes(torch.quantize_per_tensor(small, scale, zero_point, code)), ours, reciprocal,
                      [("Scaling::reciprocal", peer.ours(f"{name}.tensor.reciprocal.codes"))])
    peer.row(f"quantize/{name}/tensor", verdict, lambda: torch.quantize_per_tensor(x, scale, zero_point, code), 5)
    stored = [torch._make_per_tensor_quantized_tensor(torch.from_numpy(c), scale, zero_point)
              for c in (ours, np.tile(ours, 16))]
    peer.row(f"dequantize/{name}/tensor",
             compare(stored[0].dequantize().numpy(), peer.ours(f"{name}.tensor.decoded"), rounding),
             lambda: stored[1].dequantize(), 5)


def found(tensor):
    scale, zero_point = observed(observer.MinMaxObserver, tensor, dtype=torch.qint8, qscheme=torch.per_tensor_symmetric)
    return torch.quantize_per_tensor(tensor, scale, zero_point, torch.qint8)


def dynamic(tensor):
    return torch.quantize_per_tensor_dynamic(tensor, torch.quint8, False)


def channels(tensor):
    scale, zero_point = observed(observer.PerChannelMinMaxObserver, tensor, ch_axis=0, dtype=torch.qint8,
                                 qscheme=torch.per_channel_symmetric)
    return torch.quantize_per_channel(tensor, scale, zero_point, 0, torch.qint8)


peer.row("quantize/int8/tensor/found",
         compare(codes(found(small)), peer.ours("int8.tensor.found.codes"), rounding), lambda: found(x), 5)
q, name = dynamic(small), "uint8.tensor.found.pytorch"
ours = float(peer.ours(name + ".scales")[0]), int(peer.ours(name + ".zero_points")[0])
peer.row("quantize/uint8/tensor/found",
         compare(codes(q), peer.ours(name + ".codes"),
                 f"its scale is {q.q_scale():.9g}, its zero-point {q.q_zero_point()}, ours {ours[0]:.9g}, {ours[1]}"),
         lambda: dynamic(x), 5)
peer.row("quantize/int8/channel_outer",
         compare(codes(channels(small)), peer.ours("int8.channel_outer.codes"), rounding), lambda: channels(x), 5)

for name, half in (("bfloat16", torch.bfloat16), ("float16", torch.float16)):
    ours = peer.ours(name + ".codes")
    large = x.to(half)
    peer.row(f"quantize/{name}", compare(halves(small.to(half)), ours, rounding), lambda: x.to(half), 6)
    peer.row(f"dequantize/{name}",
             compare(small.to(half).float().numpy(), peer.ours(name + ".decoded"), rounding), lambda: large.float(), 6)

low, high = (v.item() for v in torch.aminmax(small))
same = low == peer.x.min() and high == peer.x.max()
peer.row("observe/min_max/tensor", "equal" if same else "another range",
         lambda: observer.MinMaxObserver()(x), 4)
peer.row("observe/histogram/tensor", "nothing of ours to compare with",
         lambda: observer.HistogramObserver()(x), 4)
peer.save()
