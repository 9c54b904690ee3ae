// Switches between stacks.
#pragma once
#include <cstddef>

#if !defined(__x86_64__)
#include <ucontext.h>
#endif

namespace simt {

#if defined(__x86_64__)
using Context = void*;  // the stack pointer, all else is on the stack
#else
using Context = ucontext_t;
#endif

/// A context that starts `entry`, which must not return.
void make_context(Context& context, std::byte* stack, std::size_t size, void (*entry)());
void switch_context(Context& from, Context& to);

}  // namespace simt
