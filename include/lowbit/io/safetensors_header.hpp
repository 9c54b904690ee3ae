// The safetensors header: what a file promises about its tensors, checked whole before any of them is used.
#pragma once
#include <lowbit/io/layout.hpp>

#include <nlohmann/json.hpp>

#include <algorithm>
#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace lowbit::inline LOWBIT_ABI::io {

/// One tensor of a header; begin and end are byte offsets into the data that follows the header.
struct SafetensorsEntry {
  std::string name;                                   ///< unique in the file
  Dtype dtype = Dtype::u8;                            ///< the element type
  Shape shape;                                        ///< row-major
  std::uint64_t begin = 0;                            ///< of the first byte
  std::uint64_t end = 0;                              ///< behind the last byte
  std::optional<ForeignType> foreign = std::nullopt;  ///< exactly for Dtype::foreign
};

/// The metadata of a file: text by key.
using Metadata = std::map<std::string, std::string, std::less<>>;

/// What the header of a safetensors file says.
struct SafetensorsHeader {
  std::vector<SafetensorsEntry> tensors;                  ///< ordered by offset
  std::map<std::string, std::size_t, std::less<>> index;  ///< name -> position in tensors
  Metadata metadata;                                      ///< text by key
  std::uint64_t data_offset = 0;                          ///< where the data starts in the file
};

/// The format's own bound on the length of the JSON text.
inline constexpr std::uint64_t max_safetensors_header = 100'000'000;

/// @cond internal
/// How messages name a tensor.
inline std::string tensor_field(std::string_view name) { return "tensor " + in_quotes(name); }

/// Receives the events of nlohmann's SAX parser and refuses the first one that the format does not foresee.
/// So nesting never gets deeper than the format's three levels, duplicate names are seen, and nothing is kept
/// that was not asked for.
class SafetensorsHeaderParser {
 public:
  using Json = nlohmann::json;

  SafetensorsHeaderParser(std::string_view file, std::uint64_t data_size)
      : file_(file), data_size_(data_size) {}

  SafetensorsHeader parse(std::string_view text) {
    // The format demands this first byte, and nlohmann skips a byte order mark and stops at a NUL.
    if (!text.starts_with('{'))
      refuse(file_, "header", "starts with ", in_quotes(text.substr(0, 1)), ", not with {");
    if (const auto at = text.find('\0'); at != text.npos)
      refuse(file_, "header", "NUL character at byte ", at);
    Json::sax_parse(text.begin(), text.end(), this);
    check_coverage();
    return std::move(header_);
  }

  bool start_object(std::size_t) {
    if (level_ == Level::document) return enter(Level::header);
    if (level_ == Level::header) return enter(key_ == "__metadata__" ? Level::metadata : Level::tensor);
    return unexpected("an object");
  }
  bool end_object() {
    if (level_ == Level::tensor) finish_tensor();
    return enter(Level::header);
  }
  bool start_array(std::size_t) {
    if (level_ == Level::tensor && field_ == "shape") return enter(Level::shape);
    if (level_ == Level::tensor && field_ == "data_offsets") return enter(Level::offsets);
    return unexpected("an array");
  }
  bool end_array() { return enter(Level::tensor); }
  bool key(std::string& key) {
    if (level_ == Level::header) {
      if (!header_.index.emplace(key, 0).second) refuse(file_, "header", "duplicate name ", in_quotes(key));
      key_ = key;
      tensor_ = {};
    } else if (level_ == Level::metadata) {
      if (header_.metadata.contains(key)) refuse(file_, "__metadata__", "duplicate name ", in_quotes(key));
      field_ = key;
    } else {
      bool* has = key == "dtype" ? &tensor_.has_dtype : key == "shape" ? &tensor_.has_shape : nullptr;
      if (key == "data_offsets") has = &tensor_.has_offsets;
      if (has == nullptr) refuse(file_, tensor_field(key_), "unknown field ", in_quotes(key));
      if (std::exchange(*has, true)) refuse(file_, tensor_field(key_), "duplicate field ", in_quotes(key));
      field_ = key;
    }
    return true;
  }

  bool string(std::string& value) {
    if (level_ == Level::metadata) return header_.metadata.emplace(field_, std::move(value)).second;
    if (level_ != Level::tensor || field_ != "dtype") return unexpected("the string " + in_quotes(value));
    tensor_.dtype = value;
    return true;
  }
  bool number_unsigned(std::uint64_t value) {
    if (level_ != Level::shape && level_ != Level::offsets)
      return unexpected("the number " + std::to_string(value));
    auto& list = level_ == Level::shape ? tensor_.extents : tensor_.offsets;
    list.push_back(value);
    if (tensor_.offsets.size() > 2) refuse(file_, place(), "third number ", value, ", expected [begin, end]");
    return true;
  }
  bool number_integer(std::int64_t value) {
    return unexpected("the negative number " + (value == 0 ? "-0" : std::to_string(value)));
  }
  bool number_float(double, const std::string& text) {
    return unexpected("the number " + printable(text, 80));
  }
  bool boolean(bool value) { return unexpected(value ? "true" : "false"); }
  bool null() {  // some writers mean by it that there is no metadata
    return (level_ == Level::header && key_ == "__metadata__") || unexpected("null");
  }
  bool binary(Json::binary_t&) { return unexpected("binary data"); }
  bool parse_error(std::size_t at, const std::string&, const Json::exception& error) {
    refuse(file_, "header", "invalid JSON or UTF-8 at byte ", at, ": ", printable(error.what()));
  }

 private:
  enum class Level : unsigned char { document, header, metadata, tensor, shape, offsets };
  struct Tensor {
    std::string dtype;
    std::vector<std::uint64_t> extents, offsets;
    bool has_dtype = false, has_shape = false, has_offsets = false;
  };

  bool enter(Level level) {
    level_ = level;
    return true;
  }

  std::string place() const {
    if (level_ == Level::header) return key_ == "__metadata__" ? key_ : tensor_field(key_);
    if (level_ == Level::metadata) return "__metadata__: " + in_quotes(field_);
    return level_ == Level::document ? "header" : tensor_field(key_) + ": " + field_;
  }

  [[noreturn]] bool unexpected(std::string_view found) const {
    const std::string_view expected = level_ == Level::metadata ? "a string"
                                      : level_ == Level::shape || level_ == Level::offsets
                                          ? "a non-negative integer"
                                      : level_ != Level::tensor ? "an object"
                                      : field_ == "dtype"       ? "a string"
                                                                : "an array";
    refuse(file_, place(), "found ", found, ", expected ", expected);
  }

  void finish_tensor() {
    const std::string field = tensor_field(key_);
    const auto need = [&](bool has, std::string_view name) {
      if (!has) refuse(file_, field, "missing field ", in_quotes(name));
    };
    need(tensor_.has_dtype, "dtype");
    need(tensor_.has_shape, "shape");
    need(tensor_.has_offsets, "data_offsets");
    const std::string offsets_field = field + ": data_offsets";
    if (tensor_.offsets.size() != 2)
      refuse(file_, offsets_field, tensor_.offsets.size(), " numbers, expected [begin, end]");
    const std::uint64_t begin = tensor_.offsets[0], end = tensor_.offsets[1];
    const std::string range = offsets_text(begin, end);
    if (begin > end) refuse(file_, offsets_field, range, " ends before it begins");
    if (end > data_size_)
      refuse(file_, offsets_field, range, " lies outside the ", data_size_, " bytes of data");
    header_.tensors.push_back(entry(begin, end));
  }

  SafetensorsEntry entry(std::uint64_t begin, std::uint64_t end) {
    const std::string shape_field = tensor_field(key_) + ": shape";
    const std::uint64_t stored = end - begin;
    const auto dtype = parse_dtype(tensor_.dtype);
    if (!dtype) check_extents(file_, shape_field, 1, tensor_.extents);
    const std::uint64_t bytes = dtype ? stored_bytes(file_, shape_field, *dtype, tensor_.extents) : stored;
    ForeignType type{std::move(tensor_.dtype), std::move(tensor_.extents)};
    if (stored != bytes)
      refuse(file_, tensor_field(key_) + ": data_offsets", offsets_text(begin, end), " has ", stored,
             " bytes, shape ", type.shape_text(), " of ", type.dtype, " needs ", bytes);
    if (dtype && type.extents.size() <= std::size_t{Shape::max_rank})
      return {key_, *dtype, stored_shape(file_, shape_field, *dtype, type.extents, Order::row_major), begin,
              end};
    return {key_, Dtype::foreign, Shape{static_cast<Index>(stored)}, begin, end, std::move(type)};
  }

  void check_coverage() {
    auto& tensors = header_.tensors;
    std::ranges::stable_sort(tensors, {},
                             [](const SafetensorsEntry& t) { return std::pair(t.begin, t.end); });
    std::uint64_t covered = 0;
    for (std::size_t i = 0; i < tensors.size(); ++i) {
      const SafetensorsEntry& t = tensors[i];
      if (t.begin != covered)
        refuse(file_, tensor_field(t.name) + ": data_offsets", offsets_text(t.begin, t.end),
               t.begin < covered ? " overlaps the tensor before it, which ends at "
                                 : " leaves a gap after the tensor before it, which ends at ",
               covered);
      covered = t.end;
      header_.index.find(t.name)->second = i;
    }
    header_.index.erase("__metadata__");
    if (covered != data_size_)
      refuse(file_, "data", data_size_, " bytes, the tensors cover ", covered, " of them");
  }

  static std::string offsets_text(std::uint64_t begin, std::uint64_t end) {
    return "[" + std::to_string(begin) + ", " + std::to_string(end) + "]";
  }

  std::string file_;
  std::uint64_t data_size_;
  SafetensorsHeader header_;
  Level level_ = Level::document;
  std::string key_;    // in the header object: a tensor's name or __metadata__
  std::string field_;  // in the object that it holds
  Tensor tensor_;
};
/// @endcond

/// Reads and validates the header of a whole safetensors file in memory. Throws FileError, naming `file`,
/// unless every rule of the format holds, also the ones that some readers pass over: names are unique, the
/// data is covered without holes or overlaps, unknown fields are refused. A tensor of an unknown dtype or of
/// a rank over 8 is Dtype::foreign: its bytes are known and its values are not. O(n log n) for n tensors.
/// Source: https://github.com/huggingface/safetensors#format
inline SafetensorsHeader parse_safetensors(std::span<const std::byte> bytes, std::string_view file) {
  constexpr std::uint64_t prefix = 8;
  if (bytes.size() < prefix)
    refuse(file, "header length", "the file has ", bytes.size(), " bytes, the length alone takes 8");
  std::uint64_t length = 0;
  for (std::size_t i = 0; i < prefix; ++i) length |= std::to_integer<std::uint64_t>(bytes[i]) << (8 * i);
  if (length > max_safetensors_header)
    refuse(file, "header length", length, " is over the format's limit of ", max_safetensors_header);
  if (length > bytes.size() - prefix)
    refuse(file, "header length", length, " is more than the ", bytes.size() - prefix, " bytes that follow");
  const auto text_size = static_cast<std::size_t>(length);
  const std::string_view text(reinterpret_cast<const char*>(bytes.data()) + prefix, text_size);
  SafetensorsHeader header = SafetensorsHeaderParser(file, bytes.size() - prefix - length).parse(text);
  header.data_offset = prefix + length;
  return header;
}

}  // namespace lowbit::inline LOWBIT_ABI::io
