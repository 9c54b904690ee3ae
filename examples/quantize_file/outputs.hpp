// The output files of a run: opened before anything is read, renamed after everything else has succeeded.
#pragma once
#include <lowbit/io/atomic_file.hpp>

#include <sys/types.h>

#include <deque>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace quantize_file {

/// The files of one run. A file that is written must not be read or written under another path: links,
/// relative paths and standard output are resolved. Call `reads` first, then `creates`.
class Outputs {
 public:
  /// Throws lowbit::io::FileError when standard output is closed.
  Outputs();

  /// Adds a file that the run reads; messages call it `role`. Throws UsageError where it is an output, too.
  void reads(const std::filesystem::path& path, std::string_view role);
  /// Opens a file for writing. The target stays as it is until `commit`. Throws UsageError where another path
  /// leads to the same file, lowbit::io::FileError when it cannot be written.
  lowbit::io::AtomicFile& creates(const std::filesystem::path& path, std::string_view role);
  /// Throws as `creates` does, but creates nothing.
  void reserves(const std::filesystem::path& path, std::string_view role) { open(path, role); }
  /// Gives all files their final names: call it once, last. Throws lowbit::io::FileError.
  void commit();

 private:
  /// Device and inode of an existing file; of a new one those of its folder, and its name there.
  struct Identity {
    dev_t device = 0;
    ino_t inode = 0;
    std::string name;
    bool operator==(const Identity&) const = default;
  };
  struct Use {
    std::string text;
    Identity identity;
    bool written;
  };

  lowbit::io::AtomicFile open(const std::filesystem::path& path, std::string_view role);
  static Identity identity(const std::filesystem::path& path);
  void add(Use use);

  std::vector<Use> uses_;
  std::deque<lowbit::io::AtomicFile> files_;
};

/// Writes the whole text to standard output, unbuffered. Throws lowbit::io::FileError.
void write_standard_output(std::string_view text);

/// Opens /dev/null in place of standard streams that are closed, so that no file of the run gets their
/// descriptors. It is opened for reading only, so that Outputs can tell a closed output. Call it first.
void occupy_standard_streams();

}  // namespace quantize_file
