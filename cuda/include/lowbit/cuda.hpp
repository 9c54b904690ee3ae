// All of lowbit::cuda.
#pragma once
#include <lowbit/cuda/block_codec.hpp>
#include <lowbit/cuda/blockwise.hpp>
#include <lowbit/cuda/gemv.hpp>
#include <lowbit/cuda/rows.hpp>
#include <lowbit/cuda/scales.hpp>
#include <lowbit/cuda/status.hpp>
#include <lowbit/cuda/tensor.hpp>
#include <lowbit/cuda/values.hpp>
