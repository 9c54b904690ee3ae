// Which quantized tensors a file holds, and how, without knowing their types.
#pragma once
#include <lowbit/io/quantized_reader.hpp>

#include <string>
#include <string_view>
#include <vector>

namespace lowbit::inline LOWBIT_ABI::io {

/// What a file says about one quantized tensor. `codec`, `code` and `group` are the names of
/// `io/description.hpp`, such as "symmetric", "int8" and "per_channel"; `json` has every option.
struct QuantizedInfo {  // NOLINT(bugprone-exception-escape): moving a json asserts, and does not throw
  std::string name;
  std::string codec, code, group;
  Shape shape;
  nlohmann::json json;

  /// Such as "symmetric int8, blockwise 64".
  std::string text() const {
    std::string s = codec + (code.empty() ? "" : " " + code) + ", " + group;
    const nlohmann::json& options = json["group"];
    if (const auto size = options.find("block_size"); size != options.end()) s += " " + size->dump();
    if (const auto axis = options.find("axis"); axis != options.end() && !axis->is_null())
      s += " axis " + axis->dump();
    if (const auto nested = options.find("nested"); nested != options.end() && *nested == true)
      s += " nested";
    return printable(s);
  }
};

/// What the file says about one of its quantized tensors. Throws FileError when it holds no such one, or the
/// description lacks what all descriptions have.
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
  info.shape = reader.shape(Dtype::u8);
  info.json = reader.json();
  return info;
}

/// All of them, by name. Tensors in the bitsandbytes layout are found by `bitsandbytes_tensors`.
inline std::vector<QuantizedInfo> quantized_tensors(const SafetensorsFile& file) {
  std::vector<QuantizedInfo> found;
  for (const auto& [key, value] : file.metadata())
    if (key.starts_with(quantized_prefix))
      found.push_back(quantized_info(file, std::string_view(key).substr(quantized_prefix.size())));
  return found;
}

}  // namespace lowbit::inline LOWBIT_ABI::io
