// A file's bytes, read-only, as a memory map: opening costs nothing, and files larger than memory work.
#pragma once
#include <lowbit/io/error.hpp>
#include <lowbit/io/file_descriptor.hpp>

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <limits>
#include <span>
#include <string>
#include <utility>

namespace lowbit::inline LOWBIT_ABI::io {

/// Maps a file's bytes read-only: opening costs nothing, and files larger than memory work. Moving keeps the
/// address of the bytes. The map shows the file as it was opened even when its name is replaced meanwhile (as
/// AtomicFile does); a file that another process cuts short in place raises SIGBUS on access.
class MappedFile {
 public:
  /// Maps a file. Throws FileError when the path does not name a readable regular file.
  explicit MappedFile(const std::filesystem::path& path) : path_(path.string()) {
    refuse_nul(path_, "open");
    // O_NONBLOCK: a pipe without a writer is refused below instead of waited for.
    const FileDescriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
    if (!file) refuse_errno(path_, "open");
    struct stat status {};
    if (::fstat(file.get(), &status) != 0) refuse_errno(path_, "stat");
    if (!S_ISREG(status.st_mode)) refuse(path_, "open", "not a regular file");
    const auto size = static_cast<std::uint64_t>(status.st_size);
    if (size > (std::numeric_limits<std::size_t>::max)())
      refuse(path_, "map", size, " bytes exceed the address space");
    size_ = static_cast<std::size_t>(size);
    if (size_ == 0) return;  // mmap refuses an empty range
    void* data = ::mmap(nullptr, size_, PROT_READ, MAP_PRIVATE, file.get(), 0);
    if (data == MAP_FAILED) refuse_errno(path_, "map");
    data_ = static_cast<const std::byte*>(data);
  }
  /// Takes the map of another object.
  /// @{
  MappedFile(MappedFile&& other) noexcept
      : path_(std::move(other.path_)),
        data_(std::exchange(other.data_, nullptr)),
        size_(std::exchange(other.size_, 0)) {}
  MappedFile& operator=(MappedFile&& other) noexcept {
    std::swap(path_, other.path_);
    std::swap(data_, other.data_);
    std::swap(size_, other.size_);
    return *this;
  }
  /// @}
  ~MappedFile() {
    if (data_ != nullptr) ::munmap(const_cast<std::byte*>(data_), size_);
  }

  std::span<const std::byte> bytes() const& noexcept { return {data_, size_}; }  ///< the whole file
  /// @cond internal
  template <class File = MappedFile>
  void bytes() const&& {
    static_assert(named<File>, "the bytes belong to the MappedFile: give the file a name first");
  }
  /// @endcond
  /// The path as it was given, for messages.
  const std::string& path() const& noexcept { return path_; }
  std::string path() const&& { return path_; }  ///< of a temporary: a copy

 private:
  std::string path_;
  const std::byte* data_ = nullptr;
  std::size_t size_ = 0;
};

}  // namespace lowbit::inline LOWBIT_ABI::io
