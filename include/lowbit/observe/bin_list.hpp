// A list of bins whose first entries need no memory of their own.
#pragma once
#include <lowbit/core/moved.hpp>

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace lowbit::inline LOWBIT_ABI::detail {

/// Numbers of bins in the order in which they were appended. Up to `few` are kept in the object: with many
/// short channels, allocating memory for each took half of the time.
class BinList {
 public:
  static constexpr std::size_t few = 32;

  std::size_t size() const noexcept { return many_.empty() ? std::size_t{count_} : many_.size(); }
  bool empty() const noexcept { return size() == 0; }
  std::span<const std::uint16_t> span() const noexcept {
    return many_.empty() ? std::span<const std::uint16_t>(few_.data(), std::size_t{count_}) : many_;
  }
  /// Appends bins, which must not be in the memory of this list.
  void append(std::span<const std::uint16_t> bins) {
    const std::size_t n = size();
    if (many_.empty() && n + bins.size() <= few) {
      std::copy(bins.begin(), bins.end(), few_.begin() + static_cast<std::ptrdiff_t>(n));
      count_ = n + bins.size();
      return;
    }
    if (many_.empty()) many_.assign(few_.begin(), few_.begin() + static_cast<std::ptrdiff_t>(n));
    many_.insert(many_.end(), bins.begin(), bins.end());
  }
  void clear() noexcept {
    count_ = std::size_t{0};
    many_.clear();
  }
  void reserve(std::size_t n) { many_.reserve(n); }
  /// Prefetches the memory that the next `append` of a few bins writes.
  void prefetch() const noexcept { __builtin_prefetch(span().data() + size(), 1); }

 private:
  Emptied<std::size_t, std::size_t{0}> count_;
  std::array<std::uint16_t, few> few_{};
  std::vector<std::uint16_t> many_;  // all of them, where there are more than a few
};

}  // namespace lowbit::inline LOWBIT_ABI::detail
