// Writing safetensors: tensors are declared first, then their data is streamed; the file appears complete.
#pragma once
#include <lowbit/io/atomic_file.hpp>
#include <lowbit/io/safetensors_header.hpp>
#include <lowbit/io/stored_tensor.hpp>

#include <algorithm>
#include <array>
#include <filesystem>
#include <limits>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace lowbit::inline LOWBIT_ABI::io {

/// Declares a tensor that a file is going to hold.
struct TensorInfo {
  std::string name;                                   ///< unique in the file
  Dtype dtype;                                        ///< the element type
  Shape shape;                                        ///< row-major
  std::optional<ForeignType> foreign = std::nullopt;  ///< exactly for Dtype::foreign
};

/// A tensor to be stored under a name.
struct NamedTensor {
  std::string name;     ///< unique in the file
  StoredTensor tensor;  ///< what is stored

  TensorInfo info() const { return {name, tensor.dtype, tensor.shape, tensor.foreign}; }  ///< its declaration
};

/// Writes a safetensors file: declare the tensors, `append` each tensor's bytes, at once or in pieces, the
/// tensors in any order, also alternating; then `commit`. In the file the tensors with the widest elements
/// come first, otherwise in the order of declaration: so every tensor is aligned for its type when the file
/// is mapped. Memory use does not depend on the size of the tensors.
class SafetensorsWriter {
 public:
  /// Opens a file to be written. An existing file stays as it is until `commit`. Throws FileError for names
  /// that are not unique or not UTF-8, for column-major shapes (the format is row-major), and for whatever
  /// else `SafetensorsFile` would refuse to read.
  SafetensorsWriter(const std::filesystem::path& path, std::vector<TensorInfo> tensors,
                    const Metadata& metadata = {})
      : SafetensorsWriter(AtomicFile(path), std::move(tensors), metadata) {}
  /// Writes into a file that has been opened already, and that nothing has been written to.
  SafetensorsWriter(AtomicFile file, std::vector<TensorInfo> tensors, const Metadata& metadata = {})
      : name_(file.path().string()), file_(std::move(file)) {
    std::ranges::stable_sort(tensors, std::ranges::greater{},
                             [](const TensorInfo& t) { return bits_per_element(t.dtype); });
    std::string text = header_text(tensors, metadata);
    text.resize((text.size() + 7) / 8 * 8, ' ');
    if (text.size() > max_safetensors_header)
      refuse(name_, "header", text.size(), " bytes, the format allows ", max_safetensors_header);
    // Reading it back applies the reader's rules, and gives every tensor its place.
    header_ = SafetensorsHeaderParser(name_, data_size_).parse(text);
    header_.data_offset = 8 + text.size();
    written_.resize(header_.tensors.size());

    std::array<std::byte, 8> length{};
    for (std::size_t i = 0; i < length.size(); ++i)
      length[i] = static_cast<std::byte>(text.size() >> (8 * i));
    file_.append(length);
    file_.append(std::as_bytes(std::span(text)));
  }

  /// Adds the next bytes of a tensor, row-major and little-endian. Throws FileError for an unknown name, for
  /// more bytes than were declared, and when the system cannot write.
  void append(std::string_view name, std::span<const std::byte> bytes) {
    const auto found = header_.index.find(name);
    if (found == header_.index.end()) refuse(name_, tensor_field(name), "was not declared");
    const SafetensorsEntry& tensor = header_.tensors[found->second];
    std::uint64_t& written = written_[found->second];
    if (bytes.size() > tensor.end - tensor.begin - written)
      refuse(name_, tensor_field(name), written, " + ", bytes.size(), " bytes written, ",
             tensor.end - tensor.begin, " declared");
    file_.write_at(header_.data_offset + tensor.begin + written, bytes);
    written += bytes.size();
  }

  /// Adds a whole tensor. Throws FileError unless dtype and shape are the declared ones.
  void append(std::string_view name, const StoredTensor& tensor) {
    if (const auto found = header_.index.find(name); found != header_.index.end()) {
      const SafetensorsEntry& declared = header_.tensors[found->second];
      if (tensor.dtype != declared.dtype || tensor.shape != declared.shape ||
          tensor.foreign != declared.foreign || !storable(tensor.shape))
        refuse(name_, tensor_field(name), describe(tensor), " given, ", describe(declared), " declared");
    }
    append(name, tensor.bytes);
  }

  /// Ends the file and gives it its name. Throws FileError, and changes nothing, when a tensor lacks bytes.
  void commit() {
    check_complete();
    file_.commit();
  }

  /// Ends the file and hands it over, to be committed by the caller. Throws as `commit` does.
  AtomicFile finish() {
    check_complete();
    return std::move(file_);
  }

 private:
  void check_complete() const {
    for (std::size_t i = 0; i < written_.size(); ++i) {
      const SafetensorsEntry& tensor = header_.tensors[i];
      if (written_[i] != tensor.end - tensor.begin)
        refuse(name_, tensor_field(tensor.name), written_[i], " bytes written, ", tensor.end - tensor.begin,
               " declared");
    }
  }

  static bool storable(const Shape& shape) { return shape.row_major() || shape.rank() <= 1; }

  template <class T>
  static std::string describe(const T& tensor) {
    return dtype_text(tensor) + ' ' + shape_text(tensor) + (storable(tensor.shape) ? "" : " column-major");
  }

  std::string header_text(std::span<const TensorInfo> tensors, const Metadata& metadata) {
    std::string text = "{", separator;
    if (!metadata.empty()) {
      text += "\"__metadata__\":{";
      for (const auto& [key, value] : metadata) {
        text += separator + json_string(key) + ':' + json_string(value);
        separator = ',';
      }
      text += '}';
    }
    for (const TensorInfo& t : tensors) {
      if (!storable(t.shape)) refuse(name_, tensor_field(t.name), describe(t), ", safetensors is row-major");
      if ((t.dtype == Dtype::foreign) != t.foreign.has_value())
        refuse(name_, tensor_field(t.name),
               "the name of a foreign type is given exactly for tensors of Dtype::foreign");
      const std::uint64_t begin = data_size_;
      data_size_ = end_behind(begin, t);
      text += separator + json_string(t.name) +
              ":{\"dtype\":" + json_string(t.foreign ? t.foreign->dtype : dtype_name(t.dtype));
      text += ",\"shape\":" + shape_text(t);
      text += ",\"data_offsets\":[" + std::to_string(begin) + ',' + std::to_string(data_size_) + "]}";
      separator = ',';
    }
    return text + '}';
  }

  /// Where the data of a tensor ends. The whole file has to have a size that the system can count.
  std::uint64_t end_behind(std::uint64_t begin, const TensorInfo& t) const {
    constexpr std::uint64_t most = (std::numeric_limits<Index>::max)() - max_safetensors_header - 8;
    const std::uint64_t bytes = stored_bytes(name_, tensor_field(t.name) + ": shape", t.dtype, t.shape);
    if (bytes > most - begin)
      refuse(name_, tensor_field(t.name), bytes, " bytes after ", begin,
             " others exceed the largest file size");
    return begin + bytes;
  }

  std::string json_string(std::string_view text) const {
    const nlohmann::json json = text;
    using Invalid = nlohmann::json::error_handler_t;
    std::string replaced = json.dump(-1, ' ', false, Invalid::replace);
    // The two ways to treat bytes that are not UTF-8 differ exactly when there are any.
    if (replaced != json.dump(-1, ' ', false, Invalid::ignore))
      refuse(name_, "name", in_quotes(text), " is not UTF-8");
    return replaced;
  }

  std::string name_;
  AtomicFile file_;
  SafetensorsHeader header_;
  std::vector<std::uint64_t> written_;
  std::uint64_t data_size_ = 0;
};

/// Writes tensors that are in memory. Throws FileError; a failed call leaves an existing file as it was.
inline void write_safetensors(const std::filesystem::path& path, const std::vector<NamedTensor>& tensors,
                              const Metadata& metadata = {}) {
  std::vector<TensorInfo> infos;
  infos.reserve(tensors.size());
  for (const NamedTensor& t : tensors) infos.push_back(t.info());
  SafetensorsWriter writer(path, std::move(infos), metadata);
  for (const auto& [name, tensor] : tensors) writer.append(name, tensor);
  writer.commit();
}

}  // namespace lowbit::inline LOWBIT_ABI::io
