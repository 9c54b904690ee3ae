// EXPECT: backward_into\(\) of a temporary would refer to memory that is gone at the end of the statement
#include <lowbit/absmax.hpp>
#include <lowbit/training.hpp>

float first(const lowbit::AbsmaxQuantizer<std::int8_t>& quantizer, Eigen::MatrixXf& x) {
#if COMPILE_FAIL
  const auto gradients = lowbit::LearnedScale(quantizer).backward_into(x, x, x);
#else
  lowbit::LearnedScale learned(quantizer);
  const auto gradients = learned.backward_into(x, x, x);
#endif
  return gradients.scale[0];
}
