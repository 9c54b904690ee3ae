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

/// False for every T. What returns a view of an object refuses temporaries with it, at compile time: an
/// overload for rvalues holds nothing but static_assert(named<T>, "a sentence").
template <class T>
inline constexpr bool named = false;

/// Text of a file as it may appear in a message: control characters as \xNN, cut after `limit` characters.
inline std::string printable(std::string_view raw, std::size_t limit = 200) {
  constexpr std::string_view digits = "0123456789abcdef";
  std::string s;
  for (char c : raw.substr(0, limit)) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte >= 0x20 && byte != 0x7f) {
      s += c;
    } else {
      s += {'\\', 'x', digits[byte >> 4], digits[byte & 15]};
    }
  }
  return raw.size() > limit ? s + "..." : s;
}

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

}  // namespace lowbit::inline LOWBIT_ABI::io
