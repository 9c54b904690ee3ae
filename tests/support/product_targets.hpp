// The kernels of integer products as types, one for each instruction set, and a 64-bit reference for them.
#pragma once
#include <lowbit/kernel/dispatch/product.hpp>

#include <array>
#include <cstdint>
#include <limits>
#include <random>
#include <vector>

#include "support/for_each_isa.hpp"

namespace lowbit_test {

/// The kernels of products of one level.
template <Isa>
struct ProductKernels;
#define LOWBIT_TEST_TARGET(space, ...)                                    \
  template <>                                                             \
  struct ProductKernels<Isa::space> {                                     \
    static constexpr Isa isa = Isa::space;                                \
    static constexpr std::size_t lanes = lowbit::simd::space::f32::lanes; \
    template <class Code>                                                 \
    static lowbit::kernel::Packing packing() {                            \
      return lowbit::kernel::space::packing<Code>();                      \
    }                                                                     \
    template <class... A>                                                 \
    static void pack(const A&... a) {                                     \
      lowbit::kernel::space::pack(a...);                                  \
    }                                                                     \
    template <class... A>                                                 \
    static void unpack(const A&... a) {                                   \
      lowbit::kernel::space::unpack(a...);                                \
    }                                                                     \
    template <class... A>                                                 \
    static void multiply(const A&... a) {                                 \
      lowbit::kernel::space::multiply(a...);                              \
    }                                                                     \
    template <class... A>                                                 \
    static std::int32_t dot(const A&... a) {                              \
      return lowbit::kernel::space::dot(a...);                            \
    }                                                                     \
    template <class... A>                                                 \
    static std::int32_t sum(const A&... a) {                              \
      return lowbit::kernel::space::sum(a...);                            \
    }                                                                     \
    template <class... A>                                                 \
    static void finish(const A&... a) {                                   \
      lowbit::kernel::space::finish(a...);                                \
    }                                                                     \
  };
LOWBIT_TARGETS(LOWBIT_TEST_TARGET)
#undef LOWBIT_TEST_TARGET

/// f(ProductKernels{}) for each instruction set of this machine that has kernels for products of its own.
template <class F>
void for_each_product_target(F&& f) {
  for_each_isa<LOWBIT_PRODUCT_KERNELS>([&](auto isa) { f(ProductKernels<isa>{}); });
}

enum class Fill { mixed, lowest, highest };

template <class Code>
std::vector<Code> codes_of(std::size_t n, Fill fill, unsigned seed) {
  std::mt19937 random(seed);
  std::vector<Code> q(n);
  for (Code& c : q)
    c = fill == Fill::mixed    ? static_cast<Code>(random())
        : fill == Fill::lowest ? std::numeric_limits<Code>::min()
                               : std::numeric_limits<Code>::max();
  return q;
}

/// A matrix of lines x depth codes: line by line, or depth by depth.
template <class Code>
struct TestLines {
  std::vector<Code> codes;
  std::size_t lines, depth;
  bool by_line;
  std::vector<std::int32_t> zero_points;

  TestLines(std::size_t lines_, std::size_t depth_, bool by_line_, Fill fill, unsigned seed)
      : codes{codes_of<Code>(lines_ * depth_, fill, seed)}, lines{lines_}, depth{depth_}, by_line{by_line_} {
    std::mt19937 random(seed + 1);
    for (std::size_t i = 0; i <= lines; ++i)
      zero_points.push_back(static_cast<std::int32_t>(random() % 601) - 300);
  }
  lowbit::kernel::CodeView<Code> view(const Code* data) const {
    const auto rows = static_cast<std::ptrdiff_t>(lines), columns = static_cast<std::ptrdiff_t>(depth);
    return {data, rows, columns, by_line ? columns : 1, by_line ? 1 : rows};
  }
  std::int64_t centered(std::size_t i, std::size_t k) const {
    return std::int64_t{codes[by_line ? i * depth + k : k * lines + i]} - zero_points[i];
  }
};

/// sum over k of (a - za)(w - zw) in 64 bits.
template <class A, class W>
std::int64_t reference_sum(const TestLines<A>& a, const TestLines<W>& w, std::size_t i, std::size_t j) {
  std::int64_t sum = 0;
  for (std::size_t k = 0; k < a.depth; ++k) sum += a.centered(i, k) * w.centered(j, k);
  return sum;
}

}  // namespace lowbit_test
