#include <lowbit/group/per_channel.hpp>

#include "group/support.hpp"
#include "support/refusal.hpp"

using namespace lowbit_test;
using lowbit::PerChannel;

namespace {

static_assert(lowbit::Group<PerChannel>);

TEST(PerChannel, TheGroupIsTheIndexAlongTheAxisInBothOrders) {
  for (const Shape& shape : shapes(1))
    for (int axis = 0; axis < shape.rank(); ++axis)
      for (Index spelled : {axis, axis - shape.rank()}) {
        const PerChannel group{.axis = spelled};
        EXPECT_EQ(group.count(shape), shape[axis]);
        expect_groups(group, shape, [axis](const Indices& at) { return at[static_cast<std::size_t>(axis)]; });
      }
}

TEST(PerChannel, TheChannelsOfAnImage) { EXPECT_EQ((PerChannel{.axis = 1}.count(Shape{8, 3, 28, 28})), 3); }

TEST(PerChannel, RefusesAxesThatTheTensorDoesNotHave) {
  const Shape shape{2, 3};
  const auto ignore = [](const lowbit::Run&) {};
  for (Index axis : {Index{2}, Index{-3}, Index{100}}) {
    const PerChannel group{.axis = axis};
    EXPECT_TRUE(refuses([&] { group.count(shape); }, {"axis " + std::to_string(axis), "rank 2", "[2, 3]"}));
    EXPECT_THROW(group.for_each_run(shape, ignore), std::invalid_argument);
  }
  EXPECT_TRUE(refuses([] { PerChannel{}.count(Shape{}); }, {"axis 0", "rank 0"}));
}

TEST(PerChannel, TakesTensorsAsTheyAreStored) {
  for (Order order : both_orders) EXPECT_EQ(lowbit::traversal(PerChannel{}, order), order);
}

}  // namespace
