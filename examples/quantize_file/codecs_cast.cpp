#include <lowbit/codec/cast.hpp>

#include "codec_entry.hpp"

namespace quantize_file {

CodecFamily cast_codecs() {
  using namespace lowbit;
  static constexpr NamedCodec named[] = {{"fp16", quantize_with<Cast<float16>>},
                                         {"bf16", quantize_with<Cast<bf16>>}};
  static constexpr StoredCodec stored[] = {stored_codec<Cast<float16>>(), stored_codec<Cast<bf16>>()};
  return {"smaller floats", named, stored};
}

}  // namespace quantize_file
