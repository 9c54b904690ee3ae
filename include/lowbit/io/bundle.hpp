// What goes into one safetensors file: plain tensors, quantized ones, and what is said about them.
#pragma once
#include <lowbit/io/safetensors_writer.hpp>
#include <lowbit/io/tensor_view.hpp>

#include <cstddef>
#include <cstring>
#include <filesystem>
#include <memory>
#include <ranges>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

namespace lowbit::inline LOWBIT_ABI::io {

/// Whether an object of type X only looks at memory of somebody else, as views, spans and maps do. Specialize
/// it for your own.
template <class X>
inline constexpr bool only_looks = std::ranges::enable_borrowed_range<X>;
/// @cond internal
template <class T>
inline constexpr bool only_looks<View<T>> = true;
template <class Plain, int options, class Stride>
inline constexpr bool only_looks<Eigen::Map<Plain, options, Stride>> = true;
/// @endcond

/// Collects what goes into one safetensors file: tensors, quantized tensors (`io/quantized.hpp`,
/// `io/bitsandbytes.hpp`) and metadata. Tensors are kept by reference: those that have a name must outlive
/// the bundle. Temporaries are copied, but for views, spans, maps and StoredTensors, whose memory belongs to
/// somebody else; and so is what the format cannot hold as it lies in memory (column-major and strided
/// tensors, expressions). Copies of a bundle share what it owns.
class Bundle {
 public:
  /// Adds a tensor of any dtype; a column-major one is transposed into a copy.
  void add(std::string name, const StoredTensor& tensor) {
    if (tensor.shape.row_major() || tensor.shape.rank() <= 1) {
      tensors_.push_back({std::move(name), tensor});
    } else {
      const std::size_t each = bytes_per_element(tensor.dtype);
      detail::require(each > 0, tensor.label, ": elements of ", bits_per_element(tensor.dtype),
                      " bits cannot be transposed");
      own(std::move(name), tensor.dtype, tensor.shape,
          gather(tensor.bytes.data(), each, tensor.shape, tensor.shape.strides()));
    }
  }

  /// Adds an Eigen matrix, array, vector, tensor or expression, or a range of floats. Throws
  /// std::invalid_argument for what quantizers refuse, too.
  template <class X>
  requires TensorLike<X>
  void add(std::string name, X&& x) {
    using Object = std::remove_cvref_t<X>;
    constexpr bool stays = std::is_lvalue_reference_v<X> || only_looks<Object>;
    decltype(auto) source = lowbit::detail::source_of(std::as_const(x));
    const auto& view = source.view;
    using T = element_t<X>;
    const auto* data = reinterpret_cast<const std::byte*>(view.data);
    if (stays && lives_on<Object> && view.dense_in(Order::row_major)) {
      const std::span bytes(data, static_cast<std::size_t>(view.shape.size()) * sizeof(T));
      tensors_.push_back(
          {std::move(name), {DtypeOf<T>::value, view.shape.in_order(Order::row_major), bytes}});
    } else {
      own(std::move(name), DtypeOf<T>::value, view.shape, gather(data, sizeof(T), view.shape, view.strides));
    }
  }

  /// Adds row-major bytes, which the bundle keeps.
  void own(std::string name, Dtype dtype, const Shape& shape, Buffer<std::byte> bytes) {
    const Buffer<std::byte>& kept = keep(std::move(bytes));
    tensors_.push_back({std::move(name), {dtype, shape.in_order(Order::row_major), kept.span()}});
  }
  /// Adds a copy of row-major values.
  template <Storable T>
  void own(std::string name, const Shape& shape, std::span<const T> values) {
    own(std::move(name), DtypeOf<T>::value, shape, Buffer<std::byte>(std::as_bytes(values)));
  }
  /// Keeps any object, for tensors that point into it: it lives as long as the bundle and its copies.
  template <class T>
  const T& keep(T object) & {
    auto kept = std::make_shared<const T>(std::move(object));
    const T& in_place = *kept;
    kept_.push_back(std::move(kept));
    return in_place;
  }
  LOWBIT_NOT_OF_TEMPORARIES(keep)

  /// Adds a line of the file's metadata. Throws std::invalid_argument for a key that is there already.
  void describe(std::string_view key, std::string value) {
    detail::require(metadata_.emplace(key, std::move(value)).second, "metadata ", in_quotes(key),
                    " is given twice");
  }

  /// The tensors, in the order in which they were added.
  const std::vector<NamedTensor>& tensors() const& noexcept { return tensors_; }
  /// @cond internal
  template <class Object = Bundle>
  void tensors() const&& {
    static_assert(named<Object>, "the tensors belong to the Bundle: give the bundle a name first");
  }
  /// @endcond
  /// The lines of metadata.
  const Metadata& metadata() const& noexcept { return metadata_; }
  Metadata metadata() const&& { return metadata_; }  ///< of a temporary: a copy

  /// The bytes of all tensors.
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
  std::vector<std::shared_ptr<const void>> kept_;
  Metadata metadata_;
};

}  // namespace lowbit::inline LOWBIT_ABI::io
