#include <lowbit/io/mapped_file.hpp>

#include "support.hpp"

#include <sys/stat.h>

using namespace lowbit::io;
using namespace lowbit_test;

namespace {

TEST(MappedFile, ShowsTheBytesOfTheFile) {
  const ScratchDirectory scratch;
  const std::string contents("a\0b\xff", 4);
  const MappedFile file(write_file(scratch / "x", contents));
  EXPECT_EQ(text_of(file.bytes()), contents);
  EXPECT_EQ(file.path(), (scratch / "x").string());
}

TEST(MappedFile, AnEmptyFileHasNoBytes) {
  const ScratchDirectory scratch;
  const MappedFile file(write_file(scratch / "x", ""));
  EXPECT_TRUE(file.bytes().empty());
}

TEST(MappedFile, MovingKeepsTheAddress) {
  const ScratchDirectory scratch;
  MappedFile first(write_file(scratch / "1", "one"));
  const auto* address = first.bytes().data();
  MappedFile second(std::move(first));
  EXPECT_EQ(second.bytes().data(), address);
  MappedFile third(write_file(scratch / "3", "three"));
  third = std::move(second);
  EXPECT_EQ(third.bytes().data(), address);
  EXPECT_EQ(text_of(third.bytes()), "one");
}

TEST(MappedFile, AnAbsentFileIsNamedWithTheReason) {
  const ScratchDirectory scratch;
  const std::string path = (scratch / "absent").string();
  EXPECT_TRUE(says(refusal([&] { MappedFile file(path); }), {path, "open", "No such file or directory"}));
}

TEST(MappedFile, ANulInAPathDoesNotCutIt) {
  const ScratchDirectory scratch;
  write_file(scratch / "a", "one");
  const auto path = scratch / std::string_view("a\0b", 3);
  EXPECT_TRUE(says(refusal([&] { MappedFile file(path); }), {"a\\x00b", "open", "NUL"}));
}

TEST(MappedFile, DirectoriesAndPipesAreRefusedWithoutWaiting) {
  const ScratchDirectory scratch;
  const std::string pipe = (scratch / "pipe").string();
  ASSERT_EQ(::mkfifo(pipe.c_str(), 0600), 0);
  EXPECT_TRUE(says(refusal([&] { MappedFile file(pipe); }), {pipe, "not a regular file"}));
  EXPECT_TRUE(says(refusal([&] { MappedFile file(scratch.path()); }),
                   {scratch.path().string(), "not a regular file"}));
}

}  // namespace
