// matvec and linear of floats and quantized weights, against the sums that the library defines.
#include <lowbit/codec/tables/dynamic_map.hpp>
#include <lowbit/codec/tables/normal_float4.hpp>
#include <lowbit/matmul/weight_only.hpp>
#include <lowbit/scale/nested_scales.hpp>

#include <cmath>
#include <string>
#include <vector>

#include "differential/codecs.hpp"
#include "differential/family.hpp"
#include "differential/placement.hpp"
#include "differential/reference.hpp"
#include "differential/shapes.hpp"
#include "differential/values.hpp"
#include "support/weight_sums.hpp"

namespace lowbit_test {
namespace {

using lowbit::Index;
using lowbit::Shape;
using reference::at;

/// Groups that a product takes: whole rows, or blocks of whole words of codes.
template <class G>
G weight_group(Choices& choose, const Shape& shape, Index fields);
template <>
lowbit::PerTensor weight_group(Choices&, const Shape&, Index) {
  return {};
}
template <>
lowbit::PerChannel weight_group(Choices& choose, const Shape&, Index) {
  return {.axis = choose.one_of<Index>({0, -2})};
}
template <>
lowbit::Blockwise weight_group(Choices& choose, const Shape& shape, Index fields) {
  lowbit::Blockwise group;
  const Index inputs = shape[1];
  group.block_size = fields * choose.one_of<Index>({1, 2, 3, 4, 5, 8, 12, 16, 32, 48, 64});
  if (choose.one_in(2) && inputs > 0) {
    while (group.block_size > 0 && inputs % group.block_size != 0) group.block_size -= fields;
    if (group.block_size == 0) group.block_size = inputs;
  } else {
    group.axis = choose.one_of<Index>({1, -1});
    if (choose.one_in(8)) group.block_size = std::max<Index>(inputs, 1) + choose.below(10);
  }
  return group;
}

template <class S>
inline constexpr bool nested = std::is_same_v<S, lowbit::NestedScales>;

/// Any codes, scales and zero-points.
template <class S, lowbit::Codec C, class G>
lowbit::Encoded<C, G, S> random_parts(Choices& choose, const Shape& shape, const C& codec, const G& group) {
  lowbit::Encoded<C, G, S> parts{codec, group};
  std::uint64_t state = choose.bits();
  parts.codes.resize(lowbit::storage_bytes<typename C::Code>(at(shape.size())));
  for (auto& code : parts.codes.span())
    code = static_cast<std::remove_reference_t<decltype(code)>>(mixed(state));
  parts.nibble_order = choose.one_of({lowbit::NibbleOrder::low_first, lowbit::NibbleOrder::high_first});
  const auto groups = at(group.count(shape));
  const auto positive = [&] {
    return std::ldexp(static_cast<float>(mixed(state) >> 40), static_cast<int>(mixed(state) % 8) - 30);
  };
  if constexpr (nested<S>) {
    std::vector<std::uint8_t> codes(groups);
    std::vector<float> absmax((groups + 255) / 256);
    for (auto& c : codes) c = static_cast<std::uint8_t>(mixed(state));
    for (auto& a : absmax) a = positive();
    parts.scales = lowbit::NestedScales::Array(codes, absmax, positive(), lowbit::DynamicMap::levels);
  } else {
    parts.scales.resize(groups);
    for (auto& s : parts.scales.span()) s = mixed(state) % 16 == 0 ? 0.0f : positive();
  }
  if constexpr (C::has_zero_point) {
    parts.zero_points.resize(groups);
    for (auto& z : parts.zero_points.span()) z = static_cast<std::int32_t>(mixed(state) % 512) - 200;
  }
  return parts;
}

/// Code i of packed or plain storage, by hand.
template <lowbit::Codec C, class Parts>
lowbit::code_value_t<C> code_of(const Parts& parts, Index i) {
  using Traits = lowbit::CodeTraits<typename C::Code>;
  if constexpr (Traits::bits == 8) {
    return parts.codes[at(i)];
  } else {
    const bool high = (i % 2 == 1) == (parts.nibble_order == lowbit::NibbleOrder::low_first);
    const int field = parts.codes[at(i / 2)] >> (high ? 4 : 0) & 15;
    return static_cast<lowbit::code_value_t<C>>(Traits::min < 0 && field >= 8 ? field - 16 : field);
  }
}

inline float scale_of(const lowbit::FloatScales::Array& scales, Index g) { return scales[at(g)]; }
inline float scale_of(const lowbit::NestedScales::Array& scales, Index g) {
  const volatile float product =
      lowbit::DynamicMap::levels[scales.codes()[at(g)]] * scales.absmax()[at(g / 256)];
  return product + scales.mean();
}

template <lowbit::Codec C, class G, class In, class Out, class S = lowbit::FloatScales>
void run_weights(Choices& choose) {
  constexpr Index fields = 32 / lowbit::CodeTraits<typename C::Code>::bits, chunk = 16 * fields;
  const Threads threads(choose);
  const C codec = RandomCodec<C>::make(choose);
  const bool deep = choose.one_in(64);
  Index outputs = deep ? choose.between(1, 3) : choose.between(0, 40);
  Index inputs = deep               ? choose.between(8000, 9000)
                 : choose.one_in(2) ? choose.between(0, 300)
                                    : fields * choose.between(1, 80);
  const Index batch = deep ? choose.between(1, 2) : choose.one_of<Index>({0, 1, 2, 3, 4, 5, 7, 33, 40});
  if (fields == 8) inputs += inputs % 2;
  if (batch > 8) inputs = std::min<Index>(inputs, 200), outputs = std::min<Index>(outputs, 12);
  const Shape shape{outputs, inputs};
  const G group = weight_group<G>(choose, shape, fields);
  const auto parts = random_parts<S>(choose, shape, codec, group);
  const lowbit::Quantized<C, G, S> w(shape, parts);

  const std::vector<Index> one_group(at(batch * inputs));
  const auto x_of = [&](const Values& v) {
    auto elements = elements_of<In>(v.of);
    return elements;
  };
  const Values v = values(choose, one_group, 1);
  const std::vector<In> x = x_of(v);
  const Placement from = placement(choose, Shape{batch, inputs}, false),
                  to = placement(choose, Shape{batch, outputs}, false);
  const Memory<In> activations(from, x);
  const auto text = [&] {
    return text_of(RandomCodec<C>::text(codec), "; ", text_of_group(group),
                   nested<S> ? ", nested scales" : "", "; weights ", shape.text(), ", batch ", batch, " of ",
                   v.kind, " values ", from, ", result ", to, "; ", threads);
  };

  const reference::Layout layout = reference::layout_of(group, shape);
  std::vector<Out> want;
  for (Index b = 0; b < batch; ++b)
    for (Index r = 0; r < outputs; ++r) {
      std::vector<Term> terms(at((inputs + chunk - 1) / chunk * chunk));
      for (Index k = 0; k < inputs; ++k) {
        const Index i = r * inputs + k, g = layout.group[at(i)];
        float factor = 0.0f;
        if constexpr (C::has_zero_point) {
          factor = static_cast<float>(code_of<C>(parts, i)) - static_cast<float>(parts.zero_points[at(g)]);
        } else {
          factor = codec.decode(code_of<C>(parts, i), {1.0f, C::zero_point});
        }
        terms[at(k)] = {factor, scale_of(parts.scales, g), lowbit::to_float(x[at(b * inputs + k)])};
      }
      want.push_back(lowbit::from_float<Out>(defined_sum(terms, static_cast<std::size_t>(fields))));
    }
  const auto compare = [&](const char* what, std::span<const std::byte> got,
                           std::span<const std::byte> expected) {
    std::vector<Out> a(got.size() / sizeof(Out)), b(a.size());
    if (!a.empty()) {
      std::memcpy(static_cast<void*>(a.data()), got.data(), got.size());
      std::memcpy(static_cast<void*>(b.data()), expected.data(), expected.size());
    }
    for (std::size_t i = 0; i < a.size(); ++i) {  // which NaN comes out is not defined
      const float p = lowbit::to_float(a[i]), q = lowbit::to_float(b[i]);
      if (p != p && q != q) a[i] = b[i];
    }
    expect_same(what, std::span<const Out>(a), std::span<const Out>(b));
  };
  try {
    Memory<Out> y(to);
    const Memory<Out> expected(to, want);
    lowbit::WeightOnlyWorkspace workspace;
    lowbit::linear_into(activations.source(), w, y.view(), workspace);
    compare("linear_into", y.bytes(), expected.bytes());
    for (Index b = 0; b < std::min<Index>(batch, 2); ++b) {
      const Placement row_from = placement(choose, Shape{inputs}, false),
                      row_to = placement(choose, Shape{outputs}, false);
      const Memory<In> row(row_from, std::span(x).subspan(at(b * inputs), at(inputs)));
      Memory<Out> z(row_to);
      const Memory<Out> z_expected(row_to, std::span<const Out>(want).subspan(at(b * outputs), at(outputs)));
      lowbit::matvec_into(w, row.source(), z.view());
      compare("matvec_into", z.bytes(), z_expected.bytes());
    }
  } catch (const std::exception& failure) {
    throw Mismatch(text() + ": " + failure.what());
  }
}

template <lowbit::Codec C, class In, class Out>
void run_weight_codec(Choices& choose) {
  switch (choose.below(5)) {
    case 0:
      return run_weights<C, lowbit::PerTensor, In, Out>(choose);
    case 1:
      return run_weights<C, lowbit::PerChannel, In, Out>(choose);
    case 2:
      return run_weights<C, lowbit::Blockwise, In, Out, lowbit::NestedScales>(choose);
    default:
      return run_weights<C, lowbit::Blockwise, In, Out>(choose);
  }
}

const bool added[] = {
    add_family("weights_symmetric_int4", 20,
               run_weight_codec<lowbit::SymmetricInteger<lowbit::int4>, float, float>),
    add_family("weights_affine_uint4", 20,
               run_weight_codec<lowbit::AffineInteger<lowbit::uint4>, lowbit::float16, float>),
    add_family("weights_symmetric_int8", 10,
               run_weight_codec<lowbit::SymmetricInteger<std::int8_t>, double, lowbit::bf16>),
    add_family("weights_affine_uint8", 10,
               run_weight_codec<lowbit::AffineInteger<std::uint8_t>, float, double>),
    add_family("weights_normal_float4", 20,
               run_weight_codec<lowbit::Codebook<lowbit::NormalFloat4>, lowbit::bf16, lowbit::float16>),
    add_family("weights_runtime_uint4", 10,
               run_weight_codec<lowbit::Codebook<lowbit::RuntimeTable<lowbit::uint4>>, float, float>),
};

}  // namespace
}  // namespace lowbit_test
