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

TEST(FileError, ControlCharactersAreShownAsTheirBytes) {
  EXPECT_EQ(printable("a\xc2\x9b"
                      "31m\xc2\x85z"),
            "a\\xc2\\x9b31m\\xc2\\x85z");  // C1: another ESC [
  EXPECT_EQ(printable("\xc2\xa0\xdf\xbf"), "\xc2\xa0\xdf\xbf");
  for (const std::string_view turns :
       {"\xe2\x80\xae", "\xe2\x80\xa8", "\xe2\x81\xa7", "\xe2\x80\x8f", "\xd8\x9c"})
    EXPECT_EQ(printable(turns).substr(0, 2), "\\x") << turns.size();
  EXPECT_EQ(printable("\xe2\x80\xa7\xe2\x80\xaf\xf0\x9f\x8c\x8d"),
            "\xe2\x80\xa7\xe2\x80\xaf\xf0\x9f\x8c\x8d");
}

TEST(FileError, BytesThatAreNotUtf8AreShownAsBytes) {
  EXPECT_EQ(printable("a\xff"
                      "b\x80"),
            "a\\xff"
            "b\\x80");
  EXPECT_EQ(printable("\xe2\x82"), "\\xe2\\x82");                    // cut short
  EXPECT_EQ(printable("\xc0\xaf"), "\\xc0\\xaf");                    // not the shortest form
  EXPECT_EQ(printable("\xe0\x9f\xbf"), "\\xe0\\x9f\\xbf");           // the same
  EXPECT_EQ(printable("\xed\xa0\x80"), "\\xed\\xa0\\x80");           // a surrogate
  EXPECT_EQ(printable("\xf4\x90\x80\x80"), "\\xf4\\x90\\x80\\x80");  // beyond U+10FFFF
  EXPECT_EQ(printable("\xe2\x82\xac\xf4\x8f\xbf\xbd"), "\xe2\x82\xac\xf4\x8f\xbf\xbd");
}

TEST(FileError, TextIsCutBetweenCharacters) {
  EXPECT_EQ(printable("ab\xe2\x82\xac", 4), "ab...");
  EXPECT_EQ(printable("ab\xe2\x82\xac", 5), "ab\xe2\x82\xac");
  EXPECT_EQ(printable("", 0), "");
}

}  // namespace
