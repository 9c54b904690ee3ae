// Epilogues in files: a name, fields and stored tensors for each stage.
#pragma once
#include <lowbit/io/description_writer.hpp>
#include <lowbit/matmul/epilogue/bias.hpp>
#include <lowbit/matmul/epilogue/clip.hpp>
#include <lowbit/matmul/epilogue/integer_bias.hpp>
#include <lowbit/matmul/epilogue/raw.hpp>
#include <lowbit/matmul/epilogue/relu.hpp>
#include <lowbit/matmul/epilogue/requantize.hpp>
#include <lowbit/matmul/epilogue/rescale.hpp>

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

namespace lowbit::inline LOWBIT_ABI::io {

/// @cond internal
/// Describes a stage that has no options.
template <class S>
struct NamedStage {
  template <class V, class T>
  static void fields(V&, T&) {}
};
template <>
struct Description<RawStage> : NamedStage<RawStage> {
  static constexpr std::string_view name = "raw";
};
template <>
struct Description<RescaleStage> : NamedStage<RescaleStage> {
  static constexpr std::string_view name = "rescale";
};
template <>
struct Description<ReluStage> : NamedStage<ReluStage> {
  static constexpr std::string_view name = "relu";
};

/// Describes a stage that holds a vector, which is stored as the tensor `values`.
template <class S, class T>
struct StageOfValues {
  static S start() { return S(std::vector<T>()); }
  template <class V, class Stage>
  static void fields(V& v, Stage& stage) {
    std::vector<T> values(stage.values().begin(), stage.values().end());
    v.array("values", values);
    if constexpr (!std::is_const_v<Stage>) stage = S(values);
  }
};
template <>
struct Description<bias> : StageOfValues<bias, float> {
  static constexpr std::string_view name = "bias";
};
template <>
struct Description<row_bias> : StageOfValues<row_bias, float> {
  static constexpr std::string_view name = "row_bias";
};
template <>
struct Description<integer_bias> : StageOfValues<integer_bias, std::int32_t> {
  static constexpr std::string_view name = "integer_bias";
};

template <class T>
struct Description<clip<T>> {
  static constexpr std::string_view name = "clip";
  template <class V, class Stage>
  static void fields(V& v, Stage& stage) {
    std::array<T, 2> bounds{stage.low, stage.high};
    v.array("bounds", bounds);
    if constexpr (!std::is_const_v<Stage>) stage = {bounds[0], bounds[1]};
  }
};

template <>
struct EnumNames<Requantization> {
  static constexpr auto names =
      std::to_array<std::string_view>({"floating", "single_rounded", "double_rounded"});
};
template <class Code, Requantization Method>
struct Description<requantize<Code, Method>> {
  static constexpr std::string_view name = "requantize";
  template <class V, class Stage>
  static void fields(V& v, Stage& stage) {
    std::array<float, 1> scale{stage.scale};
    v.constant("code", CodeName<Code>::value);
    v.constant("method", name_of(Method));
    v.option("zero_point", stage.zero_point);
    v.array("scale", scale);
    if constexpr (!std::is_const_v<Stage>) stage.scale = scale[0];
  }
};

/// How a file describes an epilogue: as a list of its stages, in the order in which they are applied. The
/// arrays of stage i are the tensors "NAME.epilogue.i.<array>".
template <class Stage>
struct EpilogueInFile {
  static_assert(Described<Stage>,
                "every stage of an epilogue in a file needs a lowbit::io::Description: specialize it for "
                "your own stages, with name and fields; lambdas cannot be saved, they have no name");

  static void describe(Bundle& bundle, const std::string& name, const Stage& stage,
                       nlohmann::ordered_json& stages) {
    if constexpr (Described<Stage>)
      stages.push_back(io::describe(bundle, name + ".epilogue." + std::to_string(stages.size()), stage));
  }
  /// Reads the stages of this type, from number `at` of the list on, and moves `at` past them.
  static Stage read(ObjectReader& reader, const nlohmann::json& stages, std::size_t& at) {
    if (at >= stages.size())
      reader.fields().unexpected("epilogue", stages,
                                 "stage " + std::to_string(at) + ", " + in_quotes(Description<Stage>::name));
    const std::size_t i = at++;
    return reader.within("epilogue." + std::to_string(i), stages[i],
                         [](ObjectReader& stage) { return stage.template described<Stage>(); });
  }
  /// Throws std::invalid_argument for a stage that does not fit a layer of this many outputs.
  static void check(const Stage& stage, Index outputs) {
    if constexpr (requires { stage.check(outputs); }) stage.check(outputs);
  }
};

template <class First, class Second>
struct EpilogueInFile<Pipeline<First, Second>> {
  static void describe(Bundle& bundle, const std::string& name, const Pipeline<First, Second>& stages,
                       nlohmann::ordered_json& list) {
    EpilogueInFile<First>::describe(bundle, name, stages.first, list);
    EpilogueInFile<Second>::describe(bundle, name, stages.second, list);
  }
  static Pipeline<First, Second> read(ObjectReader& reader, const nlohmann::json& stages, std::size_t& at) {
    First first = EpilogueInFile<First>::read(reader, stages, at);
    Second second = EpilogueInFile<Second>::read(reader, stages, at);
    return {std::move(first), std::move(second)};
  }
  static void check(const Pipeline<First, Second>& stages, Index outputs) {
    EpilogueInFile<First>::check(stages.first, outputs);
    EpilogueInFile<Second>::check(stages.second, outputs);
  }
};

/// Describes an epilogue as the field `epilogue` of the layer NAME.
template <class Epilogue>
nlohmann::ordered_json describe_epilogue(Bundle& bundle, const std::string& name, const Epilogue& epilogue) {
  nlohmann::ordered_json stages = nlohmann::ordered_json::array();
  EpilogueInFile<Epilogue>::describe(bundle, name, epilogue, stages);
  return stages;
}
/// Reads what describe_epilogue wrote.
template <class Epilogue>
Epilogue read_epilogue(ObjectReader& reader) {
  const nlohmann::json& stages = reader.fields().member("epilogue");
  if (!stages.is_array()) reader.fields().unexpected("epilogue", stages, "an array");
  std::size_t count = 0;
  Epilogue epilogue = EpilogueInFile<Epilogue>::read(reader, stages, count);
  if (count != stages.size())
    reader.fields().unexpected("epilogue", stages, std::to_string(count) + " stages");
  return epilogue;
}
/// @endcond

}  // namespace lowbit::inline LOWBIT_ABI::io
