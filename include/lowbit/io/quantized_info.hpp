// Which quantized tensors a file holds, and how, without knowing their types.
#pragma once
#include <lowbit/io/quantized_reader.hpp>

#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace lowbit::inline LOWBIT_ABI::io {

/// What a file says about one quantized tensor. `codec`, `code`, `group` and `scales` are the names of
/// `io/description.hpp` and `io/scales.hpp`, such as "symmetric", "int8", "per_channel" and "float32"; `json`
/// has every option.
struct QuantizedInfo {  // NOLINT(bugprone-exception-escape): moving a json asserts, and does not throw
  std::string name;     ///< of the tensor
  /// Names of the types.
  /// @{
  std::string codec, code, group, scales;
  /// @}
  Shape shape;          ///< extents and order
  nlohmann::json json;  ///< the whole description
  /// The names of the stored tensors that belong to it. Others that start with its name do not.
  std::vector<std::string> parts;

  /// A short text, such as "symmetric int8, blockwise 64".
  std::string text() const {
    std::string s = codec + (code.empty() ? "" : " " + code) + ", " + group;
    const nlohmann::json& options = json["group"];
    if (const auto size = options.find("block_size"); size != options.end()) s += " " + size->dump();
    if (const auto axis = options.find("axis"); axis != options.end() && !axis->is_null())
      s += " axis " + axis->dump();
    if (scales != "float32") s += " " + scales;
    return printable(s);
  }
};

/// @cond internal
/// The parts that a tensor of version 1 may have; its description does not list them. They follow from codec
/// and group; for codecs that the library does not know, all parts are possible.
inline std::vector<std::string> parts_of_version_1(const QuantizedInfo& info) {
  const bool nested = info.scales == "nested";
  std::vector<std::string> parts{"codes"};
  const auto add = [&](std::initializer_list<std::string> more) { parts.insert(parts.end(), more); };
  const bool known =
      info.codec == "symmetric" || info.codec == "affine" || info.codec == "codebook" || info.codec == "cast";
  if (!known || info.codec == "codebook") add({"levels"});
  if (info.codec != "cast" && (!known || nested))
    add({"nested_codes", "nested_absmax", "nested_levels", "nested_mean"});
  if (info.codec != "cast" && (!known || !nested)) add({"scales"});
  if (!known || info.codec == "affine") add({"zero_points"});
  return parts;
}
/// @endcond

/// Reads what the file says about a quantized tensor. Throws FileError when NAME is not a quantized tensor,
/// for a description that lacks a field that all descriptions have, and for a part that the file does not
/// have.
inline QuantizedInfo quantized_info(const SafetensorsFile& file, std::string_view name) {
  QuantizedReader reader(file, name);
  const auto text = [&](const char* object, const char* field) {
    const nlohmann::json& json = reader.fields().member(object);
    if (!json.is_object()) reader.fields().unexpected(object, json, "an object");
    const auto found = json.find(field);
    return found != json.end() && found->is_string() ? found->get<std::string>() : std::string();
  };
  QuantizedInfo info;
  info.name = name;
  info.codec = text("codec", "type");
  info.code = text("codec", "code");
  info.group = text("group", "type");
  info.scales = reader.scales();
  info.shape = reader.shape(Dtype::u8);
  info.json = reader.json();
  const std::vector<std::string> listed = reader.parts();
  for (const std::string& suffix : listed.empty() ? parts_of_version_1(info) : listed) {
    std::string part = info.name + "." + suffix;
    if (!listed.empty()) static_cast<void>(file.tensor(part));  // throws when it is missing
    if (file.contains(part)) info.parts.push_back(std::move(part));
  }
  return info;
}

/// Whether the metadata "lowbit.NAME" describes a quantized tensor whose codes are in the file. The key may
/// also describe a quantizer, learned scales or a layer, or belong to another program.
inline bool is_quantized(const SafetensorsFile& file, std::string_view name) {
  if (!file.contains(std::string(name) + ".codes")) return false;
  const nlohmann::json json = description_of(file, name);
  const auto has_type = [&](const char* object) {
    return json.contains(object) && json[object].is_object() && json[object].contains("type");
  };
  return json.is_object() && json.contains("version") && json.contains("shape") && has_type("codec") &&
         has_type("group");
}

/// Lists the quantized tensors of a file, sorted by name. Tensors in the bitsandbytes layout are found by
/// `bitsandbytes_tensors`.
inline std::vector<QuantizedInfo> quantized_tensors(const SafetensorsFile& file) {
  std::vector<QuantizedInfo> found;
  for (const std::string_view name :
       described_names(file, [&](std::string_view n) { return is_quantized(file, n); }))
    found.push_back(quantized_info(file, name));
  return found;
}

}  // namespace lowbit::inline LOWBIT_ABI::io
