#include <lowbit/codec/affine.hpp>

#include "codec_entry.hpp"

namespace quantize_file {

CodecFamily affine_codecs() {
  using namespace lowbit;
  static constexpr NamedCodec named[] = {
      {"int8z", quantize_with<Affine<std::int8_t>>},   {"uint8z", quantize_with<Affine<std::uint8_t>>},
      {"int16z", quantize_with<Affine<std::int16_t>>}, {"uint16z", quantize_with<Affine<std::uint16_t>>},
      {"int4z", quantize_with<Affine<int4>>},          {"uint4z", quantize_with<Affine<uint4>>},
      {"int2z", quantize_with<Affine<int2>>},          {"uint2z", quantize_with<Affine<uint2>>}};
  static constexpr StoredCodec stored[] = {
      stored_codec<Affine<std::int8_t>>(),  stored_codec<Affine<std::uint8_t>>(),
      stored_codec<Affine<std::int16_t>>(), stored_codec<Affine<std::uint16_t>>(),
      stored_codec<Affine<int4>>(),         stored_codec<Affine<uint4>>(),
      stored_codec<Affine<int2>>(),         stored_codec<Affine<uint2>>()};
  return {"affine integers (zero-point)", named, stored};
}

}  // namespace quantize_file
