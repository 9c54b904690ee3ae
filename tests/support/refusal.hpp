// Bad input must end in an exception whose message names the offending values.
#pragma once
#include <gtest/gtest.h>

#include <exception>
#include <initializer_list>
#include <stdexcept>
#include <string>
#include <string_view>

namespace lowbit_test {

/// Whether `action` throws an E whose message contains all parts, in this order.
template <class E = std::invalid_argument, class Action>
testing::AssertionResult refuses(Action action, std::initializer_list<std::string_view> parts) {
  std::string message;
  try {
    action();
    return testing::AssertionFailure() << "not refused";
  } catch (const E& error) {
    message = error.what();
  } catch (const std::exception& error) {
    return testing::AssertionFailure() << "another type of exception: " << error.what();
  }
  std::size_t at = 0;
  for (std::string_view part : parts) {
    const std::size_t found = message.find(part, at);
    if (found == message.npos) return testing::AssertionFailure() << "no '" << part << "' in: " << message;
    at = found + part.size();
  }
  return testing::AssertionSuccess() << message;
}

}  // namespace lowbit_test
