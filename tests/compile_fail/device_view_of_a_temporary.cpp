// EXPECT: view\(\) of a temporary would refer to memory that is gone at the end of the statement
#include <lowbit/cuda.hpp>

void use(const Eigen::MatrixXf& w) {
#if COMPILE_FAIL
  const auto view = lowbit::cuda::to_device(w).view();
#else
  const auto tensor = lowbit::cuda::to_device(w);
  const auto view = tensor.view();
#endif
  static_cast<void>(view);
}
