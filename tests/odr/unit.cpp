// Compiled once per set of flags; QUANTIZE is the name of its function. Eigen sees our memory through Maps
// only: its own heap objects are aligned by the flags of one unit and released by those of another, and
// crash.
#include "unit.hpp"

#include <lowbit/lowbit.hpp>
#if LOWBIT_TEST_ALL_HEADERS
#include "all_headers.hpp"
#endif

Answer QUANTIZE(std::span<const float> values) {
  const auto size = static_cast<Eigen::Index>(values.size());
  lowbit::AbsmaxQuantizer<std::int8_t> absmax;
  auto q = absmax.quantize(Eigen::Map<const Eigen::VectorXf>(values.data(), size));
  Answer answer;
  answer.codes.assign(q.codes().begin(), q.codes().end());
  answer.decoded.resize(values.size());
  Eigen::Map<Eigen::VectorXf> back(answer.decoded.data(), size);
  q.dequantize_into(back);
  answer.quantized = std::make_shared<decltype(q)>(std::move(q));
  return answer;
}
