// EXPECT: the bytes belong to the MappedFile: give the file a name first
#include <lowbit/io/mapped_file.hpp>

void use() {
#if COMPILE_FAIL
  const auto bytes = lowbit::io::MappedFile("x").bytes();
#else
  const lowbit::io::MappedFile file("x");
  const auto bytes = file.bytes();
#endif
  static_cast<void>(bytes);
}
