#include "outputs.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "scheme.hpp"

namespace quantize_file {

namespace io = lowbit::io;

namespace {

constexpr const char* standard_output = "standard output";

std::string text(const std::filesystem::path& path, std::string_view role) {
  return std::string(role) + " " + io::in_quotes(path.string());
}

}  // namespace

Outputs::Outputs() {
  const int mode = ::fcntl(STDOUT_FILENO, F_GETFL);
  if (mode < 0 || (mode & O_ACCMODE) == O_RDONLY) io::refuse(standard_output, "write", "it is closed");
  struct stat status {};
  if (::fstat(STDOUT_FILENO, &status) == 0 && S_ISREG(status.st_mode))
    add({standard_output, {status.st_dev, status.st_ino, ""}, true});
}

void Outputs::reads(const std::filesystem::path& path, std::string_view role) {
  add({text(path, role), identity(path), false});
}

io::AtomicFile& Outputs::creates(const std::filesystem::path& path, std::string_view role) {
  return files_.emplace_back(open(path, role));
}

io::AtomicFile Outputs::open(const std::filesystem::path& path, std::string_view role) {
  if (!path.has_filename()) throw UsageError(text(path, role) + ": the path has no file name");
  io::AtomicFile file(path);
  add({text(path, role), identity(file.path()), true});
  return file;
}

void Outputs::commit() { io::AtomicFile::commit_together(files_); }

Outputs::Identity Outputs::identity(const std::filesystem::path& path) {
  struct stat status {};
  if (::stat(path.c_str(), &status) == 0) return {status.st_dev, status.st_ino, ""};
  const std::filesystem::path folder = path.has_parent_path() ? path.parent_path() : ".";
  if (::stat(folder.c_str(), &status) == 0) return {status.st_dev, status.st_ino, path.filename().string()};
  return {0, 0, path.string()};
}

void Outputs::add(Use use) {
  for (const Use& other : uses_)
    if (other.identity == use.identity && (other.written || use.written))
      throw UsageError(other.text + " and " + use.text + " are the same file");
  uses_.push_back(std::move(use));
}

void write_standard_output(std::string_view text) {
  while (!text.empty()) {
    const ssize_t n = ::write(STDOUT_FILENO, text.data(), text.size());
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) io::refuse_errno(standard_output, "write");
    text.remove_prefix(static_cast<std::size_t>(n));
  }
}

void occupy_standard_streams() {
  for (int stream = STDIN_FILENO; stream <= STDERR_FILENO; ++stream)
    if (::fcntl(stream, F_GETFD) < 0) ::open("/dev/null", O_RDONLY);
}

}  // namespace quantize_file
