#include <lowbit/group/per_tensor.hpp>

#include "group/support.hpp"

using namespace lowbit_test;
using lowbit::PerTensor;

namespace {

static_assert(lowbit::Group<PerTensor>);

TEST(PerTensor, HasOneGroupWhateverTheShape) {
  for (const Shape& shape : shapes()) {
    EXPECT_EQ(PerTensor{}.count(shape), 1);
    expect_groups(PerTensor{}, shape, [](const Indices&) { return 0; });
  }
}

TEST(PerTensor, IsASingleRun) {
  int runs = 0;
  PerTensor{}.for_each_run(Shape{3, 4, 5}, [&](const lowbit::Run& run) {
    ++runs;
    EXPECT_EQ(run.count, 60);
    EXPECT_EQ(run.group_step, 0);
  });
  EXPECT_EQ(runs, 1);
}

TEST(PerTensor, TakesTensorsAsTheyAreStored) {
  for (Order order : both_orders) EXPECT_EQ(lowbit::traversal(PerTensor{}, order), order);
}

}  // namespace
