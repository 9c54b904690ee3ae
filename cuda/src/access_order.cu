#include <lowbit/cuda/access_order.hpp>

#include "launch.hpp"

namespace lowbit::cuda {

namespace {
/// Waits for an event outside of any graph. While a stream is being captured, CUDA allows this only in
/// relaxed capture mode.
cudaError_t synchronize(cudaEvent_t event) noexcept {
  cudaStreamCaptureMode mode = cudaStreamCaptureModeRelaxed;
  cudaError_t error = cudaThreadExchangeStreamCaptureMode(&mode);
  if (error != cudaSuccess) return error;
  error = cudaEventSynchronize(event);
  const cudaError_t restored = cudaThreadExchangeStreamCaptureMode(&mode);
  return error != cudaSuccess ? error : restored;
}
}  // namespace

Event::~Event() {
  if (event_ != nullptr) static_cast<void>(cudaEventDestroy(event_));
}

DeviceStatus Event::record(Stream stream) {
  Event made;  // a new one, because the previous one may belong to another device
  cudaError_t error = cudaEventCreateWithFlags(&made.event_, cudaEventDisableTiming);
  if (error == cudaSuccess) error = cudaEventRecord(made.event_, stream);
  if (error == cudaSuccess) *this = std::move(made);
  return checked("Event::record", error);
}

DeviceStatus Event::hold_back(Stream stream) const {
  if (event_ == nullptr) return {};
  cudaStreamCaptureStatus capture = cudaStreamCaptureStatusNone;
  cudaError_t error = cudaStreamIsCapturing(stream, &capture);
  if (error == cudaSuccess)
    error =
        capture == cudaStreamCaptureStatusNone ? cudaStreamWaitEvent(stream, event_, 0) : synchronize(event_);
  return checked("Event::hold_back", error);
}

DeviceStatus Event::wait() const {
  return event_ == nullptr ? DeviceStatus{} : checked("Event::wait", synchronize(event_));
}

DeviceStatus AccessOrder::before(Access access, Stream stream) {
  const std::lock_guard lock(mutex_);
  DeviceStatus status = written_.hold_back(stream);
  if (access == Access::read) return status;
  for (auto read = read_.begin(); status.ok() && read != read_.end(); ++read)
    status = read->second.hold_back(stream);
  return status;
}

DeviceStatus AccessOrder::after(Access access, Stream stream) {
  const std::lock_guard lock(mutex_);
  cudaStreamCaptureStatus capture = cudaStreamCaptureStatusNone;
  const cudaError_t error = cudaStreamIsCapturing(stream, &capture);
  if (error != cudaSuccess) return checked("AccessOrder::after", error);
  if (capture != cudaStreamCaptureStatusNone) return {};
  if (access == Access::write) {  // which has waited for all accesses before it
    const DeviceStatus status = written_.record(stream);
    if (status.ok()) read_.clear();
    return status;
  }
  // The handle may denote another stream by now, or the per-thread stream of another thread: this read then
  // also stands for the earlier one, for which it waits.
  Event& read = read_[stream];
  const DeviceStatus status = read.hold_back(stream);
  return status.ok() ? read.record(stream) : status;
}

DeviceStatus AccessOrder::wait(Access access) {
  const std::lock_guard lock(mutex_);
  DeviceStatus status = written_.wait();
  if (!status.ok()) return status;
  written_ = {};
  if (access == Access::read) return status;
  for (auto read = read_.begin(); status.ok() && read != read_.end(); ++read) status = read->second.wait();
  if (status.ok()) read_.clear();
  return status;
}

}  // namespace lowbit::cuda
