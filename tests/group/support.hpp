// Shapes of every rank in both orders, and a check of for_each_run against the definition of a group.
#pragma once
#include <lowbit/group/run.hpp>

#include <gtest/gtest.h>

#include <array>
#include <functional>
#include <random>
#include <string>
#include <vector>

namespace lowbit_test {

using lowbit::Index;
using lowbit::Order;
using lowbit::Run;
using lowbit::Shape;
using Indices = std::array<Index, Shape::max_rank>;

inline constexpr Order both_orders[] = {Order::row_major, Order::column_major};

/// For each rank from `least` to 8: a few random shapes (one of them with an extent 0), each in both orders.
inline std::vector<Shape> shapes(int least = 0) {
  std::mt19937 generator(11);
  std::vector<Shape> all;
  for (int rank = least; rank <= Shape::max_rank; ++rank)
    for (int k = 0; k < 4; ++k) {
      std::vector<Index> extents;
      for (int a = 0; a < rank; ++a)
        extents.push_back(std::uniform_int_distribution<Index>(1, rank <= 3 ? 9 : 3)(generator));
      if (k == 3 && rank > 0) extents[generator() % extents.size()] = 0;
      for (Order order : both_orders) all.emplace_back(extents, order);
    }
  return all;
}

/// Position of an element among all elements when the last index moves fastest.
inline Index row_major_position(const Shape& shape, const Indices& at) {
  Index position = 0;
  for (int a = 0; a < shape.rank(); ++a) position = position * shape[a] + at[static_cast<std::size_t>(a)];
  return position;
}

/// The runs cover the offsets 0 .. size-1 once each, in ascending order, and give every element the group
/// that `group_of(indices)` says.
template <class G>
void expect_groups(const G& group, const Shape& shape, const std::function<Index(const Indices&)>& group_of) {
  const std::string where = shape.text() + (shape.row_major() ? " row-major" : " column-major");
  const Index count = group.count(shape);
  Index next = 0;
  group.for_each_run(shape, [&](const Run& run) {
    ASSERT_EQ(run.offset, next) << where;
    ASSERT_GT(run.count, 0) << where;
    next += run.count;
    ASSERT_LE(next, shape.size()) << where;
    for (Index i = 0; i < run.count; ++i) {
      const Index g = run.group + i * run.group_step;
      ASSERT_GE(g, 0) << where;
      ASSERT_LT(g, count) << where;
      ASSERT_EQ(g, group_of(shape.indices(run.offset + i))) << where << " element " << run.offset + i;
    }
  });
  EXPECT_EQ(next, shape.size()) << where;
}

}  // namespace lowbit_test
