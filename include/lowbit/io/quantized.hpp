// Quantized tensors in safetensors files: codes and parameters as tensors, codec and group as metadata.
#pragma once
#include <lowbit/io/description_writer.hpp>
#include <lowbit/io/quantized_reader.hpp>
#include <lowbit/io/scales.hpp>
#include <lowbit/kernel/elementwise/codebook.hpp>
#include <lowbit/quantize/quantized.hpp>

#include <filesystem>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

namespace lowbit::inline LOWBIT_ABI::io {

/// @cond internal
/// The shape of the stored codes: bytes where codes share one, else that of the tensor, whose extents are
/// reversed when it is column-major.
template <CodeType Code>
Shape stored_codes_shape(const Shape& shape) {
  if constexpr (CodePacking<Code>::shares_bytes) {
    return Shape{static_cast<Index>(storage_bytes<Code>(static_cast<std::size_t>(shape.size())))};
  } else {
    std::vector<Index> extents(shape.extents().begin(), shape.extents().end());
    if (!shape.row_major()) std::reverse(extents.begin(), extents.end());
    return Shape(extents);
  }
}
/// @endcond

/// Adds a quantized tensor to a file, as
/// - NAME.codes: the codes in the order that they have in memory,
/// - NAME.scales: F32 [groups], for codecs that scale; other scale formats have parts of their own,
/// - NAME.zero_points: I32 [groups], for codecs that have them,
/// - NAME.levels: F32, the table of a codebook, by code,
/// - NAME.indices: I64, the list of an Indexed group,
///
/// and the metadata "lowbit.NAME", JSON {version, codec, group, scales, shape, order, nibble_order, parts},
/// as docs/file_format.md says. Codes and parameters are not copied: q must outlive the bundle, unless it is
/// a temporary, which the bundle keeps.
/// @{
template <Codec C, Group G, ScaleFormat S>
void add(Bundle& bundle, std::string_view name, const Quantized<C, G, S>& q) {
  const std::string prefix = std::string(name) + ".";
  const Shape groups{q.group_count()};
  DescriptionWriter description(bundle, name, {});
  nlohmann::ordered_json& json = description.json;
  json["codec"] = describe(bundle, name, q.codec());
  json["group"] = describe(bundle, name, q.group());
  json["scales"]["type"] = ScalesInFile<std::conditional_t<C::scaled, S, FloatScales>>::name;
  json["shape"] = std::vector<Index>(q.shape().extents().begin(), q.shape().extents().end());
  json["order"] = name_of(q.shape().order());
  json["nibble_order"] = name_of(q.nibble_order());
  bundle.add(prefix + "codes", stored_tensor(q.codes(), stored_codes_shape<typename C::Code>(q.shape())));
  if constexpr (C::scaled) ScalesInFile<S>::add(bundle, prefix, q.parts().scales);
  if constexpr (C::has_zero_point) bundle.add(prefix + "zero_points", stored_tensor(q.zero_points(), groups));
  description.finish();
}
template <Codec C, Group G, ScaleFormat S>
void add(Bundle& bundle, std::string_view name, Quantized<C, G, S>&& q) {
  add(bundle, name, bundle.keep(std::move(q)));
}
template <Codec C, Group G, ScaleFormat S>
void add(Bundle& bundle, std::string_view name, const Quantized<C, G, S>&& q) {
  add(bundle, name, bundle.keep(q));
}
/// @}

/// Writes one quantized tensor. Throws FileError; an existing file is replaced whole or not at all.
template <Codec C, Group G, ScaleFormat S>
void write_quantized(const std::filesystem::path& path, std::string_view name, const Quantized<C, G, S>& q) {
  Bundle bundle;
  add(bundle, name, q);
  bundle.write(path);
}

/// Reads a quantized tensor as Q, the Quantized that was written; a Codebook<RuntimeTable<...>> takes any
/// codebook of its code type, and scales as floats take nested ones, too, with the same values. Codes,
/// parameters and options are restored bit by bit. Throws FileError, naming the file, the field and both
/// values, for another type, a missing or unknown field, parts other than those of codec and group, and
/// values that Quantized refuses.
template <class Q>
Q read_quantized(const SafetensorsFile& file, std::string_view name) {
  using C = std::remove_cvref_t<decltype(std::declval<Q>().codec())>;
  using G = std::remove_cvref_t<decltype(std::declval<Q>().group())>;
  using Storage = typename Q::Storage;
  QuantizedReader reader(file, name);
  FieldReader& fields = reader.fields();
  const C codec = reader.described<C>("codec");
  const G group = reader.described<G>("group");
  const std::string scales = reader.scales();
  if (!C::scaled && scales != ScalesInFile<FloatScales>::name)
    fields.unexpected("scales", scales, in_quotes(ScalesInFile<FloatScales>::name));
  const Shape shape = reader.shape(DtypeOf<Storage>::value);
  if (traversal(group, shape.order()) != shape.order())
    fields.unexpected("order", name_of(shape.order()), "the order that the group lays codes out in");
  typename Q::Parts parts{codec, group};
  fields.option("nibble_order", parts.nibble_order);
  reader.parts();
  fields.finish();

  return reader.in_context([&] {
    const Index groups = group.count(shape);
    parts.codes = reader.part<Storage>("codes", stored_codes_shape<typename C::Code>(shape));
    if constexpr (C::scaled) parts.scales = read_scales<typename Q::Scales>(reader, scales, groups);
    if constexpr (C::has_zero_point)
      parts.zero_points = reader.part<std::int32_t>("zero_points", Shape{groups});
    reader.check_parts();
    return Q(shape, std::move(parts));
  });
}

}  // namespace lowbit::inline LOWBIT_ABI::io
