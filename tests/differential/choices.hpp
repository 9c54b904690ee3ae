// The source of random decisions: a seeded generator, or the bytes of a fuzzer.
#pragma once
#include <lowbit/core/shape.hpp>

#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <span>

namespace lowbit_test {

/// splitmix64: the same numbers everywhere.
constexpr std::uint64_t mixed(std::uint64_t& state) noexcept {
  std::uint64_t z = state += 0x9e3779b97f4a7c15u;
  z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9u;
  z = (z ^ z >> 27) * 0x94d049bb133111ebu;
  return z ^ z >> 31;
}

/// A stream of bytes, read as decisions. After the last byte of a fuzzer, zeros follow, which select simple
/// cases.
class Choices {
 public:
  explicit Choices(std::uint64_t seed) : state_{seed} {}
  explicit Choices(std::span<const std::uint8_t> bytes) : bytes_{bytes}, fuzzed_{true} {}

  std::uint64_t bits(int bytes = 8) noexcept {
    std::uint64_t value = 0;
    for (int i = 0; i < bytes; ++i) value = value << 8 | byte();
    return value;
  }
  /// 0 .. n - 1.
  lowbit::Index below(lowbit::Index n) noexcept {
    const int bytes = n <= 1 ? 0 : n <= 0x100 ? 1 : n <= 0x10000 ? 2 : 8;
    return n <= 1 ? 0 : static_cast<lowbit::Index>(bits(bytes) % static_cast<std::uint64_t>(n));
  }
  lowbit::Index between(lowbit::Index first, lowbit::Index last) noexcept {
    return first + below(last - first + 1);
  }
  /// Rarely true; never once a fuzzer has no more bytes.
  bool one_in(lowbit::Index n) noexcept { return below(n) == n - 1; }
  template <class T>
  T one_of(std::initializer_list<T> values) noexcept {
    return values.begin()[below(static_cast<lowbit::Index>(values.size()))];
  }

 private:
  std::uint8_t byte() noexcept {
    if (fuzzed_) {
      if (bytes_.empty()) return 0;
      const std::uint8_t next = bytes_.front();
      bytes_ = bytes_.subspan(1);
      return next;
    }
    if (left_ == 0) word_ = mixed(state_), left_ = 8;
    --left_;
    const auto next = static_cast<std::uint8_t>(word_);
    word_ >>= 8;
    return next;
  }

  std::uint64_t state_ = 0, word_ = 0;
  int left_ = 0;
  std::span<const std::uint8_t> bytes_;
  bool fuzzed_ = false;
};

}  // namespace lowbit_test
