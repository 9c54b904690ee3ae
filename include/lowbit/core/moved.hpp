// Emptied: resets the size or shape of a moved-from object.
#pragma once
#include <lowbit/core/abi.hpp>

#include <type_traits>
#include <utility>

namespace lowbit::inline LOWBIT_ABI::detail {

/// A member that describes memory next to it, such as a size or a shape. Moving from it leaves T{Empty...},
/// so that the moved-from object is a valid empty one.
template <class T, auto... Empty>
class Emptied {
 public:
  constexpr Emptied() = default;
  constexpr Emptied(const T& value) : value_(value) {}
  constexpr Emptied(const Emptied&) = default;
  constexpr Emptied(Emptied&& other) noexcept : value_(std::exchange(other.value_, T{Empty...})) {}
  constexpr Emptied& operator=(const Emptied&) = default;
  constexpr Emptied& operator=(const T& value) {
    value_ = value;
    return *this;
  }
  constexpr Emptied& operator=(Emptied&& other) noexcept {
    value_ = std::exchange(other.value_, T{Empty...});
    return *this;
  }
  ~Emptied() = default;
  constexpr operator const T&() const noexcept { return value_; }

 private:
  T value_{Empty...};
};

/// The same for a class, whose members stay accessible.
template <class T, auto... Empty>
requires std::is_class_v<T>
class Emptied<T, Empty...> : public T {
 public:
  constexpr Emptied() : T{Empty...} {}
  constexpr Emptied(const T& value) : T(value) {}
  constexpr Emptied(const Emptied&) = default;
  constexpr Emptied(Emptied&& other) noexcept : T(std::exchange(other.value(), T{Empty...})) {}
  constexpr Emptied& operator=(const Emptied&) = default;
  constexpr Emptied& operator=(const T& other) {
    value() = other;
    return *this;
  }
  constexpr Emptied& operator=(Emptied&& other) noexcept {
    value() = std::exchange(other.value(), T{Empty...});
    return *this;
  }
  ~Emptied() = default;

 private:
  constexpr T& value() noexcept { return *this; }
};

}  // namespace lowbit::inline LOWBIT_ABI::detail
