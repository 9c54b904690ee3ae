// One group per index along an axis: rows, columns, or the channels of an image.
#pragma once
#include <lowbit/group/lines.hpp>
#include <lowbit/group/run.hpp>

namespace lowbit::inline LOWBIT_ABI {

/// Group g holds the elements whose index along `axis` is g. Negative axes count from the last one. An axis
/// that the tensor does not have throws std::invalid_argument.
struct PerChannel {
  Index axis = 0;

  Index count(const Shape& shape) const { return shape[shape.axis(axis)]; }

  /// Where `axis` moves slowest, as rows of a row-major matrix, a channel is one run.
  Index uniform_length(const Shape& shape) const {
    const int a = shape.axis(axis);
    const Index length = shape[a] == 0 ? 0 : shape.size() / shape[a];
    return a != shape.innermost() && length == shape.strides()[static_cast<std::size_t>(a)] ? length : 0;
  }
  /// Where it moves fastest, as rows of a column-major matrix, they alternate.
  bool interleaved(const Shape& shape) const { return shape.axis(axis) == shape.innermost(); }

  template <class F>
  void for_each_run(const Shape& shape, F&& f) const {
    const int a = shape.axis(axis);
    if (shape.size() == 0) return;
    if (a == shape.innermost()) {
      for (Index at = 0; at < shape.size(); at += shape[a]) f(Run{at, shape[a], 0, 1});
    } else {  // all axes inside `a` are one contiguous run
      const Index inner = shape.strides()[static_cast<std::size_t>(a)];
      Index channel = 0;
      for (Index at = 0; at < shape.size(); at += inner) {
        f(Run{at, inner, channel, 0});
        if (++channel == shape[a]) channel = 0;
      }
    }
  }
};

}  // namespace lowbit::inline LOWBIT_ABI
