// Quantized tensors in the layouts of bitsandbytes, which the checkpoints of language models use.
#pragma once
#include <lowbit/codec/tables/float4.hpp>
#include <lowbit/codec/tables/normal_float4.hpp>
#include <lowbit/io/quantized_reader.hpp>
#include <lowbit/io/scales.hpp>
#include <lowbit/kernel/elementwise/codebook.hpp>
#include <lowbit/quantize/quantized.hpp>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace lowbit::inline LOWBIT_ABI::io {

/// A 4-bit tensor as bitsandbytes stores it. Its table is the one that the file carries, so it decodes as the
/// checkpoint means it, even where that table differs from ours in the last bits.
template <ScaleFormat S = FloatScales>
using Bitsandbytes4 = Quantized<Codebook<RuntimeTable<uint4>>, Blockwise, S>;
/// An 8-bit matrix as bitsandbytes stores it (LLM.int8), one scale per row.
using Bitsandbytes8 = Quantized<SymmetricInteger<std::int8_t>, PerChannel>;

/// @cond internal
inline constexpr std::string_view bitsandbytes_state = ".quant_state.bitsandbytes__";
inline constexpr std::array<std::string_view, 2> bitsandbytes_types{"nf4", "fp4"};
/// @endcond

/// Names the table whose levels these are, but for roundings: "nf4" or "fp4"; nothing for others.
inline std::optional<std::string_view> bitsandbytes_type(std::span<const float> levels) {
  const auto close = [](float a, float b) { return std::fabs(a - b) < 1e-3f; };
  if (std::ranges::equal(levels, NormalFloat4::levels, close)) return "nf4";
  if (std::ranges::equal(levels, Float4::values, close)) return "fp4";
  return std::nullopt;
}

/// Adds a 4-bit tensor to a file:
/// - NAME: U8 [bytes, 1], the first code of a byte in its high bits. Other writers use I8, F16, BF16, F32 or
///   F64 for the same bytes.
/// - NAME.absmax: F32 [blocks], or U8 [blocks] when nested.
/// - NAME.quant_map: F32 [16].
/// - NAME.nested_absmax and NAME.nested_quant_map: F32, when nested.
/// - NAME.quant_state.bitsandbytes__nf4, or __fp4: U8, the bytes of a JSON object.
///
/// `dtype` is what bitsandbytes decodes to: F32, F16 or BF16. Throws std::invalid_argument for tables other
/// than NF4 and FP4 and for blocks that are not flat in row-major order. q must outlive the bundle, unless it
/// is a temporary, which the bundle keeps.
template <class Table, ScaleFormat S>
void add_bitsandbytes(Bundle& bundle, const std::string& name,
                      const Quantized<Codebook<Table>, Blockwise, S>& q, Dtype dtype = Dtype::f32) {
  constexpr bool nested = std::is_same_v<S, NestedScales>;
  static_assert(nested || FloatArray<typename S::Array>,
                "bitsandbytes stores scales as floats or nested: see lowbit::widen");
  detail::require(std::is_same_v<typename Codebook<Table>::Code, uint4>,
                  "bitsandbytes stores 4-bit codes, these have ",
                  CodeTraits<typename Codebook<Table>::Code>::bits, " bits");
  detail::require(!q.group().axis && (q.shape().row_major() || q.shape().rank() <= 1),
                  "bitsandbytes stores flat blocks in row-major order, a tensor of shape ", q.shape(),
                  " has blocks ", q.group().axis ? "along an axis" : "in column-major order");
  detail::require(dtype == Dtype::f32 || dtype == Dtype::f16 || dtype == Dtype::bf16,
                  "bitsandbytes decodes to F32, F16 or BF16, not to ", dtype_name(dtype));
  const std::vector<float> levels = table_values(q.codec().lookup());
  const auto type = bitsandbytes_type(levels);
  detail::require(type.has_value(), "bitsandbytes supports the codebooks NF4 and FP4, this one has ",
                  levels.size(), " levels, the first is ", levels[0]);
  const Shape blocks{q.group_count()};

  const auto count = static_cast<std::size_t>(q.size());
  Buffer<std::byte> bytes((count + 1) / 2);
  auto* packed = reinterpret_cast<std::uint8_t*>(bytes.data());
  using Field = PackedField<uint4>;
  for (std::size_t i = 0; i < count; ++i)
    Field::set(packed, i, Field::get(q.codes().data(), i, q.nibble_order()), NibbleOrder::high_first);
  if (count % 2 != 0)
    Field::set(packed, count, q.codec().encode(0.0f, q.codec().prepare({1.0f, 0})), NibbleOrder::high_first);
  const Shape stored{static_cast<Index>(bytes.size()), 1};
  bundle.own(name, Dtype::u8, stored, std::move(bytes));
  bundle.own(name + ".quant_map", Shape{16}, std::span(std::as_const(levels)));

  nlohmann::ordered_json state;
  state["quant_type"] = *type;
  state["blocksize"] = q.group().block_size;
  state["dtype"] = dtype == Dtype::f32 ? "float32" : dtype == Dtype::f16 ? "float16" : "bfloat16";
  state["shape"] = std::vector<Index>(q.shape().extents().begin(), q.shape().extents().end());
  if constexpr (nested) {
    const NestedScales::Array& scales = q.parts().scales;
    bundle.add(name + ".absmax", stored_tensor(scales.codes(), blocks));
    bundle.add(name + ".nested_absmax",
               stored_tensor(scales.absmax(), Shape{static_cast<Index>(scales.absmax().size())}));
    bundle.own(name + ".nested_quant_map", Shape{NestedScales::level_count}, scales.levels());
    state["nested_blocksize"] = NestedScales::block_size;
    state["nested_dtype"] = "float32";
    state["nested_offset"] = scales.mean();
  } else {
    bundle.add(name + ".absmax", stored_tensor(q.scales(), blocks));
  }
  const std::string text = state.dump();
  bundle.own(name + std::string(bitsandbytes_state).append(*type), Dtype::u8,
             Shape{static_cast<Index>(text.size())}, Buffer<std::byte>(std::as_bytes(std::span(text))));
}

/// Adds a temporary, which the bundle keeps.
/// @{
template <class Table, ScaleFormat S>
void add_bitsandbytes(Bundle& bundle, const std::string& name, Quantized<Codebook<Table>, Blockwise, S>&& q,
                      Dtype dtype = Dtype::f32) {
  add_bitsandbytes(bundle, name, bundle.keep(std::move(q)), dtype);
}
template <class Table, ScaleFormat S>
void add_bitsandbytes(Bundle& bundle, const std::string& name,
                      const Quantized<Codebook<Table>, Blockwise, S>&& q, Dtype dtype = Dtype::f32) {
  add_bitsandbytes(bundle, name, bundle.keep(q), dtype);
}
/// @}

/// @cond internal
/// The name of the tensor that holds the state of a 4-bit tensor; empty when the file has none.
inline std::string bitsandbytes_state_key(const SafetensorsFile& file, std::string_view name) {
  for (const std::string_view type : bitsandbytes_types)
    if (std::string key = std::string(name).append(bitsandbytes_state).append(type); file.contains(key))
      return key;
  return {};
}

/// What bitsandbytes keeps the bytes of 4-bit codes in (`quant_storage`).
constexpr bool is_bitsandbytes_storage(Dtype dtype) noexcept {
  return dtype == Dtype::u8 || dtype == Dtype::i8 || dtype == Dtype::f16 || dtype == Dtype::bf16 ||
         dtype == Dtype::f32 || dtype == Dtype::f64;
}

/// The JSON that a state holds; discarded where it holds none.
inline nlohmann::json bitsandbytes_json(const StoredTensor& state) {
  if (state.dtype != Dtype::u8) return nlohmann::json::value_t::discarded;
  return nlohmann::json::parse(state.bytes.begin(), state.bytes.end(), nullptr, false);
}
/// @endcond

/// Whether NAME is a 4-bit tensor in this layout, be it damaged or not: it is in the file beside
/// NAME.quant_state.bitsandbytes__nf4 (or __fp4), and that is an object with quant_type, blocksize and shape,
/// or NAME is a column of codes with its absmax and quant_map. Everything else with such a name is somebody's
/// ordinary tensor.
inline bool is_bitsandbytes(const SafetensorsFile& file, const std::string& name) {
  const std::string key = bitsandbytes_state_key(file, name);
  if (key.empty() || !file.contains(name)) return false;
  const nlohmann::json json = bitsandbytes_json(file.tensor(key));
  if (json.is_object() && json.contains("quant_type") && json.contains("blocksize") && json.contains("shape"))
    return true;
  const StoredTensor codes = file.tensor(name);
  return is_bitsandbytes_storage(codes.dtype) && codes.shape.rank() == 2 && codes.shape[1] == 1 &&
         file.contains(name + ".absmax") && file.contains(name + ".quant_map");
}

/// Lists the names of the 4-bit tensors that a file holds in this layout, sorted.
inline std::vector<std::string> bitsandbytes_tensors(const SafetensorsFile& file) {
  std::set<std::string> names;
  for (const SafetensorsEntry& entry : file.tensors())
    if (const auto at = entry.name.rfind(bitsandbytes_state); at != entry.name.npos)
      if (std::string name = entry.name.substr(0, at); is_bitsandbytes(file, name))
        names.insert(std::move(name));
  return {names.begin(), names.end()};
}

/// What the state of a 4-bit tensor says.
struct BitsandbytesState {
  std::string key;      ///< the name of the tensor that holds it
  std::string type;     ///< "nf4" or "fp4"
  Shape shape;          ///< of the tensor
  Blockwise group;      ///< with the block size
  bool nested = false;  ///< whether the scales are
  float offset = 0.0f;  ///< of nested scales
};

/// @cond internal
/// Says what the file has in place of the state of a 4-bit tensor.
[[noreturn]] inline void refuse_state(const SafetensorsFile& file, const std::string& name) {
  const std::string prefix = name + std::string(bitsandbytes_state);
  for (const SafetensorsEntry& entry : file.tensors())
    if (entry.name.starts_with(prefix))
      refuse(file.path(), tensor_field(entry.name), "is of the type ",
             in_quotes(std::string_view(entry.name).substr(prefix.size())), ", supported are nf4 and fp4");
  refuse(file.path(), tensor_field(name), "is not a 4-bit tensor: neither ", in_quotes(prefix + "nf4"),
         " nor ", in_quotes(prefix + "fp4"), " is in the file");
}
/// @endcond

/// Reads the state of a 4-bit tensor. Throws FileError, naming the file, the field and the values.
inline BitsandbytesState bitsandbytes_info(const SafetensorsFile& file, const std::string& name) {
  BitsandbytesState state;
  state.key = bitsandbytes_state_key(file, name);
  if (state.key.empty()) refuse_state(file, name);
  state.type = state.key.substr(name.size() + bitsandbytes_state.size());
  const nlohmann::json json = bitsandbytes_json(file.tensor(state.key));
  if (json.is_discarded()) refuse(file.path(), tensor_field(state.key), "invalid JSON");

  FieldReader fields(file, name, tensor_field(state.key), json);
  fields.constant("quant_type", state.type);
  fields.option("blocksize", state.group.block_size);
  state.shape = fields.extents("shape", Dtype::u8, Order::row_major);
  state.nested = json.contains("nested_offset");
  if (state.nested) {
    Index block = 0;
    fields.option("nested_blocksize", block);
    if (block != static_cast<Index>(NestedScales::block_size))
      fields.unexpected("nested_blocksize", block, std::to_string(NestedScales::block_size));
    fields.option("nested_offset", state.offset);
  }
  return state;
}

/// Lists the names of the stored tensors that belong to a 4-bit tensor. Throws as `bitsandbytes_info`.
inline std::vector<std::string> bitsandbytes_parts(const SafetensorsFile& file, const std::string& name) {
  const BitsandbytesState state = bitsandbytes_info(file, name);
  std::vector<std::string> parts{name, name + ".absmax", name + ".quant_map"};
  if (state.nested) parts.insert(parts.end(), {name + ".nested_absmax", name + ".nested_quant_map"});
  parts.push_back(state.key);
  return parts;
}

/// @cond internal
/// The bytes of 4-bit codes, from a column of any type that bitsandbytes keeps them in (`quant_storage`): the
/// last element may have bytes to spare.
inline Buffer<std::uint8_t> read_bitsandbytes_codes(const SafetensorsFile& file, const std::string& name,
                                                    std::size_t bytes) {
  const StoredTensor stored = file.tensor(name);
  const bool known = is_bitsandbytes_storage(stored.dtype);
  const std::size_t each = known ? bytes_per_element(stored.dtype) : 1;
  const Shape expected{static_cast<Index>(bytes / each + (bytes % each != 0 ? 1 : 0)), 1};
  if (!known || stored.shape != expected)
    refuse(file.path(), tensor_field(name), "is ", dtype_text(stored), " ", shape_text(stored), ", expected ",
           known ? dtype_text(stored) : "U8, I8, F16, BF16, F32 or F64", " ", expected);
  return Buffer<std::uint8_t>(std::span(reinterpret_cast<const std::uint8_t*>(stored.bytes.data()), bytes));
}
/// @endcond

/// Reads a 4-bit tensor with the tables that the file carries. Codes keep their bytes (the first code in the
/// high bits). Scales become floats, nested ones with the same values; S = NestedScales keeps them nested.
/// Throws FileError, naming the file, the field and the values, for whatever does not fit together, and where
/// S is NestedScales and the file has floats: bitsandbytes_info says what it has.
template <ScaleFormat S = FloatScales>
Bitsandbytes4<S> read_bitsandbytes(const SafetensorsFile& file, const std::string& name) {
  static_assert(std::is_same_v<S, FloatScales> || std::is_same_v<S, NestedScales>,
                "bitsandbytes stores scales as floats or nested: read them as one of these");
  const BitsandbytesState state = bitsandbytes_info(file, name);
  if (std::is_same_v<S, NestedScales> && !state.nested)
    refuse(file.path(), tensor_field(state.key), "has no nested_offset: its scales are floats, not nested");
  return in_context(file, tensor_field(name), [&] {
    const Index blocks = state.group.count(state.shape);
    const auto levels = read_part<float>(file, name + ".quant_map", Shape{16});
    typename Bitsandbytes4<S>::Parts parts{{RuntimeTable<uint4>::from_values(levels.span())}, state.group};
    parts.nibble_order = NibbleOrder::high_first;
    parts.codes = read_bitsandbytes_codes(file, name,
                                          storage_bytes<uint4>(static_cast<std::size_t>(state.shape.size())));
    if (state.nested) {
      NestedScales::Array nested = read_nested(file, name + ".absmax", name + ".nested_absmax",
                                               name + ".nested_quant_map", state.offset, blocks);
      if constexpr (std::is_same_v<S, NestedScales>) {
        parts.scales = std::move(nested);
      } else {
        parts.scales = lowbit::detail::as_floats(nested);
      }
    } else if constexpr (std::is_same_v<S, FloatScales>) {
      parts.scales = read_part<float>(file, name + ".absmax", Shape{blocks});
    }
    return Bitsandbytes4<S>(state.shape, std::move(parts));
  });
}

/// Reads an 8-bit matrix: NAME, I8 [rows, columns], and the absmax of each row, `absmax_name`, F32 [rows]
/// (bitsandbytes: "layer.weight" and "layer.SCB"). The scale of a row is absmax / 127. Throws FileError.
inline Bitsandbytes8 read_bitsandbytes8(const SafetensorsFile& file, const std::string& name,
                                        const std::string& absmax_name) {
  const Shape shape = file.tensor(name).shape;
  if (shape.rank() != 2) refuse(file.path(), tensor_field(name), "has shape ", shape, ", expected a matrix");
  return in_context(file, tensor_field(name), [&] {
    Bitsandbytes8::Parts parts{{}, {.axis = 0}};
    parts.codes = read_part<std::int8_t>(file, name, shape);
    parts.scales = read_part<float>(file, absmax_name, Shape{shape[0]});
    for (float& s : parts.scales.span()) s /= 127.0f;
    return Bitsandbytes8(shape, std::move(parts));
  });
}

}  // namespace lowbit::inline LOWBIT_ABI::io
