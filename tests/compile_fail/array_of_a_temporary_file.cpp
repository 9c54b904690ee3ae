// EXPECT: the tensor points into the NpyFile: give the file a name first
#include <lowbit/io/npy.hpp>

void use() {
#if COMPILE_FAIL
  const auto array = lowbit::io::NpyFile("x.npy").tensor();
#else
  const lowbit::io::NpyFile file("x.npy");
  const auto array = file.tensor();
#endif
  static_cast<void>(array.values<float>());
}
