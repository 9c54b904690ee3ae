// All of lowbit::cuda: calls on device memory, which report a DeviceStatus, and above them owned memory, the
// backend of Quantizer, and Eigen, which throw.
#pragma once
#include <lowbit/cuda/blockwise.hpp>
#include <lowbit/cuda/eigen.hpp>
#include <lowbit/cuda/gemv.hpp>
#include <lowbit/cuda/rows.hpp>
#include <lowbit/cuda/tensor.hpp>
