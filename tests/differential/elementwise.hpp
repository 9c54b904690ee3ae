// quantize, quantize_into, dequantize, dequantize_into, fake_quantize_into, observe, freeze and error of one
// random case, compared with the reference bit for bit.
#pragma once
#include <lowbit/quantize/error.hpp>
#include <lowbit/quantize/quantizer.hpp>

#include <algorithm>
#include <cmath>
#include <limits>
#include <memory>
#include <string>
#include <type_traits>
#include <vector>

#include "differential/codecs.hpp"
#include "differential/expected.hpp"
#include "differential/family.hpp"
#include "differential/placement.hpp"
#include "differential/reference.hpp"
#include "differential/shapes.hpp"
#include "differential/values.hpp"

namespace lowbit_test {

template <class T>
inline constexpr const char* scalar_name = "float";
template <>
inline constexpr const char* scalar_name<double> = "double";
template <>
inline constexpr const char* scalar_name<lowbit::float16> = "float16";
template <>
inline constexpr const char* scalar_name<lowbit::bf16> = "bfloat16";

/// The matrix of Eigen that dequantize returns.
template <class T>
struct EigenScalar {
  using type = T;
};
template <>
struct EigenScalar<lowbit::float16> {
  using type = Eigen::half;
};
template <>
struct EigenScalar<lowbit::bf16> {
  using type = Eigen::bfloat16;
};

/// A tensor in memory and its values in row-major order.
template <class T>
struct Input {
  Placement place;
  Values values;
  std::vector<T> elements;  ///< row-major
  std::vector<reference::Real<T>> x;
  Memory<T> memory;

  Input(const Placement& p, Values v)
      : place{p}, values{std::move(v)}, elements{elements_of<T>(values.of)}, memory(p, elements) {
    for (std::size_t i = 0; i < elements.size() && has_repeats(); ++i) elements[i] = read(i);
    for (const T& e : elements) x.push_back(reference::real_value(e));
  }

 private:
  bool has_repeats() const {
    for (int a = 0; a < place.shape.rank(); ++a)
      if (place.strides[static_cast<std::size_t>(a)] == 0 && place.shape[a] > 1) return true;
    return false;
  }
  T read(std::size_t i) const {
    const auto indices = place.shape.in_order(lowbit::Order::row_major).indices(static_cast<Index>(i));
    Index offset = 0;
    for (std::size_t a = 0; a < static_cast<std::size_t>(place.shape.rank()); ++a)
      offset += indices[a] * place.strides[a];
    return memory.source().data[offset];
  }
};
template <class T, class G>
std::unique_ptr<Input<T>> random_input(Choices& choose, const Shape& shape, const G& group) {
  const reference::Layout rows =
      reference::layout_of(group, shape);  // blocks in storage order are others, no matter
  std::vector<Index> groups(rows.group.size());
  for (std::size_t i = 0; i < groups.size(); ++i) groups[reference::at(rows.element[i])] = rows.group[i];
  Values v = values(choose, groups, rows.groups);
  const Placement p = placement(choose, shape, true);
  return std::make_unique<Input<T>>(p, std::move(v));
}

/// One random case. The harness is marked cold to spare the compiler its optimization.
template <lowbit::Codec C, lowbit::Group G, class In, class Out, class S = lowbit::FloatScales>
class ElementwiseCase {
 public:
  LOWBIT_COLD ElementwiseCase(Choices& choose, const C& codec)
      : threads_{choose},
        shape_{random_shape(choose, least_rank<G>)},
        group_{random_group<G>(choose, shape_)},
        quantizer_{group_, codec},
        input_{random_input<In>(choose, shape_, group_)},
        target_{placement(choose, shape_, false)} {
    options_.nibble_order = choose.one_of({lowbit::NibbleOrder::low_first, lowbit::NibbleOrder::high_first});
    options_.non_finite =
        choose.one_of({lowbit::NonFinite::reject, lowbit::NonFinite::saturate, lowbit::NonFinite::saturate});
    mode_ = choose.one_of({Mode::dynamic, Mode::dynamic, Mode::observed, Mode::ranges, Mode::parameters});
  }

  LOWBIT_COLD void run(Choices& choose) {
    try {
      check(choose);
    } catch (const std::exception& failure) {
      throw Mismatch(text() + ": " + failure.what());
    }
  }

 private:
  enum class Mode { dynamic, observed, ranges, parameters };
  using Result = lowbit::Quantized<C, G, S>;
  using Real = reference::Real<In>;

  LOWBIT_COLD std::string text() const {
    constexpr const char* modes[] = {"dynamic", "observed", "frozen ranges", "frozen parameters"};
    return text_of(
        RandomCodec<C>::text(quantizer_.codec()), "; ", text_of_group(group_), ReferenceScales<S>::name, "; ",
        scalar_name<In>, " ", shape_.text(), " ", input_->place, " of ", input_->values.kind, " values to ",
        scalar_name<Out>, " ", target_, "; ", modes[static_cast<int>(mode_)],
        options_.non_finite == lowbit::NonFinite::reject ? ", reject" : ", saturate",
        options_.nibble_order == lowbit::NibbleOrder::low_first ? "" : ", high first", "; ", threads_);
  }

  LOWBIT_COLD void check(Choices& choose) {
    const C& codec = quantizer_.codec();
    reference::Layout layout = reference::layout_of(group_, input_->place.shape);
    const auto seen = reference::ranges_of(layout, std::span<const Real>(input_->x));
    std::vector<lowbit::Parameters> parameters;
    if (mode_ == Mode::dynamic) {
      parameters = chosen<S>(codec, seen.of);
      refused_ =
          C::scaled && (seen.non_finite > 0 || seen.lost) && options_.non_finite == lowbit::NonFinite::reject;
    } else {
      parameters = freeze(choose, layout);
    }
    const lowbit::View<const In> x = input_->memory.source();
    Result before = something_else(choose);
    if (refused_) return check_refusals(x, before);
    const Expected<C, S> e = expected<S>(codec, std::move(layout), std::span<const Real>(input_->x),
                                         std::move(parameters), options_);
    const Result q = quantizer_.quantize(x, options_);
    expect_result(q, e, shape_, options_);
    quantizer_.quantize_into(x, before, options_);
    try {
      expect_result(before, e, shape_, options_);
    } catch (const Mismatch& m) {
      throw Mismatch(text_of("into a result that was used before: ", m.what()));
    }
    check_decoded(q, x, e);
    check_error(q, x, e);
  }

  /// Makes the quantizer static; returns the parameters that it should have chosen.
  LOWBIT_COLD std::vector<lowbit::Parameters> freeze(Choices& choose, const reference::Layout& layout) {
    const C& codec = quantizer_.codec();
    if (mode_ == Mode::ranges) {
      const auto ranges = random_ranges(choose, layout.groups);
      quantizer_.freeze(std::span<const lowbit::Range>(ranges));
      return chosen<S>(codec, ranges);
    }
    if (mode_ == Mode::parameters) {
      auto parameters = random_parameters<C>(choose, layout.groups);
      quantizer_.freeze(std::span<const lowbit::Parameters>(parameters));
      for (auto& p : parameters) {
        if constexpr (!C::has_zero_point) p.zero_point = C::zero_point;
        p = lowbit::within_float(codec, p);
        if (!C::scaled) p.scale = 1.0f;
      }
      if constexpr (C::scaled && !lowbit::EncodesWithIdeal<S>) {
        std::vector<float> scales;
        for (const auto& p : parameters) scales.push_back(p.scale);
        scales = ReferenceScales<S>::stored(scales, {.largest = 1.0f, .max_scale = codec.levels().max_scale});
        for (std::size_t g = 0; g < parameters.size(); ++g) parameters[g].scale = scales[g];
      }
      return parameters;
    }
    std::vector<lowbit::BasicRange<Real>> all(static_cast<std::size_t>(layout.groups));
    for (Index batches = choose.between(1, 2), b = 0; b < batches; ++b) {
      const auto batch = random_input<In>(choose, shape_, group_);
      const auto walk = reference::layout_of(group_, batch->place.shape);
      const auto seen = reference::ranges_of(walk, std::span<const Real>(batch->x));
      const auto observe = [&] { quantizer_.observe(batch->memory.source(), options_); };
      if ((seen.non_finite > 0 || seen.lost) && options_.non_finite == lowbit::NonFinite::reject) {
        expect_refusal("observe of what is not finite", observe);
        continue;
      }
      observe();
      ++observed_;
      for (std::size_t g = 0; g < all.size(); ++g) all[g] = all[g].merged(seen.of[g]);
    }
    const bool found = std::ranges::any_of(all, [](const auto& r) { return !r.empty(); });
    if (!found) {
      expect_refusal("freeze of nothing", [&] { quantizer_.freeze(); });
      const std::vector<lowbit::Range> ones(all.size(), lowbit::Range{-1.0f, 1.0f});
      quantizer_.freeze(std::span<const lowbit::Range>(ones));
      return chosen<S>(codec, ones);
    }
    const auto ranges = quantizer_.ranges();
    std::vector<lowbit::Range> rounded;
    for (const auto& r : all) rounded.push_back(lowbit::to_float(r));
    expect_same("observed ranges", std::span<const lowbit::Range>(ranges),
                std::span<const lowbit::Range>(rounded));
    quantizer_.freeze();
    const auto parameters = chosen<S>(codec, all);
    for (std::size_t g = 0; g < parameters.size(); ++g)
      if (C::scaled && !(quantizer_.parameters(static_cast<Index>(g)) == parameters[g]))
        throw Mismatch(text_of("static parameters of group ", g, " are not those of its range"));
    return parameters;
  }

  /// A result that held another tensor.
  LOWBIT_COLD Result something_else(Choices& choose) const {
    Result q;
    if (choose.one_in(2)) return q;
    const Shape shape = random_shape(choose, least_rank<G>);
    const G group = random_group<G>(choose, shape);
    const std::vector<In> ones(static_cast<std::size_t>(shape.size()), lowbit::from_float<In>(1.0f));
    lowbit::Quantizer<C, G, lowbit::MinMax, S>(group, quantizer_.codec())
        .quantize_into(lowbit::view(std::span(ones), shape), q);
    return q;
  }

  LOWBIT_COLD void check_refusals(const lowbit::View<const In>& x, Result& before) {
    expect_refusal("quantize of what is not finite", [&] { (void)quantizer_.quantize(x, options_); });
    const Result copy = before;
    expect_refusal("quantize_into of what is not finite",
                   [&] { quantizer_.quantize_into(x, before, options_); });
    const auto same = [](const char* what, const auto& a, const auto& b) { expect_same(what, a, b); };
    if (!(before.shape() == copy.shape())) throw Mismatch("a refused call changed the shape of its result");
    same("codes after a refused call", before.codes(), copy.codes());
    std::vector<float> scales(before.parts().scales.size()), kept(copy.parts().scales.size());
    before.parts().scales.load(0, scales.size(), scales.data());
    copy.parts().scales.load(0, kept.size(), kept.data());
    same("scales after a refused call", std::span<const float>(scales), std::span<const float>(kept));
    same("zero-points after a refused call", before.zero_points(), copy.zero_points());
    Memory<Out> y(target_);
    const Memory<Out> untouched(target_);
    expect_refusal("fake_quantize_into of what is not finite",
                   [&] { quantizer_.fake_quantize_into(x, y.view(), options_); });
    expect_same("a target after a refused call", y.bytes(), untouched.bytes(), sizeof(Out));
  }

  LOWBIT_COLD void check_decoded(const Result& q, const lowbit::View<const In>& x,
                                 const Expected<C, S>& e) const {
    std::vector<Out> values;
    for (float v : e.decoded) values.push_back(lowbit::from_float<Out>(v));
    const Memory<Out> want(target_, values);
    {
      Memory<Out> y(target_);
      q.dequantize_into(y.view());
      expect_same("dequantize_into", y.bytes(), want.bytes(), sizeof(Out));
    }
    {
      Memory<Out> y(target_);
      quantizer_.fake_quantize_into(x, y.view(), options_);
      expect_same("fake_quantize_into", y.bytes(), want.bytes(), sizeof(Out));
    }
    if constexpr (std::is_same_v<In, Out>) {
      Placement own = input_->place;
      if (std::none_of(own.strides.begin(), own.strides.begin() + shape_.rank(),
                       [](Index s) { return s == 0; })) {
        const Memory<Out> there(own, values);
        Memory<Out> y(own, std::span<const Out>(input_->elements));
        quantizer_.fake_quantize_into(y.source(), y.view(), options_);
        expect_same("fake_quantize_into in place", y.bytes(), there.bytes(), sizeof(Out));
      }
    }
    if (shape_.rank() <= 2) {
      using Matrix = Eigen::Matrix<typename EigenScalar<Out>::type, Eigen::Dynamic, Eigen::Dynamic>;
      const Matrix m = q.template dequantize<Matrix>();
      std::vector<Out> columns(values.size());
      const Index rows = shape_.rank() > 0 ? shape_[0] : 1, width = shape_.rank() > 1 ? shape_[1] : 1;
      for (Index i = 0; i < rows; ++i)
        for (Index j = 0; j < width; ++j)
          columns[reference::at(i + j * rows)] = values[reference::at(i * width + j)];
      expect_same("dequantize", std::as_bytes(std::span(m.data(), static_cast<std::size_t>(m.size()))),
                  std::as_bytes(std::span(columns)), sizeof(Out));
    }
  }

  LOWBIT_COLD void check_error(const Result& q, const lowbit::View<const In>& x,
                               const Expected<C, S>& e) const {
    const auto want = reference::error(quantizer_.codec(), e.layout, std::span<const In>(input_->elements),
                                       std::span<const float>(e.decoded),
                                       std::span<const lowbit::Parameters>(e.parameters));
    expect_report(lowbit::error(x, q), want);
  }

  Threads threads_;
  Shape shape_;
  G group_;
  lowbit::Quantizer<C, G, lowbit::MinMax, S> quantizer_;
  std::unique_ptr<Input<In>> input_;
  Placement target_;
  lowbit::Options options_;
  Mode mode_ = Mode::dynamic;
  int observed_ = 0;
  bool refused_ = false;
};

/// Any group.
template <lowbit::Codec C, class In, class Out>
void run_codec(Choices& choose) {
  const C codec = RandomCodec<C>::make(choose);
  switch (choose.below(4)) {
    case 0:
      return ElementwiseCase<C, lowbit::PerTensor, In, Out>(choose, codec).run(choose);
    case 1:
      return ElementwiseCase<C, lowbit::PerChannel, In, Out>(choose, codec).run(choose);
    default:
      return ElementwiseCase<C, lowbit::Blockwise, In, Out>(choose, codec).run(choose);
  }
}

}  // namespace lowbit_test
