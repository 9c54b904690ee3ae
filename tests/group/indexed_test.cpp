#include <lowbit/group/indexed.hpp>

#include <limits>
#include <string>

#include "group/support.hpp"
#include "support/refusal.hpp"

using namespace lowbit_test;
using lowbit::Indexed;

namespace {

static_assert(lowbit::Group<Indexed>);

TEST(Indexed, NamesTheGroupOfEachIndexAlongAnAxis) {
  std::mt19937 random(5);
  for (const Shape& shape : shapes(1))
    for (int axis = 0; axis < shape.rank(); ++axis) {
      std::vector<Index> list(static_cast<std::size_t>(shape[axis]));
      Index groups = 0;
      for (Index& g : list) g = static_cast<Index>(random() % 4), groups = std::max(groups, g + 1);
      for (const Index a : {Index{axis}, Index{axis} - shape.rank()}) {
        const Indexed group(list, a);
        EXPECT_EQ(group.count(shape), shape.size() == 0 ? 0 : shape.size() / shape[axis] * groups);
        expect_groups(group, shape, [&](const Indices& at) {
          Index number = 0;
          for (int k = 0; k < shape.rank(); ++k) {
            const Index i = at[static_cast<std::size_t>(k)];
            number = k == axis ? number * groups + list[static_cast<std::size_t>(i)] : number * shape[k] + i;
          }
          return number;
        });
      }
    }
}

TEST(Indexed, NeighboursOfOneGroupAreOneRun) {
  const std::vector<Index> list{0, 0, 0, 1, 1, 0};
  std::vector<Index> counts;
  Indexed(list).for_each_run(Shape{2, 6}, [&](const lowbit::Run& run) { counts.push_back(run.count); });
  EXPECT_EQ(counts, (std::vector<Index>{3, 2, 1, 3, 2, 1}));
}

TEST(Indexed, RefusesAListThatDoesNotFit) {
  EXPECT_TRUE(refuses([] { Indexed(std::vector<Index>{0, -1}); }, {"index 1", "-1"}));
  const Indexed group(std::vector<Index>{0, 1, 0});
  EXPECT_TRUE(refuses([&] { group.count(Shape{3, 4}); }, {"3 group indices", "axis -1", "[3, 4]"}));
  constexpr Index largest = std::numeric_limits<Index>::max();
  EXPECT_TRUE(refuses([] { Indexed(std::vector<Index>{0, largest}); }, {"index 1", std::to_string(largest)}));
  const Indexed many(std::vector<Index>{largest / 2});
  EXPECT_EQ(many.count(Shape{1}), largest / 2 + 1);
  EXPECT_TRUE(refuses(
      [&] {
        many.count(Shape{2, 1});
      },
      {"[2, 1]", std::to_string(largest / 2 + 1), "64 bits"}));
  EXPECT_THROW(Indexed(std::vector<Index>{}, 2).count(Shape{0}), std::invalid_argument);
}

}  // namespace
