#include <lowbit/codec/affine.hpp>
#include <lowbit/codec/codebook.hpp>
#include <lowbit/codec/symmetric.hpp>
#include <lowbit/codec/tables/normal_float4.hpp>
#include <lowbit/kernel/dispatch/cpu.hpp>

#include <gtest/gtest.h>

#include "support/guarded_array.hpp"
#include "support/sample_values.hpp"

namespace {

using lowbit::Encoding;
using lowbit::Parameters;
using lowbit::ScalingMethod;
using lowbit::backend::Cpu;

TEST(Cpu, min_max_finds_the_range_and_whether_it_is_finite) {
  auto x = lowbit_test::normal_values(1000, 1);
  x[777] = -9.0F;
  x[3] = 8.0F;
  const auto r = Cpu::min_max(x.data(), x.size());
  EXPECT_EQ(r.min, -9.0F);
  EXPECT_EQ(r.max, 8.0F);
  EXPECT_TRUE(r.finite());
  x[500] = std::numeric_limits<float>::quiet_NaN();
  EXPECT_FALSE(Cpu::min_max(x.data(), x.size()).finite());
  EXPECT_EQ(Cpu::min_max(x.data(), x.size()).min, -9.0F);
}

TEST(Cpu, min_max_rows_merges_into_the_ranges) {
  const std::vector<float> x{1.0F, -2.0F, 3.0F};
  std::vector<float> low{0.0F, 0.0F, 4.0F}, high{0.5F, 0.5F, 5.0F};
  Cpu::min_max_rows(x.data(), 1, x.size(), x.size(), low.data(), high.data());
  EXPECT_EQ(low, (std::vector<float>{0.0F, -2.0F, 3.0F}));
  EXPECT_EQ(high, (std::vector<float>{1.0F, 0.5F, 5.0F}));
}

template <class C>
void expect_codes_of_the_codec(const C& codec, const Parameters& p) {
  const auto x = lowbit_test::mixed_values(333, 5);
  const Encoding e = codec.prepare(p);
  using Code = typename C::Code;
  std::vector<lowbit::storage_t<Code>> stored(x.size());
  Cpu::encode(codec, x.data(), x.size(), p, lowbit::kernel::Sink<Code>{stored.data()});
  std::vector<float> y(x.size());
  const lowbit::kernel::CodeSource<Code> q{stored.data()};
  Cpu::decode(codec, q, x.size(), x.size(), lowbit::kernel::BlockParameters<C>{&p.scale, &p.zero_point},
              lowbit::kernel::ValueSink<float>{y.data()});
  for (std::size_t i = 0; i < x.size(); ++i) {
    ASSERT_EQ(q[i], codec.encode(x[i], e)) << x[i] << " scale " << p.scale;
    ASSERT_TRUE(lowbit_test::same_bits(y[i], codec.decode(q[i], p))) << x[i] << " scale " << p.scale;
  }
}

/// The extreme scales are those whose reciprocal is not a normal float: they need the two-step product.
TEST(Cpu, codes_are_those_of_the_codec_for_ordinary_and_for_extreme_scales) {
  for (float scale : {0.013F, 1e-45F, 1e-40F, 0x1p-125F, 0x1p-124F, 0x1p126F, 3e38F, 0.0F}) {
    expect_codes_of_the_codec(lowbit::SymmetricInteger<std::int8_t>{}, {scale, 0});
    expect_codes_of_the_codec(lowbit::SymmetricInteger<std::int8_t>{.scaling = ScalingMethod::reciprocal},
                              {scale, 0});
    expect_codes_of_the_codec(lowbit::AffineInteger<std::uint16_t>{.scaling = ScalingMethod::reciprocal},
                              {scale, 9});
    expect_codes_of_the_codec(lowbit::Codebook<lowbit::NormalFloat4>{}, {scale, 0});
  }
}

TEST(Cpu, an_extreme_scale_encodes_its_own_multiples_exactly) {
  for (float scale : {1e-45F, 1e-40F, 0x1p-125F, 0x1p119F})
    for (auto scaling : {ScalingMethod::divide, ScalingMethod::reciprocal}) {
      const lowbit::SymmetricInteger<std::int8_t> codec{.scaling = scaling};
      std::vector<float> x;
      for (int k = -127; k <= 127; ++k) x.push_back(static_cast<float>(k) * scale);
      std::vector<std::int8_t> q(x.size());
      Cpu::encode(codec, x.data(), x.size(), Parameters{scale, 0},
                  lowbit::kernel::Sink<std::int8_t>{q.data()});
      for (int k = -127; k <= 127; ++k) EXPECT_EQ(q[static_cast<std::size_t>(k + 127)], k) << scale;
    }
}

}  // namespace
