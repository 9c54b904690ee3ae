// A histogram over all floats: the width of a bin is proportional to its values and independent of the data.
#pragma once
#include <lowbit/core/moved.hpp>
#include <lowbit/observe/bin_list.hpp>
#include <lowbit/observe/observer.hpp>

#include <algorithm>
#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <span>
#include <utility>
#include <vector>

namespace lowbit::inline LOWBIT_ABI {

/// Counts values by sign, exponent and the leading 7 bits of the fraction, rounded away from 0: a bin is at
/// most 1/128 as wide as the magnitude of its values, and 2^-133 where these are denormal. Bins have numbers
/// that ascend with the values: bin 0x8000 holds 0 alone, bin 0x8000 + k ends with the float of the bits k *
/// 2^16, and bin 0x7fff - k is its mirror image. The bins do not depend on the data, so the result depends on
/// the values alone: not on their order, batches or merges. Up to 4096 values are listed by the
/// numbers of their bins, of 2 bytes; a full list is counted in pages, of 512 bytes for each sign and
/// exponent in use. NaN and infinities must be left out: observers get finite values only. O(1) per value.
class FloatHistogram {
 public:
  static constexpr std::size_t most_listed = 4096;  ///< values that are listed before pages are made

  /// The bin of a finite value; -0 counts as +0.
  static constexpr std::uint16_t bin(float v) noexcept {
    const auto top = (std::bit_cast<std::uint32_t>(v + 0.0f) + 0xffffu) >> 16;
    return static_cast<std::uint16_t>(top < 0x8000 ? top ^ 0x8000 : top ^ 0xffff);
  }
  /// The values of smallest and of largest magnitude that a bin can hold.
  /// @{
  static constexpr float inner_end(std::uint16_t bin) noexcept { return end_of(bin, 0xffffu); }
  static constexpr float outer_end(std::uint16_t bin) noexcept { return end_of(bin, 0u); }
  /// @}

  /// Counts finite values.
  void observe(std::span<const float> values) {
    constexpr std::size_t together = 512;
    for (std::size_t at = 0; at < values.size(); at += together) {
      const auto piece = values.subspan(at, (std::min)(together, values.size() - at));
      std::array<std::uint16_t, together> bins;
      Range seen;
      for (std::size_t i = 0; i < piece.size(); ++i) {
        bins[i] = bin(piece[i]);
        seen = seen.merged({piece[i] + 0.0f, piece[i] + 0.0f});
      }
      include(seen);
      add({bins.data(), piece.size()});
    }
  }
  /// Adds the counts of another histogram.
  void merge(const FloatHistogram& other) {
    if (&other == this) return merge(FloatHistogram(other));
    include(other.range_);
    if (!other.pages_.empty()) counted().merge(other.pages_[0]);
    add(other.listed_.span());
  }

  /// The range of the values seen, exactly, as MinMax.
  Range range() const noexcept { return range_; }
  /// How many values were counted.
  std::uint64_t total() const noexcept {
    return listed_.size() + (pages_.empty() ? std::uint64_t{0} : pages_[0].total());
  }

  /// The range without the `out` smallest and the `out` largest values, up to the outer ends of the bins of
  /// the outermost values that remain, but not outside the values seen. At least one value remains.
  Range without_ends(std::uint64_t out) const {
    if (out == 0 || range_.empty()) return range_;
    out = (std::min)(out, total() - 1);
    Pages listed;
    const Pages& all = pages(listed);
    const std::uint16_t below = all.outermost(out, false, false), above = all.outermost(out, true, false);
    const std::uint16_t low = (std::min)(below, above), high = (std::max)(below, above);
    return within(
        {low < zero ? outer_end(low) : inner_end(low), high < zero ? inner_end(high) : outer_end(high)});
  }
  /// The range without the `out` values of largest magnitude.
  Range without_largest(std::uint64_t out) const {
    if (out == 0 || range_.empty()) return range_;
    Pages listed;
    const float most = outer_end(pages(listed).outermost((std::min)(out, total() - 1), true, true));
    return within({-most, most});
  }

  /// @cond internal
  /// For kernels that find the bins by themselves: values of these bins, fewer than 2^32 at a time, and the
  /// range that holds them.
  void add(std::span<const std::uint16_t> bins) {
    const bool full = listed_.size() + bins.size() > most_listed, many = bins.size() >= counted_at_once;
    if (full || (many && !pages_.empty())) {
      if (!listed_.empty()) counted().add(listed_.span());
      listed_.clear();
      if (many) return counted().add(bins);
    }
    listed_.append(bins);
  }
  void include(const Range& seen) noexcept { range_ = range_.merged(seen); }
  /// Prefetches the memory that the next `add` of a few values writes.
  void prefetch() const noexcept { listed_.prefetch(); }
  /// Allocates the memory of all later calls of `add`.
  void reserve() {
    counted().reserve();
    listed_.reserve(most_listed);
  }
  /// @endcond

 private:
  static constexpr std::uint16_t zero = 0x8000;
  /// The float `before` steps nearer to 0 than the outer end.
  static constexpr float end_of(std::uint16_t bin, std::uint32_t before) noexcept {
    constexpr std::uint32_t largest = std::bit_cast<std::uint32_t>((std::numeric_limits<float>::max)());
    const std::uint32_t magnitude = (bin < zero ? 0x7fffu - bin : bin - 0x8000u) << 16;
    const float end = std::bit_cast<float>((std::min)(magnitude < before ? 0 : magnitude - before, largest));
    return bin < zero && end != 0.0f ? -end : end;
  }

  /// Counts in pages of 128 neighbouring bins; only pages in use take memory.
  class Pages {
   public:
    Pages() : counts_(length) {
      for (std::size_t p = 0; p < pages; ++p) from_[p] = none(p);
    }
    void add(std::span<const std::uint16_t> bins) {
      make_room(bins.size());
      if (bins.size() >= worth_a_second_look) return add_many(bins);
      for (const std::uint16_t b : bins) {
        if (from_[b / length] == none(b / length)) make(b / length);
        ++counts_[place(b)];
      }
    }
    void merge(const Pages& other) {
      make_room(most - other.room_);
      for (std::size_t p = 0; p < pages; ++p) {
        if (other.from_[p] == none(p)) continue;
        if (from_[p] == none(p)) make(p);
        for (std::size_t k = p * length; k < (p + 1) * length; ++k)
          counts_[place(k)] += other.counts_[other.place(k)];
      }
      if (other.earlier_.empty()) return;
      earlier_.resize(counts_.size());
      for (std::size_t k = 0; k < pages * length; ++k)
        if (other.place(k) < other.earlier_.size()) earlier_[place(k)] += other.earlier_[other.place(k)];
    }
    void reserve(std::size_t most_pages = pages) { counts_.reserve((most_pages + 1) * length); }
    std::uint64_t total() const noexcept {
      std::uint64_t sum = most - room_;
      for (std::uint64_t c : earlier_) sum += c;
      return sum;
    }

    /// The bin of the smallest or the largest value after leaving out `out` values, fewer than there are. By
    /// magnitude, the bin of the positive value.
    std::uint16_t outermost(std::uint64_t out, bool greatest, bool by_magnitude) const noexcept {
      constexpr std::size_t all = pages * length;
      std::uint64_t seen = 0;
      for (std::size_t i = 0; i < all;) {
        const std::size_t at = greatest ? all - 1 - i : i, mirrored = all - 1 - at;
        const std::size_t p = at / length, q = by_magnitude ? mirrored / length : p;
        if (from_[p] == none(p) && from_[q] == none(q)) {
          i += length;
          continue;
        }
        seen += count(at) + (by_magnitude ? count(mirrored) : 0);
        if (seen > out) return static_cast<std::uint16_t>(at);
        ++i;
      }
      return zero;
    }

   private:
    static constexpr std::size_t length = 128, pages = 512, worth_a_second_look = 64, worth_a_prefetch = 512;
    static constexpr std::uint32_t most = 0xffffffff;
    /// The offset that maps page p to the first 128 counts, which are 0 except while bins are added.
    static constexpr std::uint32_t none(std::size_t p) noexcept {
      return static_cast<std::uint32_t>(-static_cast<std::int64_t>(p * length));
    }
    std::size_t place(std::size_t bin) const noexcept {
      return static_cast<std::uint32_t>(from_[bin / length] + bin);
    }
    std::uint64_t count(std::size_t bin) const noexcept {
      const std::size_t at = place(bin);
      return counts_[at] + (at < earlier_.size() ? earlier_[at] : 0);
    }
    LOWBIT_COLD void make(std::size_t p) {
      from_[p] = none(p) + static_cast<std::uint32_t>(counts_.size());
      counts_.resize(counts_.size() + length);
    }
    /// Counts bins without a page in the first 128 counts, which avoids a test for each: they are rare.
    void add_many(std::span<const std::uint16_t> bins) {
      if (bins.size() >= worth_a_prefetch)
        for (std::size_t k = 0; k < counts_.size(); k += 16) __builtin_prefetch(counts_.data() + k, 1);
      std::size_t i = 0;
      for (; i + 4 <= bins.size(); i += 4) {
        std::size_t at[4];
        LOWBIT_UNROLL(4)
        for (std::size_t k = 0; k < 4; ++k) at[k] = place(bins[i + k]);
        LOWBIT_UNROLL(4)
        for (const std::size_t place_of_count : at) ++counts_[place_of_count];
      }
      for (; i < bins.size(); ++i) ++counts_[place(bins[i])];
      std::uint32_t astray = 0;
      for (std::size_t k = 0; k < length; ++k) astray |= counts_[k];
      if (astray != 0) add_astray(bins);
    }
    LOWBIT_COLD void add_astray(std::span<const std::uint16_t> bins) {
      const std::array<std::uint32_t, pages> before = from_;
      std::fill_n(counts_.begin(), length, 0u);
      for (const std::uint16_t b : bins) {
        const std::size_t p = b / length;
        if (before[p] != none(p)) continue;
        if (from_[p] == none(p)) make(p);
        ++counts_[place(b)];
      }
    }
    /// Makes sure that n more values cannot overflow a count.
    void make_room(std::size_t n) {
      if (n > room_) {
        earlier_.resize(counts_.size());
        for (std::size_t k = 0; k < counts_.size(); ++k) earlier_[k] += std::exchange(counts_[k], 0u);
        room_ = most;
      }
      room_ -= static_cast<std::uint32_t>(n);
    }

    std::array<std::uint32_t, pages> from_;  // plus the number of a bin: the index of its count
    std::vector<std::uint32_t> counts_;      // half of what uint64_t would take of the cache
    std::vector<std::uint64_t> earlier_;     // counts moved here before they could overflow
    std::uint32_t room_ = most;
  };

  Pages& counted() { return pages_.empty() ? pages_.emplace_back() : pages_[0]; }
  /// The pages with the listed values added; made in `all` if there are any.
  const Pages& pages(Pages& all) const {
    if (!pages_.empty()) {
      if (listed_.empty()) return pages_[0];
      all = pages_[0];
    } else {
      all.reserve(40);
    }
    all.add(listed_.span());
    return all;
  }
  Range within(const Range& r) const noexcept {
    return {(std::max)(r.min, range_.min), (std::min)(r.max, range_.max)};
  }

  /// From so many values on, a piece is counted without the list: the counts then stay in cache.
  static constexpr std::size_t counted_at_once = 1024;

  detail::Emptied<Range> range_;
  detail::BinList listed_;
  std::vector<Pages> pages_;  // one, or none: then all values are listed
};

}  // namespace lowbit::inline LOWBIT_ABI
