#include <lowbit/core/contract.hpp>

#include "support/floats.hpp"
#include "support/refusal.hpp"

#include <cstdint>
#include <limits>
#include <stdexcept>
#include <string>

using namespace lowbit_test;
using lowbit::detail::fail;
using lowbit::detail::require;

namespace {

/// The message of a failure about one value, without the library's name.
template <class T>
std::string text(const T& value) {
  try {
    fail(value);
  } catch (const std::invalid_argument& error) {
    return std::string(error.what()).substr(std::string("lowbit: ").size());
  }
}

TEST(Contract, AFailedRequirementThrowsAndNamesBothValues) {
  EXPECT_TRUE(refuses([] { require(false, "have ", 3, ", want ", std::size_t{18446744073709551615u}); },
                      {"lowbit: have 3, want 18446744073709551615"}));
  EXPECT_TRUE(refuses([] { require(false, "have ", 0.1f, ", want ", -2.5); }, {"0.1", "-2.5"}));
}

TEST(Contract, ARequirementThatHoldsFormatsNoText) {
  struct Untold {
    void append_to(lowbit::detail::Message&) const { ADD_FAILURE() << "turned into text"; }
  };
  EXPECT_NO_THROW(require(true, "never shown: ", Untold{}));
}

TEST(Contract, FailThrowsTheGivenType) {
  EXPECT_TRUE(refuses<std::length_error>([] { fail<std::length_error>("too long: ", 7); }, {"too long: 7"}));
  EXPECT_THROW(fail("x"), std::invalid_argument);
}

TEST(Contract, TextTellsAnyTwoFloatsApart) {
  for (float x : {0.1f, 1.0f, 1e-9f, 3e38f, denorm_min, 16777215.0f}) {
    EXPECT_NE(text(double{x}), text(double{above(x)}));
    EXPECT_EQ(std::stof(text(double{1e-30f})), 1e-30f);
    if (x >= std::numeric_limits<float>::min()) {
      EXPECT_EQ(std::stof(text(double{x})), x);
    }
  }
  EXPECT_EQ(text(1e-9), "1e-09");
  EXPECT_EQ(text(double{not_a_number}), "nan");
  EXPECT_EQ(text(-double{infinity}), "-inf");
}

TEST(Contract, ALongMessageIsCut) {
  const std::string long_name(100000, 'x');
  const std::string told = text(long_name);
  EXPECT_GT(told.size(), 4000u);
  EXPECT_EQ(told, long_name.substr(0, told.size()));
  EXPECT_TRUE(refuses([&] { fail("file ", long_name, " has ", 3, " holes"); }, {"lowbit: file xxx"}));
}

TEST(Contract, SmallIntegersAreNumbersNotCharacters) {
  EXPECT_EQ(text(std::int8_t{-128}), "-128");
  EXPECT_EQ(text(std::uint8_t{65}), "65");
  EXPECT_EQ(text(std::numeric_limits<std::int64_t>::min()), "-9223372036854775808");
}

TEST(Contract, TheFailureHookIsReplacedAndReturned) {
  const lowbit::FailureHook mine = [](const char*) {};
  const lowbit::FailureHook before = lowbit::set_failure_hook(mine);
  EXPECT_NE(before, nullptr);
  EXPECT_EQ(lowbit::set_failure_hook(before), mine);
}

}  // namespace
