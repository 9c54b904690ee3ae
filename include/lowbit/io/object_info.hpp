// Which quantizers, learned scales and layers a file holds, without knowing their types.
#pragma once
#include <lowbit/io/description_reader.hpp>

#include <algorithm>
#include <array>
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

/// Whether the metadata "lowbit.NAME" describes a quantizer, learned scales or a layer. The key may also
/// describe a quantized tensor, or belong to another program.
inline bool is_object(const SafetensorsFile& file, std::string_view name) {
  constexpr std::array<std::string_view, 3> kinds{"quantizer", "learned_scale", "layer"};
  const auto found = file.metadata().find(quantized_key(name));
  if (found == file.metadata().end()) return false;
  const nlohmann::json json = nlohmann::json::parse(found->second, nullptr, false);
  return json.is_object() && json.contains("version") && json.contains("parts") && json.contains("kind") &&
         std::ranges::any_of(kinds, [&](std::string_view kind) { return json["kind"] == kind; });
}

/// Reads what the file says about a quantizer, learned scales or a layer. Throws FileError when NAME is none
/// of these, for a version that the library does not read, and for a part that the file does not have.
inline ObjectInfo object_info(const SafetensorsFile& file, std::string_view name) {
  if (!is_object(file, name))
    refuse(file.path(), "metadata " + in_quotes(quantized_key(name)),
           "describes no quantizer, learned_scale or layer");
  const std::string kind =
      nlohmann::json::parse(file.metadata().find(quantized_key(name))->second)["kind"].get<std::string>();
  DescriptionReader reader(file, name, kind);
  ObjectInfo info{std::string(name), kind, reader.json(), {}};
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
  for (const auto& [key, value] : file.metadata())
    if (key.starts_with(quantized_prefix)) {
      const std::string_view name = std::string_view(key).substr(quantized_prefix.size());
      if (is_object(file, name)) found.push_back(object_info(file, name));
    }
  return found;
}

}  // namespace lowbit::inline LOWBIT_ABI::io
