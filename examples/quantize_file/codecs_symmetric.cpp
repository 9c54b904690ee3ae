#include <lowbit/codec/symmetric.hpp>

#include "codec_entry.hpp"

namespace quantize_file {

CodecFamily symmetric_codecs() {
  using namespace lowbit;
  static constexpr NamedCodec named[] = {{"int8", quantize_with<SymmetricInteger<std::int8_t>>},
                                         {"uint8", quantize_with<SymmetricInteger<std::uint8_t>>},
                                         {"int16", quantize_with<SymmetricInteger<std::int16_t>>},
                                         {"uint16", quantize_with<SymmetricInteger<std::uint16_t>>},
                                         {"int4", quantize_with<SymmetricInteger<int4>>},
                                         {"uint4", quantize_with<SymmetricInteger<uint4>>},
                                         {"int2", quantize_with<SymmetricInteger<int2>>},
                                         {"uint2", quantize_with<SymmetricInteger<uint2>>}};
  static constexpr StoredCodec stored[] = {
      stored_codec<SymmetricInteger<std::int8_t>>(),  stored_codec<SymmetricInteger<std::uint8_t>>(),
      stored_codec<SymmetricInteger<std::int16_t>>(), stored_codec<SymmetricInteger<std::uint16_t>>(),
      stored_codec<SymmetricInteger<int4>>(),         stored_codec<SymmetricInteger<uint4>>(),
      stored_codec<SymmetricInteger<int2>>(),         stored_codec<SymmetricInteger<uint2>>()};
  return {"symmetric integers (absmax)", named, stored};
}

}  // namespace quantize_file
