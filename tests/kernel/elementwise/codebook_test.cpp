#include <lowbit/codec/codebook.hpp>
#include <lowbit/codec/tables/dynamic_map.hpp>
#include <lowbit/codec/tables/float4.hpp>
#include <lowbit/codec/tables/linear.hpp>
#include <lowbit/codec/tables/non_linear3.hpp>
#include <lowbit/codec/tables/normal_float4.hpp>
#include <lowbit/kernel/elementwise/codebook.hpp>

#include "support/floats.hpp"
#include "support/guarded_array.hpp"
#include "support/kernel_targets.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <initializer_list>
#include <random>

namespace {

using namespace lowbit_test;
using lowbit::Codebook;
using lowbit::NibbleOrder;
using lowbit::Parameters;
using lowbit::RuntimeTable;
using lowbit::Ties;
namespace kernel = lowbit::kernel;

/// Thresholds and levels, scaled and unscaled, adjacent floats, and special values; more than 400 of them.
template <class C>
std::vector<float> values_for(const C& codec, float scale) {
  std::vector<float> x{0.0f, -0.0f, infinity, -infinity, not_a_number, -not_a_number, largest, -largest};
  for (float v : {denorm_min, 0x1p-126f, 0x1p-126f - denorm_min, 1.0f, 0x1p100f}) {
    x.push_back(v);
    x.push_back(-v);
  }
  const auto& table = codec.lookup();
  for (std::size_t k = 0; k < table.size; ++k)
    for (float v : {table.thresholds[k], table.thresholds[k] * scale, table.levels[k] * scale})
      for (float near : {below(v), v, above(v)}) x.push_back(near);
  std::mt19937 generator(17);
  std::normal_distribution<float> normal;
  for (int k = 0; k < 400; ++k) {
    x.push_back(float_of(static_cast<std::uint32_t>(generator())));
    x.push_back(normal(generator) * 0.4f * scale * table.magnitude);
  }
  std::shuffle(x.begin(), x.end(), generator);
  return x;
}

template <class Code>
using Bytes = GuardedArray<lowbit::storage_t<Code>>;

/// Checks the codes of x on every instruction set, with one set of parameters, with one for each element, and
/// with Bounded kernels.
template <class C>
void expect_codes(const std::string& name, const C& codec, float scale, const std::vector<float>& x,
                  NibbleOrder order) {
  using Code = typename C::Code;
  const std::size_t n = x.size(), bytes = lowbit::storage_bytes<Code>(n);
  const Parameters p{scale, 0};
  std::vector<float> inside = x, scales(n, scale), inverses(n);
  const float limit = codec.lookup().magnitude * scale;
  for (float& v : inside) v = std::fabs(v) <= limit ? v : std::signbit(v) ? -limit : limit;
  for (std::size_t i = 0; i < n; ++i) {
    scales[i] *= 1.0f + 0.25f * static_cast<float>(i % 4);
    inverses[i] = 1.0f / scales[i];
  }
  const bool regular = kernel::is_regular(scale) && kernel::is_regular(2.0f * scale);
  for_each_target([&](auto target) {
    const auto where = [&](float v) {
      testing::Message message;
      message << name << ", " << lowbit::simd::name(target.isa) << ", n " << n << ", scale " << scale
              << ", x " << std::hexfloat << v;
      return message;
    };
    Bytes<Code> shared(bytes, 1), each(bytes, 3), bounded(bytes, 0);
    const auto sink = [&](auto& to) { return kernel::Sink<Code>{to.data(), order}; };
    const auto code = [&](auto& from, std::size_t i) {
      return kernel::CodeSource<Code>{from.data(), order}[i];
    };
    target.encode(codec, x.data(), n, p, sink(shared));
    for (std::size_t i = 0; i < n; ++i)
      ASSERT_EQ(code(shared, i), codec.encode(x[i], codec.prepare(p))) << where(x[i]);
    if (regular) {
      target.template encode_rows<false>(codec, x.data(), std::size_t{1}, n, n,
                                         kernel::ParameterArrays{scales.data(), inverses.data(), nullptr},
                                         sink(each));
      for (std::size_t i = 0; i < n; ++i)
        ASSERT_EQ(code(each, i), codec.encode(x[i], codec.prepare({scales[i], 0}))) << where(x[i]);
      const std::vector<float> one(n, scale), inverse_of_one(n, 1.0f / scale);
      target.template encode_rows<true>(codec, inside.data(), std::size_t{1}, n, n,
                                        kernel::ParameterArrays{one.data(), inverse_of_one.data(), nullptr},
                                        sink(bounded));
      for (std::size_t i = 0; i < n; ++i)
        ASSERT_EQ(code(bounded, i), codec.encode(inside[i], codec.prepare(p))) << where(inside[i]);
    }
    ASSERT_TRUE(shared.guards_are_whole() && each.guards_are_whole() && bounded.guards_are_whole())
        << where(0);
  });
}

template <class C>
void expect_codes_for_all(const std::string& name, const C& codec) {
  for (float scale : {1.0f, 0.37f, 250.0f, 1e-20f, 1e20f, 1e-30f, 0.0f}) {
    const std::vector<float> x = values_for(codec, scale);
    expect_codes(name, codec, scale, x, NibbleOrder::low_first);
    for (std::size_t n = 0; n <= 130; n += scale == 1.0f ? 1 : 13) {
      const auto first = x.begin() + static_cast<std::ptrdiff_t>(2 * n);
      expect_codes(name, codec, scale, {first, first + static_cast<std::ptrdiff_t>(n)},
                   n % 2 == 0 ? NibbleOrder::low_first : NibbleOrder::high_first);
    }
  }
}

template <class Out, class C>
void expect_values(const std::string& name, const C& codec) {
  using Code = typename C::Code;
  std::mt19937 generator(3);
  for (std::size_t n :
       std::initializer_list<std::size_t>{1, 2, 15, 16, 31, 32, 33, 63, 64, 65, 96, 127, 130, 1000})
    for (std::size_t block : {std::size_t{32}, std::size_t{256}})
      for (NibbleOrder order : {NibbleOrder::low_first, NibbleOrder::high_first}) {
        std::vector<lowbit::storage_t<Code>> bytes(lowbit::storage_bytes<Code>(n));
        for (auto& b : bytes) b = static_cast<lowbit::storage_t<Code>>(generator());
        std::vector<float> scales((n + block - 1) / block);
        for (std::size_t b = 0; b < scales.size(); ++b) scales[b] = 0.37f * static_cast<float>(b % 3);
        const kernel::BlockParameters<C> parameters{scales.data(), nullptr};
        for_each_target([&](auto target) {
          GuardedArray<lowbit::storage_t<Code>> in(bytes, 1);
          GuardedArray<Out> out(n, 0);
          for (bool stream : {false, true}) {
            const kernel::CodeSource<Code> source{in.data(), order};
            target.decode(codec, source, n, block, parameters, kernel::ValueSink<Out>{out.data(), stream});
            for (std::size_t i = 0; i < n; ++i)
              ASSERT_TRUE(
                  same_bits(out[i], lowbit::from_float<Out>(codec.decode(source[i], parameters(i / block)))))
                  << name << ", " << lowbit::simd::name(target.isa) << ", n " << n << ", i " << i;
          }
          if (block == 32) {
            std::vector<float> each(n);
            for (std::size_t i = 0; i < n; ++i) each[i] = 0.25f + static_cast<float>(i % 7);
            const kernel::CodeSource<Code> source{in.data(), order};
            target.decode_rows(codec, source, std::size_t{1}, n,
                               kernel::ParameterArrays{each.data(), nullptr, nullptr}, out.data());
            for (std::size_t i = 0; i < n; ++i)
              ASSERT_TRUE(
                  same_bits(out[i], lowbit::from_float<Out>(codec.decode(source[i], Parameters{each[i], 0}))))
                  << name << ", " << lowbit::simd::name(target.isa) << ", n " << n << ", i " << i;
          }
          ASSERT_TRUE(out.guards_are_whole()) << name;
        });
      }
}

template <class C>
void expect_all(const std::string& name, const C& codec) {
  expect_codes_for_all(name, codec);
  expect_values<float>(name, codec);
}

template <class Table>
class CodebookKernels : public testing::Test {};
using Tables = testing::Types<lowbit::NormalFloat4, lowbit::Float4, lowbit::NonLinear3, lowbit::Linear<1>,
                              lowbit::Linear<2>, lowbit::Linear<8>, lowbit::DynamicMap,
                              lowbit::UnsignedDynamicMap, lowbit::BasicDynamicMap<true, 3, 8>>;
TYPED_TEST_SUITE(CodebookKernels, Tables);

TYPED_TEST(CodebookKernels, have_the_codes_and_values_of_the_codec) {
  expect_all("lower", Codebook<TypeParam>{});
  expect_codes_for_all("even", Codebook<TypeParam>{Ties::even});
}

template <class Code>
void expect_all_of(const std::string& name, const std::vector<float>& values) {
  expect_all(name, Codebook<RuntimeTable<Code>>{RuntimeTable<Code>::from_values(values)});
  expect_codes_for_all(name,
                       Codebook<RuntimeTable<Code>>{RuntimeTable<Code>::from_values(values, Ties::even)});
}

TEST(RuntimeCodebookKernels, levels_of_any_magnitude_and_density) {
  std::vector<float> skewed(256), two_hundred(200), crowded(256);
  for (std::size_t k = 0; k < 256; ++k) {
    const auto step = static_cast<float>(k);
    skewed[k] = 2.0f * std::pow(step / 255.0f, 1.3f) - 1.0f;
    crowded[k] = k < 200 ? 0.5f + step * 0x1p-24f : step - 199.0f;
    if (k < 200) two_hundred[k] = std::sinh((step - 80.0f) * 0.03f);
  }
  expect_all_of<std::uint8_t>("skewed", skewed);
  expect_all_of<std::uint8_t>("200 levels", two_hundred);
  expect_all_of<std::uint8_t>("crowded", crowded);
  for (float factor : {1e20f, 1e-20f, 3e38f}) {
    std::vector<float> scaled = skewed;
    for (float& level : scaled) level *= factor;
    expect_all_of<std::uint8_t>("skewed and scaled", scaled);
  }
}

TEST(RuntimeCodebookKernels, denormal_levels_and_zeros) {
  std::vector<float> tiny(16);
  for (std::size_t k = 0; k < 16; ++k) tiny[k] = k == 15 ? 1.0f : (static_cast<float>(k) - 7.0f) * denorm_min;
  expect_all_of<lowbit::uint4>("denormal", tiny);
  expect_all_of<std::uint8_t>("denormal", tiny);
  expect_all_of<lowbit::uint4>("around -0", {-denorm_min, -0.0f, denorm_min, 1.0f});
  expect_all_of<lowbit::uint2>("threshold 0", {-1.0f, 1.0f});
}

TEST(RuntimeCodebookKernels, codes_in_any_order) {
  expect_all_of<lowbit::uint4>("4 bits", {3.0f, -0.25f, 0.0f, 1.0f, -2.0f, 0.0f, -0.0f});
  expect_all_of<lowbit::uint2>("2 bits", {3e-20f, -0.25e-20f, 0.0f});
  std::vector<float> shuffled(256);
  std::mt19937 generator(1);
  std::normal_distribution<float> normal;
  for (float& level : shuffled) level = normal(generator);
  shuffled[3] = shuffled[200] = 0.25f;
  expect_all_of<std::uint8_t>("8 bits", shuffled);
}

TEST(CodebookElements, have_the_codes_of_their_float_values) {
  const Codebook<lowbit::DynamicMap> codec;
  const Parameters p{0.37f, 0};
  const auto check = [&]<class In>(In) {
    const std::vector<In> x = as_elements<In>(values_for(codec, 0.37f));
    for_each_target([&](auto target) {
      std::vector<std::uint8_t> q(x.size());
      target.encode(codec, x.data(), x.size(), p, kernel::Sink<std::uint8_t>{q.data()});
      for (std::size_t i = 0; i < x.size(); ++i)
        ASSERT_EQ(q[i], codec.encode(lowbit::to_float(x[i]), codec.prepare(p))) << i;
    });
  };
  check(lowbit::float16{});
  check(lowbit::bf16{});
}

TEST(CodebookElements, are_the_values_of_the_codec_rounded_once) {
  const auto check = [](const std::string& name, const auto& codec) {
    expect_values<double>(name, codec);
    expect_values<lowbit::float16>(name, codec);
    expect_values<lowbit::bf16>(name, codec);
  };
  check("8 bits", Codebook<lowbit::DynamicMap>{});
  check("4 bits", Codebook<lowbit::Float4>{});
}

}  // namespace
