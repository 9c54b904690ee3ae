// The tables of codecs: by their names in schemes, and by their names in files.
#pragma once
#include <lowbit/execute/options.hpp>
#include <lowbit/io/quantized_info.hpp>

#include <span>
#include <string_view>

#include "quantized_tensor.hpp"

namespace quantize_file {

/// The group, as named by a scheme.
struct Grouping {
  enum class Kind { tensor, channel, block } kind = Kind::tensor;
  lowbit::Index axis = 0;
  lowbit::Index block_size = 64;
  bool nested = false;
};

struct NamedCodec {
  std::string_view name;
  QuantizedPtr (*quantize)(const Reals&, const Grouping&, const lowbit::Options&);
};

struct StoredCodec {
  std::string_view codec, code;  // as lowbit::io::QuantizedInfo has them
  QuantizedPtr (*read)(const lowbit::io::SafetensorsFile&, const lowbit::io::QuantizedInfo&);
};

/// One family of codecs; each is compiled in a file of its own.
struct CodecFamily {
  std::string_view description;
  std::span<const NamedCodec> named;
  std::span<const StoredCodec> stored;
};
CodecFamily symmetric_codecs();
CodecFamily affine_codecs();
CodecFamily codebook_codecs();
CodecFamily cast_codecs();

/// Reads a tensor in the layout of bitsandbytes.
QuantizedPtr read_bitsandbytes_layout(const lowbit::io::SafetensorsFile& file, const std::string& name);

}  // namespace quantize_file
