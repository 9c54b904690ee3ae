// The expected result of a quantizer, by the definition, and the comparison with the actual one.
#pragma once
#include <lowbit/execute/options.hpp>
#include <lowbit/quantize/error_report.hpp>
#include <lowbit/quantize/quantized.hpp>

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <span>
#include <utility>
#include <vector>

#include "differential/family.hpp"
#include "differential/reference.hpp"
#include "differential/scales.hpp"

namespace lowbit_test {

using lowbit::Index;
using lowbit::Shape;

/// The expected result of a quantizer for an input.
template <lowbit::Codec C, class S>
struct Expected {
  reference::Layout layout;
  std::vector<lowbit::code_value_t<C>> codes;
  std::vector<lowbit::Parameters> parameters;  ///< that decode
  ReferenceScales<S> scales;
  std::vector<unsigned char> bytes;
  std::vector<float> decoded;
};

/// Parameters that elements are encoded with.
template <class S, lowbit::Codec C, class Real>
std::vector<lowbit::Parameters> chosen(const C& codec, const std::vector<lowbit::BasicRange<Real>>& ranges) {
  std::vector<lowbit::Parameters> p = reference::choose(codec, ranges);
  if constexpr (C::scaled && !lowbit::EncodesWithIdeal<S>) {
    std::vector<float> extents;  // formats are given them as floats
    for (const auto& r : ranges) extents.push_back(static_cast<float>(extent_of(codec, r)));
    const std::vector<float> scales = ReferenceScales<S>::stored(extents, codec.levels());
    for (std::size_t g = 0; g < p.size(); ++g) p[g] = place(codec, ranges[g], scales[g]);
  }
  return p;
}

template <class S, lowbit::Codec C, class Real>
LOWBIT_COLD Expected<C, S> expected(const C& codec, reference::Layout layout, std::span<const Real> x,
                                    std::vector<lowbit::Parameters> parameters,
                                    const lowbit::Options& options) {
  auto codes = reference::encode(codec, layout, x, std::span<const lowbit::Parameters>(parameters));
  std::vector<float> scales;
  for (const auto& p : parameters)
    if (C::scaled) scales.push_back(p.scale);
  Expected<C, S> e{
      std::move(layout), std::move(codes), std::move(parameters), ReferenceScales<S>(scales), {}, {}};
  for (std::size_t g = 0; g < scales.size(); ++g) {
    auto& p = e.parameters[g];
    p.scale = e.scales.decoded[g];
    if constexpr (S::encode_with == lowbit::EncodeWith::ideal &&
                  requires { codec.finite_zero_point(0, 1.0f); })
      if (std::fabs(p.scale) >= 0x1p96f) {
        const std::int32_t before = p.zero_point;
        p.zero_point = codec.finite_zero_point(before, std::fabs(p.scale));
        for (std::size_t i = 0; i < e.codes.size(); ++i)
          if (e.layout.group[i] == static_cast<Index>(g))
            e.codes[i] = static_cast<lowbit::code_value_t<C>>(
                codec.grid().clamp(std::int32_t{e.codes[i]} + p.zero_point - before));
      }
  }
  lowbit::code_value_t<C> rest{};
  if (!e.codes.empty()) rest = codec.encode(0.0f, codec.prepare(e.parameters.back()));
  e.bytes = reference::stored<typename C::Code>(std::span<const lowbit::code_value_t<C>>(e.codes), rest,
                                                options.nibble_order == lowbit::NibbleOrder::low_first);
  e.decoded = reference::decode(codec, e.layout, std::span<const lowbit::code_value_t<C>>(e.codes),
                                std::span<const lowbit::Parameters>(e.parameters));
  return e;
}

template <lowbit::Codec C, class G, class S>
LOWBIT_COLD void expect_result(const lowbit::Quantized<C, G, S>& q, const Expected<C, S>& e,
                               const Shape& shape, const lowbit::Options& options) {
  const std::size_t groups = e.parameters.size();
  if (!(q.shape() == shape) || q.shape().order() != e.layout.shape.order())
    throw Mismatch(text_of("the shape is ", q.shape().text(), " in another order or not ", shape.text()));
  expect_equal("the number of groups", q.group_count(), static_cast<Index>(groups));
  if (q.nibble_order() != options.nibble_order) throw Mismatch("another order of nibbles");
  expect_same("codes", std::as_bytes(q.codes()), std::as_bytes(std::span(e.bytes)), sizeof(q.codes()[0]));
  std::vector<std::int32_t> zero_points;
  for (const auto& p : e.parameters)
    if (C::has_zero_point) zero_points.push_back(p.zero_point);
  e.scales.expect(q.parts().scales);
  expect_same("zero-points", q.zero_points(), std::span<const std::int32_t>(zero_points));
  const std::size_t bytes = e.bytes.size() + e.scales.bytes + 4 * zero_points.size();
  for (std::size_t g = 0; g < groups; ++g) {
    const lowbit::Parameters got = q.parameters(static_cast<Index>(g));
    expect_same("parameters", std::span<const float>(&got.scale, 1),
                std::span<const float>(&e.parameters[g].scale, 1));
    expect_equal("a zero-point", got.zero_point, e.parameters[g].zero_point);
  }
  const double n = static_cast<double>(q.size());
  expect_equal("bits_per_value", q.bits_per_value(),
               q.size() == 0 ? 0.0 : 8.0 * static_cast<double>(bytes) / n);
}

inline void expect_near(const char* what, double got, double want, double tolerance) {
  if (got == want || (got != got && want != want) || std::fabs(got - want) <= tolerance) return;
  throw Mismatch(text_of(what, " of the error report is ", got, ", not ", want));
}
inline void expect_report(const lowbit::ErrorReport& got, const lowbit::ErrorReport& want) {
  expect_equal("count of the error report", got.count, want.count);
  expect_equal("clipped of the error report", got.clipped, want.clipped);
  expect_equal("non_finite of the error report", got.non_finite, want.non_finite);
  expect_equal("zeroed of the error report", got.zeroed, want.zeroed);
  expect_equal("nan of the error report", got.nan, want.nan);
  expect_equal("positive_infinity of the error report", got.positive_infinity, want.positive_infinity);
  expect_equal("negative_infinity of the error report", got.negative_infinity, want.negative_infinity);
  expect_equal("decoded_nan of the error report", got.decoded_nan, want.decoded_nan);
  expect_equal("decoded_infinity of the error report", got.decoded_infinity, want.decoded_infinity);
  expect_equal("other_kind of the error report", got.other_kind, want.other_kind);
  expect_near("max_abs", got.max_abs, want.max_abs, 0.0);
  expect_near("mse", got.mse, want.mse, 1e-11 * want.mse);
  expect_near("mae", got.mae, want.mae, 1e-11 * want.mae);
  expect_near("mean_relative", got.mean_relative, want.mean_relative, 1e-11 * want.mean_relative);
  expect_near("snr_db", got.snr_db, want.snr_db, 1e-9);
  expect_near("cosine", got.cosine, want.cosine, 1e-11);
}

}  // namespace lowbit_test
