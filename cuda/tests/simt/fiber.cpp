#include "fiber.hpp"

#include <cstdlib>

// Present where a sanitizer is linked in.
extern "C" {
[[gnu::weak]] void __sanitizer_start_switch_fiber(void** fake_stack, const void* bottom, std::size_t size);
[[gnu::weak]] void __sanitizer_finish_switch_fiber(void* fake_stack, const void** bottom, std::size_t* size);
[[gnu::weak]] void __asan_unpoison_memory_region(const volatile void* address, std::size_t size);
[[gnu::weak]] void* __tsan_get_current_fiber();
[[gnu::weak]] void* __tsan_create_fiber(unsigned flags);
[[gnu::weak]] void __tsan_destroy_fiber(void* fiber);
[[gnu::weak]] void __tsan_switch_to_fiber(void* fiber, unsigned flags);
[[gnu::weak]] void __tsan_acquire(void* address);
[[gnu::weak]] void __tsan_release(void* address);
}

namespace simt {
namespace {

constexpr unsigned no_synchronization = 1;

// The scheduler's side of the switch. There is one scheduler at a time.
struct Home {
  Context context{};
  const void* bottom = nullptr;
  std::size_t size = 0;
  void* thread_identity = nullptr;
};
Home& home() {
  static Home h;
  return h;
}

}  // namespace

void happens_before(void* key) noexcept {
  if (__tsan_release != nullptr) __tsan_release(key);
}
void happens_after(void* key) noexcept {
  if (__tsan_acquire != nullptr) __tsan_acquire(key);
}

void Fiber::start(std::byte* stack, std::size_t size, Entry entry) {
  stack_ = stack;
  size_ = size;
  fake_stack_ = nullptr;
  if (__asan_unpoison_memory_region != nullptr) __asan_unpoison_memory_region(stack, size);
  if (__tsan_create_fiber != nullptr && thread_identity_ == nullptr)
    thread_identity_ = __tsan_create_fiber(no_synchronization);
  happens_before(this);
  make_context(context_, stack, size, entry);
}

void Fiber::enter() {
  void* fake_stack = nullptr;
  if (__tsan_get_current_fiber != nullptr) {
    home().thread_identity = __tsan_get_current_fiber();
    __tsan_switch_to_fiber(thread_identity_, no_synchronization);
  }
  if (__sanitizer_start_switch_fiber != nullptr) __sanitizer_start_switch_fiber(&fake_stack, stack_, size_);
  switch_context(home().context, context_);
  if (__sanitizer_finish_switch_fiber != nullptr)
    __sanitizer_finish_switch_fiber(fake_stack, nullptr, nullptr);
}

void Fiber::arrived() {
  happens_after(this);
  if (__sanitizer_finish_switch_fiber != nullptr)
    __sanitizer_finish_switch_fiber(nullptr, &home().bottom, &home().size);
}

void Fiber::leave() {
  if (__sanitizer_start_switch_fiber != nullptr)
    __sanitizer_start_switch_fiber(&fake_stack_, home().bottom, home().size);
  if (__tsan_switch_to_fiber != nullptr) __tsan_switch_to_fiber(home().thread_identity, no_synchronization);
  switch_context(context_, home().context);
  if (__sanitizer_finish_switch_fiber != nullptr)
    __sanitizer_finish_switch_fiber(fake_stack_, &home().bottom, &home().size);
}

void Fiber::leave_for_good() {
  if (__sanitizer_start_switch_fiber != nullptr)
    __sanitizer_start_switch_fiber(nullptr, home().bottom, home().size);
  if (__tsan_switch_to_fiber != nullptr) __tsan_switch_to_fiber(home().thread_identity, no_synchronization);
  switch_context(context_, home().context);
  std::abort();
}

void Fiber::abandon() {
  if (__tsan_destroy_fiber != nullptr && thread_identity_ != nullptr) __tsan_destroy_fiber(thread_identity_);
  thread_identity_ = nullptr;
}

}  // namespace simt
