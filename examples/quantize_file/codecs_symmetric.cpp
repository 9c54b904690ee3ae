#include <lowbit/codec/symmetric.hpp>

#include "codec_entry.hpp"

namespace quantize_file {

CodecFamily symmetric_codecs() {
  using namespace lowbit;
  static constexpr NamedCodec named[] = {
      {"int8", quantize_with<Symmetric<std::int8_t>>},   {"uint8", quantize_with<Symmetric<std::uint8_t>>},
      {"int16", quantize_with<Symmetric<std::int16_t>>}, {"uint16", quantize_with<Symmetric<std::uint16_t>>},
      {"int4", quantize_with<Symmetric<int4>>},          {"uint4", quantize_with<Symmetric<uint4>>},
      {"int2", quantize_with<Symmetric<int2>>},          {"uint2", quantize_with<Symmetric<uint2>>}};
  static constexpr StoredCodec stored[] = {
      stored_codec<Symmetric<std::int8_t>>(),  stored_codec<Symmetric<std::uint8_t>>(),
      stored_codec<Symmetric<std::int16_t>>(), stored_codec<Symmetric<std::uint16_t>>(),
      stored_codec<Symmetric<int4>>(),         stored_codec<Symmetric<uint4>>(),
      stored_codec<Symmetric<int2>>(),         stored_codec<Symmetric<uint2>>()};
  return {"symmetric integers (absmax)", named, stored};
}

}  // namespace quantize_file
