// Errors without a device and of failed launches; calls neither wait nor allocate.
#include <lowbit/cuda.hpp>

#include "simt/machine.hpp"
#include "support/device_test.hpp"
#include "support/refusal.hpp"

namespace lowbit_test {
namespace {

namespace gpu = lowbit::cuda;

class Failures : public testing::Test {
 protected:
  void SetUp() override { simt::settings() = {}; }
  void TearDown() override { simt::settings() = {}; }

  /// Every call that launches kernels, on its own stream where it takes one.
  template <class F>
  void for_each_call(gpu::Stream stream, F&& f) {
    f("quantize_blockwise", [&, stream] {
      return gpu::quantize_blockwise(gpu::dynamic_map(), x.data(), 64, 64, codes.data(), scales.data(),
                                     {.stream = stream});
    });
    f("dequantize_blockwise", [&, stream] {
      return gpu::dequantize_blockwise(gpu::normal_float4(), codes.data(), scales.data(), 64, 64, y.data(),
                                       {.stream = stream});
    });
    f("nest_scales", [&, stream] {
      return gpu::nest_scales(x.data(), 64, codes.data(), scales.data(), scales.data() + 1, workspace.data(),
                              stream);
    });
    f("quantize_rows",
      [&, stream] { return gpu::quantize_rows(x.data(), 8, 8, signed_codes(), scales.data(), stream); });
    f("dequantize_rows",
      [&, stream] { return gpu::dequantize_rows(signed_codes(), scales.data(), 8, 8, y.data(), stream); });
    f("quantize_tensor_absmax", [&, stream] {
      return gpu::quantize_tensor_absmax(x.data(), 64, signed_codes(), scales.data(), workspace.data(),
                                         stream);
    });
    f("quantize_tensor_zero_point", [&, stream] {
      return gpu::quantize_tensor_zero_point(x.data(), 64, codes.data(), scales.data(), zero_point.data(),
                                             workspace.data(), stream);
    });
    f("dequantize_tensor",
      [&, stream] { return gpu::dequantize_tensor(signed_codes(), scales.data(), 64, y.data(), stream); });
    f("matvec", [&, stream] {
      return gpu::matvec({gpu::normal_float4(), codes.data(), scales.data(), 2, 64, 64}, x.data(), y.data(),
                         stream);
    });
  }
  std::int8_t* signed_codes() const { return reinterpret_cast<std::int8_t*>(codes.data()); }

  const DeviceArray<float> x{std::vector<float>(64, 1.0f)}, scales{64}, y{64};
  const DeviceArray<std::uint8_t> codes{64};
  const DeviceArray<std::int32_t> zero_point{1};
  const DeviceArray<char> workspace{
      static_cast<std::size_t>(std::max(gpu::tensor_workspace(), gpu::nest_scales_workspace(64)))};
};

TEST_F(Failures, WithoutADeviceEveryCallSaysSo) {
  simt::settings().devices = 0;
  for_each_call(nullptr, [&](const char* name, auto call) {
    const gpu::DeviceStatus status = call();
    EXPECT_EQ(status.code(), gpu::StatusCode::no_device) << name;
    EXPECT_THAT(status.message(), testing::StartsWith(name));
    EXPECT_THAT(status.message(), testing::HasSubstr("no CUDA device"));
    EXPECT_EQ(cudaGetLastError(), cudaSuccess) << "an error is reported once";
  });
  simt::settings().devices = 1;
}

TEST_F(Failures, AFailedLaunchIsReportedWithTheTextOfTheRuntime) {
  for_each_call(nullptr, [&](const char* name, auto call) {
    simt::settings().failing_launches = 1;
    const gpu::DeviceStatus status = call();
    EXPECT_EQ(status.code(), gpu::StatusCode::cuda_error) << name;
    EXPECT_THAT(status.message(), testing::StartsWith(name));
    EXPECT_THAT(status.message(), testing::HasSubstr("cudaErrorLaunchOutOfResources"));
    EXPECT_EQ(simt::settings().failing_launches, 0);
    EXPECT_EQ(cudaGetLastError(), cudaSuccess);
    EXPECT_TRUE(is_ok(call())) << "and the next call works";
  });
}

TEST_F(Failures, OwnedMemoryThrows) {
  simt::settings().memory = 1000;
  EXPECT_TRUE(refuses<std::runtime_error>([] { gpu::DeviceBuffer<float> b(100000); },
                                          {"400000 bytes of device memory"}));
  simt::settings().devices = 0;
  EXPECT_TRUE(refuses<std::runtime_error>([] { gpu::DeviceBuffer<float> b(1); }, {"allocate", "NoDevice"}));
  EXPECT_EQ(gpu::wait().code(), gpu::StatusCode::no_device);
  simt::settings().devices = 1;
}

TEST_F(Failures, CallsOnlyEnqueue) {
  cudaStream_t stream = nullptr;
  ASSERT_EQ(cudaStreamCreateWithFlags(&stream, cudaStreamNonBlocking), cudaSuccess);
  for_each_call(stream, [&](const char* name, auto call) {
    const std::uint64_t launches = simt::statistics().launches;
    cudaGraph_t graph = nullptr;
    ASSERT_EQ(cudaStreamBeginCapture(stream, cudaStreamCaptureModeGlobal), cudaSuccess);
    EXPECT_TRUE(is_ok(call())) << name;
    ASSERT_EQ(cudaStreamEndCapture(stream, &graph), cudaSuccess);
    EXPECT_EQ(simt::statistics().launches, launches);
    cudaGraphExec_t executable = nullptr;
    ASSERT_EQ(cudaGraphInstantiate(&executable, graph, 0), cudaSuccess);
    for (int k = 0; k < 2; ++k) ASSERT_EQ(cudaGraphLaunch(executable, stream), cudaSuccess);
    ASSERT_EQ(cudaStreamSynchronize(stream), cudaSuccess);
    EXPECT_GE(simt::statistics().launches, launches + 2) << name;
    EXPECT_EQ(cudaGraphExecDestroy(executable), cudaSuccess);
    EXPECT_EQ(cudaGraphDestroy(graph), cudaSuccess);
  });
  EXPECT_EQ(cudaStreamDestroy(stream), cudaSuccess);
}

}  // namespace
}  // namespace lowbit_test
