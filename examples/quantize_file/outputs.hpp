// What a run writes: opened before anything is read, put in place after everything else has succeeded.
#pragma once
#include <lowbit/io/atomic_file.hpp>

#include <sys/types.h>

#include <deque>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace quantize_file {

/// The files of one run. No file that is written may be one that is read or written under another name:
/// links, relative paths and standard output are seen through. First tell what is read, then create.
class Outputs {
 public:
  /// Throws lowbit::io::FileError when standard output is closed.
  Outputs();

  /// A file that the run reads; `role` is its name in messages. Throws UsageError where it meets an output.
  void reads(const std::filesystem::path& path, std::string_view role);
  /// Opens a file for writing. The target stays as it is until `commit`. Throws UsageError where the path
  /// meets another one, lowbit::io::FileError when nothing can be written there.
  lowbit::io::AtomicFile& creates(const std::filesystem::path& path, std::string_view role);
  /// Throws as `creates` does, and creates nothing.
  void reserves(const std::filesystem::path& path, std::string_view role) { open(path, role); }
  /// Puts all files in place: call it once, last. Throws lowbit::io::FileError.
  void commit();

 private:
  /// Of a file that exists: its own. Of a new one: its folder's, and its name there.
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

/// Writes all of it to standard output, past any buffer. Throws lowbit::io::FileError when it cannot.
void write_standard_output(std::string_view text);

/// Opens /dev/null in place of standard streams that are closed, so that no file of the run takes their
/// numbers; a closed output can only be read from then, and is noticed. Call it first.
void occupy_standard_streams();

}  // namespace quantize_file
