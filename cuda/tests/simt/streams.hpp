// Queues of work in streams.
#pragma once
#include <functional>

#include <simt/runtime.hpp>

namespace simt {

/// Queues work, or adds it to the graph that the stream is capturing.
cudaError_t submit(cudaStream_t stream, std::function<void()> work);
/// Runs all that the stream has before it returns.
cudaError_t finish(cudaStream_t stream);
cudaError_t finish_all();
/// Whether a capture forbids calls that may wait or allocate.
bool is_capturing();

}  // namespace simt
