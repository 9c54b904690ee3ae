// Writes the metadata "lowbit.NAME", with a list of the tensors that belong to NAME.
#pragma once
#include <lowbit/io/description_reader.hpp>

#include <cstddef>
#include <string>
#include <string_view>

namespace lowbit::inline LOWBIT_ABI::io {

/// @cond internal
/// Describes a codec, group or stage as JSON. Its arrays become tensors "NAME.<array>" of the bundle.
template <Described T>
nlohmann::ordered_json describe(Bundle& bundle, std::string_view name, const T& value) {
  FieldWriter writer(bundle, name);
  writer.constant("type", Description<T>::name);
  Description<T>::fields(writer, value);
  return writer.take();
}

/// Writes a description. All tensors that are added to the bundle between the constructor and `finish` are
/// parts of NAME.
class DescriptionWriter {
 public:
  /// `kind` is empty for a quantized tensor.
  DescriptionWriter(Bundle& bundle, std::string_view name, std::string_view kind)
      : bundle_(bundle), name_(name), before_(bundle.tensors().size()) {
    json["version"] = quantized_version;
    if (!kind.empty()) json["kind"] = kind;
  }
  void finish() {
    json["parts"] = nlohmann::ordered_json::array();
    for (std::size_t i = before_; i < bundle_.tensors().size(); ++i)
      json["parts"].push_back(bundle_.tensors()[i].name.substr(name_.size() + 1));
    bundle_.describe(quantized_key(name_), json.dump());
  }

  nlohmann::ordered_json json;

 private:
  Bundle& bundle_;
  std::string name_;
  std::size_t before_;
};
/// @endcond

}  // namespace lowbit::inline LOWBIT_ABI::io
