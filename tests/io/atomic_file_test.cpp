#include <lowbit/io/atomic_file.hpp>

#include "support.hpp"

#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <csignal>

#include <stdexcept>

using namespace lowbit::io;
using namespace lowbit_test;

namespace {

/// Both kinds of temporary files.
class AtomicFileTest : public testing::TestWithParam<Temporary> {
 protected:
  ScratchDirectory scratch;
  std::filesystem::path target = scratch / "target";
};
INSTANTIATE_TEST_SUITE_P(Temporaries, AtomicFileTest, testing::Values(Temporary::unnamed, Temporary::named),
                         [](const auto& test) {
                           return test.param == Temporary::named ? "Named" : "Unnamed";
                         });

/// Runs the action in a child process; returns its status as waitpid gives it.
template <class Action>
int status_of_child(Action action) {
  const pid_t child = ::fork();
  if (child == 0) {
    action();
    ::_exit(0);
  }
  int status = -1;
  ::waitpid(child, &status, 0);
  return status;
}

TEST_P(AtomicFileTest, AppearsCompleteAtCommit) {
  AtomicFile file(target, GetParam());
  file.append(bytes_of("hello "));
  file.append(bytes_of("world"));
  file.append({});
  EXPECT_EQ(file.size(), 11u);
  EXPECT_FALSE(std::filesystem::exists(target));
  file.commit();
  EXPECT_EQ(read_file(target), "hello world");
  EXPECT_EQ(scratch.names(), std::vector<std::string>{"target"});
}

TEST_P(AtomicFileTest, BytesMayBeWrittenInAnyOrder) {
  AtomicFile file(target, GetParam());
  file.write_at(6, bytes_of("world"));
  file.write_at(0, bytes_of("hello "));
  EXPECT_EQ(file.size(), 11u);
  file.append(bytes_of("!"));
  file.commit();
  EXPECT_EQ(read_file(target), "hello world!");
}

TEST_P(AtomicFileTest, WithoutCommitOnlyTheOldFileRemains) {
  write_file(target, "old");
  {
    AtomicFile file(target, GetParam());
    file.append(bytes_of("new"));
  }
  try {
    AtomicFile file(target, GetParam());
    file.append(bytes_of("new"));
    throw std::runtime_error("something else fails in the middle");
  } catch (const std::runtime_error&) {}
  EXPECT_EQ(read_file(target), "old");
  EXPECT_EQ(scratch.names(), std::vector<std::string>{"target"});
}

TEST_P(AtomicFileTest, AReaderOfTheOldFileKeepsItsBytes) {
  write_file(target, "old");
  std::ifstream reader(target);
  AtomicFile file(target, GetParam());
  file.append(bytes_of("newer"));
  file.commit();
  std::string seen;
  reader >> seen;
  EXPECT_EQ(seen, "old");
  EXPECT_EQ(read_file(target), "newer");
}

TEST_P(AtomicFileTest, AMoveKeepsTheTemporary) {
  AtomicFile first(target, GetParam());
  first.append(bytes_of("1"));
  AtomicFile second(std::move(first));
  second.append(bytes_of("2"));
  AtomicFile third(scratch / "other", GetParam());
  third = std::move(second);
  third.append(bytes_of("3"));
  third.commit();
  EXPECT_EQ(read_file(target), "123");
}

TEST_P(AtomicFileTest, AKilledProcessLeavesTheOldFile) {
  write_file(target, "old");
  const int status = status_of_child([&] {
    AtomicFile file(target, GetParam());
    file.append(bytes_of("half of it"));
    ::raise(SIGKILL);
  });
  ASSERT_TRUE(WIFSIGNALED(status));
  EXPECT_EQ(read_file(target), "old");
  const auto names = scratch.names();
  if (GetParam() == Temporary::named) {
    EXPECT_EQ(names.size(), 2u) << "a named temporary stays behind";
  } else if (names.size() != 1) {
    GTEST_SKIP() << "this file system has no files without a name";
  }
}

TEST_P(AtomicFileTest, AFullDiskIsReportedAndTheOldFileStays) {
  write_file(target, "old");
  const int status = status_of_child([&] {
    std::signal(SIGXFSZ, SIG_IGN);
    const rlimit at_most{100, 100};
    ::setrlimit(RLIMIT_FSIZE, &at_most);
    const std::string message = refusal([&] {
      AtomicFile file(target, GetParam());
      file.append(bytes_of(std::string(80, 'x')));
      file.append(bytes_of(std::string(80, 'x')));  // 20 bytes fit
      file.commit();
    });
    ::_exit(says(message, {target.string(), "write at byte 100", "File too large"}) ? 0 : 1);
  });
  EXPECT_EQ(status, 0);
  EXPECT_EQ(read_file(target), "old");
  EXPECT_EQ(scratch.names(), std::vector<std::string>{"target"});
}

TEST_P(AtomicFileTest, TemporariesOfADeadProcessAreSkipped) {
  // The names end in "<pid>-<n>.tmp" with n counting up: take the next ones of this process.
  std::string last;
  {
    const AtomicFile probe(target, Temporary::named);
    last = scratch.names().at(0);
  }
  const std::size_t dash = last.rfind('-') + 1;
  const int n = std::stoi(last.substr(dash));
  for (int i = 1; i <= 5; ++i)
    write_file(scratch / (last.substr(0, dash) + std::to_string(n + i) + ".tmp"), "stray");
  AtomicFile file(target, GetParam());
  file.append(bytes_of("new"));
  file.commit();
  EXPECT_EQ(read_file(target), "new");
  for (int i = 1; i <= 5; ++i)
    EXPECT_EQ(read_file(scratch / (last.substr(0, dash) + std::to_string(n + i) + ".tmp")), "stray");
}

TEST_P(AtomicFileTest, AnAbsentDirectoryIsNamedWithTheReason) {
  const auto path = scratch / "absent/target";
  EXPECT_TRUE(says(refusal([&] { AtomicFile file(path, GetParam()); }),
                   {path.string(), (scratch / "absent").string(), "No such file or directory"}));
}

TEST_P(AtomicFileTest, AnUnwritableDirectoryIsNamedWithTheReason) {
  // root may write everywhere, but not into /proc.
  const auto directory = ::geteuid() == 0 ? std::filesystem::path("/proc") : scratch.path();
  ::chmod(scratch.path().c_str(), 0500);
  const std::string message = refusal([&] { AtomicFile file(directory / "target", GetParam()); });
  ::chmod(scratch.path().c_str(), 0700);
  EXPECT_TRUE(says(message, {(directory / "target").string(), "create a temporary file in"}));
}

TEST_P(AtomicFileTest, PermissionsOfAReplacedFileAreKeptAndNewOnesFollowTheUmask) {
  const auto mode = [](const std::filesystem::path& path) {
    struct stat status {};
    ::stat(path.c_str(), &status);
    return status.st_mode & 0777;
  };
  const auto replace = [&](const std::filesystem::path& path) { AtomicFile(path, GetParam()).commit(); };
  write_file(target, "old");
  ::chmod(target.c_str(), 0640);
  replace(target);
  EXPECT_EQ(mode(target), 0640u);
  const mode_t before = ::umask(027);
  replace(scratch / "fresh");
  ::umask(before);
  EXPECT_EQ(mode(scratch / "fresh"), 0640u);
}

TEST_P(AtomicFileTest, ASymbolicLinkStaysALink) {
  write_file(target, "old");
  std::filesystem::create_symlink("target", scratch / "link");
  AtomicFile file(scratch / "link", GetParam());
  file.append(bytes_of("new"));
  file.commit();
  EXPECT_TRUE(std::filesystem::is_symlink(scratch / "link"));
  EXPECT_EQ(read_file(target), "new");
}

TEST_P(AtomicFileTest, ALinkToNothingIsFollowedToTheNewFile) {
  namespace fs = std::filesystem;
  fs::create_directory(scratch / "deep");
  fs::create_symlink("deep/second", scratch / "first");  // relative to the folder that it lies in
  fs::create_symlink("third", scratch / "deep/second");
  fs::create_symlink(scratch / "absolute", scratch / "deep/third");
  AtomicFile file(scratch / "first", GetParam());
  EXPECT_EQ(file.path(), scratch / "absolute");
  file.append(bytes_of("new"));
  file.commit();
  EXPECT_EQ(read_file(scratch / "absolute"), "new");
  for (const char* link : {"first", "deep/second", "deep/third"})
    EXPECT_TRUE(fs::is_symlink(scratch / link)) << link;
  EXPECT_EQ(read_file(scratch / "first"), "new");
}

TEST_P(AtomicFileTest, ALinkIsFollowedFromTheWorkingDirectory) {
  const auto before = std::filesystem::current_path();
  std::filesystem::current_path(scratch.path());
  std::filesystem::create_symlink("absent", "link");
  AtomicFile file("link", GetParam());
  file.append(bytes_of("new"));
  file.commit();
  std::filesystem::current_path(before);
  EXPECT_TRUE(std::filesystem::is_symlink(scratch / "link"));
  EXPECT_EQ(read_file(scratch / "absent"), "new");
}

TEST_P(AtomicFileTest, LinksToThemselvesToFoldersAndIntoAbsentFoldersAreErrors) {
  namespace fs = std::filesystem;
  fs::create_symlink("b", scratch / "a");
  fs::create_symlink("a", scratch / "b");
  EXPECT_TRUE(says(refusal([&] { AtomicFile file(scratch / "a", GetParam()); }),
                   {(scratch / "a").string(), "symbolic links"}));
  EXPECT_TRUE(fs::is_symlink(scratch / "a"));
  fs::create_symlink("absent/target", scratch / "c");
  EXPECT_TRUE(says(refusal([&] { AtomicFile file(scratch / "c", GetParam()); }),
                   {(scratch / "absent").string(), "No such file or directory"}));
  fs::create_symlink(".", scratch / "folder");
  EXPECT_TRUE(
      says(refusal([&] { AtomicFile file(scratch / "folder", GetParam()); }), {"not a regular file"}));
}

TEST_P(AtomicFileTest, OnlyRegularFilesAreReplaced) {
  for (const std::filesystem::path& path : {scratch.path(), std::filesystem::path("/dev/null")})
    EXPECT_TRUE(
        says(refusal([&] { AtomicFile file(path, GetParam()); }), {path.string(), "not a regular file"}));
}

TEST_P(AtomicFileTest, ATargetThatBecameADirectoryIsReported) {
  AtomicFile file(target, GetParam());
  std::filesystem::create_directory(target);
  EXPECT_TRUE(says(refusal([&] { file.commit(); }), {target.string(), "rename", "directory"}));
}

TEST_P(AtomicFileTest, TargetsWithoutAFileNameAreRefused) {
  for (const std::string& path :
       {std::string(), std::string("folder/"), (scratch / "new/").string(), std::string("/")})
    EXPECT_TRUE(says(refusal([&] { AtomicFile file(path, GetParam()); }),
                     {'"' + path + '"', "create", "not a file name"}))
        << path;
  const std::filesystem::path cut = scratch / std::string_view("a\0b", 3);
  EXPECT_TRUE(says(refusal([&] { AtomicFile file(cut, GetParam()); }), {"a\\x00b", "create", "NUL"}));
  EXPECT_TRUE(scratch.names().empty());
}

TEST_P(AtomicFileTest, LinksToUnnamedFilesAreRefused) {
  int pipes[2];
  ASSERT_EQ(::pipe(pipes), 0);
  const std::string pipe = "/dev/fd/" + std::to_string(pipes[1]);
  EXPECT_TRUE(says(refusal([&] { AtomicFile file(pipe, GetParam()); }), {pipe, "not a regular file"}));
  const FileDescriptor removed(::open(target.c_str(), O_CREAT | O_RDWR, 0600));
  std::filesystem::remove(target);
  const std::string link = "/dev/fd/" + std::to_string(removed.get());
  EXPECT_TRUE(says(refusal([&] { AtomicFile file(link, GetParam()); }), {link, "unnamed"}));
  ::close(pipes[0]);
  ::close(pipes[1]);
  EXPECT_TRUE(scratch.names().empty());
}

TEST_P(AtomicFileTest, CallsAfterCommitThrow) {
  AtomicFile file(target, GetParam());
  file.commit();
  EXPECT_THROW(file.append(bytes_of("x")), std::invalid_argument);
  EXPECT_THROW(file.commit(), std::invalid_argument);
}

TEST_P(AtomicFileTest, ARelativeNameGoesToTheWorkingDirectory) {
  const auto before = std::filesystem::current_path();
  std::filesystem::current_path(scratch.path());
  AtomicFile file("plain", GetParam());
  file.append(bytes_of("x"));
  file.commit();
  std::filesystem::current_path(before);
  EXPECT_EQ(read_file(scratch / "plain"), "x");
}

}  // namespace
