// Codecs and scale formats of the user's own in files.
#include <lowbit/group/per_tensor.hpp>
#include <lowbit/io/quantized.hpp>
#include <lowbit/io/quantized_info.hpp>
#include <lowbit/quantize/quantizer.hpp>
#include <lowbit/quantize/widen.hpp>

#include <type_traits>

#include "half_scales_in_file.hpp"
#include "quantized_support.hpp"

using namespace lowbit;
using namespace lowbit::io;
using namespace lowbit_test;

// A codec of the user's own: numbers as eighths, saved through a Description in the user's own code.
namespace {
struct Eighths {
  using Code = std::int8_t;
  static constexpr Family family = Family::grid;
  static constexpr bool scaled = true, has_zero_point = false;
  static constexpr std::int32_t zero_point = 0;
  Index shift = 0;

  Grid grid() const { return {-127, 127, ScalingMethod::divide}; }
  static constexpr Measure measure = Measure::other;
  Levels levels() const { return {1.0f}; }
  double extent(const Range&) const { return 0.125 * static_cast<double>(Index{1} << shift); }
  Parameters place(const Range&, float scale) const { return {scale, 0}; }
  Encoding prepare(const Parameters& p) const { return grid().prepare(p); }
  std::int8_t encode(float x, const Encoding& e) const {
    return static_cast<std::int8_t>(grid().encode(x, e));
  }
  float decode(std::int8_t q, const Parameters& p) const { return grid_decode(q, p); }
  bool clips(float x, const Parameters& p) const { return grid().clips(x, p); }
};
}  // namespace

template <>
struct lowbit::io::Description<Eighths> {
  static constexpr std::string_view name = "my.eighths";
  template <class V, class C>
  static void fields(V& v, C& codec) {
    v.option("shift", codec.shift);
  }
};

namespace {
TEST(FilesOfTheUser, HoldCodecs) {
  const ScratchDirectory scratch;
  const auto path = scratch / "q.safetensors";
  const auto q = Quantizer<Eighths, PerTensor>({}, {.shift = 1}).quantize(weights(3, 3));
  write_quantized(path, "W", q);
  const SafetensorsFile file(path);
  const auto back = read_quantized<Quantized<Eighths, PerTensor>>(file, "W");
  EXPECT_EQ(back.codec().shift, 1);
  expect_same(q, back);
  EXPECT_EQ(quantized_tensors(file)[0].text(), "my.eighths, per_tensor");
}

TEST(FilesOfTheUser, HoldScaleFormats) {
  const ScratchDirectory scratch;
  const auto path = scratch / "q.safetensors";
  const auto q = Quantizer<AffineInteger<uint4>, Blockwise, MinMax, HalfScales>({.block_size = 4})
                     .quantize(weights(5, 7));
  using Q = std::remove_const_t<decltype(q)>;
  write_quantized(path, "W", q);
  const SafetensorsFile file(path);
  const Q back = read_quantized<Q>(file, "W");
  EXPECT_TRUE(same_bits(back.parts().scales.values.span(), q.parts().scales.values.span()));
  expect_same(widen(back), widen(q));
  const QuantizedInfo info = quantized_tensors(file)[0];
  EXPECT_EQ(info.text(), "affine uint4, blockwise 4 my.halves");
  EXPECT_EQ(info.scales, "my.halves");
  EXPECT_EQ(info.parts, (std::vector<std::string>{"W.codes", "W.halves", "W.zero_points"}));
  EXPECT_TRUE(says(refusal([&] { read_quantized<Quantized<AffineInteger<uint4>, Blockwise>>(file, "W"); }),
                   {path.string(), ".scales", "\"my.halves\"", "\"float32\""}));
  write_quantized(path, "W", widen(q));
  EXPECT_TRUE(says(refusal([&] { read_quantized<Q>(SafetensorsFile(path), "W"); }),
                   {".scales", "\"float32\"", "\"my.halves\""}));
}
}  // namespace
