#include "shared_memory.hpp"

#include <elf.h>
#include <link.h>

#include <cstdint>
#include <cstring>
#include <fstream>
#include <map>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace simt {
namespace {

struct Object {
  std::string name;
  SharedArray array;
};
struct Symbols {
  std::multimap<std::uintptr_t, std::string> functions;
  std::vector<Object> objects;  // writable and local to some function
};

std::uintptr_t load_bias() {
  std::uintptr_t bias = 0;
  dl_iterate_phdr(
      [](dl_phdr_info* program, std::size_t, void* result) {
        *static_cast<std::uintptr_t*>(result) = program->dlpi_addr;
        return 1;  // the first one is the program itself
      },
      &bias);
  return bias;
}

template <class T>
std::vector<T> read(std::ifstream& file, std::uint64_t offset, std::uint64_t bytes) {
  std::vector<T> v(bytes / sizeof(T));
  file.seekg(static_cast<std::streamoff>(offset));
  file.read(reinterpret_cast<char*>(v.data()), static_cast<std::streamsize>(v.size() * sizeof(T)));
  return v;
}

Symbols read_symbols() {
  std::ifstream file("/proc/self/exe", std::ios::binary);
  const auto header = read<Elf64_Ehdr>(file, 0, sizeof(Elf64_Ehdr)).at(0);
  const auto sections = read<Elf64_Shdr>(file, header.e_shoff, header.e_shnum * sizeof(Elf64_Shdr));
  const std::uintptr_t bias = load_bias();
  Symbols result;
  for (const Elf64_Shdr& table : sections) {
    if (table.sh_type != SHT_SYMTAB) continue;
    const auto symbols = read<Elf64_Sym>(file, table.sh_offset, table.sh_size);
    const Elf64_Shdr& strings = sections.at(table.sh_link);
    const auto names = read<char>(file, strings.sh_offset, strings.sh_size);
    for (const Elf64_Sym& s : symbols) {
      if (s.st_shndx == SHN_UNDEF || s.st_shndx >= sections.size()) continue;
      const std::string_view name = &names.at(s.st_name);
      const std::uintptr_t address = bias + s.st_value;
      if (ELF64_ST_TYPE(s.st_info) == STT_FUNC)
        result.functions.emplace(address, name);
      else if (ELF64_ST_TYPE(s.st_info) == STT_OBJECT && name.starts_with("_ZZ") &&
               (sections[s.st_shndx].sh_flags & SHF_WRITE) != 0)
        result.objects.push_back({std::string(name), {reinterpret_cast<std::byte*>(address), s.st_size}});
    }
  }
  if (result.functions.empty())
    throw std::runtime_error("simt: this program has no symbol table, so its shared arrays cannot be found");
  return result;
}

}  // namespace

std::span<const SharedArray> shared_arrays(const void* kernel) {
  static const Symbols symbols = read_symbols();
  static std::map<const void*, std::vector<SharedArray>> known;
  const auto [entry, is_new] = known.try_emplace(kernel);
  if (is_new) {
    const auto [first, last] = symbols.functions.equal_range(reinterpret_cast<std::uintptr_t>(kernel));
    for (auto f = first; f != last; ++f) {
      const std::string prefix = "_ZZ" + f->second.substr(2) + "E";
      for (const Object& o : symbols.objects)
        if (o.name.starts_with(prefix)) entry->second.push_back(o.array);
    }
  }
  return entry->second;
}

}  // namespace simt
