// What tests of the emulator itself begin with.
#pragma once
#include <cuda_runtime.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <utility>
#include <vector>

#include "support/device_array.hpp"

namespace simt_test {

using lowbit_test::DeviceArray;

/// Settings of its own for each test.
class Simt : public testing::Test {
 protected:
  void SetUp() override { simt::settings() = {}; }
  void TearDown() override { simt::settings() = {}; }
};

/// One launch on the default stream, waited for.
template <class... Parameters, class... Arguments>
void launch(void (*kernel)(Parameters...), dim3 blocks, dim3 threads, Arguments... arguments) {
  const cudaLaunchConfig_t config{blocks, threads, 0, nullptr, nullptr, 0};
  ASSERT_EQ(cudaLaunchKernelEx(&config, kernel, arguments...), cudaSuccess);
  ASSERT_EQ(cudaDeviceSynchronize(), cudaSuccess);
}

/// The Violation's text; empty when there was none.
template <class F>
std::string violation(F&& f) {
  try {
    std::forward<F>(f)();
  } catch (const simt::Violation& v) {
    return v.what();
  }
  return "";
}

inline constexpr simt::Order orders[] = {simt::Order::ascending, simt::Order::descending,
                                         simt::Order::random};

#if defined(__SANITIZE_ADDRESS__)
inline constexpr bool watches_addresses = true;
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
inline constexpr bool watches_addresses = true;
#else
inline constexpr bool watches_addresses = false;
#endif
#else
inline constexpr bool watches_addresses = false;
#endif
#if defined(__SANITIZE_THREAD__)
inline constexpr bool watches_races = true;
#else
inline constexpr bool watches_races = false;
#endif

}  // namespace simt_test
