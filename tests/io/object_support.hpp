// Shared by the tests of quantizers, learned scales and layers in files: a file to change and read again.
#pragma once
#include <nlohmann/json.hpp>

#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "quantized_support.hpp"

namespace lowbit_test {

/// A file of one object "W", and the function that reads it.
struct ObjectFile {
  lowbit::io::Bundle bundle;
  nlohmann::json description;
  std::function<void(const lowbit::io::SafetensorsFile&)> read;
};

class ObjectRefusal : public testing::Test {
 protected:
  using Json = nlohmann::json;

  template <class Object, class Read>
  static ObjectFile file_of(const Object& object, Read read) {
    ObjectFile f;
    lowbit::io::add(f.bundle, "W", Object(object));  // a bundle keeps temporaries
    f.description = Json::parse(f.bundle.metadata().at("lowbit.W"));
    f.read = std::move(read);
    return f;
  }

  /// The message of reading a file with these tensors and this description.
  std::string message(const ObjectFile& f, const std::vector<lowbit::io::NamedTensor>& tensors,
                      const std::string& text) {
    Json header;
    for (const auto& [key, value] : f.bundle.metadata()) header["__metadata__"][key] = value;
    header["__metadata__"]["lowbit.W"] = text;
    std::string data;  // write_safetensors would wait for the disk
    for (const auto& [name, tensor] : tensors) {
      Json& entry = header[name];
      entry["dtype"] = lowbit::io::dtype_name(tensor.dtype);
      entry["shape"] = tensor.shape.extents();
      entry["data_offsets"] = {data.size(), data.size() + tensor.bytes.size()};
      data += text_of(tensor.bytes);
    }
    write_file(path, safetensors_bytes(header.dump(), data));
    return refusal([&] { f.read(lowbit::io::SafetensorsFile(path)); });
  }
  std::string message(const ObjectFile& f, const Json& description) {
    return message(f, f.bundle.tensors(), description.dump());
  }
  /// The same with one field changed or removed.
  std::string with(const ObjectFile& f, const std::string& field, const std::optional<Json>& value) {
    Json changed = f.description;
    const Json::json_pointer at(field);
    if (value) {
      changed[at] = *value;
    } else {
      changed.at(at.parent_pointer()).erase(at.back());
    }
    return message(f, changed);
  }
  /// The same with one tensor changed, or removed where there are no values.
  template <class T>
  std::string with_tensor(const ObjectFile& f, const std::string& suffix, const lowbit::Shape& shape,
                          const std::vector<T>& values) {
    std::vector<lowbit::io::NamedTensor> tensors;
    bool found = false;
    for (const auto& t : f.bundle.tensors()) {
      const bool is_it = t.name == "W." + suffix;
      found = found || is_it;
      if (!is_it) tensors.push_back(t);
    }
    EXPECT_TRUE(found) << suffix;
    if (!values.empty())
      tensors.push_back({"W." + suffix, lowbit::io::stored_tensor(std::span<const T>(values), shape)});
    return message(f, tensors, f.description.dump());
  }

  /// Expects that the file as written can be read, and is refused with any field missing, unknown or of
  /// another type.
  void expect_fields_are_needed(const ObjectFile& f) {
    EXPECT_EQ(message(f, f.description), "not refused");
    expect_fields_are_needed(f, "", f.description);
  }
  void expect_fields_are_needed(const ObjectFile& f, const std::string& at, const Json& object) {
    EXPECT_TRUE(says(with(f, at + "/extra", 1), {path.string(), "unknown field \"extra\""})) << at;
    for (const auto& [name, value] : object.items()) {
      const std::string field = at + "/" + name;
      EXPECT_TRUE(says(with(f, field, std::nullopt), {path.string(), "missing field \"" + name + "\""}))
          << field;
      for (const Json& other : {Json("guess"), Json(7.5), Json::array({"guess"})})
        EXPECT_TRUE(says(with(f, field, other), {path.string(), "lowbit.W\""})) << field << " " << other;
      if (value.is_object()) expect_fields_are_needed(f, field, value);
      if (!value.is_array()) continue;
      for (std::size_t i = 0; i < value.size(); ++i)
        if (value[i].is_object()) expect_fields_are_needed(f, field + "/" + std::to_string(i), value[i]);
    }
  }
  /// Expects that the file is refused with any tensor missing, of another type or shape, or not listed.
  void expect_parts_are_needed(const ObjectFile& f) {
    const auto parts = f.description["parts"].get<std::vector<std::string>>();
    for (const std::string& part : parts) {
      const std::string quoted = "\"W." + part + "\"";
      EXPECT_TRUE(says(with_tensor<float>(f, part, {}, {}), {path.string(), quoted, "not among"}));
      EXPECT_TRUE(says(with_tensor<double>(f, part, {1}, {1.0}), {path.string(), quoted, "F64"}));
      EXPECT_TRUE(says(with_tensor<std::int64_t>(f, part, {2, 2, 1}, {1, 1, 1, 1}),
                       {path.string(), quoted, "I64", "[2, 2, 1]"}));
      auto fewer = parts;
      std::erase(fewer, part);
      EXPECT_TRUE(
          says(with(f, "/parts", fewer), {path.string(), ".parts", "lists \"" + part + "\" 0 times"}));
      auto twice = parts;
      twice.push_back(part);
      EXPECT_TRUE(
          says(with(f, "/parts", twice), {path.string(), ".parts", "lists \"" + part + "\" 2 times"}));
    }
    auto more = parts;
    more.push_back("bias");
    EXPECT_TRUE(says(with(f, "/parts", more), {path.string(), ".parts", "\"bias\" is no part"}));
  }
  /// Expects that a description with any byte changed is read or refused with a FileError, nothing else.
  void expect_any_text_is_read_or_refused(const ObjectFile& f) {
    const std::string text = f.description.dump();
    const auto expect = [&](const std::string& changed) {
      const std::string what = message(f, f.bundle.tensors(), changed);
      EXPECT_EQ(what.find("another exception"), what.npos) << what << " for " << changed;
    };
    for (std::size_t i = 0; i < text.size(); ++i) {
      if (i % 4 == 0) {
        EXPECT_NE(message(f, f.bundle.tensors(), text.substr(0, i)), "not refused") << i;
      }
      std::string changed = text;
      changed[i] = std::string_view("09-\"},x[")[i % 8];
      expect(changed);
    }
  }

  ScratchDirectory scratch;
  std::filesystem::path path = scratch / "object.safetensors";
};

}  // namespace lowbit_test
