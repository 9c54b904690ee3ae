// EXPECT: read_quantizer takes a Quantizer: name its type
#include <lowbit/codec/symmetric.hpp>
#include <lowbit/io/quantizer.hpp>

bool frozen(const lowbit::io::SafetensorsFile& file) {
  using Codec = lowbit::SymmetricInteger<std::int8_t>;
#if COMPILE_FAIL
  using Read = lowbit::Quantized<Codec, lowbit::PerTensor>;
#else
  using Read = lowbit::Quantizer<Codec>;
#endif
  return lowbit::io::read_quantizer<Read>(file, "fc1.activations").frozen();
}
