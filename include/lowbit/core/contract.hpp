// What happens to bad input: one message, one way out. `require` checks at the library's boundary always run.
#pragma once
#include <lowbit/core/abi.hpp>

#include <concepts>
#include <cstdio>
#include <cstdlib>
#include <initializer_list>
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

/// One part of a message: text, a number, or an object with `text()`. Nothing is turned into characters until
/// a check has failed, so a check that holds costs its comparison.
class Part {
 public:
  Part(std::string_view s) noexcept : text_{s} {}
  Part(const char* s) noexcept : text_{s} {}
  Part(const std::string& s) noexcept : text_{s} {}
  Part(std::floating_point auto v) noexcept : kind_{Kind::real}, real_{static_cast<double>(v)} {}
  Part(std::signed_integral auto v) noexcept : kind_{Kind::integer}, integer_{v} {}
  Part(std::unsigned_integral auto v) noexcept : kind_{Kind::natural}, natural_{v} {}
  template <class T>
  requires requires(const T& t) { t.text(); }
  Part(const T& t) noexcept
      : kind_{Kind::object}, object_{&t}, print_{[](const void* p) {
          return static_cast<const T*>(p)->text();
        }} {}

  void append_to(std::string& message) const {
    char number[40] = "";
    switch (kind_) {
      case Kind::text:
        message.append(text_);
        return;
      case Kind::object:
        message.append(print_(object_));
        return;
      case Kind::integer:
        std::snprintf(number, sizeof number, "%lld", integer_);
        break;
      case Kind::natural:
        std::snprintf(number, sizeof number, "%llu", natural_);
        break;
      case Kind::real:
        std::snprintf(number, sizeof number, "%.9g", real_);
        break;  // tells any two floats apart
    }
    message.append(number);
  }

 private:
  enum class Kind : unsigned char { text, integer, natural, real, object };
  Kind kind_ = Kind::text;
  std::string_view text_;
  long long integer_ = 0;
  unsigned long long natural_ = 0;
  double real_ = 0.0;
  const void* object_ = nullptr;
  std::string (*print_)(const void*) = nullptr;
};

inline std::string compose(std::initializer_list<Part> parts) {
  std::string message = "lowbit: ";
  for (const Part& part : parts) part.append_to(message);
  return message;
}

/// Ends the call that was given bad input: throws E, or runs the failure hook and aborts without exceptions.
template <class E = std::invalid_argument>
[[noreturn]] void fail_with(std::initializer_list<Part> parts) {
  const std::string message = compose(parts);
#if LOWBIT_EXCEPTIONS
  throw E(message);
#else
  failure_hook()(message.c_str());
  std::abort();
#endif
}
template <class E = std::invalid_argument, class... Parts>
[[noreturn]] void fail(const Parts&... parts) {
  fail_with<E>({Part(parts)...});
}

/// Checks a promise of the caller.
template <class... Parts>
void require(bool kept, const Parts&... parts) {
  if (!kept) [[unlikely]]
    fail_with<std::invalid_argument>({Part(parts)...});
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
