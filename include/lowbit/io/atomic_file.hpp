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
#include <ranges>
#include <span>
#include <string>
#include <string_view>
#include <utility>

namespace lowbit::inline LOWBIT_ABI::io {

/// Says how the bytes are kept before `AtomicFile::commit`: in a file without a name, which vanishes even
/// when the process is killed (Linux, most file systems; a named one is taken where that is refused), or in a
/// named one beside the target, ".lowbit-<pid>-<n>.tmp".
enum class Temporary : unsigned char { unnamed, named };

/// Replaces a file as a whole: collects bytes in a temporary file of the target's directory, which `commit`
/// renames over the target. Without commit the target keeps its old contents, or stays absent. Symbolic links
/// are followed, also to a file that does not exist yet; the permissions of a replaced file are kept. Every
/// failing system call throws FileError with the path and the reason.
class AtomicFile {
 public:
  /// Opens a temporary file for a target.
  explicit AtomicFile(const std::filesystem::path& path, Temporary kind = Temporary::unnamed) : path_(path) {
    refuse_nul(path.string(), "create");
    if (!path.has_filename()) refuse(in_quotes(path.string()), "create", "not a file name");
    std::error_code error;
    const std::filesystem::file_status old = std::filesystem::status(path_, error);
    if (std::filesystem::exists(old) && !std::filesystem::is_regular_file(old))
      refuse(path.string(), "create", "exists and is not a regular file");
    follow_links();
    // A link of /proc may lead to a file without a name, which cannot be replaced.
    if (std::filesystem::exists(old) && !std::filesystem::exists(path_, error))
      refuse(path.string(), "create", "is a link to an unnamed file");
    open(kind);
    if (std::filesystem::exists(old)) ::fchmod(file_.get(), static_cast<mode_t>(old.permissions()) & 0777);
  }
  /// Takes the file of another object.
  /// @{
  AtomicFile(AtomicFile&& other) noexcept
      : path_(std::move(other.path_)),
        temporary_(std::exchange(other.temporary_, {})),
        old_(std::exchange(other.old_, {})),
        placed_(std::exchange(other.placed_, false)),
        file_(std::move(other.file_)),
        size_(std::exchange(other.size_, 0)) {}
  AtomicFile& operator=(AtomicFile&& other) noexcept {
    std::swap(path_, other.path_);
    std::swap(temporary_, other.temporary_);
    std::swap(old_, other.old_);
    std::swap(placed_, other.placed_);
    std::swap(file_, other.file_);
    std::swap(size_, other.size_);
    return *this;
  }
  /// @}
  ~AtomicFile() {
    put_back();
    if (!temporary_.empty()) ::unlink(temporary_.c_str());
  }

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

  /// The number of bytes up to the largest offset that was written.
  std::uint64_t size() const noexcept { return size_; }
  /// The target, where links lead to.
  const std::filesystem::path& path() const& noexcept { return path_; }
  std::filesystem::path path() const&& { return path_; }  ///< of a temporary: a copy

  /// Forces the bytes to disk, then gives them the target's name in one step. Call it once, last.
  void commit() {
    prepare();
    if (!place()) refuse_errno(path_.string(), "rename");
    settle();
  }

  /// Commits several files together: where one fails, the targets of all are as they were, the same files.
  /// Until the last one has its name, old files have a second one, ".lowbit-<pid>-<n>.tmp": a process that is
  /// killed, or a power cut, between the first rename and the last leaves some targets new and some old, and
  /// those names. The targets have to be different files. Throws as `commit` does.
  template <std::ranges::forward_range Files>
  static void commit_together(Files& files) {
    for (AtomicFile& file : files) file.prepare();
    const auto undo = [&](AtomicFile& failed, std::string_view action) {
      const int error = errno;
      for (AtomicFile& file : files) file.put_back();
      errno = error;
      refuse_errno(failed.path_.string(), action);
    };
    auto more = std::ranges::distance(files);  // the last one needs no way back
    for (AtomicFile& file : files)
      if (--more > 0 && !file.keep_old()) undo(file, "keep the old file");
    for (AtomicFile& file : files)
      if (!file.place()) undo(file, "rename");
    for (AtomicFile& file : files) file.settle();
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

  /// Forces the bytes to disk and gives them a name beside the target: after this, a full disk is no danger.
  void prepare() {
    detail::require(bool(file_), path_.string(), ": commit: the file is committed already");
    if (::fsync(file_.get()) != 0) refuse_errno(path_.string(), "sync");
    if (!temporary_.empty()) return;
    const std::string contents = "/proc/self/fd/" + std::to_string(file_.get());
    temporary_ = first_free_name([&](const char* name) {
      return ::linkat(AT_FDCWD, contents.c_str(), AT_FDCWD, name, AT_SYMLINK_FOLLOW) == 0;
    });
    if (temporary_.empty()) refuse_errno(path_.string(), "name the temporary file");
  }

  /// Gives the target a second name, or another one where the file system has no links or the file is
  /// somebody else's. False, with errno, when it can do neither: then it could not be replaced, either.
  bool keep_old() {
    struct stat status {};
    if (::lstat(path_.c_str(), &status) != 0) return errno == ENOENT;
    if (S_ISDIR(status.st_mode)) {
      errno = EISDIR;
      return false;
    }
    old_ = first_free_name([&](const char* name) { return ::link(path_.c_str(), name) == 0; });
    if (old_.empty())
      old_ = first_free_name([&](const char* name) {
        const bool taken = ::access(name, F_OK) == 0;
        if (taken) errno = EEXIST;
        return !taken && std::rename(path_.c_str(), name) == 0;
      });
    return !old_.empty();
  }

  bool place() noexcept {
    placed_ = std::rename(temporary_.c_str(), path_.c_str()) == 0;
    if (placed_) temporary_.clear();
    return placed_;
  }

  /// Takes `keep_old` and `place` back.
  void put_back() noexcept {
    if (!old_.empty()) {
      // A rename does nothing where both names are the old file's. Where it fails, the old file keeps its
      // name.
      if (std::rename(old_.c_str(), path_.c_str()) == 0) ::unlink(old_.c_str());
    } else if (placed_) {
      ::unlink(path_.c_str());
    }
    old_.clear();
    placed_ = false;
  }

  void settle() noexcept {
    if (!old_.empty()) ::unlink(old_.c_str());
    old_.clear();
    placed_ = false;
    file_ = FileDescriptor();
    // The new name survives a power cut only after this; file systems that cannot do it say so, and nothing
    // is lost.
    const FileDescriptor directory(::open(this->directory().c_str(), O_RDONLY | O_CLOEXEC));
    if (directory) ::fsync(directory.get());
  }

  std::filesystem::path path_;
  std::string temporary_;  // empty while the temporary file has no name
  std::string old_;        // another name of the file that is replaced, while that may have to be undone
  bool placed_ = false;    // the target is replaced, and that may have to be undone
  FileDescriptor file_;
  std::uint64_t size_ = 0;
};

}  // namespace lowbit::inline LOWBIT_ABI::io
