#include <lowbit/kernel/product/gemm.hpp>

#include <gtest/gtest.h>

#include "support/guarded_array.hpp"
#include "support/product_targets.hpp"

namespace {

using namespace lowbit_test;
namespace kernel = lowbit::kernel;
constexpr auto sums_themselves = [](std::size_t, std::size_t, std::int32_t sum) { return sum; };

/// Packs w, multiplies, and compares with 64-bit sums modulo 2^32. Nothing may be read or written outside the
/// arrays.
template <class Target, class A, class W>
void expect_exact(Target target, const TestLines<A>& a, const TestLines<W>& w) {
  using Packed = kernel::packed_t<W>;
  const kernel::Packing packing = target.template packing<A>();
  const std::size_t m = a.lines, n = w.lines, depth = a.depth;
  const std::size_t columns = kernel::round_up(n, packing.panel);
  GuardedArray<A> from_a(a.codes, sizeof(A));
  GuardedArray<W> from_w(w.codes, 3 * sizeof(W));
  GuardedArray<Packed> packed(columns * kernel::round_up(depth, packing.step), sizeof(Packed));
  GuardedArray<std::int32_t> sums(columns, 4), zeros(columns, 8), corrections(columns, 12), result(m * n, 4);
  GuardedArray<std::byte> workspace(kernel::workspace_bytes(packing, m, depth), 2);
  target.pack(w.view(from_w.data()), packed.data(), sums.data());
  for (std::size_t j = 0; j < columns; ++j) {
    zeros.data()[j] = (j < n ? w.zero_points[j] : 0) + kernel::column_shift<W>;
    const std::int64_t correction = static_cast<std::int64_t>(depth) * zeros[j] - sums[j];
    corrections.data()[j] = static_cast<std::int32_t>(correction);
  }
  target.multiply(a.view(from_a.data()), kernel::PerUnit<std::int32_t>{a.zero_points.data(), 1},
                  kernel::PackedColumns<Packed>{packed.data(), n, depth, zeros.data(), corrections.data()},
                  kernel::ProductRange{0, m, 0, columns / packing.panel}, sums_themselves,
                  kernel::ProductSink<std::int32_t>{result.data(), static_cast<std::ptrdiff_t>(n), 1},
                  workspace.data());
  ASSERT_TRUE(packed.guards_are_whole() && sums.guards_are_whole() && result.guards_are_whole() &&
              workspace.guards_are_whole())
      << m << " x " << n << " x " << depth;
  for (std::size_t i = 0; i < m; ++i)
    for (std::size_t j = 0; j < n; ++j)
      ASSERT_EQ(result[i * n + j], static_cast<std::int32_t>(reference_sum(a, w, i, j)))
          << name(target.isa) << " " << m << " x " << n << " x " << depth << " at " << i << ", " << j;
}

template <class A, class W>
void expect_exact_shapes(int shapes) {
  std::mt19937 random(2);
  for (int i = 0; i < shapes; ++i) {
    const std::size_t m = random() % 71, n = random() % 71, depth = random() % 71;
    const auto seed = static_cast<unsigned>(i);
    const auto fill = [&] {
      return random() % 4 != 0 ? Fill::mixed : random() % 2 != 0 ? Fill::lowest : Fill::highest;
    };
    const TestLines<A> a(m, depth, random() % 2 != 0, fill(), seed);
    const TestLines<W> w(n, depth, random() % 2 != 0, fill(), seed + 7);
    for_each_product_target([&](auto target) { expect_exact(target, a, w); });
    if (testing::Test::HasFatalFailure()) return;
  }
}

TEST(Gemm, SumsOfBytesAreExact) {
  expect_exact_shapes<std::int8_t, std::int8_t>(120);
  expect_exact_shapes<std::uint8_t, std::int8_t>(120);
  expect_exact_shapes<std::int8_t, std::uint8_t>(120);
  expect_exact_shapes<std::uint8_t, std::uint8_t>(60);
}

TEST(Gemm, SumsOfWordsAreExactModulo32Bits) { expect_exact_shapes<std::int16_t, std::int16_t>(120); }

TEST(Gemm, SizesAroundTheEndsOfBlocksAreExact) {
  for (const auto& [m, n, depth] : {std::array<std::size_t, 3>{131, 17, 9}, {3, 5, 4097}, {7, 65, 8195}}) {
    const TestLines<std::int8_t> a(m, depth, true, Fill::mixed, 1), w(n, depth, false, Fill::mixed, 2);
    const TestLines<std::uint8_t> by_depth(m, depth, false, Fill::highest, 3);
    for_each_product_target([&](auto target) {
      expect_exact(target, a, w);
      expect_exact(target, by_depth, w);
    });
  }
}

TEST(Gemm, ExtremesAtTheDeepestSafeSumAreExact) {
  constexpr std::size_t depth = 131071;  // 2^31 / 2^14, less one
  TestLines<std::int8_t> a(2, depth, true, Fill::lowest, 1), w(2, depth, true, Fill::lowest, 1);
  a.zero_points.assign(3, 0);
  w.zero_points.assign(3, 0);
  for_each_product_target([&](auto target) { expect_exact(target, a, w); });
}

template <class Code>
void expect_unpacked() {
  using Packed = kernel::packed_t<Code>;
  std::mt19937 random(4);
  for (int i = 0; i < 60; ++i) {
    const TestLines<Code> w(random() % 140, random() % 140, random() % 2 != 0, Fill::mixed,
                            static_cast<unsigned>(i));
    for_each_product_target([&](auto target) {
      const kernel::Packing p = target.template packing<Code>();
      const std::size_t columns = kernel::round_up(w.lines, p.panel);
      GuardedArray<Packed> packed(columns * kernel::round_up(w.depth, p.step), sizeof(Packed));
      std::vector<std::int32_t> sums(columns);
      GuardedArray<Code> codes(w.lines * w.depth, sizeof(Code));
      target.pack(w.view(w.codes.data()), packed.data(), sums.data());
      target.unpack(static_cast<const Packed*>(packed.data()), w.lines, w.depth, codes.data());
      ASSERT_TRUE(packed.guards_are_whole() && codes.guards_are_whole());
      for (std::size_t j = 0; j < w.lines; ++j)
        for (std::size_t k = 0; k < w.depth; ++k)
          ASSERT_EQ(codes[j * w.depth + k], *w.view(w.codes.data()).at(j, k))
              << name(target.isa) << " " << w.lines << " x " << w.depth << " at " << j << ", " << k;
    });
  }
}

TEST(Gemm, UnpackedCodesAreThoseThatWerePacked) {
  expect_unpacked<std::int8_t>();
  expect_unpacked<std::uint8_t>();
  expect_unpacked<std::int16_t>();
}

/// Computes parts of the result separately, as threads do.
TEST(Gemm, PartsOfAProductAddUpToTheWhole) {
  const TestLines<std::int8_t> a(20, 33, true, Fill::mixed, 5), w(150, 33, true, Fill::mixed, 6);
  for_each_product_target([&](auto target) {
    const kernel::Packing p = target.template packing<std::int8_t>();
    const std::size_t columns = kernel::round_up(w.lines, p.panel);
    std::vector<std::uint8_t> packed(columns * kernel::round_up(w.depth, p.step));
    std::vector<std::int32_t> sums(columns), zeros(columns, 128), corrections(columns);
    target.pack(w.view(w.codes.data()), packed.data(), sums.data());
    for (std::size_t j = 0; j < columns; ++j)
      corrections[j] = static_cast<std::int32_t>(w.depth) * 128 - sums[j];
    const kernel::PackedColumns<std::uint8_t> columns_of_w{packed.data(), w.lines, w.depth, zeros.data(),
                                                           corrections.data()};
    std::vector<std::byte> workspace(kernel::workspace_bytes(p, a.lines, a.depth));
    const std::int32_t zero = 0;
    const auto multiply = [&](const kernel::ProductRange& range, std::vector<std::int32_t>& y) {
      target.multiply(a.view(a.codes.data()), kernel::PerUnit<std::int32_t>{&zero, 0}, columns_of_w, range,
                      sums_themselves,
                      kernel::ProductSink<std::int32_t>{y.data(), 1, static_cast<std::ptrdiff_t>(a.lines)},
                      workspace.data());
    };
    const std::size_t panels = columns / p.panel;
    std::vector<std::int32_t> whole(a.lines * w.lines), parts(whole.size());
    multiply({0, a.lines, 0, panels}, whole);
    for (std::size_t row : {std::size_t{0}, std::size_t{7}, std::size_t{19}})
      for (std::size_t panel = 0; panel < panels; ++panel)
        multiply({row, row == 0 ? 7 : row == 7 ? 19 : a.lines, panel, panel + 1}, parts);
    EXPECT_EQ(parts, whole) << name(target.isa);
  });
}

}  // namespace
