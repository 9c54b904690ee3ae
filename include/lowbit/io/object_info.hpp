// Which quantizers, learned scales and layers a file holds, without knowing their types.
#pragma once
#include <lowbit/io/description_reader.hpp>

#include <algorithm>
#include <array>
#include <string>
#include <string_view>
#include <vector>

namespace lowbit::inline LOWBIT_ABI::io {

/// What a file says about an object that is no tensor. `kind` is "quantizer", "learned_scale" or "layer";
/// `json` has every option.
struct ObjectInfo {  // NOLINT(bugprone-exception-escape): moving a json asserts, and does not throw
  std::string name, kind;
  nlohmann::json json;
  /// The names of the stored tensors that belong to it.
  std::vector<std::string> parts;
};

/// Whether the metadata "lowbit.NAME" describes an object that is no tensor. Other programs may have keys
/// that start the same way: what is no such description is theirs.
inline bool is_object(const SafetensorsFile& file, std::string_view name) {
  constexpr std::array<std::string_view, 3> kinds{"quantizer", "learned_scale", "layer"};
  const auto found = file.metadata().find(quantized_key(name));
  if (found == file.metadata().end()) return false;
  const nlohmann::json json = nlohmann::json::parse(found->second, nullptr, false);
  return json.is_object() && json.contains("version") && json.contains("parts") && json.contains("kind") &&
         std::ranges::any_of(kinds, [&](std::string_view kind) { return json["kind"] == kind; });
}

/// What the file says about one of them. Throws FileError when it holds no such one, of a version that the
/// library reads, or it lists a part that is not there.
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
    static_cast<void>(file.tensor(info.parts.back()));  // refuses what is not there
  }
  return info;
}

/// All of them, by name.
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
