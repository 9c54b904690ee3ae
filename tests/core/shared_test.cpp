#include <lowbit/core/shared.hpp>

#include <gtest/gtest.h>
#include <thread>
#include <vector>

namespace {

using lowbit::detail::Shared;

struct Counted {
  explicit Counted(int& alive) : alive_{alive} { ++alive_; }
  Counted(Counted&& other) noexcept : alive_{other.alive_} { ++alive_; }
  ~Counted() { --alive_; }
  int& alive_;
};

TEST(Shared, lives_as_long_as_its_last_copy) {
  int alive = 0;
  {
    Shared<Counted> a(std::in_place, alive);
    const Shared<Counted> b = a;
    EXPECT_EQ(&*a, &*b);
    EXPECT_EQ(alive, 1);
    a = Shared<Counted>(std::in_place, alive);
    EXPECT_EQ(alive, 2);
    a = b;
    EXPECT_EQ(alive, 1);
  }
  EXPECT_EQ(alive, 0);
}

TEST(Shared, may_be_copied_by_many_threads) {
  const Shared<int> value(std::in_place, 7);
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t)
    threads.emplace_back([&] {
      for (int i = 0; i < 1000; ++i) {
        const Shared<int> copy = value;
        EXPECT_EQ(*copy, 7);
      }
    });
  for (auto& thread : threads) thread.join();
}

}  // namespace
