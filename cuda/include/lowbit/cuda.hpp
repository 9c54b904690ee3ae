// All of lowbit::cuda: calls on device memory, which return a DeviceStatus, and, on top of them, owned
// memory, the Quantizer backend and Eigen support, which throw.
#pragma once
#include <lowbit/cuda/blockwise.hpp>
#include <lowbit/cuda/eigen.hpp>
#include <lowbit/cuda/gemv.hpp>
#include <lowbit/cuda/rows.hpp>
#include <lowbit/cuda/tensor.hpp>
