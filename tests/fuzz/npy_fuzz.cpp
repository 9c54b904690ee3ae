// Any bytes are either refused with FileError or an array that fills the file exactly and whose header can be
// rewritten.
#include <lowbit/io/npy_header.hpp>

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <span>
#include <string>

using namespace lowbit::io;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto check = [](bool holds) {
    if (!holds) std::abort();
  };
  const auto bytes = std::as_bytes(std::span(data, size));
  try {
    const NpyHeader header = parse_npy(bytes, "fuzz");
    check(header.data_offset + byte_count(header.dtype, header.shape) == size);
    std::string again = npy_header_text(header.dtype, header.shape, "fuzz");
    const auto values = bytes.subspan(header.data_offset);
    again.append(reinterpret_cast<const char*>(values.data()), values.size());
    const NpyHeader reread = parse_npy(std::as_bytes(std::span(again)), "fuzz");
    check(reread.dtype == header.dtype && reread.shape == header.shape && !reread.big_endian);
    check(header.shape.rank() <= 1 || reread.shape.order() == header.shape.order());
  } catch (const FileError&) {}
  return 0;
}
