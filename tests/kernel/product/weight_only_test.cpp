// Every instruction set against the definition of the sums, bit for bit.
#include <lowbit/codec/affine.hpp>
#include <lowbit/codec/codebook.hpp>
#include <lowbit/codec/symmetric.hpp>
#include <lowbit/codec/tables/float4.hpp>
#include <lowbit/codec/tables/normal_float4.hpp>
#include <lowbit/kernel/elementwise/codebook.hpp>
#include <lowbit/kernel/product/weight_only.hpp>

#include <gtest/gtest.h>

#include "support/for_each_isa.hpp"
#include "support/kernel_harness.hpp"
#include "support/weight_sums.hpp"

namespace {

using namespace lowbit;
using lowbit_test::defined_sum;
using lowbit_test::GuardedArray;
using lowbit_test::Term;

template <simd::Isa>
struct Kernels;
#define LOWBIT_TEST_TARGET(space, ...)                                  \
  template <>                                                           \
  struct Kernels<simd::Isa::space> {                                    \
    [[maybe_unused]] static constexpr simd::Isa isa = simd::Isa::space; \
    template <class... A>                                               \
    static void add_row_sums(A... a) {                                  \
      kernel::space::add_row_sums(a...);                                \
    }                                                                   \
    template <class... A>                                               \
    static void decode_weights(A... a) {                                \
      kernel::space::decode_weights(a...);                              \
    }                                                                   \
    template <std::size_t Fields, class... A>                           \
    static void add_tile_sums(A... a) {                                 \
      kernel::space::add_tile_sums<Fields>(a...);                       \
    }                                                                   \
  };
LOWBIT_TARGETS(LOWBIT_TEST_TARGET)
#undef LOWBIT_TEST_TARGET

template <class F>
void for_each_target(F&& f) {
  lowbit_test::for_each_isa<LOWBIT_COMMON_KERNELS>([&](auto isa) { f(Kernels<isa>{}); });
}

/// How parameters lie along the rows.
struct Layout {
  std::size_t words, chunks, skipped;
};

/// Random codes of a few rows, parameters of their blocks, and a batch of activations.
template <class C>
struct Problem {
  static constexpr std::size_t fields = kernel::word_fields<C>, chunk = kernel::chunk_codes<C>;
  static constexpr int bits = CodeTraits<typename C::Code>::bits;
  C codec;
  std::size_t rows, n, batch, bytes, padded, parameters;
  kernel::WeightSpan span;
  NibbleOrder order;
  GuardedArray<std::uint8_t> codes;
  GuardedArray<float> scale;
  GuardedArray<std::int32_t> zero;
  std::vector<std::vector<float>> x;
  GuardedArray<float> interleaved;

  Problem(const C& c, std::size_t rows_, std::size_t n_, std::size_t batch_, Layout layout, NibbleOrder o,
          bool wild)
      : codec{c},
        rows{rows_},
        n{n_},
        batch{batch_},
        bytes{n_ * bits / 8},
        padded{(n_ + chunk - 1) / chunk * chunk},
        parameters{n_ == 0 ? 0 : parameters_of(layout)},
        span{n_, layout.words, layout.chunks, layout.skipped},
        order{o},
        codes(rows * bytes, 1),
        scale(rows * parameters, 4),
        zero(rows * parameters, 12),
        interleaved(batch * padded, 4) {
    std::mt19937 engine(static_cast<unsigned>(n + 7 * rows));
    for (std::size_t i = 0; i < rows * bytes; ++i) codes.data()[i] = static_cast<std::uint8_t>(engine());
    for (std::size_t i = 0; i < rows * parameters; ++i) {
      scale.data()[i] = engine() % 7 == 0 ? 0.0F : 0.001F * static_cast<float>(engine() % 1000);
      if (wild && engine() % 9 == 0) scale.data()[i] = 1e-38F;
      zero.data()[i] = static_cast<std::int32_t>(engine() % 300) - 20;
    }
    for (std::size_t b = 0; b < batch; ++b) {
      x.push_back(wild ? lowbit_test::mixed_values(n, static_cast<unsigned>(b + n))
                       : lowbit_test::normal_values(n, static_cast<unsigned>(b + n)));
      kernel::interleave_activations<fields>(x.back().data(), 1, n, interleaved.data() + b * padded);
    }
  }
  std::size_t parameters_of(Layout l) const {
    const std::size_t all = (n + fields - 1) / fields, per = l.words * l.chunks;
    return (l.skipped * 16 + all + per - 1) / per;
  }
  kernel::WeightRows weights() { return {codes.data(), bytes, scale.data(), zero.data(), parameters, order}; }

  std::vector<Term> terms(std::size_t row, std::size_t b) {
    using Code = typename C::Code;
    std::vector<Term> t(padded);
    const auto* from = reinterpret_cast<const storage_t<Code>*>(codes.data() + row * bytes);
    const kernel::CodeSource<Code> source{from, order};
    for (std::size_t i = 0; i < padded; ++i) {
      const std::size_t word = i / fields, per = span.words * span.chunks;
      const bool inside = word * fields < n;
      const std::size_t p = row * parameters + (inside ? (span.skipped * 16 + word) / per : 0);
      const auto code = i < n ? source[i] : typename CodeTraits<Code>::value_type{};
      t[i].factor = codec.decode(code, {1.0F, C::has_zero_point ? 0 : kernel::constant_zero_point<C>()});
      if (C::has_zero_point && inside) t[i].factor -= static_cast<float>(zero[p]);
      t[i].scale = inside ? scale[p] : 0.0F;
      t[i].x = i < n ? x[b][i] : 0.0F;
    }
    return t;
  }
};

testing::AssertionResult same_number(float got, float want) {
  if ((got != got && want != want) || lowbit_test::same_bits(got, want)) return testing::AssertionSuccess();
  return testing::AssertionFailure() << got << " instead of " << want;
}

template <class C>
void expect_defined_sums(Problem<C>& q) {
  constexpr std::size_t fields = Problem<C>::fields, lanes = kernel::sum_lanes;
  const std::size_t chunks = q.padded / Problem<C>::chunk;
  std::vector<float> want(q.rows * q.batch);
  for (std::size_t r = 0; r < q.rows; ++r)
    for (std::size_t b = 0; b < q.batch; ++b) want[r * q.batch + b] = defined_sum(q.terms(r, b), fields);
  for_each_target([&](auto target) {
    using Target = decltype(target);
    for (std::size_t b = 0; b < q.batch; ++b) {
      GuardedArray<float> sums(std::vector<float>(q.rows * lanes, 0.0F), 4);
      Target::add_row_sums(q.codec, q.weights(), q.rows, q.span, q.interleaved.data() + b * q.padded,
                           sums.data());
      ASSERT_TRUE(sums.guards_are_whole());
      for (std::size_t r = 0; r < q.rows; ++r)
        ASSERT_TRUE(same_number(kernel::sum_of_lanes(sums.data() + r * lanes), want[r * q.batch + b]))
            << name(target.isa) << " n " << q.n << " words " << q.span.words << " row " << r << " batch "
            << b;
    }
    GuardedArray<float> factors(q.rows * q.padded, 4), scales(q.rows * chunks * lanes, 8);
    GuardedArray<float> sums(std::vector<float>(q.rows * q.batch * lanes, 0.0F), 4);
    Target::decode_weights(q.codec, q.weights(), q.rows, q.span, factors.data(), scales.data());
    Target::template add_tile_sums<fields>(kernel::WeightTile{factors.data(), scales.data(), q.rows, chunks},
                                           static_cast<const float*>(q.interleaved.data()), q.padded, q.batch,
                                           sums.data());
    ASSERT_TRUE(factors.guards_are_whole() && scales.guards_are_whole() && sums.guards_are_whole());
    for (std::size_t i = 0; i < q.rows * q.batch; ++i)
      ASSERT_TRUE(same_number(kernel::sum_of_lanes(sums.data() + i * lanes), want[i]))
          << name(target.isa) << " n " << q.n << " words " << q.span.words << " row and batch " << i << " of "
          << q.batch;
  });
}

template <class C>
void expect_defined_sums(const C& codec, std::size_t rows, std::size_t n, std::size_t batch, Layout layout,
                         bool wild) {
  Problem<C> low(codec, rows, n, batch, layout, NibbleOrder::low_first, wild);
  expect_defined_sums(low);
  if constexpr (Problem<C>::bits == 4) {
    Problem<C> high(codec, rows, n, batch, layout, NibbleOrder::high_first, wild);
    expect_defined_sums(high);
  }
}

template <class C>
class WeightOnlyKernel : public testing::Test {};
using Codecs =
    testing::Types<Codebook<NormalFloat4>, Codebook<Float4>, Codebook<RuntimeTable<uint4>>,
                   SymmetricInteger<int4>, SymmetricInteger<uint4>, AffineInteger<int4>, AffineInteger<uint4>,
                   SymmetricInteger<std::int8_t>, SymmetricInteger<std::uint8_t>, AffineInteger<std::int8_t>,
                   AffineInteger<std::uint8_t>>;
TYPED_TEST_SUITE(WeightOnlyKernel, Codecs);

TYPED_TEST(WeightOnlyKernel, sums_are_the_defined_ones_for_every_length_and_layout) {
  constexpr std::size_t chunk = kernel::chunk_codes<TypeParam>;
  for (const Layout& layout :
       {Layout{1, 1, 0}, {4, 1, 0}, {8, 1, 0}, {16, 1, 0}, {16, 2, 0}, {16, 2, 1}, {16, 100, 3}})
    for (std::size_t n : {std::size_t{0}, std::size_t{2}, std::size_t{8}, chunk / 2 - 4, chunk - 2, chunk,
                          chunk + 6, 2 * chunk, 3 * chunk + chunk / 2})
      for (bool wild : {false, true}) expect_defined_sums(TypeParam{}, 2, n, 2, layout, wild);
}

TYPED_TEST(WeightOnlyKernel, sums_are_the_defined_ones_for_every_batch) {
  constexpr std::size_t chunk = kernel::chunk_codes<TypeParam>;
  for (std::size_t batch = 1; batch <= 9; ++batch)
    for (std::size_t rows : {std::size_t{1}, std::size_t{4}, std::size_t{5}, std::size_t{7}})
      expect_defined_sums(TypeParam{}, rows, chunk + chunk / 2, batch, {8, 1, 0}, batch % 2 == 0);
}

TEST(WeightOnlyKernel, activations_of_a_word_are_one_lane_count_apart) {
  std::vector<float> x(100);
  for (std::size_t i = 0; i < x.size(); ++i) x[i] = static_cast<float>(i);
  std::vector<float> out(128, -1.0F);
  kernel::interleave_activations<8>(x.data(), 1, x.size(), out.data());
  for (std::size_t i = 0; i < 128; ++i) {
    const std::size_t turn = i / 16, from = i % 16 * 8 + (turn < 4 ? 2 * turn : 2 * turn - 7);
    ASSERT_EQ(out[i], from < x.size() ? static_cast<float>(from) : 0.0F) << i;
  }
}

}  // namespace
