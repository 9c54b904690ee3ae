// Schemes: "int8:channel", "nf4:block64:nested", "keep", and rules that give them to tensors by name.
#pragma once
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "codecs.hpp"

namespace quantize_file {

class TensorFile;

/// A mistake on the command line. Exit code 1.
class UsageError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

class Scheme {
 public:
  /// Reads a scheme. Throws UsageError that lists the valid ones.
  static Scheme parse(std::string_view text);

  const std::string& text() const { return text_; }
  /// "keep": the tensor stays as it is.
  bool keeps() const { return codec_ == nullptr; }
  /// Throws std::invalid_argument for values and shapes that the scheme does not take.
  QuantizedPtr quantize(const Reals& x, const lowbit::Options& options) const {
    return codec_->quantize(x, grouping_, options);
  }

 private:
  std::string text_ = "keep";
  const NamedCodec* codec_ = nullptr;
  Grouping grouping_;
};

/// All schemes, for --help.
std::string scheme_help();

/// Reads a quantized tensor of lowbit's layout, whatever its type. Throws lowbit::io::FileError.
QuantizedPtr read_quantized(const lowbit::io::SafetensorsFile& file, const lowbit::io::QuantizedInfo& info);

/// Which scheme each tensor gets.
class Rules {
 public:
  /// Adds a rule PATTERN=SCHEME; an earlier rule wins. Throws UsageError.
  void add(std::string_view rule);
  /// Sets the scheme of tensors of rank 2 and more that match no rule.
  void set_default(std::string_view scheme) { default_ = Scheme::parse(scheme); }

  struct Choice {
    const Scheme* scheme = nullptr;
    std::string reason;  ///< why a tensor is kept
  };
  /// Chooses a scheme for each tensor of the file. A pattern that is the name of a tensor, as it is or as the
  /// table shows it, matches that one alone; other patterns may have * ? [...] and match names as the table
  /// shows them. Throws UsageError for a rule that matches no tensor of the file.
  std::vector<Choice> choose(const TensorFile& file) const;

 private:
  struct Rule {
    std::string text, pattern;
    Scheme scheme;
  };
  std::vector<Rule> rules_;
  Scheme default_, keep_;
};

}  // namespace quantize_file
