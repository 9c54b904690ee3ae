// Stored scales as floats, whatever their format.
#pragma once
#include <lowbit/scale/format.hpp>

#include <algorithm>
#include <array>
#include <cstddef>

namespace lowbit::inline LOWBIT_ABI {

/// Reads stored scales as floats, whatever their format. Non-owning: the array must stay where it is.
class ScalesView {
 public:
  /// Views no scales.
  ScalesView() = default;
  /// Views an Array of a ScaleFormat.
  template <class Array>
  explicit ScalesView(const Array& array) noexcept : array_{&array} {
    if constexpr (FloatArray<Array>) {
      floats_ = array.data();
    } else {
      load_ = [](const void* from, std::size_t first, std::size_t count, float* out) noexcept {
        static_cast<const Array*>(from)->load(first, count, out);
      };
    }
  }

  /// All scales where they are memory of floats, else null.
  const float* floats() const noexcept { return floats_; }
  bool are_floats() const noexcept { return load_ == nullptr; }  ///< whether they are

  /// The scale of group g.
  float operator[](std::size_t g) const noexcept {
    if (are_floats()) return floats_[g];
    float scale = 0.0f;
    load_(array_, g, 1, &scale);
    return scale;
  }
  /// Writes `count` scales from `first` on to `out`.
  void load(std::size_t first, std::size_t count, float* out) const noexcept {
    if (!are_floats()) return load_(array_, first, count, out);
    std::copy_n(floats_ + first, count, out);
  }
  /// Calls f(done, n, scales) with `count` scales from `first` on, in tiles in ascending order: `scales` are
  /// those from first + done on, as memory of floats.
  template <class F>
  void for_each_tile(std::size_t first, std::size_t count, const F& f) const {
    if (are_floats()) return f(std::size_t{0}, count, floats_ + first);
    load_tiles(first, count, f);
  }

 private:
  /// Out of line, so that the array is not on the stack of calls that need none.
  template <class F>
  LOWBIT_NOINLINE void load_tiles(std::size_t first, std::size_t count, const F& f) const {
    std::array<float, tile> scales;
    for (std::size_t done = 0; done < count; done += tile) {
      const std::size_t n = (std::min)(tile, count - done);
      load_(array_, first + done, n, scales.data());
      f(done, n, static_cast<const float*>(scales.data()));
    }
  }

  static constexpr std::size_t tile = 256;
  const void* array_ = nullptr;
  const float* floats_ = nullptr;
  void (*load_)(const void*, std::size_t, std::size_t, float*) noexcept = nullptr;
};

}  // namespace lowbit::inline LOWBIT_ABI
