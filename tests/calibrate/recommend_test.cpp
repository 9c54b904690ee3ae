#include <lowbit/calibrate/recommend.hpp>

#include <gtest/gtest.h>
#include <cmath>
#include <vector>

#include "support/refusal.hpp"

namespace {

using lowbit::Attempt;

std::vector<Attempt> attempts(const std::vector<double>& accuracies, int& runs) {
  std::vector<Attempt> all;
  for (double a : accuracies)
    all.push_back({"way " + std::to_string(all.size()), [a, &runs] {
                     ++runs;
                     return a;
                   }});
  return all;
}

TEST(Recommend, stops_where_it_is_good_enough) {
  int runs = 0;
  const auto r = lowbit::recommend(attempts({0.80, 0.895, 0.90}, runs), 0.90, 0.01);
  EXPECT_EQ(runs, 2);
  EXPECT_TRUE(r.good_enough);
  EXPECT_EQ(r.chosen, 1U);
  ASSERT_EQ(r.tried.size(), 2U);
  EXPECT_EQ(r.tried[0].name, "way 0");
  EXPECT_EQ(r.tried[0].accuracy, 0.80);
}

TEST(Recommend, names_the_most_accurate_where_none_is_good_enough) {
  int runs = 0;
  const auto r = lowbit::recommend(attempts({NAN, 0.5, 0.7, 0.6, NAN}, runs), 0.90, 0.01);
  EXPECT_EQ(runs, 5);
  EXPECT_FALSE(r.good_enough);
  EXPECT_EQ(r.chosen, 2U);
}

TEST(Recommend, refuses_to_recommend_nothing) {
  EXPECT_TRUE(lowbit_test::refuses([] { lowbit::recommend({}, 1.0, 0.0); }, {"at least one attempt"}));
}

}  // namespace
