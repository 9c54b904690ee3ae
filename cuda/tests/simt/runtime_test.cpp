// Streams, events, graphs, copies and failures of the emulated runtime.
#include <limits>
#include <thread>

#include "simt/support.hpp"

namespace simt_test {
namespace {

class Runtime : public Simt {
 protected:
  static cudaError_t add(int* x, int n, cudaStream_t stream, int amount = 1) {
    const cudaLaunchConfig_t config{dim3(static_cast<unsigned>((n + 31) / 32)), 32, 0, stream, nullptr, 0};
    return cudaLaunchKernelEx(&config, add_kernel, x, n, amount);
  }
  __global__ static void add_kernel(int* x, int n, int amount) {
    const int i = static_cast<int>(blockIdx.x * blockDim.x + threadIdx.x);
    if (i < n) x[i] += amount;
  }
  __global__ static void copy_kernel(const int* x, int* y) { y[threadIdx.x] = x[threadIdx.x]; }
  static cudaStream_t new_stream() {
    cudaStream_t s = nullptr;
    EXPECT_EQ(cudaStreamCreateWithFlags(&s, cudaStreamNonBlocking), cudaSuccess);
    return s;
  }
};

TEST_F(Runtime, StreamsOvertakeEachOtherUnlessAnEventForbidsIt) {
  for (const bool with_event : {false, true}) {
    const DeviceArray<int> x(std::vector<int>(32, 1)), y(32);
    const cudaStream_t first = new_stream(), second = new_stream();
    cudaEvent_t done = nullptr;
    ASSERT_EQ(cudaEventCreate(&done), cudaSuccess);
    ASSERT_EQ(add(x.data(), 32, first), cudaSuccess);
    ASSERT_EQ(cudaEventRecord(done, first), cudaSuccess);
    if (with_event) {
      ASSERT_EQ(cudaStreamWaitEvent(second, done), cudaSuccess);
    }
    const cudaLaunchConfig_t config{1, 32, 0, second, nullptr, 0};
    ASSERT_EQ(cudaLaunchKernelEx(&config, copy_kernel, x.data(), y.data()), cudaSuccess);
    ASSERT_EQ(cudaStreamSynchronize(second), cudaSuccess);
    EXPECT_EQ(y.to_host()[0], with_event ? 2 : 1);
    EXPECT_EQ(x.to_host()[0], 2);
    EXPECT_EQ(cudaEventDestroy(done), cudaSuccess);
    EXPECT_EQ(cudaStreamDestroy(first), cudaSuccess);
    EXPECT_EQ(cudaStreamDestroy(second), cudaSuccess);
  }
}

TEST_F(Runtime, TheDefaultStreamWaitsForOthers) {
  const DeviceArray<int> x(std::vector<int>(32, 1));
  cudaStream_t stream = nullptr;
  ASSERT_EQ(cudaStreamCreate(&stream), cudaSuccess);
  ASSERT_EQ(add(x.data(), 32, stream), cudaSuccess);
  std::vector<int> values(32);
  ASSERT_EQ(cudaMemcpy(values.data(), x.data(), 128, cudaMemcpyDeviceToHost), cudaSuccess);
  EXPECT_EQ(values[31], 2);
  EXPECT_EQ(cudaStreamDestroy(stream), cudaSuccess);
}

TEST_F(Runtime, ThreadsHaveAStreamEachThatBlocksTheDefaultOne) {
  const DeviceArray<int> x(std::vector<int>(32, 1)), y(32);
  ASSERT_EQ(add(x.data(), 32, cudaStreamPerThread), cudaSuccess);
  std::thread([&] {
    const cudaLaunchConfig_t config{1, 32, 0, cudaStreamPerThread, nullptr, 0};
    ASSERT_EQ(cudaLaunchKernelEx(&config, copy_kernel, x.data(), y.data()), cudaSuccess);
    ASSERT_EQ(cudaStreamSynchronize(cudaStreamPerThread), cudaSuccess);
  }).join();
  int value = 0;
  ASSERT_EQ(cudaMemcpy(&value, x.data(), sizeof value, cudaMemcpyDeviceToHost), cudaSuccess);
  EXPECT_EQ(value, 2);
  EXPECT_EQ(y.to_host()[0], 1) << "the other thread's stream did not wait";
}

TEST_F(Runtime, ADestroyedStreamStillDoesItsWork) {
  const DeviceArray<int> x(std::vector<int>(32, 1)), y(32);
  const cudaStream_t first = new_stream(), second = new_stream();
  cudaEvent_t done = nullptr;
  ASSERT_EQ(cudaEventCreate(&done), cudaSuccess);
  ASSERT_EQ(add(x.data(), 32, first), cudaSuccess);
  ASSERT_EQ(cudaEventRecord(done, first), cudaSuccess);
  EXPECT_EQ(cudaStreamDestroy(first), cudaSuccess);
  const auto copied = [&] {
    const cudaLaunchConfig_t config{1, 32, 0, second, nullptr, 0};
    EXPECT_EQ(cudaLaunchKernelEx(&config, copy_kernel, x.data(), y.data()), cudaSuccess);
    EXPECT_EQ(cudaStreamSynchronize(second), cudaSuccess);
    int value = 0;
    EXPECT_EQ(cudaMemcpyAsync(&value, y.data(), sizeof value, cudaMemcpyDeviceToHost, second), cudaSuccess);
    return value;
  };
  EXPECT_EQ(copied(), 1) << "later than cudaStreamDestroy";
  ASSERT_EQ(cudaStreamWaitEvent(second, done), cudaSuccess);
  EXPECT_EQ(copied(), 2);
  EXPECT_EQ(cudaEventDestroy(done), cudaSuccess);
  EXPECT_EQ(cudaStreamDestroy(second), cudaSuccess);
}

TEST_F(Runtime, GraphsAndOtherWorkDoNotWaitForEachOther) {
  const DeviceArray<int> x(std::vector<int>(32, 1));
  const cudaStream_t captured = new_stream(), other = new_stream();
  cudaEvent_t outside = nullptr, inside = nullptr;
  ASSERT_EQ(cudaEventCreate(&outside), cudaSuccess);
  ASSERT_EQ(cudaEventCreate(&inside), cudaSuccess);
  ASSERT_EQ(add(x.data(), 32, other), cudaSuccess);
  ASSERT_EQ(cudaEventRecord(outside, other), cudaSuccess);
  ASSERT_EQ(cudaStreamBeginCapture(captured, cudaStreamCaptureModeGlobal), cudaSuccess);
  cudaStreamCaptureStatus status = cudaStreamCaptureStatusNone;
  EXPECT_EQ(cudaStreamIsCapturing(captured, &status), cudaSuccess);
  EXPECT_EQ(status, cudaStreamCaptureStatusActive);
  EXPECT_EQ(cudaStreamIsCapturing(nullptr, &status), cudaErrorStreamCaptureImplicit);
  ASSERT_EQ(cudaEventRecord(inside, captured), cudaSuccess);
  EXPECT_EQ(cudaStreamWaitEvent(captured, outside), cudaErrorStreamCaptureIsolation);
  EXPECT_EQ(cudaStreamWaitEvent(other, inside), cudaErrorCapturedEvent);
  EXPECT_EQ(cudaEventSynchronize(inside), cudaErrorCapturedEvent);
  EXPECT_EQ(cudaEventSynchronize(outside), cudaErrorStreamCaptureUnsupported);
  cudaStreamCaptureMode mode = cudaStreamCaptureModeRelaxed;
  ASSERT_EQ(cudaThreadExchangeStreamCaptureMode(&mode), cudaSuccess);
  EXPECT_EQ(mode, cudaStreamCaptureModeGlobal);
  EXPECT_EQ(cudaEventSynchronize(outside), cudaSuccess);
  ASSERT_EQ(cudaThreadExchangeStreamCaptureMode(&mode), cudaSuccess);
  cudaGraph_t graph = nullptr;
  ASSERT_EQ(cudaStreamEndCapture(captured, &graph), cudaSuccess);
  EXPECT_EQ(cudaGraphDestroy(graph), cudaSuccess);
  for (const cudaEvent_t e : {outside, inside}) EXPECT_EQ(cudaEventDestroy(e), cudaSuccess);
  for (const cudaStream_t s : {captured, other}) EXPECT_EQ(cudaStreamDestroy(s), cudaSuccess);
  (void)cudaGetLastError();
}

TEST_F(Runtime, GraphsReplayWhatWasCaptured) {
  const DeviceArray<int> x(std::vector<int>(40, 0));
  const cudaStream_t stream = new_stream();
  cudaGraph_t graph = nullptr;
  cudaGraphExec_t executable = nullptr;
  ASSERT_EQ(cudaStreamBeginCapture(stream, cudaStreamCaptureModeGlobal), cudaSuccess);
  ASSERT_EQ(add(x.data(), 40, stream), cudaSuccess);
  ASSERT_EQ(add(x.data(), 40, stream, 10), cudaSuccess);
  void* memory = nullptr;
  EXPECT_EQ(cudaMalloc(&memory, 16), cudaErrorStreamCaptureUnsupported);
  EXPECT_EQ(cudaStreamSynchronize(stream), cudaErrorStreamCaptureUnsupported);
  ASSERT_EQ(cudaStreamEndCapture(stream, &graph), cudaSuccess);
  ASSERT_EQ(cudaGraphInstantiate(&executable, graph, 0), cudaSuccess);
  EXPECT_EQ(x.to_host()[0], 0) << "nothing runs while it is captured";
  for (int k = 0; k < 3; ++k) ASSERT_EQ(cudaGraphLaunch(executable, stream), cudaSuccess);
  EXPECT_EQ(x.to_host()[39], 33);
  EXPECT_EQ(cudaGraphExecDestroy(executable), cudaSuccess);
  EXPECT_EQ(cudaGraphDestroy(graph), cudaSuccess);
  EXPECT_EQ(cudaStreamDestroy(stream), cudaSuccess);
  (void)cudaGetLastError();
}

TEST_F(Runtime, PageableMemoryMayChangeAfterTheCall) {
  const DeviceArray<int> x(8);
  const cudaStream_t stream = new_stream();
  std::vector<int> values(8, 3);
  ASSERT_EQ(cudaMemcpyAsync(x.data(), values.data(), 32, cudaMemcpyHostToDevice, stream), cudaSuccess);
  values.assign(8, 4);
  EXPECT_EQ(x.to_host()[0], 3);
  EXPECT_EQ(cudaStreamDestroy(stream), cudaSuccess);
}

TEST_F(Runtime, CopiesBeyondAnAllocationAreRefused) {
  const DeviceArray<int> x(8);
  std::vector<int> values(4096);
  EXPECT_EQ(cudaMemcpy(x.data(), values.data(), 4096 * sizeof(int), cudaMemcpyHostToDevice),
            cudaErrorInvalidValue);
  EXPECT_EQ(cudaMemcpy(values.data(), x.data(), 32, cudaMemcpyHostToDevice), cudaErrorInvalidValue);
  EXPECT_EQ(cudaGetLastError(), cudaErrorInvalidValue);
  EXPECT_EQ(cudaGetLastError(), cudaSuccess);
}

TEST_F(Runtime, LaunchesHaveLimits) {
  const DeviceArray<int> x(8);
  const auto launched = [&](dim3 blocks, dim3 threads) {
    const cudaLaunchConfig_t config{blocks, threads, 0, nullptr, nullptr, 0};
    const cudaError_t e = cudaLaunchKernelEx(&config, add_kernel, x.data(), 8, 1);
    EXPECT_EQ(cudaGetLastError(), e);
    return e;
  };
  EXPECT_EQ(launched(1, 1024), cudaSuccess);
  EXPECT_EQ(launched(1, 1025), cudaErrorInvalidConfiguration);
  EXPECT_EQ(launched(0, 32), cudaErrorInvalidConfiguration);
  EXPECT_EQ(launched(1, 0), cudaErrorInvalidConfiguration);
  EXPECT_EQ(launched(1, dim3(2, 2, 65)), cudaErrorInvalidConfiguration);
  EXPECT_EQ(launched(dim3(1, 65536), 32), cudaErrorInvalidConfiguration);
  EXPECT_EQ(launched(std::numeric_limits<unsigned>::max(), 32), cudaErrorInvalidConfiguration);
  EXPECT_EQ(cudaDeviceSynchronize(), cudaSuccess);
}

__global__ void too_much_shared_memory(int* y) {
  __shared__ int large[12289];
  large[threadIdx.x] = 1;
  __syncthreads();
  y[threadIdx.x] = large[threadIdx.x];
}

TEST_F(Runtime, SharedArraysTakeAtMost48KiB) {
  const DeviceArray<int> y(32);
  EXPECT_THAT(violation([&] { launch(too_much_shared_memory, 1, 32, y.data()); }),
              testing::HasSubstr("49156 bytes of shared arrays"));
}

TEST_F(Runtime, FailuresCanBeInjected) {
  const DeviceArray<int> x(8);
  simt::settings().failing_launches = 1;
  EXPECT_EQ(add(x.data(), 8, nullptr), cudaErrorLaunchOutOfResources);
  EXPECT_EQ(add(x.data(), 8, nullptr), cudaSuccess);
  simt::settings().memory = 10000;
  void* memory = nullptr;
  EXPECT_EQ(cudaMalloc(&memory, 20000), cudaErrorMemoryAllocation);
  simt::settings().devices = 0;
  int count = -1;
  EXPECT_EQ(cudaGetDeviceCount(&count), cudaErrorNoDevice);
  EXPECT_EQ(add(x.data(), 8, nullptr), cudaErrorNoDevice);
  simt::settings().devices = 1;
  EXPECT_EQ(cudaGetLastError(), cudaErrorNoDevice);
}

}  // namespace
}  // namespace simt_test
