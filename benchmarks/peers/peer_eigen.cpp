// The same work as an Eigen expression. Built twice: with default flags, and with -O3 -march=native.
#include "peer.hpp"

namespace {

using namespace bench;

using Codes = Matrix<std::int8_t>;
const std::string eigen = std::string("peer/") + LOWBIT_PEER + '/';
constexpr const char* rounding = "the quotient or the product rounds otherwise";

float absmax(const Eigen::Ref<const Matrix<float>>& x) { return x.cwiseAbs().maxCoeff(); }

/// A row of the tensor's size whose result has the type of our codes or values.
template <class Theirs, class Quantizer, class Call>
void add_quantize_peer(const std::string& name, const Quantizer& quantizer, Call call) {
  add_sizes(eigen + "quantize/" + name, [=](benchmark::State& state, Eigen::Index side) {
    auto x = weights(side);
    Theirs theirs(side, side);
    const auto ours = quantizer.quantize(x.matrix());
    const auto* codes = reinterpret_cast<const typename Theirs::Scalar*>(ours.codes().data());
    measure_peer(state, work_of(ours, x.bytes()), codes, theirs.data(), rounding,
                 [&] { call(x.matrix(), theirs, ours.parameters(0).scale); });
  });
}

template <class Codes, class Quantizer, class Call>
void add_dequantize_peer(const std::string& name, const Quantizer& quantizer, Call call) {
  add_sizes(eigen + "dequantize/" + name, [=](benchmark::State& state, Eigen::Index side) {
    const auto q = quantizer.quantize(weights(side).matrix());
    const auto* codes = reinterpret_cast<const typename Codes::Scalar*>(q.codes().data());
    const Matrix<float> ours = q.template dequantize<Matrix<float>>();
    Matrix<float> theirs(side, side);
    measure_peer(state, work_of(q, sizeof(float) * static_cast<std::size_t>(ours.size())), ours.data(),
                 theirs.data(), rounding,
                 [&] { call(Eigen::Map<const Codes>(codes, side, side), theirs, q.parameters(0).scale); });
  });
}

const Rows version([] {
  benchmark::AddCustomContext(
      "versions", "Eigen " LOWBIT_STRINGIFY(EIGEN_WORLD_VERSION) "." LOWBIT_STRINGIFY(
                      EIGEN_MAJOR_VERSION) "." LOWBIT_STRINGIFY(EIGEN_MINOR_VERSION) ", " LOWBIT_PEER_FLAGS);
});

const Rows quantize([] {
  const auto round = [](const auto& x) {
    return x.rint().max(-127.0f).min(127.0f).template cast<std::int8_t>();
  };
  add_quantize_peer<Codes>("int8/tensor", given_scale(lowbit::AbsmaxQuantizer<std::int8_t>{}),
                           [=](const auto& x, Codes& q, float scale) { q = round(x.array() / scale); });
  add_quantize_peer<Codes>(
      "int8/tensor/found", lowbit::AbsmaxQuantizer<std::int8_t>{},
      [=](const auto& x, Codes& q, float) { q = round(x.array() / (absmax(x) / 127.0f)); });
  add_quantize_peer<Codes>("int8/channel_outer",
                           lowbit::AbsmaxQuantizer<std::int8_t, lowbit::PerChannel>{{.axis = 0}},
                           [=](const auto& x, Codes& q, float) {
                             const Eigen::ArrayXf scales = x.cwiseAbs().rowwise().maxCoeff() / 127.0f;
                             q = round(x.array().colwise() / scales);
                           });
});

const Rows ranges([] {
  add_sizes(eigen + "observe/absmax/tensor", [](benchmark::State& state, Eigen::Index side) {
    auto x = weights(side);
    measure(state, {x.bytes() / sizeof(float), static_cast<double>(x.bytes())},
            [&] { benchmark::DoNotOptimize(absmax(x.matrix())); });
    const float scale = lowbit::AbsmaxQuantizer<std::int8_t>{}.quantize(x.matrix()).scale(0);
    state.SetLabel(scale == absmax(x.matrix()) / 127.0f ? "equal" : "the range differs");
  });
  add_sizes(eigen + "observe/min_max/tensor", [](benchmark::State& state, Eigen::Index side) {
    auto x = weights(side);
    measure(state, {x.bytes() / sizeof(float), static_cast<double>(x.bytes())}, [&] {
      benchmark::DoNotOptimize(x.matrix().minCoeff());
      benchmark::DoNotOptimize(x.matrix().maxCoeff());
    });
    const lowbit::Quantizer<lowbit::AffineInteger<std::uint8_t>> exact{{},
                                                                       {.range = lowbit::RangePolicy::exact}};
    const double width = double{x.matrix().maxCoeff()} - double{x.matrix().minCoeff()};
    const bool same = exact.quantize(x.matrix()).scale(0) == static_cast<float>(width / 255.0);
    state.SetLabel(same ? "equal" : "the range differs");
  });
});

template <class Half, class Ours>
void add_casts(const std::string& name) {
  add_quantize_peer<Matrix<Half>>(name, lowbit::CastQuantizer<Ours>{},
                                  [](const auto& x, Matrix<Half>& q, float) { q = x.template cast<Half>(); });
  add_dequantize_peer<Matrix<Half>>(
      name, lowbit::CastQuantizer<Ours>{},
      [](const auto& q, Matrix<float>& y, float) { y = q.template cast<float>(); });
}

const Rows dequantize([] {
  add_dequantize_peer<Codes>(
      "int8/tensor", lowbit::AbsmaxQuantizer<std::int8_t>{},
      [](const auto& q, Matrix<float>& y, float scale) { y = q.template cast<float>() * scale; });
  add_casts<Eigen::bfloat16, lowbit::bf16>("bfloat16");
  add_casts<Eigen::half, lowbit::float16>("float16");
});

}  // namespace
