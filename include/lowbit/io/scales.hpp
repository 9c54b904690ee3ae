// The names of scale formats in files, and the stored tensors that hold the scales.
#pragma once
#include <lowbit/io/bundle.hpp>
#include <lowbit/io/quantized_reader.hpp>
#include <lowbit/scale/float_scales.hpp>
#include <lowbit/scale/nested_scales.hpp>

#include <span>
#include <string>
#include <string_view>

namespace lowbit::inline LOWBIT_ABI::io {

/// Says what a file holds of the scale format S. To save your own format, specialize it with
///
///     static constexpr std::string_view name = "...";
///     static void add(Bundle& bundle, const std::string& prefix, const S::Array& scales);
///     static S::Array read(QuantizedReader& reader, Index groups);
///
/// where `add` adds tensors whose names start with `prefix`, and `read` reads them with reader.part.
template <class S>
struct ScalesInFile;

/// @cond internal
template <>
struct ScalesInFile<FloatScales> {
  static constexpr std::string_view name = "float32";
  /// Adds the stored tensors, whose names start with `prefix`. `scales` must outlive the bundle.
  static void add(Bundle& bundle, const std::string& prefix, const FloatScales::Array& scales) {
    bundle.add(prefix + "scales", stored_tensor(scales.span(), Shape{static_cast<Index>(scales.size())}));
  }
  static FloatScales::Array read(QuantizedReader& reader, Index groups) {
    return reader.part<float>("scales", Shape{groups});
  }
};
/// @endcond

/// Reads nested scales from the four arrays that both layouts have, under their own names.
inline NestedScales::Array read_nested(const SafetensorsFile& file, const std::string& codes_name,
                                       const std::string& absmax_name, const std::string& levels_name,
                                       float mean, Index groups) {
  constexpr auto block = static_cast<Index>(NestedScales::block_size);
  const Shape blocks{groups / block + (groups % block != 0 ? 1 : 0)};
  const auto codes = read_part<std::uint8_t>(file, codes_name, Shape{groups});
  const auto absmax = read_part<float>(file, absmax_name, blocks);
  const auto levels = read_part<float>(file, levels_name, Shape{NestedScales::level_count});
  return NestedScales::Array(codes.span(), absmax.span(), mean, levels.span());
}

/// @cond internal
template <>
struct ScalesInFile<NestedScales> {
  static constexpr std::string_view name = "nested";
  static void add(Bundle& bundle, const std::string& prefix, const NestedScales::Array& scales) {
    const float mean = scales.mean();
    bundle.add(prefix + "nested_codes",
               stored_tensor(scales.codes(), Shape{static_cast<Index>(scales.size())}));
    bundle.add(prefix + "nested_absmax",
               stored_tensor(scales.absmax(), Shape{static_cast<Index>(scales.absmax().size())}));
    bundle.own(prefix + "nested_levels", Shape{NestedScales::level_count}, scales.levels());
    bundle.own(prefix + "nested_mean", Shape{}, std::span<const float>(&mean, 1));
  }
  static NestedScales::Array read(QuantizedReader& reader, Index groups) {
    const float mean = reader.part<float>("nested_mean", Shape{})[0];
    return read_nested(reader.file(), reader.part_name("nested_codes"), reader.part_name("nested_absmax"),
                       reader.part_name("nested_levels"), mean, groups);
  }
};
/// @endcond

/// Reads the scales of a tensor as S, from a file that names their format `stored`. FloatScales also read
/// nested scales, as floats of the same values. Throws FileError for another format.
template <ScaleFormat S>
typename S::Array read_scales(QuantizedReader& reader, std::string_view stored, Index groups) {
  if (stored == ScalesInFile<S>::name) return ScalesInFile<S>::read(reader, groups);
  if constexpr (std::is_same_v<S, FloatScales>) {
    if (stored == ScalesInFile<NestedScales>::name)
      return lowbit::detail::as_floats(ScalesInFile<NestedScales>::read(reader, groups));
  }
  reader.fields().unexpected("scales", stored, in_quotes(ScalesInFile<S>::name));
}

}  // namespace lowbit::inline LOWBIT_ABI::io
