// Linear layers over quantized weights: dynamic, static, integers only, weights only.
#pragma once
#include <lowbit/product/bias.hpp>
#include <lowbit/product/integer_linear.hpp>
#include <lowbit/product/quantized_linear.hpp>
#include <lowbit/product/requantize.hpp>
#include <lowbit/product/weight_only_linear.hpp>
