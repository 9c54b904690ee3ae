// Every driver against the definition, in thousands of random cases: quantize, dequantize, fake quantize,
// observe, error, products. LOWBIT_DIFFERENTIAL_CASES is their number, LOWBIT_DIFFERENTIAL_SEED their seed;
// LOWBIT_DIFFERENTIAL_CASE selects a single case of each family.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <optional>
#include <string>

#include "differential/family.hpp"

namespace lowbit_test {
namespace {

std::optional<std::uint64_t> number_from(const char* variable) {
  const char* text = std::getenv(variable);
  if (text == nullptr || *text == '\0') return {};
  return std::strtoull(text, nullptr, 0);
}

/// With several instruction sets, the run for each takes a part of the cases.
std::uint64_t all_cases() {
  return number_from("LOWBIT_DIFFERENTIAL_CASES")
      .value_or(std::getenv("LOWBIT_ISA") == nullptr ? 40'000 : 5'000);
}
std::uint64_t seed() { return number_from("LOWBIT_DIFFERENTIAL_SEED").value_or(1); }

/// The decisions of one case, independent of earlier cases.
std::uint64_t seed_of(const Family& family, std::uint64_t index) {
  std::uint64_t state = seed();
  for (const char* c = family.name; *c != '\0'; ++c) state = mixed(state) ^ static_cast<unsigned char>(*c);
  state = mixed(state) ^ index;
  return mixed(state);
}

class Differential : public testing::TestWithParam<Family> {};

TEST_P(Differential, agrees_with_the_reference) {
  const Family& family = GetParam();
  std::uint64_t weights = 0;
  for (const Family& f : families()) weights += static_cast<std::uint64_t>(f.weight);
  const std::uint64_t cases =
      (all_cases() * static_cast<std::uint64_t>(family.weight) + weights - 1) / weights;
  const auto only = number_from("LOWBIT_DIFFERENTIAL_CASE");
  int failures = 0;
  for (std::uint64_t i = only.value_or(0); i < (only ? *only + 1 : cases) && failures < 5; ++i) {
    Choices choose(seed_of(family, i));
    try {
      family.run(choose);
    } catch (const Mismatch& mismatch) {
      ++failures;
      ADD_FAILURE() << "LOWBIT_DIFFERENTIAL_SEED=" << seed() << " LOWBIT_DIFFERENTIAL_CASE=" << i << ' '
                    << family.name << ": " << mismatch.what();
    }
  }
}

std::vector<Family> sorted_families() {
  std::vector<Family> all = families();
  std::sort(all.begin(), all.end(),
            [](const Family& a, const Family& b) { return std::string(a.name) < b.name; });
  return all;
}
INSTANTIATE_TEST_SUITE_P(Random, Differential, testing::ValuesIn(sorted_families()),
                         [](const auto& test) { return std::string(test.param.name); });

}  // namespace
}  // namespace lowbit_test
