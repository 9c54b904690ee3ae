// Kernels for exact dot products of codes.
#pragma once
#include <lowbit/simd/dot.hpp>

#include <cstddef>
#include <cstdint>

#define LOWBIT_TARGET_INCLUDE <lowbit/kernel/product/dot-inl.hpp>
#include <lowbit/simd/foreach_target.hpp>
