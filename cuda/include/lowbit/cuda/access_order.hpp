// The order of accesses to device memory that several streams share.
#pragma once
#include <lowbit/cuda/status.hpp>
#include <lowbit/cuda/values.hpp>

#include <map>
#include <mutex>
#include <utility>

/// The type behind cudaEvent_t.
struct CUevent_st;

namespace lowbit::cuda {

/// A point in a stream: all that had been enqueued there when it was recorded. It outlives the stream.
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
  /// Makes what is enqueued on `stream` from now on wait for this point. A stream that is being captured
  /// cannot wait for work outside of its graph: then the host waits, now.
  DeviceStatus hold_back(Stream stream) const;
  /// Makes the host wait for this point, also while streams are being captured.
  DeviceStatus wait() const;

 private:
  CUevent_st* event_ = nullptr;  // nullptr: nothing to wait for
};

/// What a call does with memory.
enum class Access : unsigned char { read, write };

/// Orders the accesses to memory that one owner has: a read comes after the last write, a write after all
/// accesses before it, on whichever streams they are; reads do not wait for each other. Whoever enqueues an
/// access says so before and after. Threads may share one.
///
/// Work in a graph is not remembered: who launches the graph orders it.
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
  /// Waits on the host for what an access must not overtake, which is then forgotten.
  DeviceStatus wait(Access access);

 private:
  std::mutex mutex_;
  Event written_;
  std::map<Stream, Event> read_;  // since the last write
};

}  // namespace lowbit::cuda
