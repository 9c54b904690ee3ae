// Memory for the stacks of a block's threads.
#pragma once
#include <sys/mman.h>
#include <unistd.h>

#include <cstddef>
#include <new>

namespace simt {

/// A stack for each thread of the largest block, with a guard page below.
class Stacks {
 public:
  static constexpr std::size_t size = std::size_t{256} << 10, count = 1024;
  Stacks() {
    void* memory = mmap(nullptr, size * count, PROT_READ | PROT_WRITE,
                        MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_STACK, -1, 0);
    if (memory == MAP_FAILED) throw std::bad_alloc();
    start_ = static_cast<std::byte*>(memory);
    for (std::size_t i = 0; i < count; ++i) mprotect(start_ + i * size, page(), PROT_NONE);
  }
  ~Stacks() { munmap(start_, size * count); }
  Stacks(const Stacks&) = delete;
  Stacks& operator=(const Stacks&) = delete;
  std::byte* operator[](std::size_t i) const { return start_ + i * size + page(); }
  std::size_t usable() const { return size - page(); }

 private:
  static std::size_t page() {
    static const auto bytes = static_cast<std::size_t>(sysconf(_SC_PAGESIZE));
    return bytes;
  }
  std::byte* start_;
};

}  // namespace simt
