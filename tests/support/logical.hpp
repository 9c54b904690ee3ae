// Tensors by logical index: a slow reference for every storage order, stride and group.
#pragma once
#include <lowbit/core/shape.hpp>

#include <array>
#include <vector>

namespace lowbit_test {

using lowbit::Index;
using lowbit::Order;
using lowbit::Shape;
using Indices = std::array<Index, Shape::max_rank>;

/// Calls f(indices) for every element, last index fastest.
template <class F>
void for_each_index(const Shape& shape, F&& f) {
  if (shape.size() == 0) return;
  Indices at{};
  for (Index done = 0; done < shape.size(); ++done) {
    f(at);
    for (int a = shape.rank() - 1; a >= 0; --a) {
      const auto u = static_cast<std::size_t>(a);
      if (++at[u] < shape[a]) break;
      at[u] = 0;
    }
  }
}

/// Where an element lies when the tensor is stored densely in the given order.
inline Index linear(const Shape& shape, Order order, const Indices& at) {
  Index position = 0;
  if (order == Order::row_major) {
    for (int a = 0; a < shape.rank(); ++a) position = position * shape[a] + at[static_cast<std::size_t>(a)];
  } else {
    for (int a = shape.rank() - 1; a >= 0; --a)
      position = position * shape[a] + at[static_cast<std::size_t>(a)];
  }
  return position;
}

/// Row-major values in the memory order asked for.
inline std::vector<float> stored(const std::vector<float>& row_major, const Shape& shape, Order order) {
  std::vector<float> memory(row_major.size());
  std::size_t i = 0;
  for_each_index(shape, [&](const Indices& at) {
    memory[static_cast<std::size_t>(linear(shape, order, at))] = row_major[i++];
  });
  return memory;
}

/// Shapes of every rank, with extents of 1 and sizes that fill no block or byte evenly.
inline std::vector<Shape> sample_shapes() {
  return {Shape{},
          Shape{1},
          Shape{37},
          Shape{5, 7},
          Shape{1, 19},
          Shape{23, 1},
          Shape{3, 4, 5},
          Shape{2, 3, 1, 7},
          Shape{2, 1, 3, 2, 5},
          Shape{2, 2, 2, 1, 3, 2},
          Shape{1, 2, 3, 1, 2, 2, 3},
          Shape{2, 1, 2, 3, 1, 2, 2, 3},
          Shape{40, 60}};
}

}  // namespace lowbit_test
