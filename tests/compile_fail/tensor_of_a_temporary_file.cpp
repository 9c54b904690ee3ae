// EXPECT: the tensor points into the SafetensorsFile: give the file a name first
#include <lowbit/io/safetensors.hpp>

void use() {
#if COMPILE_FAIL
  const auto tensor = lowbit::io::SafetensorsFile("x.safetensors").tensor("w");
#else
  const lowbit::io::SafetensorsFile file("x.safetensors");
  const auto tensor = file.tensor("w");
#endif
  static_cast<void>(tensor.values<float>());
}
