// Reads the metadata "lowbit.NAME", which describes a quantized tensor or another object.
#pragma once
#include <lowbit/io/object_reader.hpp>

#include <algorithm>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace lowbit::inline LOWBIT_ABI::io {

/// The start of the metadata keys that describe quantized tensors and other objects: "lowbit.NAME".
inline constexpr std::string_view quantized_prefix = "lowbit.";

/// Returns the metadata key that describes NAME: "lowbit.NAME".
inline std::string quantized_key(std::string_view name) { return std::string(quantized_prefix).append(name); }

/// @cond internal
/// The kinds of described objects that are not quantized tensors.
inline constexpr std::string_view quantizer_kind = "quantizer", learned_scale_kind = "learned_scale",
                                  layer_kind = "layer";

/// The description of NAME as JSON, which `is_discarded` where the file has none.
inline nlohmann::json description_of(const SafetensorsFile& file, std::string_view name) {
  const auto found = file.metadata().find(quantized_key(name));
  if (found == file.metadata().end()) return nlohmann::json(nlohmann::json::value_t::discarded);
  return nlohmann::json::parse(found->second, nullptr, false);
}

/// Lists every NAME with metadata "lowbit.NAME" for which wanted(NAME) is true, sorted. The names live as
/// long as the file object.
template <class Wanted>
std::vector<std::string_view> described_names(const SafetensorsFile& file, const Wanted& wanted) {
  std::vector<std::string_view> names;
  for (const auto& [key, value] : file.metadata())
    if (key.starts_with(quantized_prefix)) {
      const std::string_view name = std::string_view(key).substr(quantized_prefix.size());
      if (wanted(name)) names.push_back(name);
    }
  return names;
}

/// What messages call an object, such as: tensor "W", or: quantizer "fc1.activations".
inline std::string described_field(std::string_view name, std::string_view kind) {
  return kind.empty() ? tensor_field(name) : std::string(kind) + ' ' + in_quotes(name);
}

/// A description as JSON, with a version that this library reads.
struct ParsedDescription {
  nlohmann::json parsed;
  Index stated_version = 0;

  /// `kind` is empty for a quantized tensor, whose description has no such field.
  ParsedDescription(const SafetensorsFile& file, std::string_view name, std::string_view kind) {
    const std::string place = "metadata " + in_quotes(quantized_key(name));
    const auto found = file.metadata().find(quantized_key(name));
    if (found == file.metadata().end())
      refuse(file.path(), described_field(name, kind),
             kind.empty() ? "is not a quantized tensor" : "is missing", ": the file has no ", place);
    parsed = nlohmann::json::parse(found->second, nullptr, false);
    if (parsed.is_discarded()) refuse(file.path(), place, "invalid JSON: ", in_quotes(found->second));
    FieldReader fields(file, name, place, parsed);
    fields.option("version", stated_version);
    const Index first = kind.empty() ? 1 : 3;
    if (stated_version < first || stated_version > quantized_version)
      fields.unexpected(
          "version", stated_version,
          std::to_string(first) + " to " + std::to_string(quantized_version) + ", which this library reads");
    if (!kind.empty()) {
      fields.constant("kind", kind);
    } else if (const auto other = parsed.find("kind"); other != parsed.end()) {
      fields.unexpected("kind", *other, "a quantized tensor, which has no kind");
    }
  }
};
/// @endcond

/// Reads the metadata "lowbit.NAME" and the tensors that belong to it. Every member throws FileError with the
/// file, the field, what was found and what was expected.
class DescriptionReader : private ParsedDescription, public ObjectReader {
 public:
  /// Reads the description of NAME, an object of this kind; `kind` is empty for a quantized tensor. The file
  /// is kept by reference.
  DescriptionReader(const SafetensorsFile& file, std::string_view name, std::string_view kind)
      : ParsedDescription(file, name, kind),
        ObjectReader(file, std::string(name), described_field(name, kind),
                     "metadata " + in_quotes(quantized_key(name)), parsed, stated_version) {
    fields().member("version");
    if (!kind.empty()) fields().member("kind");
  }
  /// The file is kept by reference: a temporary is refused.
  DescriptionReader(const SafetensorsFile&&, std::string_view, std::string_view) = delete;

  const nlohmann::json& json() const& noexcept { return parsed; }  ///< the whole description
  nlohmann::json json() const&& { return parsed; }                 ///< of a temporary: a copy

  /// Reads the suffixes of the tensors "NAME.<suffix>" that belong to NAME. Empty for version 1, which does
  /// not list them.
  std::vector<std::string> parts() {
    std::vector<std::string> suffixes;
    if (version() < 2) return suffixes;
    const nlohmann::json& list = fields().member("parts");
    if (!list.is_array()) fields().unexpected("parts", list, "an array");
    for (const nlohmann::json& suffix : list) {
      if (!suffix.is_string()) fields().unexpected("parts", list, "strings");
      suffixes.push_back(suffix.get<std::string>());
    }
    return suffixes;
  }

  /// Throws FileError unless the description lists the tensors that were read, each once, in any order.
  void check_parts() {
    if (version() < 2) return;
    const std::vector<std::string> listed = parts();
    for (const std::string& suffix : listed)
      if (!read().contains(suffix))
        refuse(file().path(), place() + ".parts", in_quotes(suffix), " is no part of ",
               parsed.contains("kind") ? "this object" : "this codec and group");
    for (const std::string& suffix : read())
      if (const auto times = std::ranges::count(listed, suffix); times != 1)
        refuse(file().path(), place() + ".parts", "lists ", in_quotes(suffix), " ", times,
               " times, expected once");
  }

  /// Ends reading. Throws FileError for fields that were not read, and as check_parts does.
  void finish() {
    parts();
    fields().finish();
    check_parts();
  }
};

}  // namespace lowbit::inline LOWBIT_ABI::io
