// Shared: a std::shared_ptr<const T> that is never null. Does without <memory>, which costs more compile time
// than all headers of a codec.
#pragma once
#include <lowbit/core/abi.hpp>

#include <atomic>
#include <cstddef>
#include <utility>

namespace lowbit::inline LOWBIT_ABI::detail {

/// An immutable value with a thread-safe reference count. Copying allocates nothing. Moving copies, because
/// it would leave a null behind.
template <class T>
class Shared {
 public:
  template <class... A>
  explicit Shared(std::in_place_t, A&&... arguments) : held_{new Held{T(std::forward<A>(arguments)...)}} {}
  Shared(const Shared& other) noexcept : held_{other.held_} {
    held_->owners.fetch_add(1, std::memory_order_relaxed);
  }
  Shared& operator=(Shared other) noexcept {
    std::swap(held_, other.held_);
    return *this;
  }
  ~Shared() {
    if (held_->owners.fetch_sub(1, std::memory_order_acq_rel) == 1) delete held_;
  }
  const T& operator*() const noexcept { return held_->value; }
  const T* operator->() const noexcept { return &held_->value; }

 private:
  struct Held {
    const T value;
    std::atomic<std::size_t> owners{1};
  };
  Held* held_;
};

}  // namespace lowbit::inline LOWBIT_ABI::detail
