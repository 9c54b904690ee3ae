// Results that are used before they are complete: later work on any stream waits for the work that computes
// them.
#include <lowbit/cuda.hpp>
#include <lowbit/lowbit.hpp>
#include <lowbit/weight_only.hpp>

#include <algorithm>
#include <optional>
#include <thread>

#include "support/device_test.hpp"
#include "support/equal_bits.hpp"
#include "support/sample_values.hpp"

namespace lowbit_test {
namespace {

namespace gpu = lowbit::cuda;
using RowMajor = Eigen::Matrix<float, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;
using Nf4 = lowbit::BlockwiseQuantizer<lowbit::NormalFloat4>;
using Result = lowbit::Quantized<lowbit::Codebook<lowbit::NormalFloat4>, lowbit::Blockwise>;

constexpr lowbit::Options saturate{.non_finite = lowbit::NonFinite::saturate};

template <class Quantized>
void expect_same(const Quantized& actual, const Quantized& expected) {
  EXPECT_TRUE(std::ranges::equal(actual.codes(), expected.codes()));
  ASSERT_EQ(actual.group_count(), expected.group_count());
  for (lowbit::Index g = 0; g < expected.group_count(); ++g) ASSERT_EQ(actual.scale(g), expected.scale(g));
}

/// A stream of each kind: the default one, that of this thread, and two of the caller's own.
class StreamOrder : public DeviceTest {
 protected:
  void SetUp() override {
    DeviceTest::SetUp();
    if (IsSkipped()) return;
    ASSERT_EQ(cudaStreamCreate(&blocking), cudaSuccess);
    ASSERT_EQ(cudaStreamCreateWithFlags(&free, cudaStreamNonBlocking), cudaSuccess);
    ASSERT_EQ(cudaStreamCreateWithFlags(&other, cudaStreamNonBlocking), cudaSuccess);
  }
  void TearDown() override {
    for (const cudaStream_t s : {blocking, free, other})
      if (s != nullptr) {
        EXPECT_EQ(cudaStreamDestroy(s), cudaSuccess);
      }
    DeviceTest::TearDown();
  }
  template <class F>
  void for_each_pair(F&& f) const {
    const cudaStream_t all[] = {nullptr, cudaStreamPerThread, blocking, free, other};
    for (std::size_t made = 0; made < 5; ++made)
      for (std::size_t used = 0; used < 5; ++used) {
        SCOPED_TRACE(testing::Message() << "made on stream " << made << ", used on " << used);
        f(all[made], all[used]);
      }
  }

  cudaStream_t blocking = nullptr, free = nullptr, other = nullptr;
  const Eigen::MatrixXf x = normal_matrix(64, 96, 1), x2 = normal_matrix(64, 96, 2);
  const Nf4 plain{{.block_size = 64}};
  const lowbit::NestedQuantizer<lowbit::NormalFloat4> nested{{.block_size = 64}};
};

TEST_F(StreamOrder, CopiesWaitForTheQuantizedTensor) {
  const auto on_device = gpu::to_device(x);
  const Result expected = plain.quantize(x);
  const auto expected_nested = nested.quantize(x);
  for_each_pair([&](cudaStream_t made, cudaStream_t used) {
    expect_same(plain.quantize(on_device.view(made), saturate).to_host(used), expected);
    expect_same(plain.quantize(on_device.view(made)).to_host(used), expected);
    expect_same(nested.quantize(on_device.view(made), saturate).to_host(used), expected_nested);
    const auto q = plain.quantize(on_device.view(made), saturate);
    std::vector<std::uint8_t> codes(q.codes().size());
    q.codes().copy_to(codes, used);
    EXPECT_TRUE(std::ranges::equal(codes, expected.codes()));
    std::vector<float> scales(q.scales().size());
    q.scales().copy_to(scales, used);
    EXPECT_TRUE(std::ranges::equal(scales, expected.scales()));
  });
}

TEST_F(StreamOrder, DecodingWaitsForTheQuantizedTensor) {
  const auto on_device = gpu::to_device(x);
  const Eigen::MatrixXf expected = plain.quantize(x).dequantize();
  for_each_pair([&](cudaStream_t made, cudaStream_t used) {
    const auto q = plain.quantize(on_device.view(made), saturate);
    EXPECT_EQ(gpu::to_host(q.dequantize(used)), expected) << "copied on the default stream";
    EXPECT_EQ(gpu::to_host(q.dequantize(used), made), expected);
    gpu::Tensor<float> y(q.shape());
    q.dequantize_into(y.view(used));
    const gpu::Tensor<float> moved = std::move(y);
    EXPECT_EQ(gpu::to_host(moved, made), expected);
  });
}

TEST_F(StreamOrder, ProductsWaitForWeightsAndVector) {
  const auto weights = gpu::to_device(x.transpose());  // 96 outputs
  const Eigen::MatrixXf vector = normal_matrix(64, 1, 3);
  const auto expected = nested.quantize(RowMajor(x.transpose()));
  const auto vector_on_device = gpu::to_device(vector);
  const auto one = Nf4{{.block_size = 64}}.quantize(vector_on_device.view());
  const Eigen::MatrixXf decoded = gpu::to_host(one.dequantize());
  const Eigen::VectorXf product = lowbit::matvec(expected, Eigen::VectorXf(decoded.col(0)));
  for_each_pair([&](cudaStream_t made, cudaStream_t used) {
    const auto q = nested.quantize(weights.view(made), saturate);
    const auto input = one.dequantize(made);
    gpu::Tensor<float> y(lowbit::Shape{96, 1});
    gpu::matvec_into(q, input.view(made), y.view(used));
    EXPECT_EQ(gpu::to_host(y), product);
  });
}

TEST_F(StreamOrder, PointersForAStreamWaitForEarlierWrites) {
  const auto on_device = gpu::to_device(x);
  const Eigen::MatrixXf expected = plain.quantize(x).dequantize(),
                        expected_nested = nested.quantize(x).dequantize();
  for_each_pair([&](cudaStream_t made, cudaStream_t used) {
    gpu::DeviceBuffer<float> y(static_cast<std::size_t>(x.size()));
    std::vector<float> values(y.size());
    const auto decode = [&](const auto& q, const std::uint8_t* codes, const gpu::Scales& scales) {
      gpu::require_ok(gpu::dequantize_blockwise(q.tables(), codes, scales, q.shape().size(), 64, y.data(used),
                                                {.stream = used}));
      gpu::require_ok(y.order()->after(gpu::Access::write, used));
      y.copy_to(values, used);
      return RowMajor(Eigen::Map<const RowMajor>(values.data(), x.rows(), x.cols()));
    };
    const auto a = plain.quantize(on_device.view(made), saturate);
    EXPECT_EQ(decode(a, a.codes().data(), a.scales_view()), expected);
    const auto b = plain.quantize(on_device.view(made), saturate);
    EXPECT_EQ(decode(b, b.codes().data(used), b.scales_view(used)), expected);
    const auto c = nested.quantize(on_device.view(made), saturate);
    EXPECT_EQ(decode(c, c.codes().data(used), c.scales_view(used)), expected_nested);
  });
}

TEST_F(StreamOrder, MemoryIsNotOverwrittenWhileItIsRead) {
  const auto on_device = gpu::to_device(x2);
  const auto q = plain.quantize(on_device.view());
  const Result expected = plain.quantize(x);
  const Eigen::MatrixXf decoded = plain.quantize(x2).dequantize();
  for_each_pair([&](cudaStream_t read, cudaStream_t written) {
    auto tensor = gpu::to_device(x);
    const auto first = plain.quantize(tensor.view(read), saturate);
    const auto second = plain.quantize(std::as_const(tensor).view(written), saturate);
    q.dequantize_into(tensor.view(written));
    EXPECT_EQ(gpu::to_host(tensor, written), decoded);
    expect_same(first.to_host(read), expected);
    expect_same(second.to_host(read), expected);
  });
}

TEST_F(StreamOrder, AViewMayBeOlderThanTheWritesItWaitsFor) {
  const auto on_device = gpu::to_device(x);
  const auto q = plain.quantize(on_device.view());
  const Eigen::MatrixXf decoded = q.to_host().dequantize();
  for_each_pair([&](cudaStream_t written, cudaStream_t read) {
    gpu::Tensor<float> tensor(q.shape());
    const auto view = std::as_const(tensor).view(read);
    q.dequantize_into(tensor.view(written));
    expect_same(plain.quantize(view, saturate).to_host(), plain.quantize(decoded));
  });
}

TEST_F(StreamOrder, MemoryIsFreedAfterTheWorkThatUsesIt) {
  const Result expected = plain.quantize(x);
  for_each_pair([&](cudaStream_t made, cudaStream_t used) {
    std::optional<gpu::Tensor<float>> input(gpu::to_device(x));
    auto q = plain.quantize(input->view(made), saturate);
    input.reset();
    auto moved = std::move(q);
    auto y = moved.dequantize(used);
    expect_same(moved.to_host(used), expected);
    (void)nested.quantize(y.view(made), saturate);                // destroyed at once
    y = plain.quantize(y.view(made), saturate).dequantize(used);  // and so are its inputs
    EXPECT_EQ(gpu::to_host(y), plain.quantize(expected.dequantize()).dequantize());
  });
}

TEST_F(StreamOrder, AResultOutlivesItsStream) {
  const auto on_device = gpu::to_device(x);
  const Result expected = plain.quantize(x);
  for (const unsigned kind : {cudaStreamDefault, cudaStreamNonBlocking}) {
    cudaStream_t stream = nullptr;
    ASSERT_EQ(cudaStreamCreateWithFlags(&stream, kind), cudaSuccess);
    const auto q = plain.quantize(on_device.view(stream), saturate);
    const auto y = q.dequantize(stream);
    ASSERT_EQ(cudaStreamDestroy(stream), cudaSuccess);
    EXPECT_EQ(gpu::to_host(y, other), expected.dequantize());
    expect_same(q.to_host(other), expected);
  }
}

TEST_F(StreamOrder, ThreadsHaveStreamsOfTheirOwn) {
  const auto on_device = gpu::to_device(x);
  const Result expected = plain.quantize(x);
  std::optional<gpu::Quantized<lowbit::Codebook<lowbit::NormalFloat4>>> q;
  std::optional<gpu::Tensor<float>> y;
  std::thread([&] {
    q.emplace(plain.quantize(on_device.view(cudaStreamPerThread), saturate));
    y.emplace(q->dequantize(cudaStreamPerThread));
  }).join();
  EXPECT_EQ(gpu::to_host(*y, cudaStreamPerThread), expected.dequantize());
  expect_same(q->to_host(cudaStreamPerThread), expected);

  auto tensor = gpu::to_device(x2);
  const Result expected2 = plain.quantize(x2);
  std::vector<gpu::Quantized<lowbit::Codebook<lowbit::NormalFloat4>>> results;
  for (int k = 0; k < 3; ++k)
    std::thread([&] {
      results.push_back(plain.quantize(std::as_const(tensor).view(cudaStreamPerThread), saturate));
    }).join();
  q->dequantize_into(tensor.view(other));
  EXPECT_EQ(gpu::to_host(tensor, other), expected.dequantize());
  for (const auto& result : results) expect_same(result.to_host(), expected2);
}

TEST_F(StreamOrder, AGraphReadsWhatWasWrittenBeforeItsCapture) {
  const auto on_device = gpu::to_device(x);
  for (const cudaStreamCaptureMode mode :
       {cudaStreamCaptureModeGlobal, cudaStreamCaptureModeThreadLocal, cudaStreamCaptureModeRelaxed}) {
    const auto q = plain.quantize(on_device.view(free), saturate);
    gpu::Tensor<float> y(q.shape());
    cudaGraph_t graph = nullptr;
    cudaGraphExec_t executable = nullptr;
    ASSERT_EQ(cudaStreamBeginCapture(other, mode), cudaSuccess);
    q.dequantize_into(y.view(other));
    ASSERT_EQ(cudaStreamEndCapture(other, &graph), cudaSuccess);
    ASSERT_EQ(cudaGraphInstantiate(&executable, graph, 0), cudaSuccess);
    ASSERT_EQ(cudaGraphLaunch(executable, other), cudaSuccess);
    EXPECT_EQ(gpu::to_host(y, other), plain.quantize(x).dequantize());
    EXPECT_EQ(cudaGraphExecDestroy(executable), cudaSuccess);
    EXPECT_EQ(cudaGraphDestroy(graph), cudaSuccess);
  }
}

}  // namespace
}  // namespace lowbit_test
