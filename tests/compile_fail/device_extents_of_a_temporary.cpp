// EXPECT: extents\(\) of a temporary would refer to memory that is gone at the end of the statement
#include <lowbit/cuda.hpp>

lowbit::Index sum(const Eigen::MatrixXf& w) {
  lowbit::Index total = 0;
#if COMPILE_FAIL
  for (const lowbit::Index e : lowbit::cuda::to_device(w).shape().extents()) total += e;
#else
  const lowbit::Shape shape = lowbit::cuda::to_device(w).shape();  // of a temporary it is a value
  for (const lowbit::Index e : shape.extents()) total += e;
#endif
  return total;
}
