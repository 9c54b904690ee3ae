// Learned scales and zero-points in safetensors files.
#pragma once
#include <lowbit/io/description_writer.hpp>
#include <lowbit/train/learned_scale.hpp>

#include <algorithm>
#include <array>
#include <bit>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

namespace lowbit::inline LOWBIT_ABI::io {

/// @cond internal
template <>
struct EnumNames<GradientFactor> {
  static constexpr auto names = std::to_array<std::string_view>({"lsq", "one"});
};
/// @endcond

/// Adds learned scales to a file, as
/// - NAME.scales: F32 [groups],
/// - NAME.zero_points: F32 [groups], as they are trained, before rounding, for codecs that have them,
///
/// and the metadata "lowbit.NAME", JSON {version, kind, codec, group, factor, groups, parts}, as
/// docs/file_format.md says. Everything is copied. Gradients are not saved. Throws std::invalid_argument for
/// learned scales that were moved from. O(groups).
template <Codec C, Group G>
void add(Bundle& bundle, std::string_view name, const LearnedScale<C, G>& learned) {
  const std::span<const float> scales = learned.scales();
  detail::require(!scales.empty(), "the learned scales ", in_quotes(name), " have been moved from");
  const Shape groups{static_cast<Index>(scales.size())};
  DescriptionWriter description(bundle, name, learned_scale_kind);
  nlohmann::ordered_json& json = description.json;
  json["codec"] = describe(bundle, name, learned.quantizer().codec());
  json["group"] = describe(bundle, name, learned.quantizer().group());
  json["factor"] = name_of(learned.factor());
  json["groups"] = groups.size();
  bundle.own(std::string(name) + ".scales", groups, scales);
  if constexpr (C::has_zero_point)
    bundle.own(std::string(name) + ".zero_points", groups, learned.zero_points());
  description.finish();
}

/// @cond internal
/// How a file describes a LearnedScale.
template <class L>
struct LearnedScaleInFile {
  static_assert(named<L>, "read_learned_scale takes a LearnedScale: name its type");
};

template <Codec C, Group G>
struct LearnedScaleInFile<LearnedScale<C, G>> {
  static LearnedScale<C, G> read(ObjectReader& reader) {
    Quantizer<C, G> start(reader.described<G>("group"), reader.described<C>("codec"));
    GradientFactor factor{};
    reader.fields().option("factor", factor);
    Index count = 0;
    reader.fields().option("groups", count);
    if (count < 1) reader.fields().unexpected("groups", count, "at least 1");
    return reader.in_context([&] {
      const auto scales = reader.part<float>("scales", Shape{count});
      Buffer<float> zero_points;
      if constexpr (C::has_zero_point) zero_points = reader.part<float>("zero_points", Shape{count});
      // LearnedScale starts from a frozen quantizer; set replaces its parameters.
      start.freeze(std::vector<Parameters>(scales.size(), {1.0f, 0}));
      LearnedScale<C, G> learned(start, factor);
      learned.set(scales.span(), zero_points.span());
      check("scale ", scales.span(), learned.scales());
      check("zero-point ", zero_points.span(), learned.zero_points());
      return learned;
    });
  }

 private:
  static void check(const char* what, std::span<const float> stored, std::span<const float> kept) {
    for (std::size_t g = 0; g < stored.size(); ++g)
      lowbit::detail::require(
          std::bit_cast<std::uint32_t>(stored[g]) == std::bit_cast<std::uint32_t>(kept[g]), what, g, " is ",
          stored[g], ", which learned scales of this type would change to ", kept[g]);
  }
};
/// @endcond

/// Reads learned scales as L, the LearnedScale that was written. Scales, zero-points and the factor are
/// restored bit by bit. Throws FileError, naming the file, the field and both values, for another type, a
/// missing or unknown field, other parts, and values that LearnedScale::set refuses or would change.
/// O(groups).
template <class L>
auto read_learned_scale(const SafetensorsFile& file, std::string_view name) {
  DescriptionReader reader(file, name, learned_scale_kind);
  auto learned = LearnedScaleInFile<std::remove_const_t<L>>::read(reader);
  reader.finish();
  return learned;
}

}  // namespace lowbit::inline LOWBIT_ABI::io
