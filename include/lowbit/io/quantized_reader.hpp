// Reads the parts of a stored quantized tensor, each checked against the others.
#pragma once
#include <lowbit/io/description_reader.hpp>

#include <string>
#include <string_view>

namespace lowbit::inline LOWBIT_ABI::io {

/// @cond internal
/// Whether a description of version 1 or 2 says that scales are nested: `nested` of the group is true, and
/// the codec has scales.
inline bool nested_before_version_3(const nlohmann::json& description) {
  const auto says = [&](const char* object, const char* field, const auto& value) {
    const auto at = description.find(object);
    return at != description.end() && at->is_object() && at->contains(field) && (*at)[field] == value;
  };
  return says("group", "nested", true) && !says("codec", "type", "cast");
}
/// @endcond

/// Reads the metadata "lowbit.NAME" of a quantized tensor and the tensors that belong to it. Every member
/// throws FileError with the file, the field, what was found and what was expected.
class QuantizedReader : public DescriptionReader {
 public:
  /// Reads the description of a tensor. The file is kept by reference.
  QuantizedReader(const SafetensorsFile& file, std::string_view name) : DescriptionReader(file, name, {}) {}
  QuantizedReader(const SafetensorsFile&&, std::string_view) = delete;  ///< the file is kept by reference

  /// Reads the name of the format of the scales. Before version 3, the group said whether they are nested.
  std::string scales() {
    if (version() < 3) return nested_before_version_3(json()) ? "nested" : "float32";
    return type("scales");
  }

  /// Reads shape and order. The bytes of a tensor of this dtype must fit a 64-bit integer.
  Shape shape(Dtype dtype) {
    Order order{};
    fields().option("order", order);
    return fields().extents("shape", dtype, order);
  }
};

}  // namespace lowbit::inline LOWBIT_ABI::io
