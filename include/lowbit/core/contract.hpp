// Checks of input at the library's boundary, which always run, and the exceptions that they throw.
#pragma once
#include <lowbit/core/abi.hpp>

#include <concepts>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <initializer_list>
#include <stdexcept>
#include <string>
#include <string_view>

namespace lowbit::inline LOWBIT_ABI {

/// A function that is called with the message of a failed check where exceptions are off (-fno-exceptions).
/// It should not return: when it does, the library aborts. The default prints the message to stderr.
using FailureHook = void (*)(const char* message);

namespace detail {
inline FailureHook& failure_hook() noexcept {
  static FailureHook hook = [](const char* message) { std::fprintf(stderr, "%s\n", message); };
  return hook;
}

/// The text of a failure, truncated to 8 KiB. A character array, filled out of line: std::string on the
/// failure paths of all checks took a tenth of the compile time.
class Message {
 public:
  LOWBIT_COLD void add(std::string_view s) noexcept {
    const std::size_t left = sizeof text_ - 1 - size_, n = s.size() < left ? s.size() : left;
    std::memcpy(text_ + size_, s.data(), n);
    size_ += n;
    text_[size_] = '\0';
  }
  void add(long long v) noexcept { add_number("%lld", v); }
  void add(unsigned long long v) noexcept { add_number("%llu", v); }
  void add(double v) noexcept { add_number("%.9g", v); }  // nine digits distinguish any two floats
  const char* text() const noexcept { return text_; }

 private:
  template <class T>
  LOWBIT_COLD void add_number(const char* format, T value) noexcept {
    char number[40];
    std::snprintf(number, sizeof number, format, value);
    add(std::string_view(number));
  }

  char text_[8192] = "";
  std::size_t size_ = 0;
};

/// One part of a message: text, a number, or an object with `append_to(Message&)`. Parts are formatted only
/// after a check has failed, so a check that holds costs only its comparison.
class Part {
 public:
  Part(std::string_view s) noexcept : kind_{Kind::text}, size_{s.size()}, object_{s.data()} {}
  Part(const char* s) noexcept : Part(std::string_view(s)) {}
  Part(const std::string& s) noexcept : Part(std::string_view(s)) {}
  Part(std::floating_point auto v) noexcept : kind_{Kind::real}, real_{static_cast<double>(v)} {}
  Part(std::signed_integral auto v) noexcept : kind_{Kind::integer}, integer_{v} {}
  Part(std::unsigned_integral auto v) noexcept : kind_{Kind::natural}, natural_{v} {}
  template <class T>
  requires requires(const T& t, Message& m) { t.append_to(m); }
  Part(const T& t) noexcept
      : kind_{Kind::object},
        append_{[](const void* p, Message& m) { static_cast<const T*>(p)->append_to(m); }},
        object_{&t} {}

  LOWBIT_COLD void append_to(Message& message) const noexcept {
    switch (kind_) {
      case Kind::text:
        return message.add(std::string_view(static_cast<const char*>(object_), size_));
      case Kind::object:
        return append_(object_, message);
      case Kind::integer:
        return message.add(integer_);
      case Kind::natural:
        return message.add(natural_);
      case Kind::real:
        return message.add(real_);
    }
  }

 private:
  enum class Kind : unsigned char { text, integer, natural, real, object };
  Kind kind_;
  union {
    std::size_t size_;
    void (*append_)(const void*, Message&);
    long long integer_;
    unsigned long long natural_;
    double real_;
  };
  const void* object_ = nullptr;
};

/// Throws E; without exceptions, calls the failure hook and aborts.
template <class E>
[[noreturn]] LOWBIT_COLD void fail_with(std::initializer_list<Part> parts) {
  Message message;
  message.add(std::string_view("lowbit: "));
  for (const Part& part : parts) part.append_to(message);
#if LOWBIT_EXCEPTIONS
  throw E(message.text());
#else
  failure_hook()(message.text());
  std::abort();
#endif
}
template <class E = std::invalid_argument, class... Parts>
[[noreturn]] LOWBIT_COLD void fail(const Parts&... parts) {
  fail_with<E>({Part(parts)...});
}

/// Throws std::invalid_argument made of `parts` unless `kept` holds.
template <class... Parts>
void require(bool kept, const Parts&... parts) {
  if (!kept) [[unlikely]]
    fail(parts...);
}
}  // namespace detail

/// Replaces the hook that failed checks end in where exceptions are off, and returns the previous one. Not
/// thread safe: set it once, at the start of the program.
inline FailureHook set_failure_hook(FailureHook hook) noexcept {
  FailureHook before = detail::failure_hook();
  detail::failure_hook() = hook;
  return before;
}

}  // namespace lowbit::inline LOWBIT_ABI
