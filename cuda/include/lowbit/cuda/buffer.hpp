// DeviceBuffer: owned device memory.
#pragma once
#include <lowbit/core/contract.hpp>
#include <lowbit/core/temporary.hpp>
#include <lowbit/cuda/access_order.hpp>
#include <lowbit/cuda/memory.hpp>

#include <cstddef>
#include <limits>
#include <memory>
#include <span>
#include <type_traits>
#include <utility>

namespace lowbit::cuda::inline LOWBIT_ABI {

/// Throws unless a status is ok: std::invalid_argument for what was refused, std::runtime_error for the rest
/// (without exceptions: the failure hook).
inline void require_ok(const DeviceStatus& status) {
  if (status.ok()) return;
  if (status.code() == StatusCode::invalid_argument)
    lowbit::detail::fail<std::invalid_argument>("cuda: ", status.message());
  lowbit::detail::fail<std::runtime_error>("cuda: ", status.message());
}

/// Holds an array of trivially copyable values on the device that was current when it was made. Moves, does
/// not copy; moved from, it is empty. Throws as require_ok does.
///
/// Tracks the work that lowbit enqueues on it, so that later work on any stream waits. Work that the caller
/// enqueues with its pointer is tracked only if reported to `order`. Memory is freed once all enqueued work
/// is complete.
template <class T>
class DeviceBuffer {
  static_assert(std::is_trivially_copyable_v<T>, "a DeviceBuffer holds trivially copyable values");

 public:
  /// Holds nothing.
  DeviceBuffer() = default;
  /// Allocates `size` uninitialized elements. Buffers that the same calls write and read may share an order.
  explicit DeviceBuffer(std::size_t size, std::shared_ptr<AccessOrder> order = nullptr)
      : order_{order != nullptr ? std::move(order) : std::make_shared<AccessOrder>()}, size_{size} {
    lowbit::detail::require(size <= (std::numeric_limits<std::size_t>::max)() / sizeof(T),
                            "a device buffer of ", size, " elements of ", sizeof(T),
                            " bytes has more bytes than memory can address");
    void* memory = nullptr;
    require_ok(allocate(size * sizeof(T), &memory));
    data_ = static_cast<T*>(memory);
  }
  /// Copies values from the host on the stream, and waits for it.
  explicit DeviceBuffer(std::span<const T> values, Stream stream = nullptr) : DeviceBuffer(values.size()) {
    require_ok(copy_to_device(data_, values.data(), values.size_bytes(), stream));
  }
  /// Takes the memory of another object.
  /// @{
  DeviceBuffer(DeviceBuffer&& other) noexcept
      : order_{std::move(other.order_)},
        data_{std::exchange(other.data_, nullptr)},
        size_{std::exchange(other.size_, 0)} {}
  DeviceBuffer& operator=(DeviceBuffer&& other) noexcept {
    DeviceBuffer taken(std::move(other));
    std::swap(order_, taken.order_);
    std::swap(data_, taken.data_);
    std::swap(size_, taken.size_);
    return *this;
  }
  /// @}
  ~DeviceBuffer() { release(data_); }

  /// Copies to the host on the stream, and waits for it. `values` has the size of the buffer.
  void copy_to(std::span<T> values, Stream stream = nullptr) const {
    lowbit::detail::require(values.size() == size_, "a device buffer of ", size_,
                            " elements does not fit into ", values.size());
    require_ok(copy_to_host(values.data(), data(stream), size_ * sizeof(T), stream));
  }

  /// The memory, for work that the caller enqueues on any stream: waits on the host until it can be written,
  /// or read when const.
  /// @{
  T* data() & {
    if (order_ != nullptr) require_ok(order_->wait(Access::write));
    return data_;
  }
  const T* data() const& {
    if (order_ != nullptr) require_ok(order_->wait(Access::read));
    return data_;
  }
  /// @}
  /// The memory, for work that the caller enqueues on `stream`, which waits instead.
  /// @{
  T* data(Stream stream) & {
    if (order_ != nullptr) require_ok(order_->before(Access::write, stream));
    return data_;
  }
  const T* data(Stream stream) const& {
    if (order_ != nullptr) require_ok(order_->before(Access::read, stream));
    return data_;
  }
  /// @}
  LOWBIT_NOT_OF_TEMPORARIES(data)
  std::size_t size() const noexcept { return size_; }  ///< number of elements
  /// The order of accesses to the memory; nullptr once it has been moved from.
  const std::shared_ptr<AccessOrder>& order() const& noexcept { return order_; }
  std::shared_ptr<AccessOrder> order() const&& noexcept { return order_; }  ///< of a temporary: a copy

 private:
  std::shared_ptr<AccessOrder> order_;
  T* data_ = nullptr;
  std::size_t size_ = 0;
};

}  // namespace lowbit::cuda::inline LOWBIT_ABI
