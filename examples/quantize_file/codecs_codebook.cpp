// Codebooks by name. Tables go through RuntimeTable, so that three code types serve all of them.
#include <lowbit/codec/tables/dynamic_map.hpp>
#include <lowbit/codec/tables/float4.hpp>
#include <lowbit/codec/tables/linear.hpp>
#include <lowbit/codec/tables/non_linear3.hpp>
#include <lowbit/codec/tables/normal_float4.hpp>

#include "codec_entry.hpp"

namespace quantize_file {
namespace {

using namespace lowbit;

template <class Table>
QuantizedPtr quantize_table(const Reals& x, const Grouping& grouping, const Options& options) {
  using Code = typename Codebook<Table>::Code;
  const auto levels = io::table_values(Codebook<Table>{}.lookup());
  const Codebook<RuntimeTable<Code>> codec{RuntimeTable<Code>::from_values(levels)};
  return quantize_as(x, grouping, options, codec);
}

}  // namespace

CodecFamily codebook_codecs() {
  static constexpr NamedCodec named[] = {{"nf4", quantize_table<NormalFloat4>},
                                         {"fp4", quantize_table<Float4>},
                                         {"dynamic", quantize_table<DynamicMap>},
                                         {"dynamic-unsigned", quantize_table<UnsignedDynamicMap>},
                                         {"dynamic4", quantize_table<BasicDynamicMap<true, 3, 4>>},
                                         {"nonlinear3", quantize_table<NonLinear3>},
                                         {"linear2", quantize_table<Linear<2>>},
                                         {"linear3", quantize_table<Linear<3>>},
                                         {"linear4", quantize_table<Linear<4>>},
                                         {"linear8", quantize_table<Linear<8>>}};
  static constexpr StoredCodec stored[] = {stored_codec<Codebook<RuntimeTable<std::uint8_t>>>(),
                                           stored_codec<Codebook<RuntimeTable<uint4>>>(),
                                           stored_codec<Codebook<RuntimeTable<uint2>>>()};
  return {"codebooks", named, stored};
}

QuantizedPtr read_bitsandbytes_layout(const io::SafetensorsFile& file, const std::string& name) {
  if (io::bitsandbytes_info(file, name).nested) return hold(io::read_bitsandbytes<NestedScales>(file, name));
  return hold(io::read_bitsandbytes(file, name));
}

}  // namespace quantize_file
