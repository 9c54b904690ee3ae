// Any bytes are either refused with FileError or a file whose tensors cover its data exactly.
#include <lowbit/io/safetensors_header.hpp>

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <set>
#include <span>

using namespace lowbit::io;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto check = [](bool holds) {
    if (!holds) std::abort();
  };
  try {
    const SafetensorsHeader header = parse_safetensors(std::as_bytes(std::span(data, size)), "fuzz");
    std::uint64_t covered = 0;
    std::set<std::string> names;
    for (const SafetensorsEntry& t : header.tensors) {
      check(t.begin == covered && t.end - t.begin == byte_count(t.dtype, t.shape));
      check(t.foreign.has_value() == (t.dtype == Dtype::foreign) &&
            t.shape.rank() <= lowbit::Shape::max_rank);
      check(names.insert(t.name).second && &header.tensors[header.index.at(t.name)] == &t);
      covered = t.end;
    }
    check(header.index.size() == header.tensors.size());
    check(header.data_offset + covered == size);
  } catch (const FileError&) {}
  return 0;
}
