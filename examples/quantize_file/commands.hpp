// The commands of the tool: inspect a file, quantize it into another one, compare two.
#pragma once
#include <lowbit/io/atomic_file.hpp>

#include <filesystem>
#include <optional>

#include "report.hpp"
#include "scheme.hpp"
#include "tensor_file.hpp"

namespace quantize_file {

struct QuantizeJob {
  std::filesystem::path input, output;
  lowbit::io::AtomicFile* target = nullptr;  ///< the output, open and empty; null: a dry run
  Rules rules;
  Layout layout = Layout::lowbit;  ///< bitsandbytes: for the blocks of nf4 and fp4; the rest is lowbit's
  std::optional<double> min_snr;   ///< dB; a tensor that would fall below is kept
  lowbit::Options options;
};

/// Quantizes the tensors of a file in two passes, one tensor in memory at a time: the first pass measures
/// errors and sizes, the second one writes. The target is complete afterwards; the caller commits it. Throws
/// UsageError for a rule that matches no tensor, lowbit::io::FileError.
Report quantize(const QuantizeJob& job);

/// Lists the tensors of a file. Throws lowbit::io::FileError.
Report inspect(const std::filesystem::path& path);

/// Compares the tensors of b with those of a, by name; two files of one tensor each are compared whatever the
/// names. Problems: a tensor that only one file has, shapes or integers that differ, an SNR below `min_snr`.
Report compare(const std::filesystem::path& a, const std::filesystem::path& b, std::optional<double> min_snr);

}  // namespace quantize_file
