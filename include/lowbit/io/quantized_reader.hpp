// The pieces of a stored quantized tensor, each checked against what the others say.
#pragma once
#include <lowbit/io/description.hpp>

#include <algorithm>
#include <cstdint>
#include <set>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace lowbit::inline LOWBIT_ABI::io {

/// The metadata that describes quantized tensors is kept under this and the tensor's name.
inline constexpr std::string_view quantized_prefix = "lowbit.";

/// The key of the metadata that describes a quantized tensor.
inline std::string quantized_key(std::string_view name) { return std::string(quantized_prefix).append(name); }

/// Runs f; what it has to say about bad values becomes a FileError that names the file and the tensor.
/// Without exceptions, the message of f comes alone.
template <class F>
auto in_context(const SafetensorsFile& file, std::string_view name, F&& f) {
#if LOWBIT_EXCEPTIONS
  try {
    return f();
  } catch (const std::invalid_argument& error) {
    std::string_view what = error.what();
    if (what.starts_with("lowbit: ")) what.remove_prefix(8);
    refuse(file.path(), tensor_field(name), what);
  }
#else
  static_cast<void>(file), static_cast<void>(name);
  return f();
#endif
}

/// Copies a tensor of the file. Throws FileError unless it has this type and shape.
template <Storable T>
Buffer<T> read_part(const SafetensorsFile& file, const std::string& name, const Shape& shape) {
  const StoredTensor tensor = file.tensor(name);
  if (tensor.dtype != DtypeOf<T>::value || tensor.shape != shape)
    refuse(file.path(), tensor_field(name), "is ", dtype_text(tensor), " ", shape_text(tensor), ", expected ",
           dtype_name(DtypeOf<T>::value), " ", shape);
  return tensor.copy<T>();
}

/// @cond internal
/// Whether a description of version 1 or 2 says that scales are nested: the group has `nested`, and the codec
/// scales.
inline bool nested_before_version_3(const nlohmann::json& description) {
  const auto says = [&](const char* object, const char* field, const auto& value) {
    const auto at = description.find(object);
    return at != description.end() && at->is_object() && at->contains(field) && (*at)[field] == value;
  };
  return says("group", "nested", true) && !says("codec", "type", "cast");
}
/// @endcond

/// Reads the metadata "lowbit.NAME" and the tensors that belong to it. Every member throws FileError with the
/// file, the field, what was found and what was expected.
class QuantizedReader {
 public:
  /// Reads the description of a tensor. The file is kept by reference.
  QuantizedReader(const SafetensorsFile& file, std::string_view name)
      : file_(file),
        name_(name),
        place_("metadata " + in_quotes(quantized_key(name))),
        json_(parse()),
        fields_(file_, name_, place_, json_) {
    fields_.option("version", version_);
    if (version_ < 1 || version_ > quantized_version)
      fields_.unexpected("version", version_,
                         "1 to " + std::to_string(quantized_version) + ", which this library reads");
  }
  /// @cond internal
  QuantizedReader(const SafetensorsFile&&, std::string_view) = delete;  ///< the file is kept by reference
  QuantizedReader(const QuantizedReader&) = delete;
  QuantizedReader& operator=(const QuantizedReader&) = delete;
  /// @endcond

  /// The whole description.
  const nlohmann::json& json() const& noexcept { return json_; }
  nlohmann::json json() const&& { return json_; }                 ///< of a temporary: a copy
  FieldReader& fields() & noexcept { return fields_; }            ///< the fields of the description
  const SafetensorsFile& file() const noexcept { return file_; }  ///< the file

  /// Reads a codec or group as its Description says.
  template <class T>
  T described(const char* field) {
    FieldReader reader(file_, name_, place_ + "." + field, fields_.member(field), version_);
    reader.constant("type", Description<T>::name);
    T value{};
    in_context(file_, name_, [&] { Description<T>::fields(reader, value); });
    reader.finish();
    read_.insert(reader.arrays().begin(), reader.arrays().end());
    return value;
  }

  /// Reads the name of the format of the scales. Before version 3, the group said whether they are nested.
  std::string scales() {
    if (version_ < 3) return nested_before_version_3(json_) ? "nested" : "float32";
    FieldReader reader(file_, name_, place_ + ".scales", fields_.member("scales"), version_);
    const nlohmann::json& type = reader.member("type");
    if (!type.is_string()) reader.unexpected("type", type, "a string");
    reader.finish();
    return type.get<std::string>();
  }

  /// Reads shape and order. The bytes of the tensor must be countable.
  Shape shape(Dtype dtype) {
    Order order{};
    fields_.option("order", order);
    return fields_.extents("shape", dtype, order);
  }

  /// Reads what follows "NAME." in the names of the tensors that belong to this one; empty in version 1,
  /// which does not say.
  std::vector<std::string> parts() {
    std::vector<std::string> suffixes;
    if (version_ < 2) return suffixes;
    const nlohmann::json& list = fields_.member("parts");
    if (!list.is_array()) fields_.unexpected("parts", list, "an array");
    for (const nlohmann::json& suffix : list) {
      if (!suffix.is_string()) fields_.unexpected("parts", list, "strings");
      suffixes.push_back(suffix.get<std::string>());
    }
    return suffixes;
  }

  /// Copies the tensor NAME.suffix.
  template <Storable T>
  Buffer<T> part(std::string_view suffix, const Shape& shape) {
    return read_part<T>(file_, part_name(suffix), shape);
  }
  /// Returns the name of the tensor NAME.suffix, for a caller that reads it.
  std::string part_name(std::string_view suffix) {
    read_.emplace(suffix);
    return name_ + "." + std::string(suffix);
  }

  /// Throws FileError for a description whose parts are not those that were read, each once, in any order.
  void check_parts() {
    if (version_ < 2) return;
    const std::vector<std::string> listed = parts();
    for (const std::string& suffix : listed)
      if (!read_.contains(suffix))
        refuse(file_.path(), place_ + ".parts", in_quotes(suffix), " is not a part of this codec and group");
    for (const std::string& suffix : read_)
      if (const auto times = std::ranges::count(listed, suffix); times != 1)
        refuse(file_.path(), place_ + ".parts", "lists ", in_quotes(suffix), " ", times,
               " times, expected once");
  }

 private:
  nlohmann::json parse() const {
    const auto found = file_.metadata().find(quantized_key(name_));
    if (found == file_.metadata().end())
      refuse(file_.path(), tensor_field(name_), "is not a quantized tensor: the file has no ", place_);
    nlohmann::json json = nlohmann::json::parse(found->second, nullptr, false);
    if (json.is_discarded()) refuse(file_.path(), place_, "invalid JSON: ", in_quotes(found->second));
    return json;
  }

  const SafetensorsFile& file_;
  std::string name_, place_;
  nlohmann::json json_;
  FieldReader fields_;
  Index version_ = 0;
  std::set<std::string> read_;  // suffixes of the tensors that were read
};

}  // namespace lowbit::inline LOWBIT_ABI::io
