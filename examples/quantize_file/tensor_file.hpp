// The tensors of a .safetensors or .npy file; a quantized one counts as one tensor, not as its parts.
#pragma once
#include <lowbit/io/npy.hpp>
#include <lowbit/io/safetensors.hpp>

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "scheme.hpp"

namespace quantize_file {

enum class Layout { plain, lowbit, bitsandbytes };

struct TensorItem {
  std::string name;
  std::vector<std::uint64_t> shape;  ///< of any rank
  std::string type;                  ///< "F32"; of a quantized tensor, such as "symmetric int8, per_tensor"
  std::size_t bytes = 0;             ///< of all its parts
  Layout layout = Layout::plain;
  std::vector<std::string> parts;  ///< the names of the stored tensors
  std::string owner;  ///< the quantizer, learned scales or layer that the tensor belongs to; else empty
};

class TensorFile {
 public:
  /// Throws lowbit::io::FileError for a malformed file, UsageError for another extension.
  explicit TensorFile(const std::filesystem::path& path);

  /// Sorted by name. A plain tensor comes before a quantized one of the same name.
  const std::vector<TensorItem>& items() const { return items_; }
  const lowbit::io::Metadata& metadata() const;
  /// A stored tensor, or part of one.
  lowbit::io::StoredTensor tensor(const std::string& name) const;
  /// Reads an item whose layout is not `plain`.
  QuantizedPtr quantized(const TensorItem& item) const;
  const std::string& path() const { return path_; }

 private:
  void list_quantized(const lowbit::io::SafetensorsFile& file);
  void list_plain(const lowbit::io::SafetensorsFile& file);

  std::string path_;
  std::variant<lowbit::io::NpyFile, lowbit::io::SafetensorsFile> file_;
  std::vector<TensorItem> items_;
};

/// The elements of a stored tensor: in place where they are aligned F32 or F64, else a copy.
class RealTensor {
 public:
  explicit RealTensor(const lowbit::io::StoredTensor& tensor);
  explicit RealTensor(const QuantizedTensor& q);
  const Reals& view() const { return view_; }

 private:
  lowbit::Buffer<float> values_;
  std::optional<lowbit::io::StoredElements<double>> doubles_;
  Reals view_;
};

}  // namespace quantize_file
