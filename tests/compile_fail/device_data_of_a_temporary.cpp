// EXPECT: data\(\) of a temporary would refer to memory that is gone at the end of the statement
#include <lowbit/cuda.hpp>

lowbit::cuda::DeviceBuffer<float> make();

void use(lowbit::cuda::Stream stream) {
#if COMPILE_FAIL
  const float* const data = make().data(stream);
#else
  const auto buffer = make();
  const float* const data = buffer.data(stream);
#endif
  static_cast<void>(data);
}
