// EXPECT: extents\(\) of a temporary would refer to memory that is gone at the end of the statement
#include <lowbit/absmax.hpp>

lowbit::Index product(const Eigen::MatrixXf& w) {
  lowbit::Index total = 1;
  const lowbit::AbsmaxQuantizer<std::int8_t> quantizer;
#if COMPILE_FAIL
  for (const lowbit::Index e : quantizer.quantize(w).shape().extents()) total *= e;
#else
  const lowbit::Shape shape = quantizer.quantize(w).shape();  // a shape of a temporary is a copy
  for (const lowbit::Index e : shape.extents()) total *= e;
#endif
  return total;
}
