#include <lowbit/io/error.hpp>

#include "support.hpp"

#include <cerrno>

using namespace lowbit::io;
using namespace lowbit_test;

namespace {

TEST(FileError, ReadsFileFieldValue) {
  EXPECT_EQ(refusal([] { refuse("a.npy", "shape", "extent ", 7, " is odd"); }),
            "lowbit: a.npy: shape: extent 7 is odd");
  EXPECT_EQ(refusal([] {
              errno = ENOSPC;
              refuse_errno("a.npy", "write");
            }),
            "lowbit: a.npy: write: No space left on device");
}

TEST(FileError, TextOfAFileIsShownSafely) {
  EXPECT_EQ(printable("plain \xc3\xa9"), "plain \xc3\xa9");
  EXPECT_EQ(printable(std::string_view("a\0\n\x7f\x1b[31m", 9)), "a\\x00\\x0a\\x7f\\x1b[31m");
  EXPECT_EQ(printable("abcdef", 3), "abc...");
  EXPECT_EQ(in_quotes(std::string(1000, 'x')), '"' + std::string(80, 'x') + "...\"");
}

}  // namespace
