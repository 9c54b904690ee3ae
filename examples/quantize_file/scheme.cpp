#include "scheme.hpp"

#include <fnmatch.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <optional>
#include <unordered_map>

#include "tensor_file.hpp"

namespace quantize_file {
namespace {

const std::array<CodecFamily, 4>& families() {
  static const std::array<CodecFamily, 4> all{symmetric_codecs(), affine_codecs(), codebook_codecs(),
                                              cast_codecs()};
  return all;
}

std::string names_of(const CodecFamily& family) {
  std::string names;
  for (const NamedCodec& codec : family.named) names.append(names.empty() ? "" : " ").append(codec.name);
  return names;
}

const NamedCodec* find_codec(std::string_view name) {
  for (const CodecFamily& family : families())
    for (const NamedCodec& codec : family.named)
      if (codec.name == name) return &codec;
  return nullptr;
}

/// The number after a prefix: -1 for "channel-1" after "channel". `fallback` if there is none, nothing for
/// other text.
std::optional<lowbit::Index> number_behind(std::string_view text, std::string_view prefix,
                                           lowbit::Index fallback) {
  if (!text.starts_with(prefix)) return std::nullopt;
  text.remove_prefix(prefix.size());
  if (text.empty()) return fallback;
  lowbit::Index value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

}  // namespace

Scheme Scheme::parse(std::string_view text) {
  const auto wrong = [&](std::string_view part, const std::string& what) {
    throw UsageError("scheme \"" + std::string(text) + "\": \"" + std::string(part) + "\" " + what);
  };
  Scheme scheme;
  scheme.text_ = text;
  std::vector<std::string_view> parts;
  for (std::string_view rest = text;; rest.remove_prefix(parts.back().size() + 1)) {
    parts.push_back(rest.substr(0, rest.find(':')));
    if (parts.back().size() == rest.size()) break;
  }
  if (text == "keep") return scheme;
  scheme.codec_ = find_codec(parts[0]);
  if (scheme.codec_ == nullptr) {
    std::string all = "keep";
    for (const CodecFamily& family : families()) all.append(" ").append(names_of(family));
    wrong(parts[0], "is not a codec; codecs: " + all);
  }
  Grouping& grouping = scheme.grouping_;
  for (std::size_t i = 1; i < parts.size(); ++i) {
    if (const auto axis = number_behind(parts[i], "channel", 0); i == 1 && axis) {
      grouping.kind = Grouping::Kind::channel;
      grouping.axis = *axis;
    } else if (const auto size = number_behind(parts[i], "block", 64); i == 1 && size && *size >= 1) {
      grouping.kind = Grouping::Kind::block;
      grouping.block_size = *size;
    } else if (i == 2 && parts[i] == "nested" && grouping.kind == Grouping::Kind::block) {
      grouping.nested = true;
    } else if (i > 2) {
      wrong(parts[i], "is one part too many: a scheme is CODEC[:GROUP[:nested]]");
    } else if (i == 2) {
      wrong(parts[i], parts[i] == "nested" ? "needs blocks, as in blockN:nested" : "is not \"nested\"");
    } else if (parts[i] != "tensor") {
      wrong(parts[i], "is not a group: tensor, channel[AXIS] or blockN");
    }
  }
  return scheme;
}

std::string scheme_help() {
  std::string text =
      "Schemes: CODEC[:GROUP[:nested]], or keep\n"
      "  GROUP   tensor (default), channel[AXIS] (AXIS 0, negative ones count from the end),\n"
      "          blockN (N values in a row share a scale); :nested quantizes the scales of blocks, too\n";
  for (const CodecFamily& family : families())
    text += "  CODEC   " + names_of(family) + "\n          " + std::string(family.description) + "\n";
  return text;
}

QuantizedPtr read_quantized(const lowbit::io::SafetensorsFile& file, const lowbit::io::QuantizedInfo& info) {
  for (const CodecFamily& family : families())
    for (const StoredCodec& stored : family.stored)
      if (stored.codec == info.codec && stored.code == info.code)
        if (QuantizedPtr q = stored.read(file, info)) return q;
  lowbit::io::refuse(file.path(), lowbit::io::tensor_field(info.name), "this tool does not support the type ",
                     info.text());
}

void Rules::add(std::string_view rule) {
  const auto at = rule.rfind('=');
  if (at == rule.npos || at == 0)
    throw UsageError("rule \"" + std::string(rule) + "\" is not of the form PATTERN=SCHEME");
  const std::string_view pattern = rule.substr(0, at);
  rules_.push_back({std::string(rule), std::string(pattern), Scheme::parse(rule.substr(at + 1))});
}

std::vector<Rules::Choice> Rules::choose(const TensorFile& file) const {
  const std::vector<TensorItem>& items = file.items();
  std::vector<std::string> shown;
  std::unordered_map<std::string, std::size_t> exact;
  for (const TensorItem& item : items) {
    exact.emplace(item.name, shown.size());
    shown.push_back(lowbit::io::printable(item.name, item.name.size()));
  }
  for (std::size_t i = 0; i < items.size(); ++i) exact.emplace(shown[i], i);

  std::vector<Choice> choices(items.size());
  for (const Rule& rule : rules_) {
    bool matches = false;
    const auto give = [&](std::size_t i) {
      matches = true;
      if (choices[i].scheme == nullptr)
        choices[i] = {&rule.scheme, rule.scheme.keeps() ? "rule " + rule.pattern : ""};
    };
    if (const auto found = exact.find(rule.pattern); found != exact.end()) {
      give(found->second);
    } else {
      for (std::size_t i = 0; i < items.size(); ++i)
        if (::fnmatch(rule.pattern.c_str(), shown[i].c_str(), 0) == 0) give(i);
    }
    if (!matches)
      throw UsageError("rule \"" + rule.text + "\" matches none of the " + std::to_string(items.size()) +
                       " tensors of " + file.path() +
                       (rule.pattern.find('[') == rule.pattern.npos ? "" : "; write \\[ for a bracket"));
  }
  for (std::size_t i = 0; i < items.size(); ++i) {
    if (choices[i].scheme != nullptr) continue;
    if (default_.keeps()) {
      choices[i] = {&keep_, "no rule"};
    } else if (items[i].shape.size() < 2) {
      choices[i] = {&keep_, "vector"};
    } else {
      choices[i] = {&default_, ""};
    }
  }
  return choices;
}

}  // namespace quantize_file
