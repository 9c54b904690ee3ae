// Static quantization: observers that decide what to clip.
#pragma once
#include <lowbit/calibrate/compare_calibrators.hpp>
#include <lowbit/observe/entropy.hpp>
#include <lowbit/observe/mean_squared_error.hpp>
#include <lowbit/observe/moving_average.hpp>
#include <lowbit/observe/percentile.hpp>
#include <lowbit/quantize/quantizer.hpp>
