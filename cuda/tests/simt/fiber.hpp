// A fiber: a stack that is suspended and resumed, with support for sanitizers. One fiber is one CUDA thread.
#pragma once
#include <cstddef>

#include "context.hpp"

namespace simt {

class Fiber {
 public:
  using Entry = void (*)();

  Fiber() = default;
  Fiber(const Fiber&) = delete;
  Fiber& operator=(const Fiber&) = delete;

  /// Starts over on the stack; `entry` must end with leave_for_good().
  void start(std::byte* stack, std::size_t size, Entry entry);
  /// From the scheduler: runs the fiber until it leaves.
  void enter();
  /// From the fiber: back to the scheduler.
  void leave();
  [[noreturn]] void leave_for_good();
  /// First call of `entry`.
  void arrived();
  /// From the scheduler, when a suspended fiber will not be resumed.
  void abandon();

 private:
  Context context_{};
  std::byte* stack_ = nullptr;
  std::size_t size_ = 0;
  void* fake_stack_ = nullptr;       // AddressSanitizer's
  void* thread_identity_ = nullptr;  // ThreadSanitizer's
};

/// For ThreadSanitizer, to which each fiber is a thread, ordered with others by these two only.
void happens_before(void* key) noexcept;
void happens_after(void* key) noexcept;

}  // namespace simt
