// What a bad file ends in: one exception type, and messages that read "file: field: offending value".
#pragma once
#include <lowbit/core/contract.hpp>

#include <cerrno>
#include <stdexcept>
#include <string>
#include <string_view>
#include <system_error>

namespace lowbit::inline LOWBIT_ABI::io {

/// A file that cannot be read or written, or whose contents are malformed. The message names the file, the
/// field and the offending value.
class FileError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// @cond internal
/// False for every T. What returns a view of an object refuses temporaries with it, at compile time: an
/// overload for rvalues holds nothing but static_assert(named<T>, "a sentence").
template <class T>
inline constexpr bool named = false;
/// @endcond

/// @cond internal
/// Bytes of the UTF-8 character that the text starts with; 0 where it starts with none, is cut short, or the
/// encoding is not the shortest.
constexpr std::size_t utf8_length(std::string_view text) noexcept {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  if (text.empty()) return 0;
  if (byte(0) < 0x80) return 1;
  const std::size_t n = byte(0) < 0xc2 ? 0 : byte(0) < 0xe0 ? 2 : byte(0) < 0xf0 ? 3 : byte(0) < 0xf5 ? 4 : 0;
  if (n == 0 || text.size() < n) return 0;
  for (std::size_t i = 1; i < n; ++i)
    if ((byte(i) & 0xc0) != 0x80) return 0;
  const bool overlong = (byte(0) == 0xe0 && byte(1) < 0xa0) || (byte(0) == 0xf0 && byte(1) < 0x90);
  const bool surrogate = byte(0) == 0xed && byte(1) > 0x9f;
  const bool too_large = byte(0) == 0xf4 && byte(1) > 0x8f;
  return overlong || surrogate || too_large ? 0 : n;
}

/// Whether a terminal would obey a character of valid UTF-8 instead of showing it: the control characters of
/// ASCII and Latin-1, line and paragraph separators, and what turns the direction of writing.
constexpr bool is_control(std::string_view character) noexcept {
  if (character.size() == 1) return character < " " || character == "\x7f";
  if (character.size() == 2) return character < "\xc2\xa0" || character == "\xd8\x9c";  // U+061C
  return character == "\xe2\x80\x8e" || character == "\xe2\x80\x8f" ||                  // U+200E, U+200F
         (character >= "\xe2\x80\xa8" && character <= "\xe2\x80\xae") ||                // U+2028 to U+202E
         (character >= "\xe2\x81\xa6" && character <= "\xe2\x81\xa9");                  // U+2066 to U+2069
}
/// @endcond

/// Makes text of a file fit for a message or a terminal: valid UTF-8 without control characters, whose bytes,
/// and those that are not UTF-8, become `\xNN`. What is longer than `limit` bytes is cut. O(size).
inline std::string printable(std::string_view raw, std::size_t limit = 200) {
  constexpr std::string_view digits = "0123456789abcdef";
  std::string s;
  for (std::size_t at = 0; at < raw.size();) {
    const std::size_t length = utf8_length(raw.substr(at));
    const std::string_view character = raw.substr(at, length > 0 ? length : 1);
    if (at + character.size() > limit) return s + "...";
    if (length > 0 && !is_control(character)) {
      s += character;
    } else {
      for (const char c : character) {
        const auto byte = static_cast<unsigned char>(c);
        s += {'\\', 'x', digits[byte >> 4], digits[byte & 15]};
      }
    }
    at += character.size();
  }
  return s;
}

/// @cond internal
inline std::string in_quotes(std::string_view raw) { return '"' + printable(raw, 80) + '"'; }

/// Ends the call with FileError "lowbit: file: field: parts" (or as core/contract.hpp says without
/// exceptions).
template <class... Parts>
[[noreturn]] void refuse(std::string_view file, std::string_view field, const Parts&... parts) {
  detail::fail<FileError>(file, ": ", field, ": ", parts...);
}

/// The same for a system call that has just set errno.
[[noreturn]] inline void refuse_errno(std::string_view file, std::string_view action) {
  const int error = errno;
  refuse(file, action, std::generic_category().message(error));
}

/// A path with a NUL character would reach the system cut short, as another one.
inline void refuse_nul(std::string_view path, std::string_view action) {
  if (path.find('\0') != path.npos) refuse(in_quotes(path), action, "the path has a NUL character");
}
/// @endcond

}  // namespace lowbit::inline LOWBIT_ABI::io
