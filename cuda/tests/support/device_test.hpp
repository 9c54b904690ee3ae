// The fixture of tests that run on a device, real or emulated.
#pragma once
#include <cuda_runtime.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <lowbit/cuda/status.hpp>

#include "support/device_array.hpp"
#include "support/orders.hpp"

namespace lowbit_test {

/// Skips where there is no device.
class DeviceTest : public testing::Test {
 protected:
  void SetUp() override {
    int devices = 0;
    const cudaError_t e = cudaGetDeviceCount(&devices);
    if (e != cudaSuccess || devices == 0) {
      (void)cudaGetLastError();
      GTEST_SKIP() << "there is no CUDA device here: " << cudaGetErrorString(e);
    }
  }
  /// No error may be left for the next call.
  void TearDown() override {
    if (!IsSkipped()) {
      EXPECT_EQ(cudaPeekAtLastError(), cudaSuccess);
    }
  }
};

inline testing::AssertionResult is_ok(const lowbit::cuda::DeviceStatus& s) {
  return s.ok() ? testing::AssertionSuccess() : testing::AssertionFailure() << s.message();
}
/// Whether a call was refused with a message that contains all parts, in this order.
inline testing::AssertionResult refused(const lowbit::cuda::DeviceStatus& s,
                                        std::initializer_list<std::string_view> parts) {
  if (s.code() != lowbit::cuda::StatusCode::invalid_argument)
    return testing::AssertionFailure() << "not refused: " << s.message();
  const std::string_view message = s.message();
  std::size_t at = 0;
  for (const std::string_view part : parts) {
    const std::size_t found = message.find(part, at);
    if (found == message.npos) return testing::AssertionFailure() << "no '" << part << "' in: " << message;
    at = found + part.size();
  }
  return testing::AssertionSuccess() << message;
}

}  // namespace lowbit_test
