#include "differential/family.hpp"

#include <algorithm>
#include <cstring>

namespace lowbit_test {

void expect_same(const char* what, std::span<const std::byte> got, std::span<const std::byte> want,
                 std::size_t each) {
  if (got.size() == want.size() && (got.empty() || std::memcmp(got.data(), want.data(), got.size()) == 0))
    return;
  std::ostringstream out;
  out << what << ": ";
  if (got.size() != want.size()) {
    out << got.size() / each << " elements, " << want.size() / each << " expected";
    throw Mismatch(out.str());
  }
  const auto first =
      static_cast<std::size_t>(std::mismatch(got.begin(), got.end(), want.begin()).first - got.begin());
  const std::size_t begin = first / each * each;
  const auto put = [&](std::span<const std::byte> bytes) {
    out << "0x" << std::hex;
    for (std::size_t i = std::min(begin + each, bytes.size()); i > begin; --i) {
      const auto b = std::to_integer<unsigned>(bytes[i - 1]);
      out << b / 16 << b % 16;
    }
    out << std::dec;
  };
  out << "element " << begin / each << " is ";
  put(got);
  out << ", not ";
  put(want);
  throw Mismatch(out.str());
}

}  // namespace lowbit_test
