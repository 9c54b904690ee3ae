// Reading safetensors: the file is mapped, its header validated once, its tensors are views.
#pragma once
#include <lowbit/io/mapped_file.hpp>
#include <lowbit/io/safetensors_header.hpp>
#include <lowbit/io/stored_tensor.hpp>

#include <filesystem>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace lowbit::inline LOWBIT_ABI::io {

/// An open safetensors file. Opening reads the header only; memory pages of a tensor are loaded when it is
/// used, so files larger than memory work. Moving keeps the views valid. Throws FileError as
/// `parse_safetensors` says.
class SafetensorsFile {
 public:
  /// Opens a file.
  explicit SafetensorsFile(const std::filesystem::path& path)
      : file_(path), header_(parse_safetensors(file_.bytes(), file_.path())) {}

  /// The entries of all tensors in the order of their data.
  std::span<const SafetensorsEntry> tensors() const& noexcept { return header_.tensors; }
  std::vector<SafetensorsEntry> tensors() const&& { return header_.tensors; }  ///< of a temporary: a copy
  /// The metadata, text by key.
  const Metadata& metadata() const& noexcept { return header_.metadata; }
  Metadata metadata() const&& { return header_.metadata; }  ///< of a temporary: a copy
  /// Whether the file has a tensor of this name.
  bool contains(std::string_view name) const { return header_.index.contains(name); }

  /// Views a tensor, as long as this object lives. Throws FileError for a name that is not in the file. O(log
  /// n).
  StoredTensor tensor(std::string_view name) const& {
    const auto found = header_.index.find(name);
    if (found == header_.index.end())
      refuse(path(), tensor_field(name), "not among the ", header_.tensors.size(), " tensors of the file");
    return tensor(header_.tensors[found->second]);
  }
  /// Views the tensor of an element of `tensors()`.
  StoredTensor tensor(const SafetensorsEntry& entry) const& {
    const auto begin = static_cast<std::size_t>(header_.data_offset + entry.begin);
    const auto size = static_cast<std::size_t>(entry.end - entry.begin);
    return {entry.dtype, entry.shape, file_.bytes().subspan(begin, size),
            path() + ": " + tensor_field(entry.name), entry.foreign};
  }

  /// @cond internal
  /// A temporary file is closed at the end of the statement.
  template <class File = SafetensorsFile>
  void tensor(std::string_view) const&& {
    static_assert(named<File>, "the tensor points into the SafetensorsFile: give the file a name first");
  }
  template <class File = SafetensorsFile>
  void tensor(const SafetensorsEntry&) const&& {
    static_assert(named<File>, "the tensor points into the SafetensorsFile: give the file a name first");
  }
  /// @endcond

  /// The path as it was given.
  const std::string& path() const& noexcept { return file_.path(); }
  std::string path() const&& { return file_.path(); }  ///< of a temporary: a copy

 private:
  MappedFile file_;
  SafetensorsHeader header_;
};

}  // namespace lowbit::inline LOWBIT_ABI::io
