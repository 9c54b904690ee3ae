// Writing a file so that it appears complete or not at all.
#pragma once
#include <lowbit/io/error.hpp>
#include <lowbit/io/file_descriptor.hpp>

#include <fcntl.h>
#include <sys/stat.h>

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <span>
#include <string>
#include <utility>

namespace lowbit::inline LOWBIT_ABI::io {

/// How the bytes are kept before `AtomicFile::commit`: in a file without a name, which vanishes even when the
/// process is killed (Linux, most file systems; the other way is taken where that is refused), or in a named
/// one beside the target, ".lowbit-<pid>-<n>.tmp".
enum class Temporary : unsigned char { unnamed, named };

/// Collects bytes in a temporary file of the target's directory; `commit` renames it over the target. Without
/// commit the target keeps its old contents, or stays absent. Symbolic links are followed, also to a file
/// that does not exist yet; the permissions of a replaced file are kept. Every failing system call throws
/// FileError with the path and the reason.
class AtomicFile {
 public:
  explicit AtomicFile(const std::filesystem::path& path, Temporary kind = Temporary::unnamed) : path_(path) {
    follow_links();
    std::error_code error;
    const std::filesystem::file_status old = std::filesystem::status(path_, error);
    if (std::filesystem::exists(old) && !std::filesystem::is_regular_file(old))
      refuse(path.string(), "create", "exists and is not a regular file");
    open(kind);
    if (std::filesystem::exists(old)) ::fchmod(file_.get(), static_cast<mode_t>(old.permissions()) & 0777);
  }
  AtomicFile(AtomicFile&& other) noexcept
      : path_(std::move(other.path_)),
        temporary_(std::exchange(other.temporary_, {})),
        file_(std::move(other.file_)),
        size_(std::exchange(other.size_, 0)) {}
  AtomicFile& operator=(AtomicFile&& other) noexcept {
    std::swap(path_, other.path_);
    std::swap(temporary_, other.temporary_);
    std::swap(file_, other.file_);
    std::swap(size_, other.size_);
    return *this;
  }
  ~AtomicFile() { remove_temporary(); }

  /// Adds bytes behind the largest offset that was written so far.
  void append(std::span<const std::byte> bytes) { write_at(size_, bytes); }

  /// Writes bytes at an offset; a gap that nothing is ever written to reads as zeros.
  void write_at(std::uint64_t offset, std::span<const std::byte> bytes) {
    detail::require(bool(file_), path_.string(), ": write: the file is committed already");
    while (!bytes.empty()) {
      const ssize_t n = ::pwrite(file_.get(), bytes.data(), bytes.size(), static_cast<off_t>(offset));
      if (n < 0 && errno == EINTR) continue;
      if (n < 0) refuse_errno(path_.string(), "write at byte " + std::to_string(offset));
      offset += static_cast<std::uint64_t>(n);
      bytes = bytes.subspan(static_cast<std::size_t>(n));
    }
    if (offset > size_) size_ = offset;
  }

  /// Bytes up to the largest offset that was written.
  std::uint64_t size() const noexcept { return size_; }
  const std::filesystem::path& path() const& noexcept { return path_; }
  std::filesystem::path path() const&& { return path_; }

  /// Forces the bytes to disk. `commit` does so, too; before it, this finds out whether several files can be
  /// committed together.
  void sync() {
    detail::require(bool(file_), path_.string(), ": sync: the file is committed already");
    if (::fsync(file_.get()) != 0) refuse_errno(path_.string(), "sync");
  }

  /// Forces the bytes to disk, then gives them the target's name in one step. Call it once, last.
  void commit() {
    detail::require(bool(file_), path_.string(), ": commit: the file is committed already");
    sync();
    if (temporary_.empty()) {
      const std::string contents = "/proc/self/fd/" + std::to_string(file_.get());
      temporary_ = first_free_name([&](const char* name) {
        return ::linkat(AT_FDCWD, contents.c_str(), AT_FDCWD, name, AT_SYMLINK_FOLLOW) == 0;
      });
      if (temporary_.empty()) refuse_errno(path_.string(), "name the temporary file");
    }
    if (std::rename(temporary_.c_str(), path_.c_str()) != 0) refuse_errno(path_.string(), "rename");
    temporary_.clear();
    file_ = FileDescriptor();
    // The new name survives a power cut only after this; file systems that cannot do it say so, and nothing
    // is lost.
    const FileDescriptor directory(::open(this->directory().c_str(), O_RDONLY | O_CLOEXEC));
    if (directory) ::fsync(directory.get());
  }

 private:
  /// The target is what the last link names, whether that exists or not.
  void follow_links() {
    constexpr int most = 40;  // as Linux
    const std::string given = path_.string();
    std::error_code error;
    for (int links = 0; std::filesystem::is_symlink(std::filesystem::symlink_status(path_, error)); ++links) {
      if (links == most) refuse(given, "create", "more than ", most, " symbolic links, one after the other");
      path_ = path_.parent_path() / std::filesystem::read_symlink(path_, error);  // an absolute one replaces
      if (error) refuse(given, "create", error.message());
    }
  }

  std::filesystem::path directory() const { return path_.has_parent_path() ? path_.parent_path() : "."; }

  void open(Temporary kind) {
#ifdef O_TMPFILE
    if (kind == Temporary::unnamed && ::access("/proc/self/fd", X_OK) == 0)
      file_ = FileDescriptor(::open(directory().c_str(), O_TMPFILE | O_RDWR | O_CLOEXEC, 0666));
    if (file_) return;
#endif
    temporary_ = first_free_name([&](const char* name) {
      file_ = FileDescriptor(::open(name, O_CREAT | O_EXCL | O_RDWR | O_CLOEXEC, 0666));
      return bool(file_);
    });
    if (!file_) refuse_errno(path_.string(), "create a temporary file in " + in_quotes(directory().string()));
  }

  /// Tries names of the target's directory until `make` succeeds; empty when it fails for another reason than
  /// EEXIST.
  template <class Make>
  std::string first_free_name(Make make) const {
    static std::atomic<unsigned> count = 0;
    do {
      const std::string name =
          ".lowbit-" + std::to_string(::getpid()) + '-' + std::to_string(count++) + ".tmp";
      std::string path = (directory() / name).string();
      if (make(path.c_str())) return path;
    } while (errno == EEXIST);
    return {};
  }

  void remove_temporary() noexcept {
    if (!temporary_.empty()) ::unlink(temporary_.c_str());
  }

  std::filesystem::path path_;
  std::string temporary_;  // empty while the temporary file has no name
  FileDescriptor file_;
  std::uint64_t size_ = 0;
};

}  // namespace lowbit::inline LOWBIT_ABI::io
