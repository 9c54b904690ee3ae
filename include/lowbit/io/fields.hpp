// Writes and reads the options of codecs, groups and stages as JSON fields, both from one list of options.
#pragma once
#include <lowbit/io/bundle.hpp>
#include <lowbit/io/safetensors.hpp>

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <cstdint>
#include <limits>
#include <nlohmann/json.hpp>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

namespace lowbit::inline LOWBIT_ABI::io {

/// Names the values of an enumeration in files. Specialize it for your own with
/// `static constexpr std::array<std::string_view, N> names`, in the order of the values 0, 1, ...
template <class E>
struct EnumNames;

/// Returns the name of a value of an enumeration in files.
template <class E>
constexpr std::string_view name_of(E value) noexcept {
  return EnumNames<E>::names[static_cast<std::size_t>(value)];
}

/// @cond internal
template <class T>
inline constexpr bool is_vector = false;
template <class T>
inline constexpr bool is_vector<std::vector<T>> = true;
/// @endcond

/// The version of the metadata that describes quantized tensors and other objects. This library writes this
/// version, and reads it and all older ones. Version 2 added `parts` and the zero-point of symmetric codecs;
/// version 3 added `scales`, in place of the group's `nested`, and quantizers, learned scales and layers.
inline constexpr Index quantized_version = 3;

/// Writes the options of a codec, group or stage as a JSON object, and its arrays as tensors "NAME.<array>".
/// The `V` of Description::fields when writing.
class FieldWriter {
 public:
  /// Writes for the object of this name. The bundle must outlive the writer.
  FieldWriter(Bundle& bundle, std::string_view tensor) : bundle_(bundle), tensor_(tensor) {}

  /// Writes an option: an enumeration with EnumNames, a bool, a number, or a std::optional or std::vector of
  /// these.
  template <class T>
  void option(const char* name, const T& value) {
    json_[name] = as_json(value);
  }
  /// Writes numbers bit by bit, as a tensor. Takes a std::vector, or a std::array of a fixed size.
  template <class Values>
  void array(const char* name, const Values& values) {
    own(name, std::span(std::as_const(values)));
  }

  /// Writes a value that follows from the type. When it is read, it must be the same.
  void constant(const char* name, std::string_view value) { json_[name] = value; }
  /// Writes a constant that descriptions have had since a version.
  void constant_since(Index, const char* name, Index value) { json_[name] = value; }
  /// Does nothing: descriptions had this option up to an older version only.
  template <class T>
  void option_until(Index, const char*, const T&) {}
  /// Writes a constant array, as a tensor.
  void constant(const char* name, std::span<const float> values) { own(name, values); }

  nlohmann::ordered_json take() { return std::move(json_); }  ///< moves the JSON object out

 private:
  template <class T>
  static nlohmann::ordered_json as_json(const T& value) {
    if constexpr (std::is_enum_v<T>) {
      return name_of(value);
    } else if constexpr (requires { value.has_value(); }) {
      return value ? nlohmann::ordered_json(*value) : nlohmann::ordered_json();
    } else if constexpr (is_vector<T>) {
      nlohmann::ordered_json list = nlohmann::ordered_json::array();
      for (const auto& one : value) list.push_back(as_json(one));
      return list;
    } else {
      return value;
    }
  }
  template <class T, std::size_t Extent>
  void own(const char* name, std::span<const T, Extent> values) {
    bundle_.own(tensor_ + "." + name, Shape{static_cast<Index>(values.size())}, std::span<const T>(values));
  }

  Bundle& bundle_;
  std::string tensor_;
  nlohmann::ordered_json json_ = nlohmann::ordered_json::object();
};

/// Reads what a FieldWriter wrote: the `V` of Description::fields when reading. Every member throws FileError
/// that names the file, the field, what was found and what was expected.
class FieldReader {
 public:
  /// Reads `json`, which messages call `place`, such as: metadata "lowbit.W".codec. File and JSON are kept by
  /// reference.
  FieldReader(const SafetensorsFile& file, std::string_view tensor, std::string place,
              const nlohmann::json& json, Index version = quantized_version)
      : file_(file), tensor_(tensor), place_(std::move(place)), json_(json), version_(version) {
    if (!json_.is_object()) refuse(file_.path(), place_, "found ", text(json_), ", expected an object");
  }
  /// @cond internal
  FieldReader(const SafetensorsFile&&, std::string_view, std::string, const nlohmann::json&,
              Index = quantized_version) = delete;
  FieldReader(const SafetensorsFile&, std::string_view, std::string, const nlohmann::json&&,
              Index = quantized_version) = delete;
  /// @endcond

  /// Reads an option, as FieldWriter::option writes it.
  template <class T>
  void option(const char* name, T& value) {
    read(name, member(name), value);
  }
  /// Reads a list of extents. The bytes of a tensor that has them must fit a 64-bit integer.
  Shape extents(const char* name, Dtype dtype, Order order) {
    const nlohmann::json& list = member(name);
    std::vector<std::uint64_t> values;
    if (!list.is_array()) unexpected(name, list, "an array");
    for (const nlohmann::json& extent : list) {
      if (!extent.is_number_unsigned()) unexpected(name, list, "non-negative integers");
      values.push_back(extent.get<std::uint64_t>());
    }
    return stored_shape(file_.path(), place_ + "." + name, dtype, values, order);
  }
  /// Reads an array, as FieldWriter::array writes it. A std::array must have as many numbers as the tensor.
  /// @{
  template <Storable T>
  void array(const char* name, std::vector<T>& values) {
    const StoredTensor tensor = numbers<T>(name);
    values.resize(static_cast<std::size_t>(tensor.size()));
    tensor.copy_to(std::span(values));
  }
  template <Storable T, std::size_t N>
  void array(const char* name, std::array<T, N>& values) {
    const StoredTensor tensor = numbers<T>(name);
    if (tensor.size() != Index{N}) refuse(tensor.label, "size", tensor.size(), " values, expected ", N);
    tensor.copy_to(std::span(values));
  }
  /// @}

  /// Reads a constant. Throws FileError for another value.
  void constant(const char* name, std::string_view expected) {
    const nlohmann::json& found = member(name);
    if (found != expected) unexpected(name, found, in_quotes(expected));
  }
  /// Reads a constant that descriptions have had since a version.
  void constant_since(Index version, const char* name, Index expected) {
    if (version_ < version) return;
    Index found = 0;
    option(name, found);
    if (found != expected) unexpected(name, found, std::to_string(expected));
  }
  /// Reads an option that descriptions had up to a version.
  template <class T>
  void option_until(Index version, const char* name, T& value) {
    if (version_ <= version) option(name, value);
  }
  /// Reads a constant array. Throws FileError unless it has these numbers, bit by bit.
  void constant(const char* name, std::span<const float> expected) {
    const StoredTensor tensor = numbers<float>(name);
    const Buffer<float> found = tensor.copy<float>();
    if (found.size() != expected.size())
      refuse(tensor.label, "size", found.size(), " values, the requested type has ", expected.size());
    for (std::size_t i = 0; i < found.size(); ++i)
      if (std::bit_cast<std::uint32_t>(found[i]) != std::bit_cast<std::uint32_t>(expected[i]))
        refuse(tensor.label, "value " + std::to_string(i), found[i], ", the requested type has ",
               expected[i]);
  }

  /// Returns a member of the object, and marks it as read. Throws FileError where it is missing.
  const nlohmann::json& member(const char* name) {
    known_.insert(name);
    const auto found = json_.find(name);
    if (found == json_.end()) refuse(file_.path(), place_, "missing field ", in_quotes(name));
    return *found;
  }
  /// The names of the arrays that were read, each stored as the tensor "NAME.<array>".
  const std::set<std::string, std::less<>>& arrays() const noexcept { return arrays_; }
  /// Ends reading. Throws FileError for a field that was not read: it could change the meaning of the others.
  void finish() const {
    for (const auto& [name, value] : json_.items())
      if (!known_.contains(name)) refuse(file_.path(), place_, "unknown field ", in_quotes(name));
  }
  /// Throws FileError: the field has the value `found`, in place of what was expected.
  [[noreturn]] void unexpected(std::string_view name, const nlohmann::json& found,
                               std::string_view expected) const {
    refuse(file_.path(), place_ + "." + std::string(name), "found ", text(found), ", expected ", expected);
  }

 private:
  static std::string text(const nlohmann::json& value) {
    return printable(value.dump(-1, ' ', true, nlohmann::json::error_handler_t::replace), 80);
  }
  template <class T>
  void read(const char* name, const nlohmann::json& found, T& value) {
    if constexpr (std::is_enum_v<T>) {
      const auto& names = EnumNames<T>::names;
      const auto at = std::find_if(names.begin(), names.end(), [&](auto n) { return found == n; });
      if (at == names.end()) {
        std::string all;
        for (std::string_view n : names) all += (all.empty() ? "" : ", ") + in_quotes(n);
        unexpected(name, found, "one of " + all);
      }
      value = static_cast<T>(at - names.begin());
    } else if constexpr (std::is_same_v<T, bool>) {
      if (!found.is_boolean()) unexpected(name, found, "true or false");
      value = found.get<bool>();
    } else if constexpr (requires { value.has_value(); }) {
      value.reset();
      if (!found.is_null()) read(name, found, value.emplace());
    } else if constexpr (is_vector<T>) {
      if (!found.is_array()) unexpected(name, found, "an array");
      value.clear();
      for (const nlohmann::json& one : found) read(name, one, value.emplace_back());
    } else if constexpr (std::is_floating_point_v<T>) {
      if (!found.is_number()) unexpected(name, found, "a number");
      const double wide = found.get<double>();
      if (!(std::fabs(wide) <= double{(std::numeric_limits<T>::max)()}))
        unexpected(name, found, "a number within the range of its type");
      value = static_cast<T>(wide);
    } else {
      if (!found.is_number_integer() || (found.is_number_unsigned() && found.get<std::uint64_t>() >> 63 != 0))
        unexpected(name, found, "an integer of 64 bits");
      const auto wide = found.get<std::int64_t>();
      if (!std::in_range<T>(wide)) unexpected(name, found, "an integer within the range of its type");
      value = static_cast<T>(wide);
    }
  }
  template <Storable T>
  StoredTensor numbers(const char* name) {
    arrays_.insert(name);
    StoredTensor tensor = file_.tensor(tensor_ + "." + name);
    if (tensor.dtype != DtypeOf<T>::value || tensor.shape.rank() != 1)
      refuse(tensor.label, "type", dtype_text(tensor), " ", shape_text(tensor), ", expected ",
             dtype_name(DtypeOf<T>::value), " of rank 1");
    return tensor;
  }

  const SafetensorsFile& file_;
  std::string tensor_, place_;
  const nlohmann::json& json_;
  Index version_;
  std::set<std::string, std::less<>> known_, arrays_;
};

}  // namespace lowbit::inline LOWBIT_ABI::io
