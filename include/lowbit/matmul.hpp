// Products of quantized matrices: matmul, matvec, dot, packed weights, what may follow them, linear layers.
#pragma once
#include <lowbit/product/bias.hpp>
#include <lowbit/product/matmul.hpp>
#include <lowbit/product/matvec.hpp>
#include <lowbit/product/outliers.hpp>
#include <lowbit/product/quantized_linear.hpp>
#include <lowbit/product/requantize.hpp>
