// One object of a description: its fields, and the stored tensors that belong to it.
#pragma once
#include <lowbit/io/description.hpp>

#include <set>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>

namespace lowbit::inline LOWBIT_ABI::io {

/// Runs f; what it has to say about bad values becomes a FileError that names the file and `field`. Without
/// exceptions, the message of f comes alone.
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

/// A tensor of the file; refused unless it has this type and shape.
template <Storable T>
Buffer<T> read_part(const SafetensorsFile& file, const std::string& name, const Shape& shape) {
  const StoredTensor tensor = file.tensor(name);
  if (tensor.dtype != DtypeOf<T>::value || tensor.shape != shape)
    refuse(file.path(), tensor_field(name), "is ", dtype_text(tensor), " ", shape_text(tensor), ", expected ",
           dtype_name(DtypeOf<T>::value), " ", shape);
  return tensor.copy<T>();
}

/// Reads a JSON object and the tensors NAME.<suffix>. Every member throws FileError with the file, the field,
/// what was found and what was expected.
class ObjectReader {
 public:
  /// `field` is how messages call what is read, such as: tensor "W"; `place` is how they call this object.
  ObjectReader(const SafetensorsFile& file, std::string name, std::string field, std::string place,
               const nlohmann::json& json, Index version = quantized_version)
      : file_(file),
        name_(std::move(name)),
        field_(std::move(field)),
        place_(std::move(place)),
        fields_(file_, name_, place_, json, version),
        version_(version) {}
  ObjectReader(const ObjectReader&) = delete;
  ObjectReader& operator=(const ObjectReader&) = delete;

  FieldReader& fields() & noexcept { return fields_; }
  const SafetensorsFile& file() const noexcept { return file_; }

  /// The object itself as the Description of T says.
  template <Described T>
  T described() {
    return described<T>(fields_);
  }
  /// A member, such as a codec or group, whose tensors are those of this object.
  template <Described T>
  T described(const char* field) {
    FieldReader reader(file_, name_, place_ + "." + field, fields_.member(field), version_);
    T value = described<T>(reader);
    reader.finish();
    return value;
  }
  /// f(reader of a member), whose tensors are NAME.<path>.<suffix>; `path` is where it is in this object.
  /// Refuses what f does not ask for.
  template <class F>
  auto within(const std::string& path, const nlohmann::json& member, F&& f) {
    ObjectReader reader(file_, name_ + "." + path, field_, place_ + "." + path, member, version_);
    auto result = f(reader);
    reader.fields_.finish();
    for (const std::string& suffix : reader.read_) read_.insert(path + "." + suffix);
    return result;
  }
  /// The only field of a member: what its `type` says.
  std::string type(const char* field) {
    FieldReader reader(file_, name_, place_ + "." + field, fields_.member(field), version_);
    const nlohmann::json& type = reader.member("type");
    if (!type.is_string()) reader.unexpected("type", type, "a string");
    reader.finish();
    return type.get<std::string>();
  }

  /// The tensor NAME.suffix.
  template <Storable T>
  Buffer<T> part(std::string_view suffix, const Shape& shape) {
    return read_part<T>(file_, part_name(suffix), shape);
  }
  /// The name of the tensor NAME.suffix, for a caller that reads it.
  std::string part_name(std::string_view suffix) {
    read_.emplace(suffix);
    return name_ + "." + std::string(suffix);
  }

  /// Runs f; what it refuses with std::invalid_argument becomes a FileError that names the file and object.
  template <class F>
  auto in_context(F&& f) const {
    return io::in_context(file_, field_, std::forward<F>(f));
  }

 protected:
  const std::string& place() const noexcept { return place_; }
  Index version() const noexcept { return version_; }
  /// Suffixes of the tensors that were read.
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
