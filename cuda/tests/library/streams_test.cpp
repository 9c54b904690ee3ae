// Calls on separate streams, and captured in a graph that is launched again with other data.
#include <lowbit/cuda/blockwise.hpp>

#include <lowbit/codec/codebook.hpp>

#include "support/block_samples.hpp"
#include "support/device_test.hpp"
#include "support/equal_bits.hpp"
#include "support/reference.hpp"

namespace lowbit_test {
namespace {

namespace gpu = lowbit::cuda;
using Codec = lowbit::Codebook<lowbit::DynamicMap>;

constexpr std::size_t count = 10007, block_size = 128;

class Streams : public DeviceTest {
 protected:
  struct Job {
    explicit Job(unsigned seed)
        : values(block_samples<float>(Codec{}, count, block_size, seed)),
          x(values),
          codes(count),
          scales((count + block_size - 1) / block_size),
          y(count) {}

    void enqueue(cudaStream_t stream) const {
      ASSERT_TRUE(is_ok(gpu::quantize_blockwise(gpu::dynamic_map(), x.data(), count, block_size, codes.data(),
                                                scales.data(), {.stream = stream})));
      ASSERT_TRUE(is_ok(gpu::dequantize_blockwise(gpu::dynamic_map(), codes.data(), scales.data(), count,
                                                  block_size, y.data(), {.stream = stream})));
    }
    void check(const std::vector<float>& from) const {
      const Reference expected = quantize_by_definition<Codec, float>(Codec{}, from, block_size);
      EXPECT_TRUE(equal_bits(codes.to_host(), expected.codes));
      EXPECT_TRUE(equal_bits(scales.to_host(), expected.scales));
      EXPECT_TRUE(equal_bits(y.to_host(), dequantize_by_definition<float>(
                                              Codec{}, expected.codes, expected.scales, count, block_size)));
    }

    std::vector<float> values;
    DeviceArray<float> x;
    DeviceArray<std::uint8_t> codes;
    DeviceArray<float> scales, y;
  };

  static cudaStream_t new_stream() {
    cudaStream_t stream = nullptr;
    require_success(cudaStreamCreateWithFlags(&stream, cudaStreamNonBlocking), "cudaStreamCreateWithFlags");
    return stream;
  }
};

TEST_F(Streams, SeveralStreamsDoNotDisturbEachOther) {
  std::vector<std::unique_ptr<Job>> jobs;
  std::vector<cudaStream_t> streams;
  for (unsigned k = 0; k < 4; ++k) {
    jobs.push_back(std::make_unique<Job>(k));
    streams.push_back(new_stream());
  }
  for (std::size_t k = 0; k < jobs.size(); ++k) jobs[k]->enqueue(streams[k]);
  for (std::size_t k = 0; k < jobs.size(); ++k) jobs[k]->check(jobs[k]->values);
  for (const cudaStream_t s : streams) EXPECT_EQ(cudaStreamDestroy(s), cudaSuccess);
}

TEST_F(Streams, AGraphIsCapturedAndRunAgain) {
  const Job job(7);
  const cudaStream_t stream = new_stream();
  cudaGraph_t graph = nullptr;
  cudaGraphExec_t executable = nullptr;
  ASSERT_EQ(cudaStreamBeginCapture(stream, cudaStreamCaptureModeGlobal), cudaSuccess);
  job.enqueue(stream);
  ASSERT_EQ(cudaStreamEndCapture(stream, &graph), cudaSuccess);
  ASSERT_EQ(cudaGraphInstantiate(&executable, graph, 0), cudaSuccess);
  for (unsigned seed = 20; seed < 23; ++seed) {
    const std::vector<float> others = block_samples<float>(Codec{}, count, block_size, seed);
    ASSERT_EQ(cudaMemcpy(job.x.data(), others.data(), count * sizeof(float), cudaMemcpyHostToDevice),
              cudaSuccess);
    ASSERT_EQ(cudaGraphLaunch(executable, stream), cudaSuccess);
    job.check(others);
  }
  EXPECT_EQ(cudaGraphExecDestroy(executable), cudaSuccess);
  EXPECT_EQ(cudaGraphDestroy(graph), cudaSuccess);
  EXPECT_EQ(cudaStreamDestroy(stream), cudaSuccess);
}

}  // namespace
}  // namespace lowbit_test
