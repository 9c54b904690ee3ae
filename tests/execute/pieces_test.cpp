#include <lowbit/execute/pieces.hpp>

#include <gtest/gtest.h>
#include <numeric>
#include <vector>

#include "support/logical.hpp"

namespace {

using lowbit::Index;
using lowbit::Order;

using lowbit::Shape;
using lowbit::Strides;
using lowbit_test::Indices;

/// Memory for a strided view: every stride is twice the dense one (column-major), plus some.
struct Strided {
  Shape shape;
  Strides strides{};
  std::vector<float> memory;

  explicit Strided(const Shape& s) : shape{s} {
    Index step = 2;
    for (int a = 0; a < s.rank(); ++a) {
      strides[static_cast<std::size_t>(a)] = step;
      step *= s[a] + 1;
    }
    memory.resize(static_cast<std::size_t>(step) + 1);
    std::iota(memory.begin(), memory.end(), 0.0F);
  }
  Index address(const Indices& at) const {
    Index sum = 0;
    for (int a = 0; a < shape.rank(); ++a)
      sum += at[static_cast<std::size_t>(a)] * strides[static_cast<std::size_t>(a)];
    return sum;
  }
};

TEST(Pieces, cover_the_run_and_keep_the_group_of_every_element) {
  for (Index limit : {Index{1}, Index{3}, Index{10}, Index{1000}})
    for (Index step : {Index{0}, Index{1}, Index{4}}) {
      const lowbit::Run run{5, 10, 2, step};
      Index next = 5;
      lowbit::detail::for_each_piece(run, limit, [&](const lowbit::Run& piece) {
        EXPECT_EQ(piece.offset, next);
        EXPECT_GE(piece.count, 1);
        EXPECT_LE(piece.count, limit);
        EXPECT_EQ(piece.group_step, step);
        EXPECT_EQ(piece.group, 2 + (piece.offset - 5) * step);
        next += piece.count;
      });
      EXPECT_EQ(next, 15);
    }
}

TEST(Reader, gathers_any_stretch_of_a_strided_view_in_either_order) {
  for (const Shape& shape : lowbit_test::sample_shapes()) {
    const Strided x(shape);
    const lowbit::View<const float> view{x.memory.data(), shape, x.strides};
    for (Order order : {Order::row_major, Order::column_major}) {
      std::vector<float> want(static_cast<std::size_t>(shape.size()));
      lowbit_test::for_each_index(shape, [&](const Indices& at) {
        want[static_cast<std::size_t>(lowbit_test::linear(shape, order, at))] =
            x.memory[static_cast<std::size_t>(x.address(at))];
      });
      lowbit::detail::Reader<float> reader(view, order);
      ASSERT_GE(reader.limit(), 1);
      for (Index first = 0; first < shape.size(); first += 1 + shape.size() / 9)
        for (Index count : {Index{1}, Index{2}, Index{17}, shape.size()}) {
          count = std::min({count, shape.size() - first, reader.limit()});
          const float* got = reader.read(first, count);
          for (Index i = 0; i < count; ++i)
            ASSERT_EQ(got[i], want[static_cast<std::size_t>(first + i)])
                << shape.text() << " " << first << "+" << i;
        }
    }
  }
}

TEST(Reader, hands_out_dense_memory_in_place) {
  const std::vector<float> x(5000);
  const auto view = lowbit::view(std::span<const float>(x), Shape{50, 100});
  lowbit::detail::Reader<float> reader(view, Order::row_major);
  EXPECT_EQ(reader.limit(), 5000);
  EXPECT_EQ(reader.read(123, 4000), x.data() + 123);
  EXPECT_EQ(lowbit::detail::Reader<float>(view, Order::column_major).limit(), lowbit::detail::tile);
}

TEST(Reader, follows_negative_strides) {
  std::vector<float> x{0.0F, 1.0F, 2.0F, 3.0F, 4.0F, 5.0F};
  const lowbit::View<const float> reversed{x.data() + 5, Shape{2, 3}, {-3, -1}};
  lowbit::detail::Reader<float> reader(reversed, Order::row_major);
  const float* got = reader.read(0, 6);
  for (int i = 0; i < 6; ++i) EXPECT_EQ(got[i], static_cast<float>(5 - i));
}

TEST(Writer, scatters_any_stretch_and_writes_nothing_else) {
  for (const Shape& shape : lowbit_test::sample_shapes())
    for (Order order : {Order::row_major, Order::column_major}) {
      Strided y(shape);
      std::vector<float> want = y.memory;
      lowbit_test::for_each_index(shape, [&](const Indices& at) {
        want[static_cast<std::size_t>(y.address(at))] =
            -1.0F - static_cast<float>(lowbit_test::linear(shape, order, at));
      });
      lowbit::detail::Writer<float> writer({y.memory.data(), shape, y.strides}, order);
      for (Index first = 0; first < shape.size();) {
        const Index count = std::min({Index{13}, shape.size() - first, writer.limit()});
        float* target = writer.target(first);
        for (Index i = 0; i < count; ++i) target[i] = -1.0F - static_cast<float>(first + i);
        writer.flush(first, count);
        first += count;
      }
      ASSERT_EQ(y.memory, want) << shape.text();
    }
}

TEST(Writer, fills_dense_memory_in_place) {
  std::vector<double> y(12);
  lowbit::detail::Writer<double> writer(
      lowbit::view(std::span<double>(y), Shape({3, 4}, Order::column_major)), Order::column_major);
  EXPECT_EQ(writer.target(5), y.data() + 5);
}

}  // namespace
