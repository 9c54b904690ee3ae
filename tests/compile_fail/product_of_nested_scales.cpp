// EXPECT: products of integers take scales that are stored as floats: see lowbit::widen
#include <lowbit/absmax.hpp>
#include <lowbit/group/per_channel.hpp>
#include <lowbit/matmul/matmul.hpp>
#include <lowbit/nested.hpp>
#include <lowbit/quantize/widen.hpp>

using Nested = lowbit::AbsmaxQuantizer<std::int8_t, lowbit::PerChannel, lowbit::MinMax, lowbit::NestedScales>;

Eigen::MatrixXf product(const Eigen::MatrixXf& x, const Eigen::MatrixXf& w) {
  const auto a = lowbit::AbsmaxQuantizer<std::int8_t>{}.quantize(x);
  const auto b = Nested{{.axis = 1}}.quantize(w);
#if COMPILE_FAIL
  return lowbit::matmul(a, b, lowbit::rescale);
#else
  return lowbit::matmul(a, lowbit::widen(b), lowbit::rescale);
#endif
}
