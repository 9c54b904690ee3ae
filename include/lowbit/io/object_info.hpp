// Which quantizers, learned scales and layers a file holds, without knowing their types.
#pragma once
#include <lowbit/io/description_reader.hpp>

#include <string>
#include <string_view>
#include <vector>

namespace lowbit::inline LOWBIT_ABI::io {

/// What a file says about a quantizer, learned scales or a layer.
struct ObjectInfo {  // NOLINT(bugprone-exception-escape): moving a json asserts, and does not throw
  /// The name of the object, and "quantizer", "learned_scale" or "layer".
  /// @{
  std::string name, kind;
  /// @}
  nlohmann::json json;  ///< the whole description
  /// The names of the stored tensors that belong to it. The weights of a WeightOnlyLinear or OutlierLinear do
  /// not: they are a quantized tensor.
  std::vector<std::string> parts;
};

/// @cond internal
/// The kind of the object that the metadata "lowbit.NAME" describes. Empty where it describes a quantized
/// tensor or belongs to another program.
inline std::string_view kind_of(const SafetensorsFile& file, std::string_view name) {
  const nlohmann::json json = description_of(file, name);
  if (!json.is_object() || !json.contains("version") || !json.contains("parts") || !json.contains("kind"))
    return {};
  for (const std::string_view kind : {quantizer_kind, learned_scale_kind, layer_kind})
    if (json["kind"] == kind) return kind;
  return {};
}
/// @endcond

/// Whether the metadata "lowbit.NAME" describes a quantizer, learned scales or a layer. The key may also
/// describe a quantized tensor, or belong to another program.
inline bool is_object(const SafetensorsFile& file, std::string_view name) {
  return !kind_of(file, name).empty();
}

/// Reads what the file says about a quantizer, learned scales or a layer. Throws FileError when NAME is none
/// of these, for a version that the library does not read, and for a part that the file does not have.
inline ObjectInfo object_info(const SafetensorsFile& file, std::string_view name) {
  const std::string_view kind = kind_of(file, name);
  if (kind.empty())
    refuse(file.path(), "metadata " + in_quotes(quantized_key(name)),
           "describes no quantizer, learned_scale or layer");
  DescriptionReader reader(file, name, kind);
  ObjectInfo info{std::string(name), std::string(kind), reader.json(), {}};
  for (const std::string& suffix : reader.parts()) {
    info.parts.push_back(info.name + "." + suffix);
    static_cast<void>(file.tensor(info.parts.back()));  // throws when it is missing
  }
  return info;
}

/// Lists the quantizers, learned scales and layers of a file, sorted by name. Throws as object_info does.
/// quantized_tensors lists the quantized tensors.
inline std::vector<ObjectInfo> stored_objects(const SafetensorsFile& file) {
  std::vector<ObjectInfo> found;
  for (const std::string_view name :
       described_names(file, [&](std::string_view n) { return is_object(file, n); }))
    found.push_back(object_info(file, name));
  return found;
}

}  // namespace lowbit::inline LOWBIT_ABI::io
