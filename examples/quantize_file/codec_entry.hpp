// Entries of the tables in codecs.hpp: they adapt types of the library to the tool's interface.
#pragma once
#include <lowbit/group/blockwise.hpp>
#include <lowbit/group/per_channel.hpp>
#include <lowbit/group/per_tensor.hpp>
#include <lowbit/io/bitsandbytes.hpp>
#include <lowbit/io/quantized.hpp>
#include <lowbit/quantize/quantizer.hpp>

#include <utility>

#include "codecs.hpp"

namespace quantize_file {

template <class Q>
class Held final : public QuantizedTensor {
 public:
  explicit Held(Q q) : q_(std::move(q)) {}
  const lowbit::Shape& shape() const override { return q_.shape(); }
  std::size_t bytes() const override { return q_.bytes(); }
  lowbit::ErrorReport error(const Reals& original) const override {
    return std::visit([&](const auto& x) { return lowbit::error(x, q_); }, original);
  }
  void dequantize_into(const lowbit::View<float>& y) const override { q_.dequantize_into(y); }
  void add(lowbit::io::Bundle& bundle, const std::string& name) const override {
    lowbit::io::add(bundle, name, q_);
  }
  bool add_bitsandbytes([[maybe_unused]] lowbit::io::Bundle& bundle, [[maybe_unused]] const std::string& name,
                        [[maybe_unused]] lowbit::io::Dtype dtype) const override {
    using namespace lowbit::io;
    if constexpr (std::is_same_v<Q, Bitsandbytes4<>> ||
                  std::is_same_v<Q, Bitsandbytes4<lowbit::NestedScales>>) {
      if (!bitsandbytes_type(table_values(q_.codec().lookup()))) return false;
      lowbit::io::add_bitsandbytes(bundle, name, q_, dtype);
      return true;
    }
    return false;
  }

 private:
  Q q_;
};

template <class Q>
QuantizedPtr hold(Q q) {
  return std::make_unique<Held<Q>>(std::move(q));
}

template <class S = lowbit::FloatScales, class C, class G>
QuantizedPtr quantize_in(const G& group, const C& codec, const Reals& x, const lowbit::Options& options) {
  const lowbit::Quantizer<C, G, lowbit::MinMax, S> quantizer(group, codec);
  return std::visit([&](const auto& view) { return hold(quantizer.quantize(view, options)); }, x);
}

template <class C>
QuantizedPtr quantize_as(const Reals& x, const Grouping& grouping, const lowbit::Options& options,
                         const C& codec) {
  using namespace lowbit;
  switch (grouping.kind) {
    case Grouping::Kind::channel:
      return quantize_in(PerChannel{.axis = grouping.axis}, codec, x, options);
    case Grouping::Kind::block: {
      const Blockwise blocks{.block_size = grouping.block_size};
      if constexpr (C::scaled)
        if (grouping.nested) return quantize_in<NestedScales>(blocks, codec, x, options);
      return quantize_in(blocks, codec, x, options);
    }
    case Grouping::Kind::tensor:
      break;
  }
  return quantize_in(PerTensor{}, codec, x, options);
}

template <class C>
QuantizedPtr quantize_with(const Reals& x, const Grouping& grouping, const lowbit::Options& options) {
  return quantize_as(x, grouping, options, C{});
}

/// Returns null for a group that the tool does not know.
template <class C>
QuantizedPtr read_with(const lowbit::io::SafetensorsFile& file, const lowbit::io::QuantizedInfo& info) {
  using namespace lowbit;
  if (info.group == io::Description<PerTensor>::name)
    return hold(io::read_quantized<Quantized<C, PerTensor>>(file, info.name));
  if (info.group == io::Description<PerChannel>::name)
    return hold(io::read_quantized<Quantized<C, PerChannel>>(file, info.name));
  if constexpr (C::scaled)
    if (info.group == io::Description<Blockwise>::name && info.scales == io::ScalesInFile<NestedScales>::name)
      return hold(io::read_quantized<Quantized<C, Blockwise, NestedScales>>(file, info.name));
  if (info.group == io::Description<Blockwise>::name)
    return hold(io::read_quantized<Quantized<C, Blockwise>>(file, info.name));
  return nullptr;
}

template <class C>
constexpr StoredCodec stored_codec() {
  return {lowbit::io::Description<C>::name, lowbit::io::CodeName<typename C::Code>::value, read_with<C>};
}

}  // namespace quantize_file
