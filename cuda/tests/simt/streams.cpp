#include "streams.hpp"

#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <set>
#include <utility>
#include <vector>

#include "errors.hpp"

struct CUgraph_st {
  std::vector<std::function<void()>> nodes;
};
struct CUgraphExec_st {
  std::vector<std::function<void()>> nodes;
};

struct CUstream_st {
  bool blocking = true;  // waits for the default stream, and it for this one
  std::deque<std::function<void()>> pending;
  std::uint64_t submitted = 0, done = 0;
  std::unique_ptr<CUgraph_st> captured;
  bool capture_is_relaxed = false;

  /// Until the first `ticket` pieces of work are done.
  void run_until(std::uint64_t ticket) {
    while (done < ticket && !pending.empty()) {
      const std::function<void()> work = std::move(pending.front());
      pending.pop_front();
      ++done;
      work();
    }
  }
  void push(std::function<void()> work) {
    pending.push_back(std::move(work));
    ++submitted;
  }
};

struct CUevent_st {
  std::shared_ptr<CUstream_st> stream;
  std::uint64_t ticket = 0;
  bool captured = false;  // last recorded in a stream that was captured: part of a graph, nothing to wait for
};

namespace simt {
namespace {

cudaStream_t of_this_thread();

struct Streams {
  std::shared_ptr<CUstream_st> standard = std::make_shared<CUstream_st>();
  std::map<cudaStream_t, std::shared_ptr<CUstream_st>> others;
  std::vector<std::shared_ptr<CUstream_st>> destroyed;  // whose work has still to be done
  std::set<cudaEvent_t> events;

  std::shared_ptr<CUstream_st> find(cudaStream_t s) const {
    if (s == nullptr || s == cudaStreamLegacy) return standard;
    const auto found = others.find(s == cudaStreamPerThread ? of_this_thread() : s);
    return found == others.end() ? nullptr : found->second;
  }
};

thread_local cudaStreamCaptureMode capture_mode = cudaStreamCaptureModeGlobal;

Streams& streams() {
  static Streams s;
  return s;
}

/// A blocking stream that nobody made or destroys.
cudaStream_t of_this_thread() {
  thread_local cudaStream_t stream = [] {
    auto made = std::make_shared<CUstream_st>();
    streams().others.emplace(made.get(), made);
    return made.get();
  }();
  return stream;
}

void wait_for(CUstream_st& stream, const std::shared_ptr<CUstream_st>& other) {
  if (other->done < other->submitted)
    stream.push([other, ticket = other->submitted] { other->run_until(ticket); });
}

}  // namespace

cudaError_t submit(cudaStream_t stream, std::function<void()> work) {
  const auto s = streams().find(stream);
  if (!s) return failed(cudaErrorInvalidResourceHandle);
  if (s->captured) {
    s->captured->nodes.push_back(std::move(work));
    return cudaSuccess;
  }
  if (s == streams().standard) {
    if (is_capturing()) return failed(cudaErrorStreamCaptureUnsupported);
    for (const auto& [handle, other] : streams().others)
      if (other->blocking) wait_for(*s, other);
    for (const auto& other : streams().destroyed)
      if (other->blocking) wait_for(*s, other);
  } else if (s->blocking) {
    wait_for(*s, streams().standard);
  }
  s->push(std::move(work));
  return cudaSuccess;
}

cudaError_t finish(cudaStream_t stream) {
  if (!has_device()) return failed(cudaErrorNoDevice);
  const auto s = streams().find(stream);
  if (!s) return failed(cudaErrorInvalidResourceHandle);
  if (s->captured) return failed(cudaErrorStreamCaptureUnsupported);
  s->run_until(s->submitted);
  return cudaSuccess;
}

cudaError_t finish_all() {
  // Later streams first: only events and the default stream promise an order.
  for (auto s = streams().others.rbegin(); s != streams().others.rend(); ++s)
    if (!s->second->captured) s->second->run_until(s->second->submitted);
  for (const auto& s : std::exchange(streams().destroyed, {})) s->run_until(s->submitted);
  return finish(nullptr);
}

bool is_capturing() {
  if (capture_mode == cudaStreamCaptureModeRelaxed) return false;
  for (const auto& [handle, s] : streams().others)
    if (s->captured && !s->capture_is_relaxed) return true;
  return false;
}

}  // namespace simt

using simt::failed;
using simt::streams;

cudaError_t cudaStreamCreate(cudaStream_t* stream) {
  return cudaStreamCreateWithFlags(stream, cudaStreamDefault);
}
cudaError_t cudaStreamCreateWithFlags(cudaStream_t* stream, unsigned int flags) {
  const simt::Lock lock;
  if (stream == nullptr) return failed(cudaErrorInvalidValue);
  if (!simt::has_device()) return failed(cudaErrorNoDevice);
  auto made = std::make_shared<CUstream_st>();
  made->blocking = (flags & cudaStreamNonBlocking) == 0;
  *stream = made.get();
  streams().others.emplace(made.get(), made);
  return cudaSuccess;
}
cudaError_t cudaStreamDestroy(cudaStream_t stream) {
  const simt::Lock lock;
  const auto s = streams().find(stream);
  if (!s || s == streams().standard) return failed(cudaErrorInvalidResourceHandle);
  if (s->done < s->submitted) streams().destroyed.push_back(s);
  streams().others.erase(stream);
  return cudaSuccess;
}
cudaError_t cudaStreamSynchronize(cudaStream_t stream) {
  const simt::Lock lock;
  return simt::finish(stream);
}

cudaError_t cudaStreamBeginCapture(cudaStream_t stream, cudaStreamCaptureMode mode) {
  const simt::Lock lock;
  const auto s = streams().find(stream);
  if (!s) return failed(cudaErrorInvalidResourceHandle);
  if (s == streams().standard) return failed(cudaErrorStreamCaptureUnsupported);
  if (s->captured) return failed(cudaErrorIllegalState);
  s->captured = std::make_unique<CUgraph_st>();
  s->capture_is_relaxed = mode == cudaStreamCaptureModeRelaxed;
  return cudaSuccess;
}
cudaError_t cudaStreamEndCapture(cudaStream_t stream, cudaGraph_t* graph) {
  const simt::Lock lock;
  const auto s = streams().find(stream);
  if (!s) return failed(cudaErrorInvalidResourceHandle);
  if (!s->captured) return failed(cudaErrorIllegalState);
  *graph = s->captured.release();
  return cudaSuccess;
}
cudaError_t cudaStreamIsCapturing(cudaStream_t stream, cudaStreamCaptureStatus* status) {
  const simt::Lock lock;
  if (!simt::has_device()) return failed(cudaErrorNoDevice);
  const auto s = streams().find(stream);
  if (!s) return failed(cudaErrorInvalidResourceHandle);
  if (s == streams().standard && simt::is_capturing()) return failed(cudaErrorStreamCaptureImplicit);
  *status = s->captured ? cudaStreamCaptureStatusActive : cudaStreamCaptureStatusNone;
  return cudaSuccess;
}
cudaError_t cudaThreadExchangeStreamCaptureMode(cudaStreamCaptureMode* mode) {
  std::swap(*mode, simt::capture_mode);
  return cudaSuccess;
}
cudaError_t cudaGraphInstantiate(cudaGraphExec_t* executable, cudaGraph_t graph, unsigned long long) {
  if (executable == nullptr || graph == nullptr) return failed(cudaErrorInvalidValue);
  *executable = new CUgraphExec_st{graph->nodes};
  return cudaSuccess;
}
cudaError_t cudaGraphLaunch(cudaGraphExec_t executable, cudaStream_t stream) {
  const simt::Lock lock;
  if (executable == nullptr) return failed(cudaErrorInvalidValue);
  for (const auto& node : executable->nodes)
    if (const cudaError_t e = simt::submit(stream, node); e != cudaSuccess) return e;
  return cudaSuccess;
}
cudaError_t cudaGraphDestroy(cudaGraph_t graph) {
  delete graph;
  return cudaSuccess;
}
cudaError_t cudaGraphExecDestroy(cudaGraphExec_t executable) {
  delete executable;
  return cudaSuccess;
}

cudaError_t cudaEventCreate(cudaEvent_t* event) { return cudaEventCreateWithFlags(event, cudaEventDefault); }
cudaError_t cudaEventCreateWithFlags(cudaEvent_t* event, unsigned int) {
  const simt::Lock lock;
  if (event == nullptr) return failed(cudaErrorInvalidValue);
  if (!simt::has_device()) return failed(cudaErrorNoDevice);
  streams().events.insert(*event = new CUevent_st);
  return cudaSuccess;
}
cudaError_t cudaEventDestroy(cudaEvent_t event) {
  const simt::Lock lock;
  if (streams().events.erase(event) == 0) return failed(cudaErrorInvalidResourceHandle);
  delete event;
  return cudaSuccess;
}
cudaError_t cudaEventRecord(cudaEvent_t event, cudaStream_t stream) {
  const simt::Lock lock;
  const auto s = streams().find(stream);
  if (!s || streams().events.count(event) == 0) return failed(cudaErrorInvalidResourceHandle);
  event->captured = s->captured != nullptr;
  if (event->captured) return cudaSuccess;
  // As work of the stream: in the default stream it comes after that of others.
  if (const cudaError_t e = simt::submit(stream, [] {}); e != cudaSuccess) return e;
  event->stream = s;
  event->ticket = s->submitted;
  return cudaSuccess;
}
cudaError_t cudaEventSynchronize(cudaEvent_t event) {
  const simt::Lock lock;
  if (streams().events.count(event) == 0) return failed(cudaErrorInvalidResourceHandle);
  if (event->captured) return failed(cudaErrorCapturedEvent);
  if (simt::is_capturing()) return failed(cudaErrorStreamCaptureUnsupported);
  if (event->stream) event->stream->run_until(event->ticket);
  return cudaSuccess;
}
cudaError_t cudaEventElapsedTime(float* milliseconds, cudaEvent_t, cudaEvent_t) {
  *milliseconds = 0.0f;  // nothing here takes time
  return cudaSuccess;
}
cudaError_t cudaStreamWaitEvent(cudaStream_t stream, cudaEvent_t event, unsigned int) {
  const simt::Lock lock;
  if (streams().events.count(event) == 0) return failed(cudaErrorInvalidResourceHandle);
  const auto waiting = streams().find(stream);
  if (!waiting) return failed(cudaErrorInvalidResourceHandle);
  if (event->captured != (waiting->captured != nullptr) && (event->captured || event->stream))
    return failed(event->captured ? cudaErrorCapturedEvent : cudaErrorStreamCaptureIsolation);
  if (event->captured || !event->stream) return cudaSuccess;
  return simt::submit(stream, [s = event->stream, ticket = event->ticket] { s->run_until(ticket); });
}
