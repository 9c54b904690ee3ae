// Rows with parameters for each column: several rows, long ones, and parts of longer rows.
#include <lowbit/codec/affine.hpp>
#include <lowbit/codec/codebook.hpp>
#include <lowbit/codec/symmetric.hpp>
#include <lowbit/codec/tables/dynamic_map.hpp>
#include <lowbit/codec/tables/normal_float4.hpp>

#include <gtest/gtest.h>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "support/kernel_harness.hpp"
#include "support/kernel_targets.hpp"

namespace {

using lowbit::Parameters;
using lowbit_test::GuardedArray;

constexpr std::size_t row_counts[] = {0, 1, 3, 4, 5, 9}, gaps[] = {0, 6},
                      row_lengths[] = {2, 64, 67, 129, 130, 255, 1000, 1024, 1026, 1027, 1100, 2114};

/// Checks every element of every row against the codec; gaps between rows must not be written.
template <class C>
void expect_rows_of_codec(const C& codec, const Parameters& shared) {
  using Code = typename C::Code;
  using Stored = lowbit::storage_t<Code>;
  constexpr std::size_t per = lowbit::CodePacking<Code>::codes_per_word;
  for (const std::size_t n : row_lengths)
    for (const std::size_t gap : gaps)
      for (const std::size_t rows : row_counts) {
        if (rows > 1 && (n + gap) % per != 0) continue;  // a row starts a byte
        const std::size_t stride = n + gap, all = rows == 0 ? 0 : (rows - 1) * stride + n;
        const auto pool = lowbit_test::mixed_values(all + 1, 31);
        const auto each = lowbit_test::varied(codec, shared, n);
        lowbit_test::ParameterColumns columns(each);
        lowbit_test::for_each_target([&](auto target) {
          GuardedArray<float> x({pool.begin(), pool.begin() + static_cast<std::ptrdiff_t>(all)},
                                sizeof(float));
          GuardedArray<Stored> q(lowbit_test::stored_codes<Code>(all), sizeof(Stored));
          for (std::size_t i = 0; i < q.size(); ++i) q.data()[i] = Stored{85};
          decltype(target)::template encode_rows<false>(codec, x.data(), rows, stride, n, columns.arrays(),
                                                        lowbit::kernel::Sink<Code>{q.data()});
          ASSERT_TRUE(q.guards_are_whole());
          const lowbit::kernel::CodeSource<Code> got{q.data()};
          for (std::size_t row = 0; row < rows; ++row)
            for (std::size_t i = 0; i < n; ++i)
              ASSERT_EQ(got[row * stride + i], codec.encode(pool[row * stride + i], codec.prepare(each[i])))
                  << name(target.isa) << " n " << n << " stride " << stride << " row " << row << " i " << i;
          for (std::size_t row = 0; row + 1 < rows; ++row)
            for (std::size_t i = (row * stride + n) / per; i < (row + 1) * stride / per; ++i)
              ASSERT_EQ(q[i], Stored{85}) << name(target.isa) << " n " << n << " row " << row;
        });
      }
}

TEST(EncodeRows, are_encoded_by_the_codec_however_many_and_long_they_are) {
  expect_rows_of_codec(lowbit::SymmetricInteger<std::int8_t>{}, {0.0078125F, 0});
  expect_rows_of_codec(lowbit::AffineInteger<std::uint8_t>{}, {0.0196078F, 3});
  expect_rows_of_codec(lowbit::SymmetricInteger<lowbit::int4>{}, {0.125F, 0});
  expect_rows_of_codec(lowbit::Codebook<lowbit::DynamicMap>{}, {1.0F, 0});
  expect_rows_of_codec(lowbit::Codebook<lowbit::NormalFloat4>{}, {0.5F, 0});
}

}  // namespace
