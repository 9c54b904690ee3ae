#include "tensor_file.hpp"

#include <lowbit/io/bitsandbytes.hpp>
#include <lowbit/io/object_info.hpp>

#include <algorithm>
#include <map>
#include <set>

namespace quantize_file {

namespace io = lowbit::io;

namespace {

std::variant<io::NpyFile, io::SafetensorsFile> open(const std::filesystem::path& path) {
  if (path.extension() == ".npy") return io::NpyFile(path);
  if (path.extension() == ".safetensors") return io::SafetensorsFile(path);
  throw UsageError(path.string() + ": the file name must end in .safetensors or .npy");
}

std::vector<std::uint64_t> extents(const lowbit::Shape& shape) {
  return {shape.extents().begin(), shape.extents().end()};
}

}  // namespace

TensorFile::TensorFile(const std::filesystem::path& path) : path_(path.string()), file_(open(path)) {
  if (const auto* npy = std::get_if<io::NpyFile>(&file_)) {
    const io::StoredTensor t = npy->tensor();
    const std::string name = path.stem().string();
    items_.push_back({name,
                      extents(t.shape),
                      std::string(io::dtype_name(t.dtype)),
                      t.bytes.size(),
                      Layout::plain,
                      {name},
                      {}});
    return;
  }
  const auto& file = std::get<io::SafetensorsFile>(file_);
  list_quantized(file);
  list_plain(file);
  std::ranges::sort(
      items_, {}, [](const TensorItem& item) { return std::pair(std::string_view(item.name), item.layout); });
}

void TensorFile::list_quantized(const io::SafetensorsFile& file) {
  const auto add = [&](TensorItem item) {
    for (const std::string& part : item.parts) item.bytes += file.tensor(part).bytes.size();
    items_.push_back(std::move(item));
  };
  for (const io::QuantizedInfo& info : io::quantized_tensors(file))
    add({info.name, extents(info.shape), info.text(), 0, Layout::lowbit, info.parts, {}});
  for (const std::string& name : io::bitsandbytes_tensors(file)) {
    io::read_bitsandbytes(file, name);  // throws for a damaged tensor
    const io::BitsandbytesState state = io::bitsandbytes_info(file, name);
    add({name,
         extents(state.shape),
         "bitsandbytes " + state.type + ", blockwise " + std::to_string(state.group.block_size) +
             (state.nested ? " nested" : ""),
         0,
         Layout::bitsandbytes,
         io::bitsandbytes_parts(file, name),
         {}});
  }
}

void TensorFile::list_plain(const io::SafetensorsFile& file) {
  std::set<std::string> parts;
  for (const TensorItem& item : items_) parts.insert(item.parts.begin(), item.parts.end());
  std::map<std::string, std::string> owners;
  for (const io::ObjectInfo& info : io::stored_objects(file))
    for (const std::string& part : info.parts)
      owners.emplace(part, io::described_field(info.name, info.kind));
  for (const io::SafetensorsEntry& entry : file.tensors())
    if (!parts.contains(entry.name))
      items_.push_back({entry.name,
                        entry.foreign ? entry.foreign->extents : extents(entry.shape),
                        io::dtype_text(entry),
                        static_cast<std::size_t>(entry.end - entry.begin),
                        Layout::plain,
                        {entry.name},
                        owners[entry.name]});
}

const io::Metadata& TensorFile::metadata() const {
  static const io::Metadata none;
  const auto* file = std::get_if<io::SafetensorsFile>(&file_);
  return file != nullptr ? file->metadata() : none;
}

io::StoredTensor TensorFile::tensor(const std::string& name) const {
  if (const auto* npy = std::get_if<io::NpyFile>(&file_)) return npy->tensor();
  return std::get<io::SafetensorsFile>(file_).tensor(name);
}

QuantizedPtr TensorFile::quantized(const TensorItem& item) const {
  const auto& file = std::get<io::SafetensorsFile>(file_);
  if (item.layout == Layout::bitsandbytes) return read_bitsandbytes_layout(file, item.name);
  return read_quantized(file, io::quantized_info(file, item.name));
}

RealTensor::RealTensor(const io::StoredTensor& tensor) {
  if (tensor.dtype == io::Dtype::f64) {
    view_ = doubles_.emplace(tensor).view();
    return;
  }
  const bool in_place = tensor.dtype == io::Dtype::f32 &&
                        reinterpret_cast<std::uintptr_t>(tensor.bytes.data()) % alignof(float) == 0;
  if (!in_place) {
    values_.resize(static_cast<std::size_t>(tensor.size()));
    io::read_into(tensor, lowbit::view(values_.span(), tensor.shape));
  }
  view_ = lowbit::view(in_place ? tensor.values<float>() : std::as_const(values_).span(), tensor.shape);
}

RealTensor::RealTensor(const QuantizedTensor& q) : values_(static_cast<std::size_t>(q.shape().size())) {
  q.dequantize_into(lowbit::view(values_.span(), q.shape()));
  view_ = lowbit::view(std::as_const(values_).span(), q.shape());
}

}  // namespace quantize_file
