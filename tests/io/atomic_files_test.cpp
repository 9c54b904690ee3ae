// Several files that are committed together.
#include <lowbit/io/atomic_file.hpp>

#include <sys/stat.h>

#include <map>
#include <vector>

#include "support.hpp"

using namespace lowbit::io;
using namespace lowbit_test;

namespace {

class AtomicFiles : public testing::TestWithParam<Temporary> {
 protected:
  /// New files for targets of these names, complete and not committed.
  std::vector<AtomicFile> files(const std::vector<std::string>& names) {
    std::vector<AtomicFile> made;
    for (const std::string& name : names)
      made.emplace_back(scratch / name, GetParam()).append(bytes_of("new " + name));
    return made;
  }
  std::map<std::string, std::string> contents() const {
    std::map<std::string, std::string> found;
    for (const std::string& name : scratch.names())
      found[name] = std::filesystem::is_directory(scratch / name) ? "a folder" : read_file(scratch / name);
    return found;
  }
  static ino_t inode(const std::filesystem::path& path) {
    struct stat status {};
    return ::stat(path.c_str(), &status) == 0 ? status.st_ino : 0;
  }
  ScratchDirectory scratch;
};
INSTANTIATE_TEST_SUITE_P(Temporaries, AtomicFiles, testing::Values(Temporary::unnamed, Temporary::named),
                         [](const auto& test) {
                           return test.param == Temporary::named ? "Named" : "Unnamed";
                         });

TEST_P(AtomicFiles, AppearTogether) {
  write_file(scratch / "a", "old");
  auto all = files({"a", "b", "c"});
  AtomicFile::commit_together(all);
  EXPECT_EQ(contents(), (std::map<std::string, std::string>{{"a", "new a"}, {"b", "new b"}, {"c", "new c"}}));
  EXPECT_THROW(all[0].commit(), std::invalid_argument);
  std::vector<AtomicFile> none;
  AtomicFile::commit_together(none);
  auto one = files({"a"});
  AtomicFile::commit_together(one);
  EXPECT_EQ(scratch.names().size(), 3u);
}

TEST_P(AtomicFiles, IfOneCannotBeReplacedAllStayAsTheyWere) {
  const std::vector<std::string> names{"old", "fresh", "other"};
  for (const std::string& bad : names) {
    write_file(scratch / "old", "the old one");
    write_file(scratch / "other", "another old one");
    std::filesystem::create_hard_link(scratch / "old", scratch / "second name of old");
    auto all = files(names);
    std::filesystem::remove(scratch / bad);
    std::filesystem::create_directory(scratch / bad);
    auto before = contents();
    std::erase_if(before, [](const auto& file) { return file.first.starts_with(".lowbit-"); });
    const ino_t old = inode(scratch / "old");
    EXPECT_TRUE(says(refusal([&] { AtomicFile::commit_together(all); }),
                     {(scratch / bad).string(), "Is a directory"}));
    all.clear();
    EXPECT_EQ(contents(), before) << bad;
    EXPECT_EQ(inode(scratch / "old"), old) << bad;
    for (const std::string& name : scratch.names()) std::filesystem::remove_all(scratch / name);
  }
}

}  // namespace
