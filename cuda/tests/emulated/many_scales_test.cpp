// Scales of a large tensor are nested by many blocks of threads, whatever the scales are.
#include <lowbit/cuda/blockwise.hpp>
#include <lowbit/scale/nested_scales.hpp>

#include <map>

#include "simt/machine.hpp"
#include "support/device_test.hpp"
#include "support/equal_bits.hpp"
#include "support/sample_values.hpp"

namespace lowbit_test {
namespace {

namespace gpu = lowbit::cuda;

class ManyScales : public testing::Test {
 protected:
  void SetUp() override { simt::settings() = {}; }
  void TearDown() override { simt::settings() = {}; }
};

TEST_F(ManyScales, AreSharedAmongThreadBlocks) {
  constexpr std::size_t count = (std::size_t{1} << 20) + 4097;  // more than one turn for some blocks
  std::vector<float> values = uniform_values(count, 1, 1.0f, 2.0f);
  for (const float tiny : {1.0f, 0x1p-100f, std::numeric_limits<float>::denorm_min()}) {
    values[count / 3] = tiny;
    lowbit::NestedScales::Array expected;
    lowbit::NestedScales{}.store(values, lowbit::Levels{1.0f}, expected);
    const DeviceArray<float> scales(values), absmax(expected.absmax().size()), mean(1);
    const DeviceArray<std::uint8_t> codes(count);
    const DeviceArray<char> workspace(static_cast<std::size_t>(gpu::nest_scales_workspace(count)));
    std::map<std::uint64_t, unsigned> grids;  // by launch
    simt::settings().multiprocessors = 64;
    simt::settings().runs = [&](uint3) { return grids[simt::statistics().launches] = gridDim.x, true; };
    ASSERT_TRUE(is_ok(
        gpu::nest_scales(scales.data(), count, codes.data(), absmax.data(), mean.data(), workspace.data())));
    ASSERT_EQ(mean.to_host()[0], expected.mean());
    ASSERT_TRUE(equal_bits(absmax.to_host(), {std::as_const(expected).absmax().begin(),
                                              std::as_const(expected).absmax().end()}));
    ASSERT_TRUE(equal_bits(codes.to_host(),
                           {std::as_const(expected).codes().begin(), std::as_const(expected).codes().end()}));
    EXPECT_TRUE(workspace.guards_are_whole());
    std::vector<unsigned> blocks;
    for (const auto& [launch, n] : grids) blocks.push_back(n);
    EXPECT_THAT(blocks, testing::ElementsAre(testing::Ge(64u), 1u, testing::Ge(64u), testing::Ge(64u),
                                             testing::Ge(64u)))
        << "sums, their sum, scales without the mean, codes, large scales rounded down";
  }
}

}  // namespace
}  // namespace lowbit_test
