// AccessOrder: orders accesses of several streams to the same device memory.
#pragma once
#include <lowbit/cuda/status.hpp>
#include <lowbit/cuda/values.hpp>

#include <map>
#include <mutex>
#include <utility>

/// The type behind cudaEvent_t.
struct CUevent_st;

namespace lowbit::cuda {

/// A point in a stream: all work enqueued before it was recorded. May outlive the stream.
class Event {
 public:
  /// A point for which there is nothing to wait.
  Event() = default;
  /// Takes the point of another object.
  /// @{
  Event(Event&& other) noexcept : event_{std::exchange(other.event_, nullptr)} {}
  Event& operator=(Event&& other) noexcept {
    std::swap(event_, other.event_);
    return *this;
  }
  /// @}
  ~Event();

  /// Records the point that `stream` has reached, on the current device.
  DeviceStatus record(Stream stream);
  /// Makes work enqueued on `stream` from now on wait for this point. For a stream that is being captured,
  /// which cannot wait for work outside its graph, the host waits instead.
  DeviceStatus hold_back(Stream stream) const;
  /// Makes the host wait for this point, also while streams are being captured.
  DeviceStatus wait() const;

 private:
  CUevent_st* event_ = nullptr;  // nullptr: nothing to wait for
};

/// What a call does with memory.
enum class Access : unsigned char { read, write };

/// Orders accesses to the memory of one owner across streams: a read waits for the last write, a write for
/// all earlier accesses; reads do not wait for each other. Call `before` and `after` around enqueuing an
/// access. Thread-safe.
///
/// Captured work is not recorded: the caller who launches the graph orders it.
class AccessOrder {
 public:
  /// @cond internal
  AccessOrder() = default;
  AccessOrder(const AccessOrder&) = delete;
  AccessOrder& operator=(const AccessOrder&) = delete;
  /// @endcond

  /// Prepares `stream` for an access: what is enqueued there from now on waits for the accesses that it must
  /// not overtake.
  DeviceStatus before(Access access, Stream stream);
  /// Notes that the access has been enqueued on `stream`.
  DeviceStatus after(Access access, Stream stream);
  /// Blocks the host until the accesses that must precede this one are complete.
  DeviceStatus wait(Access access);

 private:
  std::mutex mutex_;
  Event written_;
  std::map<Stream, Event> read_;  // since the last write
};

}  // namespace lowbit::cuda
