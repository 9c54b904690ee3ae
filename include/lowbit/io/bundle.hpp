// What goes into one safetensors file: plain tensors, quantized ones, and what is said about them.
#pragma once
#include <lowbit/io/safetensors_writer.hpp>
#include <lowbit/io/tensor_view.hpp>

#include <cstddef>
#include <cstring>
#include <filesystem>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace lowbit::inline LOWBIT_ABI::io {

/// Collects tensors by reference: they must outlive the bundle. What the format cannot hold as it lies in
/// memory (column-major and strided tensors, expressions) is copied, row-major. Quantized tensors are added
/// by `io/quantized.hpp` and `io/bitsandbytes.hpp`.
class Bundle {
 public:
  /// A tensor of any dtype; a column-major one is transposed into a copy.
  void add(std::string name, const TensorRef& tensor) {
    if (tensor.shape.row_major() || tensor.shape.rank() <= 1) {
      tensors_.push_back({std::move(name), tensor});
    } else {
      const std::size_t each = bytes_per_element(tensor.dtype);
      own(std::move(name), tensor.dtype, tensor.shape,
          gather(tensor.bytes.data(), each, tensor.shape, tensor.shape.strides()));
    }
  }

  /// An Eigen matrix, array, vector, tensor or expression, or a range of floats. Throws
  /// std::invalid_argument for what quantizers refuse, too.
  template <TensorLike X>
  void add(std::string name, const X& x) {
    decltype(auto) source = lowbit::detail::source_of(x);
    const auto& view = source.view;
    using T = element_t<X>;
    const auto* data = reinterpret_cast<const std::byte*>(view.data);
    if (lives_on<X> && view.dense_in(Order::row_major)) {
      const std::span bytes(data, static_cast<std::size_t>(view.shape.size()) * sizeof(T));
      tensors_.push_back(
          {std::move(name), {DtypeOf<T>::value, view.shape.in_order(Order::row_major), bytes}});
    } else {
      own(std::move(name), DtypeOf<T>::value, view.shape, gather(data, sizeof(T), view.shape, view.strides));
    }
  }

  /// Row-major bytes that the bundle keeps.
  void own(std::string name, Dtype dtype, const Shape& shape, Buffer<std::byte> bytes) {
    owned_.push_back(std::move(bytes));
    tensors_.push_back({std::move(name), {dtype, shape.in_order(Order::row_major), owned_.back().span()}});
  }
  template <Storable T>
  void own(std::string name, const Shape& shape, std::span<const T> values) {
    own(std::move(name), DtypeOf<T>::value, shape, Buffer<std::byte>(std::as_bytes(values)));
  }

  /// A line of the file's metadata. Throws std::invalid_argument for a key that is there already.
  void describe(std::string_view key, std::string value) {
    detail::require(metadata_.emplace(key, std::move(value)).second, "metadata ", in_quotes(key),
                    " is given twice");
  }

  const std::vector<NamedTensor>& tensors() const noexcept { return tensors_; }
  const Metadata& metadata() const noexcept { return metadata_; }

  /// Bytes of all tensors.
  std::size_t bytes() const noexcept {
    std::size_t sum = 0;
    for (const NamedTensor& t : tensors_) sum += t.tensor.bytes.size();
    return sum;
  }

  /// Writes the file. Throws FileError as SafetensorsWriter does; an existing file is replaced whole or not
  /// at all.
  void write(const std::filesystem::path& path) const { write_safetensors(path, tensors_, metadata_); }

 private:
  /// Whether the view that X gives points into the caller's memory.
  template <class X>
  static constexpr bool lives_on = requires(const X& x) {
    [](const lowbit::detail::Borrowed<element_t<X>>&) {}(TensorAdaptor<X>::source(x));
  };

  static Buffer<std::byte> gather(const std::byte* data, std::size_t each, const Shape& shape,
                                  const Strides& strides) {
    const Shape rows = shape.in_order(Order::row_major);
    Buffer<std::byte> out(static_cast<std::size_t>(shape.size()) * each);
    std::byte* to = out.data();
    for (lowbit::detail::Stretches s(rows, strides, 0, shape.size()); s.next();)
      for (Index i = 0; i < s.length; ++i, to += each)
        std::memcpy(to, data + (s.address + i * s.stride) * static_cast<Index>(each), each);
    return out;
  }

  std::vector<NamedTensor> tensors_;
  std::vector<Buffer<std::byte>> owned_;
  Metadata metadata_;
};

}  // namespace lowbit::inline LOWBIT_ABI::io
