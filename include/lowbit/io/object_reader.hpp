// Reads one JSON object of a description, and the stored tensors that belong to it.
#pragma once
#include <lowbit/io/description.hpp>

#include <set>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>

namespace lowbit::inline LOWBIT_ABI::io {

/// @cond internal
/// Runs f. A std::invalid_argument that f throws becomes a FileError that names the file and `field`. Without
/// exceptions, the program ends with the message of f alone.
template <class F>
auto in_context(const SafetensorsFile& file, std::string_view field, F&& f) {
#if LOWBIT_EXCEPTIONS
  try {
    return f();
  } catch (const std::invalid_argument& error) {
    std::string_view what = error.what();
    if (what.starts_with("lowbit: ")) what.remove_prefix(8);
    refuse(file.path(), field, what);
  }
#else
  static_cast<void>(file), static_cast<void>(field);
  return f();
#endif
}

/// Reads a tensor of the file. Throws FileError unless it has this type and shape.
template <Storable T>
Buffer<T> read_part(const SafetensorsFile& file, const std::string& name, const Shape& shape) {
  const StoredTensor tensor = file.tensor(name);
  if (tensor.dtype != DtypeOf<T>::value || tensor.shape != shape)
    refuse(file.path(), tensor_field(name), "is ", dtype_text(tensor), " ", shape_text(tensor), ", expected ",
           dtype_name(DtypeOf<T>::value), " ", shape);
  return tensor.copy<T>();
}
/// @endcond

/// Reads a JSON object and the tensors of the object NAME that it describes, "NAME.<suffix>". Every member
/// throws FileError with the file, the field, what was found and what was expected.
class ObjectReader {
 public:
  /// Reads `json`, which describes the object `name`. Messages call the object `field`, such as: tensor "W",
  /// and the JSON `place`, such as: metadata "lowbit.W". File and JSON are kept by reference.
  ObjectReader(const SafetensorsFile& file, std::string name, std::string field, std::string place,
               const nlohmann::json& json, Index version = quantized_version)
      : file_(file),
        name_(std::move(name)),
        field_(std::move(field)),
        place_(std::move(place)),
        fields_(file_, name_, place_, json, version),
        version_(version) {}
  /// @cond internal
  ObjectReader(const ObjectReader&) = delete;
  ObjectReader& operator=(const ObjectReader&) = delete;
  /// @endcond

  FieldReader& fields() & noexcept { return fields_; }            ///< reads the fields of the object
  const SafetensorsFile& file() const noexcept { return file_; }  ///< the file that it is in

  /// Reads the object itself as a T, as Description<T> says.
  template <Described T>
  T described() {
    return described<T>(fields_);
  }
  /// Reads a member as a T, such as a codec or a group. Its arrays are tensors of this object.
  template <Described T>
  T described(const char* field) {
    FieldReader reader(file_, name_, place_ + "." + field, fields_.member(field), version_);
    T value = described<T>(reader);
    reader.finish();
    return value;
  }
  /// Calls f with a reader of a member and returns what f returns. `path` says where the member is in this
  /// object, and its tensors are "NAME.<path>.<suffix>". Throws FileError for fields that f does not read.
  template <class F>
  auto within(const std::string& path, const nlohmann::json& member, F&& f) {
    ObjectReader reader(file_, name_ + "." + path, field_, place_ + "." + path, member, version_);
    auto result = f(reader);
    reader.fields_.finish();
    for (const std::string& suffix : reader.read_) read_.insert(std::string(path).append(".").append(suffix));
    return result;
  }
  /// Reads the `type` of a member that has no other field.
  std::string type(const char* field) {
    FieldReader reader(file_, name_, place_ + "." + field, fields_.member(field), version_);
    const nlohmann::json& type = reader.member("type");
    if (!type.is_string()) reader.unexpected("type", type, "a string");
    reader.finish();
    return type.get<std::string>();
  }

  /// Reads the tensor "NAME.<suffix>". Throws FileError unless it has this type and shape.
  template <Storable T>
  Buffer<T> part(std::string_view suffix, const Shape& shape) {
    return read_part<T>(file_, part_name(suffix), shape);
  }
  /// Returns the name of the tensor "NAME.<suffix>" for a caller that reads it, and marks it as read.
  std::string part_name(std::string_view suffix) {
    read_.emplace(suffix);
    return name_ + "." + std::string(suffix);
  }

  /// Runs f. A std::invalid_argument that f throws becomes a FileError that names the file and the object.
  template <class F>
  auto in_context(F&& f) const {
    return io::in_context(file_, field_, std::forward<F>(f));
  }

 protected:
  const std::string& place() const noexcept { return place_; }  ///< what messages call the JSON
  Index version() const noexcept { return version_; }           ///< of the description
  /// The suffixes of the tensors that were read.
  const std::set<std::string>& read() const noexcept { return read_; }

 private:
  template <class T>
  T described(FieldReader& reader) {
    reader.constant("type", Description<T>::name);
    T value = first<T>();
    in_context([&] { Description<T>::fields(reader, value); });
    read_.insert(reader.arrays().begin(), reader.arrays().end());
    return value;
  }
  template <class T>
  static T first() {
    if constexpr (requires { Description<T>::start(); }) {
      return Description<T>::start();
    } else {
      return T{};
    }
  }

  const SafetensorsFile& file_;
  std::string name_, field_, place_;
  FieldReader fields_;
  Index version_;
  std::set<std::string> read_;
};

}  // namespace lowbit::inline LOWBIT_ABI::io
