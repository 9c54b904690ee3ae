// The npy header: element type, shape and order as a small Python dict literal, read strictly and written.
#pragma once
#include <lowbit/io/layout.hpp>

#include <array>
#include <cstdint>
#include <limits>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace lowbit::inline LOWBIT_ABI::io {

/// What the header of an npy file says.
struct NpyHeader {
  Dtype dtype = Dtype::u8;      ///< the element type
  Shape shape;                  ///< its order says how the elements follow each other
  bool big_endian = false;      ///< the bytes of each element have to be swapped
  std::size_t data_offset = 0;  ///< where the data starts in the file
};

/// @cond internal
namespace npy {
inline constexpr std::string_view magic = "\x93NUMPY";

/// numpy's names without byte order: kind and bytes.
inline constexpr std::array<std::pair<std::string_view, Dtype>, 12> dtypes{{{"b1", Dtype::boolean},
                                                                            {"u1", Dtype::u8},
                                                                            {"i1", Dtype::i8},
                                                                            {"u2", Dtype::u16},
                                                                            {"i2", Dtype::i16},
                                                                            {"f2", Dtype::f16},
                                                                            {"u4", Dtype::u32},
                                                                            {"i4", Dtype::i32},
                                                                            {"f4", Dtype::f32},
                                                                            {"u8", Dtype::u64},
                                                                            {"i8", Dtype::i64},
                                                                            {"f8", Dtype::f64}}};

/// Reads {'descr': '<f4', 'fortran_order': False, 'shape': (2, 3), }: the three keys in any order, each once,
/// either kind of quotes, optional trailing commas, white space between the words, and from Python 2
/// the L behind an integer and the u before a string; nothing else of Python.
class DictParser {
 public:
  explicit DictParser(std::string_view file) : file_(file) {}

  NpyHeader parse(std::string_view text) {
    text_ = text;
    expect('{');
    while (!accept('}')) {
      parse_item();
      if (accept(',')) continue;
      expect('}');
      break;
    }
    skip_space();
    if (at_ != text_.size()) fail_at("the end of the header");
    if (!dtype_) missing("descr");
    if (!order_) missing("fortran_order");
    if (!extents_) missing("shape");
    return {*dtype_, stored_shape(file_, "shape", *dtype_, *extents_, *order_), big_endian_, 0};
  }

 private:
  void parse_item() {
    const std::string_view key = parse_string("a key in quotes");
    expect(':');
    const auto once = [&](bool seen) {
      if (seen) refuse(file_, "header", "duplicate key ", in_quotes(key));
    };
    if (key == "descr") {
      once(dtype_.has_value());
      parse_descr();
    } else if (key == "fortran_order") {
      once(order_.has_value());
      order_ = parse_bool() ? Order::column_major : Order::row_major;
    } else if (key == "shape") {
      once(extents_.has_value());
      extents_ = parse_tuple();
    } else {
      refuse(file_, "header", "unknown key ", in_quotes(key));
    }
  }

  void parse_descr() {
    if (next() == '[' || next() == '(') refuse(file_, "descr", "structured dtypes are not supported");
    const std::string_view descr = parse_string("a dtype in quotes");
    // No sign, = and | mean the order of the machine that wrote the file; readers take it for theirs, as
    // numpy.
    const bool has_order = !descr.empty() && std::string_view("<>=|").find(descr.front()) != descr.npos;
    for (const auto& [kind, dtype] : dtypes)
      if (descr.substr(has_order ? 1 : 0) == kind) {
        dtype_ = dtype;
        big_endian_ = descr.front() == '>';
        return;
      }
    refuse(file_, "descr", "unsupported dtype ", in_quotes(descr),
           ", supported are b1, i1 to i8, u1 to u8, f2, f4, f8 with byte order <, >, =, | or none");
  }

  std::vector<std::uint64_t> parse_tuple() {
    std::vector<std::uint64_t> extents;
    expect('(');
    while (!accept(')')) {
      extents.push_back(parse_integer());
      if (accept(',')) continue;
      expect(')');
      if (extents.size() == 1)
        refuse(file_, "shape", "(", extents[0], ") is not a tuple, (", extents[0], ",) is");
      break;
    }
    return extents;
  }

  std::uint64_t parse_integer() {
    skip_space();
    const std::size_t begin = at_;
    std::uint64_t value = 0;
    bool fits = true;
    for (; at_ < text_.size() && text_[at_] >= '0' && text_[at_] <= '9'; ++at_) {
      const auto digit = static_cast<std::uint64_t>(text_[at_] - '0');
      fits = fits && value <= ((std::numeric_limits<std::uint64_t>::max)() - digit) / 10;
      value = value * 10 + digit;
    }
    const std::string_view digits = text_.substr(begin, at_ - begin);
    if (digits.empty()) fail_at("a non-negative integer in shape");
    if (digits.size() > 1 && digits.front() == '0')
      refuse(file_, "shape", "leading zero in ", printable(digits, 80));
    if (!fits) refuse(file_, "shape", "extent ", printable(digits, 80), " does not fit in 64 bits");
    if (at_ < text_.size() && text_[at_] == 'L') ++at_;  // a long integer of Python 2
    return value;
  }

  bool parse_bool() {
    for (const auto& [word, value] : {std::pair<std::string_view, bool>("True", true), {"False", false}})
      if (skip_space(), text_.substr(at_).starts_with(word)) {
        at_ += word.size();
        return value;
      }
    fail_at("True or False for fortran_order");
  }

  std::string_view parse_string(std::string_view expected) {
    char quote = next();
    const bool prefixed = (quote == 'u' || quote == 'U') && at_ + 1 < text_.size();
    if (prefixed && (text_[at_ + 1] == '\'' || text_[at_ + 1] == '"')) quote = text_[++at_];
    if (quote != '\'' && quote != '"') fail_at(expected);
    const std::size_t begin = at_ + 1;
    at_ = text_.find_first_of(std::string{quote, '\\', '\n'}, begin);
    if (at_ == text_.npos || text_[at_] != quote)
      refuse(file_, "header", "a string starts at byte ", begin - 1,
             " and does not end, or contains a backslash");
    return text_.substr(begin, at_++ - begin);
  }

  void skip_space() {
    while (at_ < text_.size() && std::string_view(" \t\r\n\f").find(text_[at_]) != text_.npos) ++at_;
  }
  /// The next character that is not white space; NUL at the end.
  char next() {
    skip_space();
    return at_ < text_.size() ? text_[at_] : '\0';
  }
  bool accept(char c) {
    const bool here = next() == c && at_ < text_.size();
    if (here) ++at_;
    return here;
  }
  void expect(char c) {
    if (!accept(c)) fail_at(std::string{'\'', c, '\''});
  }
  [[noreturn]] void fail_at(std::string_view expected) const {
    refuse(file_, "header", "expected ", expected, " at byte ", at_, ", found ",
           at_ < text_.size() ? in_quotes(text_.substr(at_, 20)) : "the end");
  }
  [[noreturn]] void missing(std::string_view key) const {
    refuse(file_, "header", "missing key ", in_quotes(key));
  }

  std::string file_;
  std::string_view text_;
  std::size_t at_ = 0;
  std::optional<Dtype> dtype_;
  std::optional<Order> order_;
  std::optional<std::vector<std::uint64_t>> extents_;
  bool big_endian_ = false;
};
}  // namespace npy
/// @endcond

/// Reads and validates the header of a whole npy file in memory, versions 1.0, 2.0 and 3.0. Throws FileError,
/// naming `file`, for any other version, for dtypes that are not numbers (object, structured, text,
/// dates, complex), ranks over 8, and data that is shorter or longer than the header says. O(header). Source:
/// https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html
inline NpyHeader parse_npy(std::span<const std::byte> bytes, std::string_view file) {
  const std::string_view text(reinterpret_cast<const char*>(bytes.data()), bytes.size());
  if (!text.starts_with(npy::magic))
    refuse(file, "magic", in_quotes(text.substr(0, npy::magic.size())), " is not the start of an npy file");
  if (bytes.size() < 8) refuse(file, "version", "the file ends after ", bytes.size(), " bytes");
  const int major = std::to_integer<int>(bytes[6]), minor = std::to_integer<int>(bytes[7]);
  if (major < 1 || major > 3 || minor != 0)
    refuse(file, "version", major, ".", minor, " is unknown, 1.0, 2.0 and 3.0 are supported");

  const std::size_t prefix = major == 1 ? 10 : 12;
  if (bytes.size() < prefix) refuse(file, "header length", "the file ends after ", bytes.size(), " bytes");
  std::size_t length = 0;
  for (std::size_t i = 8; i < prefix; ++i) length |= std::to_integer<std::size_t>(bytes[i]) << (8 * (i - 8));
  if (length > bytes.size() - prefix)
    refuse(file, "header length", length, " is more than the ", bytes.size() - prefix, " bytes that follow");

  NpyHeader header = npy::DictParser(file).parse(text.substr(prefix, length));
  header.data_offset = prefix + length;
  const std::size_t stored = bytes.size() - header.data_offset,
                    needed = byte_count(header.dtype, header.shape);
  if (stored != needed)
    refuse(file, "data", stored, " bytes, shape ", header.shape.text(), " of ", dtype_name(header.dtype),
           " needs ", needed);
  return header;
}

/// The bytes before the data of a little-endian array, padded to a multiple of 64. Version 1.0 suffices: a
/// header of rank 8 takes at most a few hundred bytes. Throws FileError, naming `file`, for a dtype that npy
/// does not have.
inline std::string npy_header_text(Dtype dtype, const Shape& shape, std::string_view file) {
  std::string_view kind;
  for (const auto& [text, known] : npy::dtypes)
    if (known == dtype) kind = text;
  if (kind.empty()) refuse(file, "descr", "npy has no dtype for ", dtype_name(dtype));

  std::string text = "{'descr': '";
  text += bytes_per_element(dtype) == 1 ? '|' : '<';
  text += kind;
  text += "', 'fortran_order': ";
  text += shape.row_major() || shape.rank() <= 1 ? "False" : "True";
  text += ", 'shape': (";
  for (Index extent : shape.extents()) text += std::to_string(extent) + (shape.rank() == 1 ? "," : ", ");
  if (shape.rank() > 1) text.resize(text.size() - 2);
  text += "), }";

  constexpr std::size_t prefix = 10;
  text.resize((prefix + text.size() + 1 + 63) / 64 * 64 - prefix - 1, ' ');
  text += '\n';
  std::string header(npy::magic);
  header += {1, 0, static_cast<char>(text.size() & 255), static_cast<char>(text.size() >> 8)};
  return header + text;
}

}  // namespace lowbit::inline LOWBIT_ABI::io
