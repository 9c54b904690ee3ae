// Quantizers with static parameters in safetensors files.
#pragma once
#include <lowbit/io/description_writer.hpp>
#include <lowbit/io/scales.hpp>
#include <lowbit/quantize/quantizer.hpp>

#include <bit>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

namespace lowbit::inline LOWBIT_ABI::io {

/// @cond internal
/// How a file describes a Quantizer, by itself or as the activations of a layer.
template <class Q>
struct QuantizerInFile {
  static_assert(named<Q>, "read_quantizer takes a Quantizer: name its type");
};

template <Codec C, Group G, class Obs, ScaleFormat S>
struct QuantizerInFile<Quantizer<C, G, Obs, S>> {
  /// Adds the fields `codec`, `group`, `scales` and `groups`, which is null before freeze.
  static void describe(Bundle& bundle, const std::string& name, const Quantizer<C, G, Obs, S>& quantizer,
                       nlohmann::ordered_json& json) {
    json["codec"] = io::describe(bundle, name, quantizer.codec());
    json["group"] = io::describe(bundle, name, quantizer.group());
    json["scales"]["type"] = format;
    json["groups"] = nullptr;
    if (!quantizer.frozen()) return;
    const Shape groups{quantizer.group_count()};
    json["groups"] = groups.size();
    Buffer<float> scales(static_cast<std::size_t>(groups.size()));
    Buffer<std::int32_t> zero_points(C::has_zero_point ? scales.size() : 0);
    for (std::size_t g = 0; g < scales.size(); ++g) {
      const Parameters p = quantizer.parameters(static_cast<Index>(g));
      scales[g] = p.scale;
      if constexpr (C::has_zero_point) zero_points[g] = p.zero_point;
    }
    bundle.own(name + ".scales", groups, std::span<const float>(scales.span()));
    if constexpr (C::has_zero_point)
      bundle.own(name + ".zero_points", groups, std::span<const std::int32_t>(zero_points.span()));
  }

  /// Reads what `describe` wrote. The quantizer is frozen unless `groups` is null.
  static Quantizer<C, G, Obs, S> read(ObjectReader& reader) {
    Quantizer<C, G, Obs, S> quantizer(reader.described<G>("group"), reader.described<C>("codec"));
    if (const std::string stored = reader.type("scales"); stored != format)
      reader.fields().unexpected("scales", stored, in_quotes(format));
    std::optional<Index> groups;
    reader.fields().option("groups", groups);
    if (!groups) return quantizer;
    reader.in_context([&] { freeze(quantizer, reader, Shape{*groups}); });
    return quantizer;
  }

 private:
  /// Casts have no scales.
  static constexpr std::string_view format =
      ScalesInFile<std::conditional_t<C::scaled, S, FloatScales>>::name;

  static void freeze(Quantizer<C, G, Obs, S>& quantizer, ObjectReader& reader, const Shape& groups) {
    const auto scales = reader.part<float>("scales", groups);
    Buffer<std::int32_t> zero_points;
    if constexpr (C::has_zero_point) zero_points = reader.part<std::int32_t>("zero_points", groups);
    std::vector<Parameters> parameters(scales.size());
    for (std::size_t g = 0; g < scales.size(); ++g) {
      parameters[g] = {scales[g], kernel::constant_zero_point<C>()};
      if constexpr (C::has_zero_point) parameters[g].zero_point = zero_points[g];
    }
    quantizer.freeze(parameters);
    for (std::size_t g = 0; g < scales.size(); ++g) {
      const Parameters p = quantizer.parameters(static_cast<Index>(g));
      lowbit::detail::require(
          std::bit_cast<std::uint32_t>(p.scale) == std::bit_cast<std::uint32_t>(scales[g]) &&
              p.zero_point == parameters[g].zero_point,
          "group ", g, " has scale ", scales[g], " and zero-point ", parameters[g].zero_point,
          ", which a quantizer of this type would change to scale ", p.scale, " and zero-point ",
          p.zero_point);
    }
  }
};
/// @endcond

/// Adds a frozen quantizer to a file, as
/// - NAME.scales: F32 [groups], the scales that elements are encoded with; 1 for casts,
/// - NAME.zero_points: I32 [groups], for codecs that have them,
/// - NAME.levels and NAME.indices, as for a quantized tensor,
///
/// and the metadata "lowbit.NAME", JSON {version, kind, codec, group, scales, groups, parts}, as
/// docs/file_format.md says. Everything is copied. Neither the observer nor ranges that were observed after
/// the last freeze are saved. Throws std::invalid_argument for a quantizer that is not frozen. O(groups).
template <Codec C, Group G, class Obs, ScaleFormat S>
void add(Bundle& bundle, std::string_view name, const Quantizer<C, G, Obs, S>& quantizer) {
  detail::require(quantizer.frozen(), "the quantizer ", in_quotes(name),
                  " is not frozen: it has no parameters to save");
  DescriptionWriter description(bundle, name, quantizer_kind);
  QuantizerInFile<Quantizer<C, G, Obs, S>>::describe(bundle, std::string(name), quantizer, description.json);
  description.finish();
}

/// Reads a frozen quantizer as Q, the type that was written. A Codebook<RuntimeTable<...>> reads any codebook
/// of its code type. The observer of Q may differ from the one that was written, and has seen nothing.
/// Parameters and options are restored bit by bit, so the quantizer encodes tensors to the same bits. Throws
/// FileError, naming the file, the field and both values, for another type, a missing or unknown field, other
/// parts, and parameters that Quantizer::freeze refuses or would change. O(groups).
template <class Q>
auto read_quantizer(const SafetensorsFile& file, std::string_view name) {
  DescriptionReader reader(file, name, quantizer_kind);
  auto quantizer = QuantizerInFile<std::remove_const_t<Q>>::read(reader);
  if (!quantizer.frozen()) reader.fields().unexpected("groups", nullptr, "the number of groups");
  reader.finish();
  return quantizer;
}

}  // namespace lowbit::inline LOWBIT_ABI::io
