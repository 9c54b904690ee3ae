// EXPECT: scales\(\) of a temporary would refer to memory that is gone at the end of the statement
#include <lowbit/absmax.hpp>
#include <lowbit/training.hpp>

float first(const lowbit::AbsmaxQuantizer<std::int8_t>& quantizer) {
#if COMPILE_FAIL
  const auto scales = lowbit::LearnedScale(quantizer).scales();
#else
  const lowbit::LearnedScale learned(quantizer);
  const auto scales = learned.scales();
#endif
  return scales[0];
}
