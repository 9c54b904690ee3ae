// The loop of a backward pass: an input, the gradient of the output, the gradient of the input.
#pragma once
#include <lowbit/execute/pieces.hpp>
#include <lowbit/group/run.hpp>
#include <lowbit/tensor/overlap.hpp>
#include <lowbit/tensor/source.hpp>

#include <algorithm>

namespace lowbit::inline LOWBIT_ABI::detail {

/// Calls f(piece, x, dy, dx) with pointers to the elements of every piece, in the order of `shape`, which is
/// that of x as the group wants to see it.
template <class X, class Upper, class Lower, class G, class F>
void walk_back(const View<const X>& x, const View<const Upper>& dy, const View<Lower>& dx, const Shape& shape,
               const G& group, const F& f) {
  Reader<X> values(x, shape.order());
  Reader<Upper> above(dy, shape.order());
  Writer<Lower> below(dx, shape.order());
  const Index limit = (std::min)({values.limit(), above.limit(), below.limit()});
  group.for_each_run(shape, [&](const Run& run) {
    for_each_piece(run, limit, [&](const Run& piece) {
      Lower* target = below.target(piece.offset);
      f(piece, values.read(piece.offset, piece.count), above.read(piece.offset, piece.count), target);
      below.flush(piece.offset, piece.count);
    });
  });
}

/// Throws for gradients of another shape than x, and for a dx that shares memory with x or dy without being
/// the same tensor.
template <class X, class Upper, class Lower>
void check_gradients(const View<const X>& x, const View<const Upper>& dy, const View<Lower>& dx) {
  require(dy.shape == x.shape, "the gradient of a tensor of shape ", x.shape, " must have that shape, not ",
          dy.shape);
  require(dx.shape == x.shape, "the gradient of a tensor of shape ", x.shape,
          " cannot be written into shape ", dx.shape);
  const Footprint written(dx);
  if (!same_elements(x, dx)) require_apart(Footprint(x), written, "x", "dx");
  if (!same_elements(dy, dx)) require_apart(Footprint(dy), written, "dy", "dx");
}

}  // namespace lowbit::inline LOWBIT_ABI::detail
