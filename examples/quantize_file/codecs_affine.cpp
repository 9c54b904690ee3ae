#include <lowbit/codec/affine.hpp>

#include "codec_entry.hpp"

namespace quantize_file {

CodecFamily affine_codecs() {
  using namespace lowbit;
  static constexpr NamedCodec named[] = {{"int8z", quantize_with<AffineInteger<std::int8_t>>},
                                         {"uint8z", quantize_with<AffineInteger<std::uint8_t>>},
                                         {"int16z", quantize_with<AffineInteger<std::int16_t>>},
                                         {"uint16z", quantize_with<AffineInteger<std::uint16_t>>},
                                         {"int4z", quantize_with<AffineInteger<int4>>},
                                         {"uint4z", quantize_with<AffineInteger<uint4>>},
                                         {"int2z", quantize_with<AffineInteger<int2>>},
                                         {"uint2z", quantize_with<AffineInteger<uint2>>}};
  static constexpr StoredCodec stored[] = {
      stored_codec<AffineInteger<std::int8_t>>(),  stored_codec<AffineInteger<std::uint8_t>>(),
      stored_codec<AffineInteger<std::int16_t>>(), stored_codec<AffineInteger<std::uint16_t>>(),
      stored_codec<AffineInteger<int4>>(),         stored_codec<AffineInteger<uint4>>(),
      stored_codec<AffineInteger<int2>>(),         stored_codec<AffineInteger<uint2>>()};
  return {"affine integers (zero-point)", named, stored};
}

}  // namespace quantize_file
