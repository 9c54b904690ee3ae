// EXPECT: deleted
#include <lowbit/io/quantized_reader.hpp>

void use() {
#if COMPILE_FAIL
  lowbit::io::QuantizedReader reader(lowbit::io::SafetensorsFile("x.safetensors"), "w");
#else
  const lowbit::io::SafetensorsFile file("x.safetensors");
  lowbit::io::QuantizedReader reader(file, "w");
#endif
  static_cast<void>(reader.json());
}
