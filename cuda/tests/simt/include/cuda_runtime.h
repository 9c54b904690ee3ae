// A CUDA device for a machine that has none: tests compile the library's kernels and launchers, unchanged, as
// C++, and this runs them. It follows the documentation (CUDA programming guide, runtime API, math API), of
// which it has what the library uses: what is missing does not compile.
//
// Modelled, and reported as simt::Violation where the documentation says error or undefined:
//  - Grids, blocks, warps, indices; threads in ascending, descending or random order, so that a missing
//  barrier or a
//    wrong assumption about order changes the result.
//  - Warp functions: lanes wait for each other; the mask has to name the caller and no lane that exited or
//  never was.
//    All but __syncwarp leave memory unordered.
//  - __syncthreads waits for all threads that have not exited; barriers at different places, and waiting
//  forever, are
//    reported.
//  - Shared arrays declared in the kernel: filled with a pattern before each block, limited to 48 KiB.
//  - Device memory: unreachable for the host except by copies and kernels; bytes around an allocation are
//  watched; an
//    address of host memory among a kernel's parameters is reported.
//  - Streams, events and graphs: work is deferred until someone waits for it, and streams overtake each other
//  as far as
//    events allow. Copies from and to pageable memory are as the documentation has them.
//  - Limits of launches, no device, out of memory, launches that fail.
//  - With AddressSanitizer, accesses beyond device memory, shared arrays and local arrays; with the alignment
//  checks of
//    UndefinedBehaviorSanitizer, misaligned vectors; with ThreadSanitizer, races within a block, since each
//    CUDA thread is a thread to it, ordered by __syncthreads and __syncwarp only.
//
// Not modelled: time; caches, coalescing, bank conflicts, registers, occupancy; weak memory order; blocks
// that run at the same time (races between blocks show as dependence on their order only); what nvcc and
// ptxas make of the code (fused multiply-add, __CUDA_ARCH__, inline PTX); dynamic shared memory, clusters,
// textures, cooperative groups.
#pragma once
#include <simt/atomics.hpp>
#include <simt/intrinsics.hpp>
#include <simt/keywords.hpp>
#include <simt/launch.hpp>
#include <simt/machine.hpp>
#include <simt/runtime.hpp>
#include <simt/vector_types.hpp>
#include <simt/warp.hpp>
