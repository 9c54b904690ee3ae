// Products with weights [outputs, inputs], x W^T (linear), and layers of them: dynamic, static, integers
// only, weights only.
#pragma once
#include <lowbit/matmul/epilogue/bias.hpp>
#include <lowbit/matmul/epilogue/integer_bias.hpp>
#include <lowbit/matmul/epilogue/requantize.hpp>
#include <lowbit/matmul/linear/integer_linear.hpp>
#include <lowbit/matmul/linear/linear.hpp>
#include <lowbit/matmul/linear/quantized_linear.hpp>
#include <lowbit/matmul/linear/weight_only_linear.hpp>
