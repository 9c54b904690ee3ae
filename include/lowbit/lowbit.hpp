// Quantizers, codecs, groups and the error report. Products, calibration, training and files have headers of
// their own.
#pragma once
#include <lowbit/absmax.hpp>
#include <lowbit/blockwise.hpp>
#include <lowbit/cast.hpp>
#include <lowbit/codebook.hpp>
#include <lowbit/codec/tables/float4.hpp>
#include <lowbit/codec/tables/linear.hpp>
#include <lowbit/codec/tables/non_linear3.hpp>
#include <lowbit/codec/tables/normal_float4.hpp>
#include <lowbit/dynamic_map.hpp>
#include <lowbit/group/per_channel.hpp>
#include <lowbit/nested.hpp>
#include <lowbit/quantize/error.hpp>
#include <lowbit/quantize/histogram.hpp>
#include <lowbit/quantize/widen.hpp>
#include <lowbit/zero_point.hpp>
