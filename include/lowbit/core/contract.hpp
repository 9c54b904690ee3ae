// What happens to bad input: one message, one way out. `require` checks at the library's boundary always run.
#pragma once
#include <lowbit/core/abi.hpp>

#include <concepts>
#include <cstdio>
#include <cstdlib>
#include <stdexcept>
#include <string>
#include <string_view>

namespace lowbit::inline LOWBIT_ABI {

/// Called with the message of a failed check where exceptions are off (-fno-exceptions). It should not
/// return: when it does, the library aborts. The default prints the message to stderr.
using FailureHook = void (*)(const char* message);

namespace detail {
inline FailureHook& failure_hook() noexcept {
  static FailureHook hook = [](const char* message) { std::fprintf(stderr, "%s\n", message); };
  return hook;
}

/// Values inside messages: %.9g tells any two floats apart, std::to_string would print 1e-9 as 0.000000.
inline std::string text(double v) {
  char s[40];
  std::snprintf(s, sizeof s, "%.9g", v);
  return s;
}
inline std::string text(std::integral auto v) { return std::to_string(v); }
inline std::string text(std::string_view v) { return std::string(v); }

/// Ends the call that was given bad input: throws E, or runs the failure hook and aborts without exceptions.
template <class E = std::invalid_argument, class... Parts>
[[noreturn]] void fail(const Parts&... parts) {
  std::string message = "lowbit: ";
  ((message += text(parts)), ...);
#if LOWBIT_EXCEPTIONS
  throw E(message);
#else
  failure_hook()(message.c_str());
  std::abort();
#endif
}

/// Checks a promise of the caller. The parts are turned into text only when it is broken.
template <class... Parts>
void require(bool kept, const Parts&... parts) {
  if (!kept) [[unlikely]]
    fail(parts...);
}
}  // namespace detail

/// Replaces the hook that failed checks end in where exceptions are off; returns the previous one. Not thread
/// safe: set it once, at the start of the program.
inline FailureHook set_failure_hook(FailureHook hook) noexcept {
  FailureHook before = detail::failure_hook();
  detail::failure_hook() = hook;
  return before;
}

}  // namespace lowbit::inline LOWBIT_ABI
