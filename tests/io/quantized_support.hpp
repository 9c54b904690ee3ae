// What the tests of quantized tensors in files share.
#pragma once
#include <lowbit/io/quantized.hpp>

#include <nlohmann/json.hpp>

#include <cstring>
#include <random>
#include <span>
#include <string>

#include "support.hpp"

namespace lowbit_test {

inline Eigen::MatrixXf weights(lowbit::Index rows, lowbit::Index columns) {
  std::mt19937 engine(7);
  std::normal_distribution<float> normal;
  return Eigen::MatrixXf::NullaryExpr(rows, columns, [&] { return normal(engine); });
}

/// A codec with all of its options other than the default.
template <class C>
C some_codec() {
  C codec;
  if constexpr (requires { codec.codes; }) codec.codes = lowbit::SymmetricCodes::full;
  if constexpr (requires { codec.scaling; }) codec.scaling = lowbit::ScalingMethod::reciprocal;
  if constexpr (requires { codec.range; }) codec.range = lowbit::RangePolicy::exact;
  if constexpr (requires { codec.overflow; }) codec.overflow = lowbit::Overflow::ieee;
  if constexpr (requires { codec.ties; }) codec.ties = lowbit::Ties::even;
  return codec;
}

template <class T>
bool same_bits(std::span<const T> a, std::span<const T> b) {
  return a.size() == b.size() && (a.empty() || std::memcmp(a.data(), b.data(), a.size_bytes()) == 0);
}

inline void expect_same_scales(const lowbit::FloatScales::Array& a, const lowbit::FloatScales::Array& b) {
  EXPECT_TRUE(same_bits(a.span(), b.span()));
}
inline void expect_same_scales(const lowbit::NestedScales::Array& a, const lowbit::NestedScales::Array& b) {
  const float means[]{a.mean(), b.mean()};
  EXPECT_TRUE(same_bits(a.codes(), b.codes()));
  EXPECT_TRUE(same_bits(a.absmax(), b.absmax()));
  EXPECT_TRUE(same_bits(a.levels(), b.levels()));
  EXPECT_TRUE(same_bits(std::span(means).first(1), std::span(means).last(1)));
}

template <class Q>
void expect_same(const Q& a, const Q& b) {
  EXPECT_EQ(a.shape(), b.shape());
  EXPECT_EQ(a.shape().order(), b.shape().order());
  EXPECT_EQ(a.nibble_order(), b.nibble_order());
  EXPECT_EQ(a.group_count(), b.group_count());
  EXPECT_TRUE(same_bits(a.codes(), b.codes()));
  expect_same_scales(a.parts().scales, b.parts().scales);
  EXPECT_TRUE(same_bits(a.zero_points(), b.zero_points()));
  for (lowbit::Index g = 0; g < a.group_count(); ++g) ASSERT_EQ(a.parameters(g), b.parameters(g)) << g;
  EXPECT_EQ(a.dequantize(), b.dequantize());
}

/// What files of version 1 say about the 2 x 3 matrix of QuantizedFile.
inline const std::string good =
    R"({"version":1,"codec":{"type":"symmetric","code":"int8","codes":"restricted","scaling":"divide",)"
    R"("scale_rule":"free"},"group":{"type":"per_tensor"},"shape":[2,3],"order":"row_major",)"
    R"("nibble_order":"low_first"})";

/// The same in version 2.
inline const std::string newer =
    R"({"version":2,"codec":{"type":"symmetric","code":"int8","zero_point":0,"codes":"restricted",)"
    R"("scaling":"divide","scale_rule":"free"},"group":{"type":"per_tensor"},"shape":[2,3],"order":"row_major",)"
    R"("nibble_order":"low_first","parts":["codes","scales"]})";

/// The same in version 3, which is written.
inline const std::string newest =
    R"({"version":3,"codec":{"type":"symmetric","code":"int8","zero_point":0,"codes":"restricted",)"
    R"("scaling":"divide","scale_rule":"free"},"group":{"type":"per_tensor"},"scales":{"type":"float32"},)"
    R"("shape":[2,3],"order":"row_major","nibble_order":"low_first","parts":["codes","scales"]})";

/// What files of version 1 or 2 would say in place of a description that was written today: blocks could have
/// nested scales then, no other group could.
inline nlohmann::json as_of_version(lowbit::Index version, nlohmann::json description) {
  if (description["group"]["type"] == "blockwise")
    description["group"]["nested"] = description["scales"]["type"] == "nested";
  description.erase("scales");
  description["version"] = version;
  if (version > 1) return description;
  description.erase("parts");
  description["codec"].erase("zero_point");
  return description;
}

}  // namespace lowbit_test
