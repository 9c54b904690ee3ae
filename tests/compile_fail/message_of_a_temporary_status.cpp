// EXPECT: message\(\) of a temporary would refer to memory that is gone at the end of the statement
#include <lowbit/cuda/memory.hpp>

const char* use() {
#if COMPILE_FAIL
  const char* const message = lowbit::cuda::wait().message();
#else
  static lowbit::cuda::DeviceStatus status;
  status = lowbit::cuda::wait();
  const char* const message = status.message();
#endif
  return message;
}
