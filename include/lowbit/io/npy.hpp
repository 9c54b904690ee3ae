// Reading and writing npy files, one array each, in both orders.
#pragma once
#include <lowbit/core/buffer.hpp>
#include <lowbit/io/atomic_file.hpp>
#include <lowbit/io/mapped_file.hpp>
#include <lowbit/io/npy_header.hpp>
#include <lowbit/io/stored_tensor.hpp>

#include <algorithm>
#include <filesystem>
#include <span>
#include <string>
#include <utility>

namespace lowbit::inline LOWBIT_ABI::io {

/// An open npy file. The data stays in the mapped file, so arrays larger than memory work; big-endian data is
/// copied once, swapped, and held in memory. Throws FileError as `parse_npy` says. Moving keeps the views
/// valid, and leaves an empty array behind.
class NpyFile {
 public:
  /// Opens a file.
  explicit NpyFile(const std::filesystem::path& path)
      : file_(path), header_(parse_npy(file_.bytes(), file_.path())) {
    if (!header_.big_endian) return;
    swapped_ = Buffer<std::byte>(stored_bytes());
    const std::size_t each = bytes_per_element(header_.dtype);
    for (std::size_t i = 0; i < swapped_.size(); i += each)
      std::ranges::reverse(swapped_.span().subspan(i, each));
  }

  /// Takes the file of another object.
  /// @{
  NpyFile(NpyFile&& other) noexcept
      : file_(std::move(other.file_)),
        header_(std::exchange(other.header_, {Dtype::u8, Shape{0}})),
        swapped_(std::move(other.swapped_)) {}
  NpyFile& operator=(NpyFile&& other) noexcept {
    std::swap(file_, other.file_);
    std::swap(header_, other.header_);
    std::swap(swapped_, other.swapped_);
    return *this;
  }
  /// @}

  /// Views the array, as long as this object lives. The order of its shape says how the elements are stored.
  StoredTensor tensor() const& {
    return {header_.dtype, header_.shape, header_.big_endian ? swapped_.span() : stored_bytes(), path()};
  }
  /// @cond internal
  /// A temporary file is closed at the end of the statement.
  template <class File = NpyFile>
  void tensor() const&& {
    static_assert(named<File>, "the tensor points into the NpyFile: give the file a name first");
  }
  /// @endcond
  /// The path as it was given.
  const std::string& path() const& noexcept { return file_.path(); }
  std::string path() const&& { return file_.path(); }  ///< of a temporary: a copy

 private:
  std::span<const std::byte> stored_bytes() const { return file_.bytes().subspan(header_.data_offset); }

  MappedFile file_;
  NpyHeader header_;
  Buffer<std::byte> swapped_;
};

/// Writes one array, streamed; the file appears, or is replaced, at `commit`.
class NpyWriter {
 public:
  /// Opens a file to be written. Throws FileError for a dtype that npy does not have, such as BF16, for
  /// shapes of more bytes than 64 bits can count, and when the directory cannot be written.
  NpyWriter(const std::filesystem::path& path, Dtype dtype, const Shape& shape)
      : name_(path.string()), file_(path) {
    const std::string header = npy_header_text(dtype, shape, name_);
    declared_ = stored_bytes(name_, "shape", dtype, shape);
    file_.append(std::as_bytes(std::span(header)));
    header_size_ = header.size();
  }

  /// Adds the next bytes, little-endian, in the order of the shape. Throws FileError for more than were
  /// declared.
  void append(std::span<const std::byte> bytes) {
    if (bytes.size() > declared_ - written())
      refuse(name_, "data", written(), " + ", bytes.size(), " bytes written, ", declared_, " declared");
    file_.append(bytes);
  }

  /// Ends the file and gives it its name. Throws FileError, and changes nothing, when bytes are missing.
  void commit() {
    if (written() != declared_) refuse(name_, "data", written(), " bytes written, ", declared_, " declared");
    file_.commit();
  }

 private:
  std::uint64_t written() const { return file_.size() - header_size_; }

  std::string name_;
  AtomicFile file_;
  std::uint64_t declared_ = 0;
  std::uint64_t header_size_ = 0;
};

/// Writes a tensor that is in memory. Throws FileError; a failed call leaves an existing file as it was.
inline void write_npy(const std::filesystem::path& path, const StoredTensor& tensor) {
  NpyWriter writer(path, tensor.dtype, tensor.shape);
  writer.append(tensor.bytes);
  writer.commit();
}

}  // namespace lowbit::inline LOWBIT_ABI::io
