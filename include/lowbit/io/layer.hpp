// Linear layers in safetensors files: weights, activations and epilogue under one name.
#pragma once
#include <lowbit/io/epilogue.hpp>
#include <lowbit/io/quantized.hpp>
#include <lowbit/io/quantizer.hpp>
#include <lowbit/matmul/linear/quantized_linear.hpp>
#include <lowbit/matmul/linear/weight_only_linear.hpp>
#include <lowbit/matmul/outliers.hpp>

#include <concepts>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

namespace lowbit::inline LOWBIT_ABI::io {

/// @cond internal
/// How a file describes a layer. `name` is its type, `describe` adds its fields and tensors, `read` reads
/// them. Where `quantized_weights` is true, the weights are not among them: they are the quantized tensor
/// NAME.weights.
template <class Layer>
struct LayerInFile;
/// @endcond

/// A layer that can be saved: a QuantizedLinear, WeightOnlyLinear or OutlierLinear.
template <class L>
concept StorableLayer = requires {
  LayerInFile<L>::name;
};

/// @cond internal
/// Describes packed weights with the fields `code`, `shape` and `scales` (how many there are), and adds
/// - NAME.codes: [outputs, inputs],
/// - NAME.scales: F32 [0] for raw codes, [1], or [outputs],
/// - NAME.zero_points: I32 [outputs].
template <ProductCode T>
nlohmann::ordered_json describe_weights(Bundle& bundle, const std::string& name,
                                        const PackedWeights<T>& weights) {
  const Shape shape{weights.columns(), weights.depth()}, outputs{weights.columns()};
  nlohmann::ordered_json json;
  json["code"] = CodeName<T>::value;
  json["shape"] = {shape[0], shape[1]};
  json["scales"] = weights.scales().size();
  bundle.add(name + ".codes", stored_tensor(bundle.keep(weights.codes()).span(), shape));
  bundle.own(name + ".scales", Shape{static_cast<Index>(weights.scales().size())}, weights.scales());
  bundle.add(name + ".zero_points", stored_tensor(bundle.keep(weights.zero_points()).span(), outputs));
  return json;
}
/// Reads what describe_weights wrote.
template <ProductCode T>
PackedWeights<T> read_weights(ObjectReader& reader) {
  reader.fields().constant("code", CodeName<T>::value);
  const Shape shape = reader.fields().extents("shape", DtypeOf<T>::value, Order::row_major);
  if (shape.rank() != 2)
    reader.fields().unexpected("shape", reader.fields().member("shape"), "[outputs, inputs]");
  Index count = 0;
  reader.fields().option("scales", count);
  if (count != 0 && count != 1 && count != shape[0])
    reader.fields().unexpected("scales", count, "0, 1 or " + std::to_string(shape[0]));
  return reader.in_context([&] {
    const auto codes = reader.part<T>("codes", shape);
    const auto scales = reader.part<float>("scales", Shape{count});
    const auto zero_points = reader.part<std::int32_t>("zero_points", Shape{shape[0]});
    const CodeMatrix<T> rows(codes.span(), shape[0], shape[1]);
    return PackedWeights<T>::transposed(CodeMatrix<T>(rows, scales.span(), zero_points.span()));
  });
}

/// How a file describes the quantizer of a layer's activations. It need not be frozen.
template <class Activations>
struct ActivationsInFile;
template <Codec C, Group G, class Obs, ScaleFormat S>
struct ActivationsInFile<Quantizer<C, G, Obs, S>> {
  using Activations = Quantizer<C, G, Obs, S>;
  /// Throws std::invalid_argument for a quantizer that is not frozen, unless its observer is a MinMax that
  /// has seen nothing: observers are not saved.
  static void check(const std::string& name, const Activations& activations) {
    bool saved = activations.frozen();
    if constexpr (std::same_as<Obs, MinMax>) saved = saved || activations.observer().range().empty();
    lowbit::detail::require(saved, "the quantizer ", in_quotes(name),
                            " is not frozen, and its observer cannot be saved: freeze it, or use MinMax that "
                            "has seen nothing");
  }
  static nlohmann::ordered_json describe(Bundle& bundle, const std::string& name,
                                         const Activations& activations) {
    nlohmann::ordered_json json;
    QuantizerInFile<Activations>::describe(bundle, name, activations, json);
    return json;
  }
  static Activations read(ObjectReader& reader) {
    Activations activations = QuantizerInFile<Activations>::read(reader);
    if (!std::same_as<Obs, MinMax> && !activations.frozen())
      reader.fields().unexpected("groups", nullptr,
                                 "a number: the requested type has another observer than MinMax, so its "
                                 "quantizer must be frozen");
    return activations;
  }
};

template <class Epilogue, ProductCode T, class Activations>
struct LayerInFile<QuantizedLinear<Epilogue, T, Activations>> {
  static constexpr std::string_view name = "quantized_linear";
  static constexpr bool quantized_weights = false;
  using Layer = QuantizedLinear<Epilogue, T, Activations>;
  static void describe(Bundle& bundle, const std::string& at, const Layer& layer,
                       nlohmann::ordered_json& json) {
    json["weights"] = describe_weights(bundle, at + ".weights", layer.weights());
    json["activations"] =
        ActivationsInFile<Activations>::describe(bundle, at + ".activations", layer.activations());
    json["epilogue"] = describe_epilogue(bundle, at, layer.epilogue());
  }
  static Layer read(ObjectReader& reader, const std::string&) {
    auto weights = reader.within("weights", reader.fields().member("weights"),
                                 [](ObjectReader& r) { return read_weights<T>(r); });
    auto activations = reader.within("activations", reader.fields().member("activations"),
                                     [](ObjectReader& r) { return ActivationsInFile<Activations>::read(r); });
    return Layer(std::move(weights), read_epilogue<Epilogue>(reader), std::move(activations));
  }
};

template <QuantizedWeights W, class Epilogue>
struct LayerInFile<WeightOnlyLinear<W, Epilogue>> {
  static constexpr std::string_view name = "weight_only_linear";
  static constexpr bool quantized_weights = true;
  using Layer = WeightOnlyLinear<W, Epilogue>;
  static void describe(Bundle& bundle, const std::string& at, const Layer& layer,
                       nlohmann::ordered_json& json) {
    json["epilogue"] = describe_epilogue(bundle, at, layer.epilogue());
  }
  static Layer read(ObjectReader& reader, const std::string& at) {
    auto weights = read_quantized<W>(reader.file(), at + ".weights");
    auto epilogue = read_epilogue<Epilogue>(reader);
    return reader.in_context([&] { return Layer(std::move(weights), std::move(epilogue)); });
  }
};

template <>
struct LayerInFile<OutlierLinear> {
  static constexpr std::string_view name = "outlier_linear";
  static constexpr bool quantized_weights = true;
  static void describe(Bundle& bundle, const std::string& at, const OutlierLinear& layer,
                       nlohmann::ordered_json&) {
    const float threshold = layer.threshold();
    bundle.own(at + ".threshold", Shape{1}, std::span<const float>(&threshold, 1));
  }
  static OutlierLinear read(ObjectReader& reader, const std::string& at) {
    auto weights = read_quantized<OutlierLinear::Weights>(reader.file(), at + ".weights");
    const float threshold = reader.part<float>("threshold", Shape{1})[0];
    return reader.in_context([&] { return OutlierLinear(std::move(weights), threshold); });
  }
};

/// Throws std::invalid_argument for an epilogue that does not fit the outputs of its layer.
template <StorableLayer Layer>
void check_epilogue(const Layer& layer) {
  if constexpr (requires { layer.epilogue(); })
    EpilogueInFile<std::remove_cvref_t<decltype(layer.epilogue())>>::check(layer.epilogue(), layer.outputs());
}
/// @endcond

/// Adds a QuantizedLinear, WeightOnlyLinear or OutlierLinear to a file, as the metadata "lowbit.NAME", JSON
/// {version, kind, type, ..., parts}, and the tensors that docs/file_format.md lists. What integer_linear
/// returns is a QuantizedLinear, too. Your own stages in the epilogue need a Description.
///
/// The weights of a WeightOnlyLinear or OutlierLinear become the quantized tensor NAME.weights. They are not
/// copied: the layer must outlive the bundle, unless it is a temporary, which the bundle keeps. Everything
/// else is copied. Weights that are packed for the processor are stored in the order in which they were
/// given, so that any processor can read them.
///
/// Throws std::invalid_argument for an epilogue that does not fit the outputs, and for activations whose
/// quantizer is not frozen, unless its observer is a MinMax that has seen nothing; then nothing is added.
/// O(size of the weights).
template <class L>
requires StorableLayer<std::remove_cvref_t<L>>
void add(Bundle& bundle, std::string_view name, L&& layer) {
  using File = LayerInFile<std::remove_cvref_t<L>>;
  check_epilogue(layer);  // before anything is added
  if constexpr (requires { layer.activations(); })
    ActivationsInFile<std::remove_cvref_t<decltype(layer.activations())>>::check(
        std::string(name) + ".activations", layer.activations());
  DescriptionWriter description(bundle, name, layer_kind);
  description.json["type"] = File::name;
  File::describe(bundle, std::string(name), layer, description.json);
  description.finish();
  if constexpr (File::quantized_weights)
    io::add(bundle, std::string(name) + ".weights", std::forward<L>(layer).weights());
}

/// Reads a layer as L, the type that was written: decltype of a layer that is made in the same way. It
/// gives the same results bit by bit, on every processor. Throws FileError, naming the file, the field and
/// both values, for another type, other stages, a missing or unknown field, other parts, values that the
/// weights, quantizers or stages refuse, and an epilogue that does not fit the outputs. O(size of the
/// weights).
template <class L>
requires StorableLayer<std::remove_const_t<L>>
auto read_layer(const SafetensorsFile& file, std::string_view name) {
  using Layer = std::remove_const_t<L>;
  DescriptionReader reader(file, name, layer_kind);
  reader.fields().constant("type", LayerInFile<Layer>::name);
  Layer layer = LayerInFile<Layer>::read(reader, std::string(name));
  reader.in_context([&] { check_epilogue(layer); });
  reader.finish();
  return layer;
}

}  // namespace lowbit::inline LOWBIT_ABI::io
