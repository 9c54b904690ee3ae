#include "device_memory.hpp"

#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <map>
#include <span>
#include <string>

#include <simt/launch.hpp>

extern "C" {
[[gnu::weak]] void __asan_poison_memory_region(const volatile void* address, std::size_t size);
[[gnu::weak]] void __asan_unpoison_memory_region(const volatile void* address, std::size_t size);
}

namespace simt {
namespace {

constexpr std::byte around{0xA5}, inside{0x7B};
constexpr std::size_t filled_at_most = std::size_t{64} << 20;  // beyond, pages stay untouched

std::size_t page() {
  static const auto bytes = static_cast<std::size_t>(sysconf(_SC_PAGESIZE));
  return bytes;
}
std::size_t rounded_up(std::size_t n, std::size_t unit) { return (n + unit - 1) / unit * unit; }

// Whole pages between two that nobody may touch; the allocation lies at their end, as far as its alignment
// allows.
struct Allocation {
  std::byte* mapping;
  std::size_t mapped, usable, size;

  explicit Allocation(std::size_t bytes)
      : mapping{nullptr},
        mapped{0},
        usable{rounded_up(std::max(bytes, std::size_t{1}), page())},
        size{bytes} {
    mapped = usable + 2 * page();
    void* memory = mmap(nullptr, mapped, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (memory != MAP_FAILED) mapping = static_cast<std::byte*>(memory);
  }
  std::byte* pages() const { return mapping + page(); }
  std::byte* start() const { return pages() + usable - rounded_up(size, 256); }
  std::span<std::byte> before() const { return {pages(), start()}; }
  std::span<std::byte> behind() const { return {start() + size, pages() + usable}; }
  void protect(int protection) const { mprotect(pages(), usable, protection); }
};

struct Memory {
  std::map<const std::byte*, Allocation> allocations;  // by start
  std::size_t used = 0;
  int accesses = 0;
};
Memory& memory() {
  static Memory m;
  return m;
}

void watch(const Allocation& a) {
  for (const std::span<std::byte> s : {a.before(), a.behind()}) {
    std::fill(s.begin(), s.end(), around);
    if (__asan_poison_memory_region != nullptr) __asan_poison_memory_region(s.data(), s.size());
  }
}

[[gnu::no_sanitize_address]] bool is_whole(std::span<const std::byte> s) {
  for (std::size_t i = 0; i < s.size(); ++i)
    if (static_cast<const volatile std::byte*>(s.data())[i] != around) return false;
  return true;
}

bool is_mapped(std::uintptr_t address) {
  unsigned char resident;
  return mincore(reinterpret_cast<void*>(address / page() * page()), 1, &resident) == 0;
}

}  // namespace

void* allocate_device_memory(std::size_t bytes) {
  Memory& m = memory();
  const std::size_t limit = settings().memory;
  if (m.used > limit || bytes > limit - m.used) return nullptr;
  const Allocation a(bytes);
  if (a.mapping == nullptr) return nullptr;
  a.protect(PROT_READ | PROT_WRITE);
  if (bytes <= filled_at_most) std::fill(a.start(), a.start() + bytes, inside);
  watch(a);
  if (m.accesses == 0) a.protect(PROT_NONE);
  m.used += bytes;
  m.allocations.emplace(a.start(), a);
  return a.start();
}

bool free_device_memory(void* start) {
  Memory& m = memory();
  const auto found = m.allocations.find(static_cast<std::byte*>(start));
  if (found == m.allocations.end()) return false;
  const Allocation a = found->second;
  if (__asan_unpoison_memory_region != nullptr) __asan_unpoison_memory_region(a.pages(), a.usable);
  munmap(a.mapping, a.mapped);
  m.used -= a.size;
  m.allocations.erase(found);
  return true;
}

bool is_device_memory(const void* start, std::size_t bytes) {
  const auto* first = static_cast<const std::byte*>(start);
  const auto& allocations = memory().allocations;
  auto next = allocations.upper_bound(first);
  if (next == allocations.begin()) return false;
  const Allocation& a = (--next)->second;
  const auto offset = static_cast<std::size_t>(first - a.start());
  return offset <= a.size && bytes <= a.size - offset;
}

DeviceAccess::DeviceAccess() {
  if (memory().accesses++ == 0)
    for (const auto& [start, a] : memory().allocations) a.protect(PROT_READ | PROT_WRITE);
}
DeviceAccess::~DeviceAccess() {
  if (--memory().accesses == 0)
    for (const auto& [start, a] : memory().allocations) a.protect(PROT_NONE);
}

void require_whole_surroundings() {
  for (const auto& [start, a] : memory().allocations) {
    const char* side = !is_whole(a.behind()) ? "behind" : !is_whole(a.before()) ? "before" : nullptr;
    if (side == nullptr) continue;
    watch(a);
    throw Violation(std::string("simt: a kernel or copy wrote ") + side + " an allocation of " +
                    std::to_string(a.size) + " bytes");
  }
}

void require_no_host_address(std::span<const std::byte> parameter, std::size_t position) {
  // What is mapped below is not the program's: AddressSanitizer keeps its shadow there, and counts may look
  // like it.
  constexpr std::uintptr_t lowest = std::uintptr_t{0x55} << 40;
  for (std::size_t i = 0; i + sizeof(std::uintptr_t) <= parameter.size(); i += sizeof(std::uintptr_t)) {
    std::uintptr_t word;
    std::memcpy(&word, parameter.data() + i, sizeof word);
    if (word < lowest || word >> 48 != 0 || is_device_memory(reinterpret_cast<const void*>(word), 0))
      continue;
    if (is_mapped(word))
      throw Violation("simt: kernel parameter " + std::to_string(position) + " holds, at byte " +
                      std::to_string(i) + ", an address of host memory");
  }
}

}  // namespace simt
